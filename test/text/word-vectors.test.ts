import { describe, expect, test } from "vitest";
import type { Progress } from "../../src/stage.js";
import { loadWordVectors, type WordVectorOptions } from "../../src/text/word-vectors.js";

const bytesOf = (text: string) => new TextEncoder().encode(text);
const load = (text: string, options: WordVectorOptions = {}) =>
  loadWordVectors(bytesOf(text), { sourceName: "v.txt", ...options });
const rowsOf = async (text: string, options: WordVectorOptions = {}) => {
  const { words, values, dimension } = await load(text, options);
  return Object.fromEntries(
    words.map((word, i) => [word, [...values.subarray(i * dimension, (i + 1) * dimension)]]),
  );
};

describe("loadWordVectors", () => {
  test("reads GloVe, and fastText and word2vec with their first line and spaces at the ends of lines", async () => {
    const expected = { the: [1, -2], of: [0.5, 4] };
    expect(await rowsOf("the 1 -2\nof .5 4\n")).toEqual(expected);
    expect(await rowsOf("2 2\nthe 1 -2 \nof .5 4 \n")).toEqual(expected);
    expect(await rowsOf("\ufeff2 2\r\nthe\t1\t-2\r\nof .5 4")).toEqual(expected);
    expect(await rowsOf("the 1 -2 \nof .5 4 \n\n")).toEqual(expected);
    expect(await rowsOf("the 1 -2")).toEqual({ the: [1, -2] });
  });

  test("words are taken as they are: numbers, other scripts, separators that are no space, __proto__", async () => {
    const words = ["7", "été", "a\u00a0b", "猫", "😀", "__proto__", "\ufeffx"];
    const { words: found } = await load(`h 0\n${words.map((word) => `${word} 1`).join("\n")}`);
    expect(found).toEqual([...words, "h"]);
  });

  test("the first of two lines for one word counts; the first line of the file comes last", async () => {
    const { words, values, report } = await load("a 1\nb 2\nb 3\na 4\n");
    expect([words, [...values]]).toEqual([
      ["b", "a"],
      [2, 4],
    ]);
    expect(report.duplicateCount).toBe(2);
  });

  test.each([
    [
      "too few numbers",
      "a 1 2\nb 1 2\nc 1\n",
      'v.txt, line 3: the word "c" has 1 numbers, the lines before it 2.',
    ],
    ["too many numbers", "a 1 2\nb 1 2\nc 1 2 3\n", "v.txt, line 3"],
    [
      "a second line that is ragged",
      "a 1 2\nb 1 2 3\nc 1 2\n",
      'v.txt, line 2: the word "b" has 3 numbers, line 1, the word "a", has 2.',
    ],
    ["a first line that is cut", "a 1\nb 1 2\nc 1 2\n", 'line 1, the word "a", has 1.'],
    ["a second line that is ragged behind two counts", "2 2\na 1\nb 1 2\n", "v.txt, line 3"],
    ["a word alone", "a 1\nb\n", 'line 2: the word "b" has no numbers.'],
    ["a number that is none", "a 1 2\nb 1 x2\n", 'line 2: the word "b" has "x2" as number 2;'],
    ["NaN", "a 1 2\nb NaN 2\n", 'line 2: the word "b" has "NaN" as number 1;'],
    ["a number beyond single precision", "a 1\nb 1e39\n", '"1e39"'],
    ["two spaces", "a 1 2\nb 1  2\n", 'has "" as number 2'],
    [
      "a first line that fits nothing",
      "a 1 2 3\nb 1 2\n",
      'v.txt, line 2: the word "b" has 2 numbers, line 1',
    ],
    ["a file cut off", "3 1\na 1\nb 2\n", "line 1: it announces 3 words, but only 2 lines follow."],
    ["invalid UTF-8 is shown", "a 1\nb\ufffd x\n", "line 2"],
  ])("%s: an error with the line", async (_, text, message) => {
    const error = await load(text).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: "bad-line" });
    expect(error.message).toContain(message);
  });

  test("lenient reading leaves such lines out and counts them", async () => {
    const { words, report } = await load("4 2\na 1 2\nb 1 x\nc 1 2 3\nd 4 5\n", { lenient: true });
    expect(words).toEqual(["a", "d"]);
    expect(report.skippedLineCount).toBe(2);
    expect(report.firstProblems[0]).toContain("v.txt, line 3");
  });

  test("invalid UTF-8 is an error, or U+FFFD when lenient", async () => {
    const bytes = Uint8Array.from([...bytesOf("a 1\n"), 0xff, ...bytesOf(" 2\n")]);
    await expect(loadWordVectors(bytes)).rejects.toMatchObject({ code: "bad-line" });
    expect((await loadWordVectors(bytes, { lenient: true })).words).toEqual(["\ufffd", "a"]);
  });

  test("empty input and wrong input", async () => {
    await expect(load("")).rejects.toMatchObject({ code: "empty-input" });
    await expect(load("", { lenient: true })).rejects.toMatchObject({ code: "empty-input" });
    await expect(loadWordVectors("a 1" as never)).rejects.toMatchObject({ code: "bad-argument" });
    await expect(load("a 1", { maxWords: 0 })).rejects.toMatchObject({ code: "bad-option" });
    await expect(load("a 1", { lenient: 1 as never })).rejects.toMatchObject({ code: "bad-option" });
  });

  test.each([1, 2, 3])("the first %i words alone", async (maxWords) => {
    const text = "a 1\nb 2\nc 3\nd 4\n";
    expect((await load(text, { maxWords })).wordCount).toBe(maxWords);
    expect((await load(`4 1\n${text}`, { maxWords })).words).toEqual(["a", "b", "c"].slice(0, maxWords));
  });

  test("pieces of any size give the same; progress ends at the end", async () => {
    const bytes = bytesOf("2 3\nété 1 2 3\r\n猫 4 5 6e-1\n");
    for (const size of [1, 2, 3, 7]) {
      const stream = new ReadableStream<Uint8Array>({
        start(controller) {
          for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.subarray(at, at + size));
          controller.close();
        },
      });
      const seen: Progress[] = [];
      const vectors = await loadWordVectors(stream, { onProgress: (progress) => seen.push(progress) });
      expect(vectors.words).toEqual(["été", "猫"]);
      expect([...vectors.values]).toEqual([1, 2, 3, 4, 5, Math.fround(0.6)]);
      expect(seen.at(-1)).toMatchObject({ phase: "load", done: bytes.length });
    }
  });

  test("an aborted signal rejects with its reason", async () => {
    const reason = new Error("enough");
    await expect(load("a 1\nb 2\n", { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});
