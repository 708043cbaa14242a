import { describe, expect, test } from "vitest";
import type { Column } from "../../src/data/columns.js";
import { Dataset } from "../../src/data/dataset.js";
import { crossValidationSplit, trainTestSplit } from "../../src/data/split.js";
import { DualTextError } from "../../src/errors.js";

function rows(count: number, sampling?: Column): Dataset<{ Index: "number"; V: "text" }> {
  const indices = Int32Array.from({ length: count }, (_, i) => i);
  return Dataset.of({
    Index: { kind: "number", precision: "int32", values: indices },
    ...(sampling && { V: sampling }),
  });
}

const indicesOf = (data: Dataset<{ Index: "number" }>) => Array.from(data.column("Index").values, Number);
const single = (...values: number[]): Column => ({
  kind: "number",
  precision: "single",
  values: Float32Array.from(values),
});

describe("trainTestSplit", () => {
  test("without a seed takes the rows that ML.NET's sample shows", () => {
    const { train, test } = trainTestSplit(rows(10), { testFraction: 0.2 });
    expect(indicesOf(test)).toEqual([5, 6]);
    expect(indicesOf(train)).toEqual([0, 1, 2, 3, 4, 7, 8, 9]);
  });

  test("keeps every row once and depends on the seed", () => {
    const one = trainTestSplit(rows(1000), { seed: 1 });
    const two = trainTestSplit(rows(1000), { seed: 2 });
    expect([...indicesOf(one.train), ...indicesOf(one.test)].sort((a, b) => a - b)).toHaveLength(1000);
    expect(one.test.rowCount).toBeGreaterThan(60);
    expect(one.test.rowCount).toBeLessThan(140);
    expect(indicesOf(one.test)).not.toEqual(indicesOf(two.test));
    expect(indicesOf(one.test)).toEqual(indicesOf(trainTestSplit(rows(1000), { seed: 1 }).test));
  });

  // Expected rows: runs of ML.NET 5.0.1, or its rules where no run is at hand.
  test.each<{ name: string; column: Column; testFraction: number; test: number[]; lost?: number[] }>([
    { name: "a single by its place", column: single(0, 1, 0, 1), testFraction: 0.1, test: [0, 2] },
    {
      name: "NaN on neither side",
      column: single(0, Number.NaN, 1, 0.5, 0.25),
      testFraction: 0.5,
      test: [0, 4],
      lost: [1],
    },
    { name: "a constant column to the test set", column: single(2.5, 2.5), testFraction: 0.3, test: [0, 1] },
    {
      name: "a double in double precision",
      column: {
        kind: "number",
        precision: "double",
        values: Float64Array.of(0, 0.29999999999999993, 0.3, 1),
      },
      testFraction: 0.3,
      test: [0, 1],
    },
    {
      name: "keys in their order, key 0 on neither side",
      column: { kind: "key", count: 4, keys: Uint32Array.of(1, 2, 3, 4, 0, 1) },
      testFraction: 0.3,
      test: [0, 5],
      lost: [4],
    },
    {
      name: "texts together by hash, empty ones on neither side",
      column: { kind: "text", values: ["g1", "g2", "", "g1", "g2"] },
      testFraction: 0.5,
      test: [],
      lost: [2],
    },
  ])("puts $name", ({ column, testFraction, test, lost = [] }) => {
    const split = trainTestSplit(rows(column.kind === "key" ? column.keys.length : rowsIn(column), column), {
      testFraction,
      samplingKey: "V",
    });
    const all = [...indicesOf(split.train), ...indicesOf(split.test), ...lost].sort((a, b) => a - b);
    expect(all).toEqual(all.map((_, i) => i));
    if (test.length > 0) expect(indicesOf(split.test)).toEqual(test);
    else expect(indicesOf(split.test).includes(0)).toBe(indicesOf(split.test).includes(3));
  });

  test("hashes lists of texts as ML.NET does", () => {
    const values = Array.from({ length: 40 }, (_, i) => [`a${i % 7}`, `b${i % 3}`]);
    const split = trainTestSplit(rows(40, { kind: "texts", size: 2, values }), {
      testFraction: 0.3,
      samplingKey: "V",
      seed: 1,
    });
    expect(indicesOf(split.test)).toEqual([3, 6, 9, 10, 12, 15, 16, 24, 27, 30, 31, 33, 36, 37]);
  });

  test.each<{ name: string; column: Column }>([
    {
      name: "booleans",
      column: { kind: "boolean", values: Uint8Array.from({ length: 60 }, (_, i) => i % 2) },
    },
    {
      name: "int32",
      column: {
        kind: "number",
        precision: "int32",
        values: Int32Array.from({ length: 60 }, (_, i) => i % 2),
      },
    },
    {
      name: "int64",
      column: {
        kind: "number",
        precision: "int64",
        values: BigInt64Array.from({ length: 60 }, (_, i) => BigInt(i % 2) << 40n),
      },
    },
    {
      name: "dense vectors",
      column: {
        kind: "vector",
        size: 1,
        // −0 and 0 are one value.
        matrix: {
          layout: "dense",
          rowCount: 60,
          columnCount: 1,
          values: Float32Array.from({ length: 60 }, (_, i) => [0, 1, -0, 1][i % 4]!),
        },
      },
    },
    {
      name: "sparse vectors",
      column: {
        kind: "vector",
        size: 5,
        matrix: {
          layout: "sparse",
          rowCount: 60,
          columnCount: 5,
          indptr: Uint32Array.from({ length: 61 }, (_, i) => i),
          indices: Uint32Array.from({ length: 60 }, (_, i) => i % 2),
          values: new Float32Array(60).fill(1),
        },
      },
    },
  ])("keeps equal $name together", ({ column }) => {
    for (const seed of [1, 2, 3, 4]) {
      const { train, test } = trainTestSplit(rows(60, column), { testFraction: 0.5, samplingKey: "V", seed });
      const parities = (data: Dataset<{ Index: "number" }>) => new Set(indicesOf(data).map((i) => i % 2));
      expect(train.rowCount + test.rowCount).toBe(60);
      expect(parities(train).size + parities(test).size).toBe(2);
    }
  });

  test.each([0, 1, -0.1, 1.5, Number.NaN])("refuses testFraction %d", (testFraction) => {
    expect(() => trainTestSplit(rows(3), { testFraction })).toThrow(/testFraction is .*between 0 and 1/);
  });

  test("refuses a seed that is no integer and a column that is not there", () => {
    expect(() => trainTestSplit(rows(3), { seed: 0.5 })).toThrow(DualTextError);
    expect(() => trainTestSplit(rows(3), { samplingKey: "Indx" })).toThrow(/Did you mean "Index"/);
  });
});

function rowsIn(column: Exclude<Column, { kind: "key" }>): number {
  return column.kind === "vector" ? column.matrix.rowCount : column.values.length;
}

describe("crossValidationSplit", () => {
  test("takes the folds that ML.NET's sample shows", () => {
    const folds = crossValidationSplit(rows(10), { numberOfFolds: 3 });
    expect(folds.map(({ test }) => indicesOf(test))).toEqual([
      [5, 6],
      [0, 1, 8, 9],
      [2, 3, 4, 7],
    ]);
    for (const { train, test } of folds) expect(train.rowCount + test.rowCount).toBe(10);
  });

  test("has rows on a boundary in two test folds, as ML.NET", () => {
    const quarters = single(0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1);
    const folds = crossValidationSplit(rows(9, quarters), { numberOfFolds: 4, samplingKey: "V" });
    expect(folds.map(({ test }) => indicesOf(test))).toEqual([
      [0, 1, 2],
      [2, 3, 4],
      [4, 5, 6],
      [6, 7, 8],
    ]);
  });

  test.each([1, 0, 2.5])("refuses %d folds", (numberOfFolds) => {
    expect(() => crossValidationSplit(rows(3), { numberOfFolds })).toThrow(/at least 2/);
  });
});
