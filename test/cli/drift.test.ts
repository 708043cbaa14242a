import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { commandFolder } from "../helpers/command.js";
import { labelledTexts } from "../helpers/texts.js";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
const { folder, run: runWith } = commandFolder("drift");
const run = (args: readonly string[], input = "") => runWith(args, { input });

const like = labelledTexts(40, 1000).map(({ text }) => text);
const unlike = labelledTexts(40, 1000).map(({ text }, i) => (i % 2 === 0 ? `something else ${i}` : text));

beforeAll(() => {
  const rows = labelledTexts(300).map(({ label, text }) => `${label}\t${text}`);
  writeFileSync(join(folder, "train.tsv"), `${["Label\tText", ...rows].join("\n")}\n`);
  const columns = like.map((text, i) => `${i}\t${text}`);
  writeFileSync(join(folder, "like.tsv"), `${["Number\tBody", ...columns].join("\n")}\n`);
  writeFileSync(join(folder, "unlike.txt"), `${unlike.join("\n")}\n`);
  const { status, stderr } = run(["train", "train.tsv", "-o", "model.zip", "--quiet"]);
  expect(status, stderr).toBe(0);
});

describe("dualtext drift", () => {
  test("says that texts look like the training data: a column of a file, or lines of standard input", () => {
    for (const { status, stdout } of [
      run(["drift", "model.zip", "like.tsv", "--text", "Body", "--check"]),
      run(["drift", "model.zip", "--check"], `${like.join("\n")}\n`),
    ]) {
      expect(stdout).toMatch(
        /^40 texts\. They look like the training data \(p [\d.]+, alarm below 0\.01\)\.\n/,
      );
      expect(stdout).toMatch(
        /\n {2}unseen n-grams {5}as expected \(effect [−\-\d.]+, p [\d.]+\): mean [\d.]+ %, expected [\d.]+ %\n/,
      );
      expect(stdout).toMatch(/\n {2}predicted classes {2}as expected /);
      expect(status).toBe(0);
    }
  });

  test("says that they do not, and with --check ends with 1", () => {
    const { status, stdout } = run(["drift", "model.zip", "unlike.txt"]);
    expect(stdout).toMatch(/^40 texts\. They no longer look like the training data/);
    expect(stdout).toMatch(/unseen n-grams {5}drifted/);
    expect(status).toBe(0);
    expect(run(["drift", "model.zip", "unlike.txt", "--check"]).status).toBe(1);
    expect(run(["drift", "model.zip", "unlike.txt", "--check", "--margin", "100000"]).status).toBe(0);
  });

  test("prints JSON and nothing else", () => {
    const { stdout } = run(["drift", "model.zip", "unlike.txt", "--json", "--significance", "0.05"]);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ rowCount: 40, hasDrifted: true, significance: 0.05, margin: 0.1 });
    expect(report.unseen).toMatchObject({ hasDrifted: true });
    expect(report.classes.labels.map(({ label }: { label: string }) => label).sort()).toEqual([
      "food",
      "music",
      "weather",
    ]);
  });

  test("compares with rows held out", () => {
    writeFileSync(join(folder, "held.tsv"), `Text\n${unlike.join("\n")}\n`);
    const { stdout } = run(["drift", "model.zip", "unlike.txt", "--held-out", "held.tsv", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ hasDrifted: false });
  });

  test("names what is wrong", () => {
    const badOption = run(["drift", "model.zip", "unlike.txt", "--significance", "2"]);
    expect(badOption.status).toBe(2);
    expect(badOption.stderr).toContain("above 0 and below 1");
    const empty = run(["drift", "model.zip", "--json"]);
    expect(empty.status).toBe(1);
    expect(JSON.parse(empty.stderr)).toMatchObject({ error: { code: "empty-input" } });
  });
});
