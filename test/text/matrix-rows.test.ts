import { expect, test } from "vitest";
import { MatrixRows } from "../../src/text/matrix-rows.js";

/** A row of `nnz` entries, all of them 0 but those that are given. */
function add(rows: MatrixRows, nnz: number, indices: readonly number[] = [], values: readonly number[] = []) {
  const row = [new Uint32Array(nnz), new Float32Array(nnz)] as const;
  row[0].set(indices);
  row[1].set(values);
  rows.add(...row, Uint32Array.of(0, nnz));
}

test("entries stay where they are when their arrays grow", () => {
  const rows = new MatrixRows(2);
  add(rows, 1, [7], [0.5]);
  rows.reserve(1_000_000, 1);
  expect(rows.indices.length).toBeGreaterThan(1_000_000);
  add(rows, 0);
  const { indptr, indices, values } = rows.matrix(8);
  expect([[...indptr], [...indices], [...values]]).toEqual([[0, 1, 1], [7], [0.5]]);
});

test("growing copies a limited number of entries at a time", () => {
  const rows = new MatrixRows(1000);
  add(
    rows,
    600_000,
    Array.from({ length: 600_000 }, (_, k) => k),
  );
  let steps = 0;
  for (const _ of rows.growing(600_000)) steps++;
  expect(steps).toBe(2 * Math.ceil(600_000 / 131_072));
  expect(rows.indices.length).toBeGreaterThanOrEqual(1_200_000);
  expect(rows.indices.subarray(0, 600_000).every((index, k) => index === k)).toBe(true);
});

test("arrays that the host does not give are an error with a code, and what was there stays", () => {
  const rows = new MatrixRows(3);
  add(rows, 1, [7]);
  expect(() => rows.reserve(2 ** 45, 1)).toThrowError(
    expect.objectContaining({ code: "out-of-memory", message: expect.stringContaining("1 of 3 rows") }),
  );
  expect([...rows.matrix(8).indices]).toEqual([7]);
});

test("near the last row there is room for the rows left, not for as many entries as the largest piece had", () => {
  const rows = new MatrixRows(1000);
  const grown: number[] = [];
  for (let row = 0; row < 1000; row++) {
    if (row % 100 === 0) for (const _ of rows.growing(3_000)) grown.push(row);
    add(rows, 10);
  }
  expect(grown).toEqual([100, 100]);
  expect(rows.indices.length).toBe(12_500);
});
