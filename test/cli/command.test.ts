// The built command, in processes of its own.
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, test } from "vitest";
import { loadModelFile } from "../../src/node/index.js";
import { version } from "../../src/version.js";
import { command, commandFolder, tsv as tsvOf } from "../helpers/command.js";
import { labelledTexts } from "../helpers/texts.js";

const { folder, file, run: runWith } = commandFolder("cli");
const run = (args: readonly string[], input = "") => runWith(args, { input });
const tsv = (count: number, offset = 0) => tsvOf(labelledTexts(count, offset));

beforeAll(() => {
  writeFileSync(file("train.tsv"), tsv(240));
  writeFileSync(file("test.tsv"), tsv(60, 1000));
  writeFileSync(file("train.tsv.gz"), gzipSync(tsv(240)));
  writeFileSync(
    file("plain.csv"),
    labelledTexts(120)
      .map(({ label, text }) => `"${text}",${label}\n`)
      .join(""),
  );
  expect(run(["train", "train.tsv", "-o", "model.zip", "--quiet"])).toMatchObject({
    status: 0,
    stdout: "",
    stderr: "",
  });
});

describe("train", () => {
  test("--json prints one object with the figures of training and of the evaluation", () => {
    const { status, stdout } = run(["train", "train.tsv", "-o", "a.zip", "--test", "test.tsv", "--json"]);
    expect(status).toBe(0);
    const result = JSON.parse(stdout);
    expect(Object.keys(result)).toEqual(
      expect.arrayContaining([
        ...[
          "microAccuracy",
          "macroAccuracy",
          "logLoss",
          "logLossReduction",
          "perClass",
          "confusion",
          "testRowCount",
        ],
        ...[
          "epochs",
          "dualityGap",
          "stoppedBecause",
          "l2",
          "featureCount",
          "classCount",
          "rowCount",
          "timings",
          "modelBytes",
        ],
      ]),
    );
    expect(result).toMatchObject({
      microAccuracy: 1,
      rowCount: 240,
      testRowCount: 60,
      classCount: 3,
      stoppedBecause: "tolerance",
    });
    expect(Object.keys(result.timings)).toEqual(["loadMs", "featurizeMs", "solveMs", "saveMs"]);
    expect(result.modelBytes).toBe(readFileSync(file("a.zip")).length);
  });

  test("gives the same file from gzip, and the same file twice", () => {
    expect(run(["train", "train.tsv.gz", "-o", "b.zip", "--quiet"]).status).toBe(0);
    expect(readFileSync(file("b.zip"))).toEqual(readFileSync(file("model.zip")));
  });

  test("weights n-grams as asked, and knows which weightings there are", async () => {
    const args = ["train", "train.tsv", "-o", "weighted.zip", "--quiet"];
    expect(run([...args, "--weighting", "tfIdf"]).status).toBe(0);
    const [stage] = (await loadModelFile(file("weighted.zip"))).stages;
    expect(stage!.toParts().options).toMatchObject({ weighting: { chars: "tfIdf", words: "tfIdf" } });
    const { status, stderr } = run([...args, "--weighting", "bm25"]);
    expect(status).toBe(2);
    expect(stderr).toContain("'bm25' is invalid. It must be one of tf, idf, tfIdf.");
    expect(run(["info", "weighted.zip"]).stdout).toContain("chars by tfIdf and words by tfIdf");
    const { weightings } = JSON.parse(run(["info", "weighted.zip", "--json"]).stdout);
    expect(weightings).toEqual([{ chars: "tfIdf", words: "tfIdf" }]);
  });

  test("takes options of the file and of the training", () => {
    const options = [
      "--separator",
      "comma",
      "--no-header",
      "--quoting",
      "--text",
      "0",
      "--label",
      "1",
      "--test-fraction",
      "0.25",
    ];
    const more = ["--l2", "0.001", "--tolerance", "0.01", "--max-epochs", "50", "--seed", "3", "--json"];
    const { status, stdout, stderr } = run(["train", "plain.csv", "-o", "c.zip", ...options, ...more]);
    expect(status, stderr).toBe(0);
    const result = JSON.parse(stdout);
    expect(result.l2).toBe(0.001);
    expect(result.rowCount + result.testRowCount).toBe(120);
  });

  test("tells the size of the weights before it trains, and each epoch", () => {
    const { stderr } = run(["train", "train.tsv", "-o", "d.zip"]);
    expect(stderr).toMatch(/features and 3 classes: weights of .* MB[\s\S]*epoch 1, /);
  });
});

