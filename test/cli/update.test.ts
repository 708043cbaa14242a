// update, finetune and watch of the built command, in processes of their own, some of them killed.
import { spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { loadModelFile } from "../../src/node/index.js";
import { command, commandFolder, tsv } from "../helpers/command.js";
import { labelledTexts } from "../helpers/texts.js";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
const { folder, file, run: runWith } = commandFolder("update");
const run = (...args: string[]) => runWith(args);

/** Runs the command and kills it after so many milliseconds, without warning. */
async function killed(ms: number, ...args: string[]): Promise<void> {
  const child = spawn(process.execPath, [command, ...args], { cwd: folder, stdio: "ignore" });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  await sleep(ms);
  child.kill("SIGKILL");
  await ended;
}

const sport = [1, 2, 3, 4].map((i) => ({ label: "sport", text: `goal number ${i} of the keeper` }));
const models = () => readdirSync(folder).filter((name) => name.includes("zip"));

beforeAll(() => {
  writeFileSync(file("train.tsv"), tsv(labelledTexts(240)));
  writeFileSync(file("test.tsv"), tsv(labelledTexts(60, 1000)));
  writeFileSync(file("sport.tsv"), tsv(sport));
  writeFileSync(file("wrong.tsv"), tsv(labelledTexts(240).map(({ text }) => ({ label: "food", text }))));
  expect(run("train", "train.tsv", "-o", "model.zip", "--keep-state", "--quiet").status).toBe(0);
  expect(run("train", "train.tsv", "-o", "bare.zip", "--quiet").status).toBe(0);
});

describe("update", () => {
  test("adds rows from the training state, and says what it did and what changed", () => {
    const { status, stdout, stderr } = run(
      "update",
      "model.zip",
      "sport.tsv",
      "-o",
      "updated.zip",
      "--test",
      "test.tsv",
    );
    expect(status, stderr).toBe(0);
    expect(stderr).toMatch(/Updated from the training state: 4 rows added; 244 rows, 4 classes/);
    expect(stdout).toMatch(/oldTest, 60 rows: accuracy 1\.0000 → 1\.0000/);
    // The old model does not know the label, so its log-loss is not there to compare with.
    expect(stdout).toMatch(
      /new rows, 4 rows \(trained on\): accuracy 0\.0000 → 1\.0000 .*; log-loss not known to both models\n {2}sport, 4 rows: accuracy 0\.0000 → 1\.0000 /,
    );
    const { stdout: shown } = run("info", "updated.zip");
    expect(shown).toMatch(/from model [0-9a-f]{16}\n {2}updated by sport\.tsv/);
    const parent = JSON.parse(run("info", "model.zip", "--json").stdout);
    expect(shown).toContain(`from model ${parent.digest}`);
    expect(parent.hasState).toBe(true);
  });

  test("removes and relabels; --json has the comparisons", () => {
    const rows = labelledTexts(240);
    writeFileSync(file("gone.tsv"), tsv(rows.slice(0, 1)));
    const { status, stdout, stderr } = run(
      "update",
      "model.zip",
      "--remove",
      "gone.tsv",
      "--test",
      "test.tsv",
      "-o",
      "less.zip",
      "--json",
    );
    expect(status, stderr).toBe(0);
    const { removedRows, oldRowsFrom, comparisons, training } = JSON.parse(stdout);
    // The texts repeat after 24 rows, so equal ones go as well.
    expect(removedRows).toBe(
      rows.filter(({ label, text }) => label === rows[0]!.label && text === rows[0]!.text).length,
    );
    expect(training.rowCount).toBe(240 - removedRows);
    expect(oldRowsFrom).toBe("state");
    expect(comparisons[0]).toMatchObject({ name: "oldTest", rowCount: 60, worseLabels: [] });
  });

  test("without a state it takes --old, or pulls to the old weights", () => {
    const old = run("update", "bare.zip", "sport.tsv", "-o", "a.zip", "--old", "train.tsv");
    expect(old.stderr).toMatch(/Updated from the old rows/);
    expect(old.stdout).toMatch(/old rows, 240 rows \(trained on\)/);
    expect(old.stderr).not.toMatch(/does not hold the rows/);
    const none = run("update", "bare.zip", "sport.tsv", "-o", "b.zip", "--test", "test.tsv");
    expect(none.stderr).toMatch(/pulled to the old weights: 4 rows added; 4 rows, 4 classes/);
  });

  test("--old with other rows than the model was trained on is told", () => {
    writeFileSync(file("half.tsv"), tsv(labelledTexts(120)));
    const { status, stderr } = run("update", "bare.zip", "sport.tsv", "-o", "h.zip", "--old", "half.tsv");
    expect(status).toBe(0);
    expect(stderr).toMatch(/half\.tsv does not hold the rows that bare\.zip was trained on/);
    const json = (old: string) =>
      JSON.parse(run("update", "bare.zip", "sport.tsv", "-o", "h.zip", "--old", old, "--json").stdout);
    expect(json("half.tsv").oldRowsMatch).toBe(false);
    expect(json("train.tsv").oldRowsMatch).toBe(true);
  });

  test("--max-drop writes nothing when more is lost", () => {
    const { status, stderr } = run(
      "update",
      "model.zip",
      "wrong.tsv",
      "-o",
      "worse.zip",
      "--test",
      "test.tsv",
      "--max-drop",
      "0.01",
    );
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /would lose more than 0\.01 of accuracy on oldTest: 1\.0000 before.*worse\.zip was not written/,
    );
    expect(existsSync(file("worse.zip"))).toBe(false);
    expect(run("update", "model.zip", "sport.tsv", "-o", "c.zip", "--max-drop", "0.01")).toMatchObject({
      status: 2,
    });
    expect(
      run("update", "model.zip", "sport.tsv", "-o", "c.zip", "--test", "test.tsv", "--max-drop", "2"),
    ).toMatchObject({ status: 2 });
  });

  test("nothing to update with is an error", () => {
    expect(run("update", "model.zip", "-o", "x.zip")).toMatchObject({ status: 1 });
  });
});

