// What predict and drift do with files whose lines are no texts: of a labelled file they would predict the labels, too.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DataOptions } from "../../src/cli/data-options.js";
import { drift } from "../../src/cli/drift-command.js";
import { Session } from "../../src/cli/session.js";
import { textsOf } from "../../src/cli/text-lines.js";
import { type Classifier, trainClassifier } from "../../src/train-classifier.js";
import { labelledTexts } from "../helpers/texts.js";

const folder = mkdtempSync(join(tmpdir(), "dualtext-lines-"));
afterAll(() => rmSync(folder, { recursive: true }));

let classifier: Classifier;
beforeAll(async () => {
  classifier = await trainClassifier(labelledTexts(120));
  writeFileSync(join(folder, "model.zip"), classifier.save());
});

const options: DataOptions = { separator: "tab", header: true };
const rows = labelledTexts(5, 900);

function sink(into: string[]): Writable {
  return new Writable({
    write(chunk, _, done) {
      into.push(String(chunk));
      done();
    },
  });
}

/** The texts that a file is taken for, and what is said about it. */
async function read(content: string, more: object = {}, name = "texts.txt") {
  const file = join(folder, name);
  writeFileSync(file, content);
  const reports: string[] = [];
  const session = new Session({}, new AbortController().signal, sink([]), sink(reports));
  const texts: string[] = [];
  for await (const piece of textsOf(classifier.model, file, { ...options, ...more }, session))
    texts.push(...piece);
  return { texts, said: reports.join("") };
}

describe("a file that is plainly delimited is refused, with the options to use", () => {
  const labelled = rows.map(({ label, text }) => `${label}\t${text}`).join("\n");
  test.each([
    {
      name: "the model's columns in the first line",
      content: `Label\tText\n${labelled}\n`,
      message: /its first line names the column "Text"\. .* with --text Text;.* --lines/,
    },
    {
      name: "the model's columns, in quotes, separated otherwise",
      content: `"Text","Label"\n${rows.map(({ label, text }) => `${text},${label}`).join("\n")}\n`,
      message: /with --separator comma --text Text;/,
    },
    {
      name: "the label's column alone",
      content: `Id\tLabel\tBody\n1\tfood\tbread\n`,
      message: /names the column "Label"\. .* --text COLUMN;/,
    },
    {
      name: "labels in a column, without a header",
      content: labelled,
      message: /column 0 holds labels of the model\. .* --no-header --text 1;/,
    },
    {
      name: "labels in a column, with a header that has other names",
      content: `Body\tKind\n${rows.map(({ label, text }) => `${text}\t${label}`).join("\n")}\n`,
      message: /column 1 holds labels of the model\. .* with --text Body;/,
    },
    { name: "one line with a label", content: "food\tsweet bread\n", message: /column 0 holds labels/ },
  ])("$name", async ({ content, message }) => {
    const refusal = { code: "bad-option", message: expect.stringMatching(message) };
    await expect(read(content)).rejects.toMatchObject(refusal);
    const { texts } = await read(content, { lines: true });
    expect(texts.join("\n")).toBe(content.trimEnd());
  });

  test("drift raises no alarm over a labelled file, but an error", async () => {
    writeFileSync(join(folder, "new.tsv"), `Label\tText\n${labelled}\n`);
    const session = new Session({}, new AbortController().signal, sink([]), sink([]));
    const run = (more: object) =>
      drift(join(folder, "model.zip"), join(folder, "new.tsv"), { ...options, ...more }, session);
    await expect(run({})).rejects.toMatchObject({ code: "bad-option" });
    await expect(run({ text: "Text" })).resolves.toBeUndefined();
  });
});

describe("lines are texts", () => {
  test.each([
    { name: "plain", content: "rain and wind\nfood, warm\n\nText, Label my words\n" },
    { name: "some with a tab", content: "food\tand drink\nno tab here\n" },
    { name: "with tabs, not all equally many", content: "a\tb\nfood\tb\tc\n" },
    { name: "one with a tab", content: "a song\tand a dance\n" },
    { name: "none", content: "" },
  ])("$name: nothing is said", async ({ content }) => {
    const { texts, said } = await read(content);
    expect(texts).toEqual(content === "" ? [] : content.trimEnd().split("\n"));
    expect(said).toBe("");
  });

  test("each with a tab: they are, and it is said", async () => {
    const content = "1\tsweet bread\n2\tloud song\n";
    const { texts, said } = await read(content);
    expect(texts).toEqual(content.trimEnd().split("\n"));
    expect(said).toMatch(/each line holds 1 × tab and is taken as one text\. .* --text; .* --lines/);
    expect((await read(content, { lines: true })).said).toBe("");
    expect((await read(content, { header: false, text: 1 })).texts).toEqual(["sweet bread", "loud song"]);
  });

  test("--lines and --text contradict each other", async () => {
    await expect(read("Text\na\n", { lines: true, text: "Text" })).rejects.toMatchObject({
      code: "bad-option",
    });
  });
});