describe("evaluate, predict, info", () => {
  test("evaluate prints the table, or JSON", () => {
    expect(run(["evaluate", "model.zip", "test.tsv"]).stdout).toMatch(
      /Micro accuracy {6}1\.0000[\s\S]*Confusion table/,
    );
    const metrics = JSON.parse(run(["evaluate", "model.zip", "test.tsv", "--json"]).stdout);
    expect(metrics).toMatchObject({
      microAccuracy: 1,
      rowCount: 60,
      confusion: { labels: ["weather", "food", "music"] },
    });
    expect(Object.keys(metrics.perClass[0])).toEqual([
      "label",
      "precision",
      "recall",
      "f1",
      "support",
      "logLoss",
    ]);
  });

  test("NaN and infinities are strings in JSON", () => {
    writeFileSync(file("one.tsv"), "Label\tText\nweather\train\n");
    expect(JSON.parse(run(["evaluate", "model.zip", "one.tsv", "--json"]).stdout).logLossReduction).toMatch(
      /Infinity|NaN/,
    );
  });

  test("labels unseen in training are skipped and named", () => {
    writeFileSync(file("odd.tsv"), "Label\tText\nweather\train\nsport\tgoal\n");
    const { status, stderr } = run(["evaluate", "model.zip", "odd.tsv"]);
    expect(status).toBe(0);
    expect(stderr).toContain('"sport" (1)');
  });

  test("predict answers a line for each line", () => {
    const { stdout } = run(["predict", "model.zip"], "we had rain\r\nsweet apple\n\nloud drum");
    const labels = stdout
      .trimEnd()
      .split("\n")
      .map((line) => line.split("\t")[0]);
    expect(labels).toHaveLength(4);
    expect([labels[0], labels[1], labels[3]]).toEqual(["weather", "food", "music"]);
    const top = JSON.parse(run(["predict", "model.zip", "-", "--json", "--top-k", "2"], "rain\n").stdout);
    expect(top).toMatchObject({ label: "weather", top: [{ label: "weather" }, {}] });
  });

  test("predict reads a column of a delimited file", () => {
    const { stdout } = run(["predict", "model.zip", "test.tsv", "--text", "Text"]);
    expect(
      stdout
        .trimEnd()
        .split("\n")
        .map((line) => line.split("\t")[0]),
    ).toEqual(labelledTexts(60, 1000).map(({ label }) => label));
  });

  test("predict answers while its input is still open", async () => {
    const child = spawn(process.execPath, [command, "predict", "model.zip"], { cwd: folder });
    child.stdin.write("cold wind\n");
    const first = await new Promise((resolve) => child.stdout.once("data", (data) => resolve(String(data))));
    expect(first).toMatch(/^weather\t/);
    child.stdin.end("a song\n");
    const second = await new Promise((resolve) => child.stdout.once("data", (data) => resolve(String(data))));
    expect(second).toMatch(/^music\t/);
  });

  test("a reader that goes away is no error", async () => {
    const child = spawn(process.execPath, [command, "predict", "model.zip"], { cwd: folder });
    let stderr = "";
    child.stderr.on("data", (data) => {
      stderr += data;
    });
    child.stdin.on("error", () => {});
    child.stdout.once("data", () => child.stdout.destroy());
    for (let i = 0; i < 2000; i++) child.stdin.write("cold wind and rain\n".repeat(20));
    child.stdin.end();
    const code = await new Promise((resolve) => child.once("close", resolve));
    expect(stderr).toBe("");
    expect(code).toBe(0);
  });

  test("info prints the record of the model", () => {
    const { stdout } = run(["info", "model.zip"]);
    expect(stdout).toMatch(/Duality gap +\d/);
    expect(stdout).toContain(`Made by      dualtext ${version}\n`);
    expect(JSON.parse(run(["info", "model.zip", "--json"]).stdout)).toMatchObject({
      libraryVersion: version,
      labels: ["weather", "food", "music"],
    });
  });
});