test("finetune trains on a task from a pretrained model", () => {
  writeFileSync(file("task.tsv"), tsv(labelledTexts(2, 500)));
  const { status, stdout, stderr } = run(
    "finetune",
    "bare.zip",
    "task.tsv",
    "-o",
    "tuned.zip",
    "--keep-labels",
    "--test",
    "test.tsv",
    "--json",
  );
  expect(status, stderr).toBe(0);
  const { microAccuracy, training } = JSON.parse(stdout);
  expect(microAccuracy).toBeGreaterThan(0.9);
  expect(training).toMatchObject({ rowCount: 2, classCount: 3 });
  const foreign = [...sport, { label: "art", text: "a painting" }];
  writeFileSync(file("foreign.tsv"), tsv(foreign));
  const none = run("finetune", "bare.zip", "foreign.tsv", "-o", "none.zip");
  expect(none.status).toBe(2);
  expect(none.stderr).toMatch(
    /none of the labels of the data: .* there, sport, art here\. Say which is which .*--rename-label/,
  );
  expect(existsSync(file("none.zip"))).toBe(false);
});

test("finetune of a task whose labels have other names", () => {
  const names: Record<string, string> = { food: "F", weather: "W", music: "M" };
  const renamed = labelledTexts(60, 700).map(({ label, text }) => ({ label: names[label]!, text }));
  writeFileSync(file("renamed.tsv"), tsv(renamed.slice(0, 6)));
  writeFileSync(file("renamed-test.tsv"), tsv(renamed.slice(6)));
  const tune = (...options: string[]) =>
    run("finetune", "bare.zip", "renamed.tsv", "-o", "renamed.zip", "--l2", "1e5", ...options);
  const all = ["food=F", "weather=W", "music=M"].flatMap((name) => ["--rename-label", name]);
  const { status, stdout, stderr } = tune(...all, "--test", "renamed-test.tsv", "--json");
  expect(status, stderr).toBe(0);
  expect(JSON.parse(stdout).microAccuracy).toBe(1);
  const auto = run("finetune", "bare.zip", "renamed.tsv", "-o", "renamed.zip", "--l2", "auto", ...all);
  expect(auto.status, auto.stderr).toBe(0);
  expect(tune("--rename-label", "fod=F").stderr).toMatch(/"fod", which is no label of the model: .*food/);
  expect(tune("--rename-label", "food=F", "--rename-label", "music=F").stderr).toMatch(/two labels .* "F"/);
  expect(tune("--rename-label", "food")).toMatchObject({ status: 2, stderr: expect.stringMatching(/pos=1/) });
});

