import { expect, test } from "vitest";
import type { CsrMatrix } from "../../src/data/csr.js";
import { atOnce } from "../../src/slices.js";
import { rowTraits } from "../../src/train/row-traits.js";
import { freshCore } from "../helpers/place.js";

/** Rows of the features listed, all of value 1. */
function rowsOf(rows: readonly (readonly number[])[]): CsrMatrix {
  const indices = rows.flat();
  let end = 0;
  const indptr = Uint32Array.from([0, ...rows.map((row) => (end += row.length))]);
  return {
    layout: "sparse",
    rowCount: rows.length,
    columnCount: Math.max(0, ...indices) + 1,
    indptr,
    indices: Uint32Array.from(indices),
    values: new Float32Array(indices.length).fill(1),
  };
}

const many = (length: number, row: (i: number) => number[]) => Array.from({ length }, (_, i) => row(i));

test.each([
  { name: "no row", rows: [], size: 1 },
  { name: "one row", rows: [[0]], size: 1 },
  { name: "rows that share nothing", rows: many(100, (i) => [i]), size: 64 },
  { name: "rows that share everything: β = B, so B = 2", rows: many(100, () => [0, 1]), size: 2 },
  // β = 1 + (B − 1) / 2
  { name: "rows that share one feature of two", rows: many(100, (i) => [0, i + 1]), size: 4 },
  {
    name: "more rows than are looked at, of which they are a fair part",
    rows: many(5000, (i) => [0, i + 1]),
    size: 4,
  },
  { name: "empty rows count as sharing nothing", rows: many(100, (i) => (i < 50 ? [] : [0])), size: 8 },
])("$name", ({ rows, size }) => {
  expect(atOnce(rowTraits(freshCore(), rowsOf(rows))).batchSize).toBe(size);
});
