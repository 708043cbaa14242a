import { describe, expect, test } from "vitest";
import type { Column, VectorColumn } from "../../src/data/columns.js";
import { Concatenator } from "../../src/data/concatenate.js";
import { type Matrix, nonZeros } from "../../src/data/csr.js";
import { Dataset } from "../../src/data/dataset.js";
import { concatenate } from "../../src/stages.js";

const names = (list: string[]) => ({ count: list.length, at: (slot: number) => list[slot]! });
const dense = (rows: number[][]): Matrix => ({
  layout: "dense",
  rowCount: rows.length,
  columnCount: rows[0]!.length,
  values: Float32Array.from(rows.flat()),
});
const vector = (matrix: Matrix, slotNames?: string[]): Column => ({
  kind: "vector",
  size: matrix.columnCount,
  matrix,
  ...(slotNames && { slotNames: names(slotNames) }),
});
const data = Dataset.of({
  N: { kind: "number", precision: "single", values: Float32Array.of(1, 0, 3) },
  D: vector(
    dense([
      [4, 0],
      [0, 5],
      [6, 7],
    ]),
  ),
  S: vector(
    nonZeros(
      dense([
        [0, 0, 8],
        [0, 0, 0],
        [9, 0, 10],
      ]),
    ),
    ["a", "b", ""],
  ),
  Double: { kind: "number", precision: "double", values: Float64Array.of(1, 2, 3) },
});

function rowsOf({ matrix }: VectorColumn): number[][] {
  return Array.from({ length: matrix.rowCount }, (_, row) => {
    if (matrix.layout === "dense")
      return [...matrix.values.subarray(row * matrix.columnCount, (row + 1) * matrix.columnCount)];
    const values = new Array(matrix.columnCount).fill(0);
    for (let k = matrix.indptr[row]!; k < matrix.indptr[row + 1]!; k++)
      values[matrix.indices[k]!] = matrix.values[k];
    return values;
  });
}

describe("concatenate", () => {
  test("numbers and dense vectors make a dense vector", () => {
    const out = new Concatenator(["N", "D"], "Out").transform(data).column("Out") as VectorColumn;
    expect(out.matrix.layout).toBe("dense");
    expect(rowsOf(out)).toEqual([
      [1, 4, 0],
      [0, 0, 5],
      [3, 6, 7],
    ]);
  });

  test("with a sparse vector the result is sparse and holds no zero; names are joined", () => {
    const result = new Concatenator(["D", "S", "N"], "Out").transform(data);
    const out = result.column("Out") as VectorColumn;
    expect(out.matrix.layout).toBe("sparse");
    expect([...(out.matrix as { values: Float32Array }).values]).toEqual([4, 8, 1, 5, 6, 7, 9, 10, 3]);
    expect(rowsOf(out)).toEqual([
      [4, 0, 0, 0, 8, 1],
      [0, 5, 0, 0, 0, 0],
      [6, 7, 9, 0, 10, 3],
    ]);
    expect(rowsOf(result.block("Out", 1, 3) as VectorColumn)).toEqual(rowsOf(out).slice(1));
    const type = result.typeOf("Out") as { slotNames: { at(slot: number): string } };
    expect([0, 1, 2, 3, 4, 5].map((slot) => type.slotNames.at(slot))).toEqual([
      "",
      "",
      "S.a",
      "S.b",
      "",
      "N",
    ]);
  });

  test("one input keeps its names", () => {
    const type = new Concatenator(["S"], "Out").transform(data).typeOf("Out");
    expect(type).toMatchObject({ size: 3 });
    expect((type as { slotNames: { at(slot: number): string } }).slotNames.at(0)).toBe("a");
  });

  test("other columns are an error, and so is none", async () => {
    await expect(concatenate("Out", "N", "Double").fit(data)).rejects.toMatchObject({
      code: "bad-column",
      message: expect.stringContaining('a number of precision "double"'),
    });
    await expect(concatenate("Out", "Nope").fit(data)).rejects.toMatchObject({ code: "bad-column" });
    expect(() => (concatenate as (output: string) => unknown)("Out")).toThrow(
      expect.objectContaining({ code: "bad-argument" }),
    );
  });
});