describe("killed without warning", () => {
  test("update over the model itself leaves the old one or the new one, whole", async () => {
    const before = readFileSync(file("model.zip"));
    for (const ms of [150, 250, 300, 350, 400, 450, 500, 600, 800]) {
      copyFileSync(file("model.zip"), file("over.zip"));
      await killed(ms, "update", "over.zip", "sport.tsv", "-o", "over.zip", "--quiet");
      const model = await loadModelFile(file("over.zip"));
      if (!readFileSync(file("over.zip")).equals(before)) expect(model.labels).toContain("sport");
    }
    // What a killed run left beside the file goes with the next one.
    expect(run("update", "model.zip", "sport.tsv", "-o", "over.zip", "--quiet").status).toBe(0);
    expect(models().filter((name) => name.startsWith(".over"))).toEqual([]);
  });

  test("watch goes on where it was, and adds nothing twice", async () => {
    copyFileSync(file("model.zip"), file("watched.zip"));
    mkdirSync(file("inbox"));
    for (const [i, row] of sport.entries()) writeFileSync(file(`inbox/${i}.tsv`), tsv([row]));
    for (const ms of [300, 400, 500, 600, 700, 900]) {
      await killed(ms, "watch", "watched.zip", "inbox", "--interval", "0.05", "--quiet");
      await loadModelFile(file("watched.zip"));
    }
    const { status, stderr } = run("watch", "watched.zip", "inbox", "--once");
    expect(status, stderr).toBe(0);
    const model = await loadModelFile(file("watched.zip"));
    expect(model.training[0]!.rowCount).toBe(244);
    expect(model.training[0]!.lineage!.sources!.map((source) => source.slice(0, 5))).toEqual([
      "0.tsv",
      "1.tsv",
      "2.tsv",
      "3.tsv",
    ]);
    expect(run("watch", "watched.zip", "inbox", "--once")).toMatchObject({ status: 0, stdout: "" });
  });
});

test("watch takes files as they come, keeps the last good model, and ends with 130", async () => {
  copyFileSync(file("model.zip"), file("live.zip"));
  mkdirSync(file("arriving"));
  const child = spawn(process.execPath, [command, "watch", "live.zip", "arriving", "--interval", "0.1"], {
    cwd: folder,
  });
  let [out, err] = ["", ""];
  child.stdout.on("data", (text) => (out += text));
  child.stderr.on("data", (text) => (err += text));
  const until = async (there: () => boolean) => {
    for (let i = 0; i < 400 && !there(); i++) await sleep(50);
    expect(there(), `${out}\n${err}`).toBe(true);
  };
  writeFileSync(file("arriving/broken.tsv"), "Label\tText\nonly one column\n");
  await until(() => err.includes("broken.tsv"));
  expect(err).toMatch(/broken\.tsv:.*line 2.*The model stays as it was/s);
  writeFileSync(file("arriving/good.tsv"), tsv(sport));
  await until(() => out.includes("\n"));
  expect(out).toMatch(/^good\.tsv: Updated from the training state: 4 rows added.* s\n$/);
  child.kill("SIGINT");
  expect(await new Promise((resolve) => child.once("exit", resolve))).toBe(130);
  expect((await loadModelFile(file("live.zip"))).labels).toContain("sport");
});