describe("errors", () => {
  test.each([
    { name: "a missing file", args: ["train", "none.tsv", "-o", "x.zip"], status: 1, says: "none.tsv" },
    { name: "a folder", args: ["train", ".", "-o", "x.zip"], status: 1, says: "folder" },
    {
      name: "an unknown column",
      args: ["train", "train.tsv", "-o", "x.zip", "--label", "Lable"],
      status: 1,
      says: '"Label"',
    },
    { name: "a model that is none", args: ["info", "train.tsv"], status: 1, says: "not a dualtext model" },
    {
      name: "a folder to save in that is not there",
      args: ["train", "train.tsv", "-o", "no/x.zip"],
      status: 1,
      says: "folder",
    },
    {
      name: "a folder to save in that is not there, before anything is read",
      args: ["train", "none.tsv", "-o", "no/x.zip"],
      status: 1,
      says: "Cannot write no/x.zip",
    },
    {
      name: "an output without a name, before anything is read",
      args: ["train", "none.tsv", "-o", ""],
      status: 1,
      says: "must be the path of a file",
    },
    {
      name: "a share that holds back no row",
      args: ["train", "train.tsv", "-o", "x.zip", "--test-fraction", "0.000001"],
      status: 2,
      says: "of 240 rows holds back none to evaluate on",
    },
    {
      name: "a share that leaves no row",
      args: ["train", "train.tsv", "-o", "x.zip", "--test-fraction", "0.9999999"],
      status: 2,
      says: "of 240 rows leaves none to train on",
    },
    { name: "no command", args: [], status: 2, says: "Usage" },
    { name: "an unknown command", args: ["tarin"], status: 2, says: "train" },
    { name: "an unknown option", args: ["info", "model.zip", "--jsn"], status: 2, says: "--json" },
    { name: "a missing argument", args: ["evaluate", "model.zip"], status: 2, says: "file" },
    { name: "no output", args: ["train", "train.tsv"], status: 2, says: "--output" },
    { name: "l2 of 0", args: ["train", "train.tsv", "-o", "x.zip", "--l2", "0"], status: 2, says: "above 0" },
    {
      name: "l2 that is no number",
      args: ["train", "train.tsv", "-o", "x.zip", "--l2", "much"],
      status: 2,
      says: "number, such as 0.01 or 1e-3, or auto",
    },
    {
      name: "max-epochs 0",
      args: ["train", "train.tsv", "-o", "x.zip", "--max-epochs", "0"],
      status: 2,
      says: "from 1",
    },
    {
      name: "two ways to test",
      args: ["train", "train.tsv", "-o", "x.zip", "--test", "test.tsv", "--test-fraction", "0.5"],
      status: 2,
      says: "exclude",
    },
  ])("$name: exit code $status and a message", ({ args, status, says }) => {
    const result = run(args);
    expect(result.status).toBe(status);
    expect(result.stderr).toContain(says);
    expect(result.stdout).toBe("");
    expect(existsSync(file("x.zip"))).toBe(false);
  });

  test("with --json an error is an object on standard error", () => {
    const { stdout, stderr } = run(["info", "none.zip", "--json"]);
    expect(stdout).toBe("");
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: "file-read" } });
  });

  test("a failed run leaves the old model and nothing beside it", () => {
    const before = readFileSync(file("model.zip"));
    writeFileSync(file("bad.tsv"), "Label\tText\na\tb\nonly one column\n");
    const { status, stderr } = run(["train", "bad.tsv", "-o", "model.zip"]);
    expect(status).toBe(1);
    expect(stderr).toContain("line 3");
    expect(readFileSync(file("model.zip"))).toEqual(before);
    expect(readdirSync(folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  test("an interrupt ends with 130 and leaves no file", async () => {
    writeFileSync(file("long.tsv"), tsv(30_000));
    const child = spawn(
      process.execPath,
      [command, "train", "long.tsv", "-o", "y.zip", "--tolerance", "1e-9"],
      { cwd: folder },
    );
    await new Promise((resolve) => child.stderr.once("data", resolve));
    child.kill("SIGINT");
    const code = await new Promise((resolve) => child.once("close", resolve));
    expect(code).toBe(130);
    expect(readdirSync(folder).filter((name) => /^\.?y\.zip/.test(name))).toEqual([]);
  });
});
