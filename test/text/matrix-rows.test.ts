import { expect, test } from "vitest";
import { MatrixRows } from "../../src/text/matrix-rows.js";

test("entries stay where they are when their arrays grow", () => {
  const rows = new MatrixRows(2);
  rows.reserve(1, 1);
  rows.indices[0] = 7;
  rows.values[0] = 0.5;
  rows.endRow(1);
  rows.reserve(1_000_000, 1);
  expect(rows.indices.length).toBeGreaterThan(1_000_000);
  rows.endRow(1);
  const { indptr, indices, values } = rows.matrix(8);
  expect([[...indptr], [...indices], [...values]]).toEqual([[0, 1, 1], [7], [0.5]]);
});

test("growing copies a limited number of entries at a time", () => {
  const rows = new MatrixRows(1000);
  rows.reserve(600_000, 1);
  rows.indices.forEach((_, k, all) => {
    all[k] = k;
  });
  rows.endRow(600_000);
  let steps = 0;
  for (const _ of rows.growing(600_000)) steps++;
  expect(steps).toBe(2 * Math.ceil(600_000 / 131_072));
  expect(rows.indices.length).toBeGreaterThanOrEqual(1_200_000);
  expect(rows.indices.subarray(0, 600_000).every((index, k) => index === k)).toBe(true);
});

test("arrays that the host does not give are an error with a code, and what was there stays", () => {
  const rows = new MatrixRows(3);
  rows.reserve(1, 1);
  rows.indices[0] = 7;
  rows.endRow(1);
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
    rows.reserve(10, 1);
    rows.endRow(10 * (row + 1));
  }
  expect(grown).toEqual([100, 100]);
  expect(rows.indices.length).toBe(12_500);
});
