import { describe, expect, test } from "vitest";
import { type Column, sliceColumn, takeFromColumn } from "../../src/data/columns.js";
import { Dataset } from "../../src/data/dataset.js";
import { fitMapKeyToValue } from "../../src/data/map-key-to-value.js";
import { fitMapValueToKey } from "../../src/data/map-value-to-key.js";
import { mapValueToKey, sdcaMaximumEntropy, tokenizeIntoWords } from "../../src/stages.js";

// Keys of several values a row; ML.NET's own records are run by test/mlnet.

function mapped(column: Column, options = {}): Dataset {
  const data = Dataset.of({ V: column });
  return fitMapValueToKey(data, { output: "K", input: "V" }, options).transform(data);
}

function backAgain(data: Dataset): Column {
  return fitMapKeyToValue(data, { output: "Back", input: "K" }).transform(data).column("Back");
}

const words: Column = { kind: "texts", values: [["b", "a", ""], [], ["a", "c"]] };
const keysOfWords = [Uint32Array.of(1, 2, 0), Uint32Array.of(), Uint32Array.of(2, 3)];

describe("keys of several values a row", () => {
  test("texts, and back", () => {
    const data = mapped(words);
    const names: Column = { kind: "text", values: ["b", "a", "c"] };
    expect(data.column("K")).toEqual({ kind: "keys", count: 3, names, values: keysOfWords });
    expect(backAgain(data)).toEqual(words);
    expect(data.block("K", 2, 3).values).toEqual([keysOfWords[2]]);
  });

  test("a sparse vector: its zero is met at the first slot left out, and once", () => {
    const matrix = {
      layout: "sparse",
      rowCount: 2,
      columnCount: 4,
      indptr: Uint32Array.of(0, 2, 3),
      indices: Uint32Array.of(0, 2, 1),
      values: Float32Array.of(5, 7, Number.NaN),
    } as const;
    const data = mapped({ kind: "vector", size: 4, matrix });
    expect(data.column("K")).toEqual({
      kind: "keys",
      count: 3,
      size: 4,
      names: { kind: "number", precision: "single", values: Float32Array.of(5, 0, 7) },
      values: [Uint32Array.of(1, 2, 3, 2), Uint32Array.of(2, 0, 2, 2)],
    });
    const values = Float32Array.of(5, 0, 7, 0, 0, Number.NaN, 0, 0);
    const dense = { layout: "dense", rowCount: 2, columnCount: 4, values };
    expect(backAgain(data)).toEqual({ kind: "vector", size: 4, matrix: dense });
  });

  test("keys of keys, which keep the values they stand for", () => {
    const names: Column = { kind: "text", values: ["x", "y", "z"] };
    const keys = [Uint32Array.of(3, 0), Uint32Array.of(1, 3)];
    const data = mapped({ kind: "keys", count: 3, names, size: 2, values: keys });
    expect(data.column("K")).toEqual({
      kind: "keys",
      count: 2,
      size: 2,
      names: { kind: "text", values: ["z", "x"] },
      values: [Uint32Array.of(1, 0), Uint32Array.of(2, 1)],
    });
  });

  test("numbers as text", () => {
    const matrix = { layout: "dense", rowCount: 1, columnCount: 2, values: Float32Array.of(0.1, 2) } as const;
    const data = mapped({ kind: "vector", size: 2, matrix }, { addKeyValueAnnotationsAsText: true });
    expect(backAgain(data)).toEqual({ kind: "texts", size: 2, values: [["0.1", "2"]] });
  });

  test("rows of such a column are cut and taken", () => {
    const column: Column = { kind: "keys", count: 3, values: keysOfWords };
    expect(sliceColumn(column, 1, 3)).toEqual({ ...column, values: keysOfWords.slice(1) });
    const taken = takeFromColumn(column, Uint32Array.of(2, 0, 2));
    expect(taken).toEqual({ ...column, values: [2, 0, 2].map((row) => keysOfWords[row]) });
  });

  test("values for which there is no column are refused by name", () => {
    const keys: Column = { kind: "keys", count: 2, values: [Uint32Array.of(2, 1)] };
    const data = mapped(keys);
    expect(() => backAgain(data)).toThrow(
      expect.objectContaining({ code: "bad-column", message: expect.stringMatching(/column "K"/) }),
    );
  });

  test("they are no label", async () => {
    const stages = tokenizeIntoWords("Words", "Text")
      .append(mapValueToKey<"Label", "Words", "keys">("Label", "Words"))
      .append(sdcaMaximumEntropy() as never);
    const matrix = { layout: "dense", rowCount: 2, columnCount: 1, values: Float32Array.of(1, 2) } as const;
    const data = Dataset.of({
      Text: { kind: "text", values: ["a b", "b"] },
      Features: { kind: "vector", size: 1, matrix },
    });
    await expect((stages as any).fit(data)).rejects.toThrow(
      expect.objectContaining({ code: "bad-column", message: expect.stringMatching(/Label/) }),
    );
  });
});
