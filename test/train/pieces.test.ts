// What is done in pieces, so that a page can answer in between, gives the same bits whatever the pieces are.
import { beforeEach, describe, expect, test, vi } from "vitest";
import { rowDigest } from "../../src/data/row-digest.js";
import { atOnce, Slices } from "../../src/slices.js";
import { batchSizeFor } from "../../src/train/batch-size.js";
import { Problem } from "../../src/train/problem.js";
import { freshCore } from "../helpers/place.js";
import { randomRows } from "../helpers/rows.js";
import { weightsOf } from "../helpers/weights.js";

/** Rows, or whatever is counted, in each piece; undefined: as many as the library takes. */
const pieces = vi.hoisted(() => ({ size: undefined as number | undefined }));
vi.mock("../../src/data/csr.js", async (importOriginal) => {
  const real = await importOriginal<typeof import("../../src/data/csr.js")>();
  function* ofSize(count: number, size: number): Generator<readonly [number, number]> {
    for (let first = 0; first < count; first += size) yield [first, Math.min(first + size, count)];
  }
  return {
    ...real,
    rowRanges: (matrix: { rowCount: number; indptr: Uint32Array }, most?: number) =>
      pieces.size ? ofSize(matrix.rowCount, pieces.size) : real.rowRanges(matrix, most),
    ranges: (count: number, most?: number) =>
      pieces.size ? ofSize(count, pieces.size) : real.ranges(count, most),
  };
});
beforeEach(() => {
  pieces.size = undefined;
});

const shape = { rowCount: 60, featureCount: 300, classCount: 5 };
const { matrix, labels } = randomRows({ ...shape, density: 9 });

function placed(shards: number) {
  const core = freshCore();
  const input = { matrix, labels, classCount: 5, scaledL2: 0.1, hasBias: true, batchSize: 4, shards };
  const problem = atOnce(Problem.inPieces(core, input));
  return { memory: new Uint8Array(core.memory.buffer), problem };
}

describe.each([1, 7, 59])("pieces of %s", (size) => {
  test.each([1, 4])("a problem is placed, %s shards", (shards) => {
    const whole = placed(shards);
    pieces.size = size;
    const inPieces = placed(shards);
    expect(Buffer.compare(inPieces.memory, whole.memory)).toBe(0);
    expect(weightsOf(inPieces.problem)).toEqual(weightsOf(whole.problem));
  });

  test("rows are counted and named", () => {
    const whole = [atOnce(batchSizeFor(matrix)), atOnce(rowDigest(matrix, labels))];
    pieces.size = size;
    expect([atOnce(batchSizeFor(matrix)), atOnce(rowDigest(matrix, labels))]).toEqual(whole);
  });
});

test("ranges cover all rows, once and in order, long rows and empty ones too", async () => {
  const { rowRanges, ranges } = await import("../../src/data/csr.js");
  const lengths = [0, 300_000, 1, 0, 200_000, 70_000, 5, 0];
  const indptr = new Uint32Array(lengths.length + 1);
  lengths.forEach((length, row) => {
    indptr[row + 1] = indptr[row]! + length;
  });
  const rows = { rowCount: lengths.length, indptr };
  expect([...rowRanges(rows, 262_144)]).toEqual([
    [0, 1],
    [1, 2],
    [2, 5],
    [5, 8],
  ]);
  expect([...rowRanges({ rowCount: 0, indptr: new Uint32Array(1) })]).toEqual([]);
  expect([...ranges(600_000, 262_144)].flat()).toEqual([0, 262_144, 262_144, 524_288, 524_288, 600_000]);
});

test("the event loop has its turn between pieces, and an abort is seen there", async () => {
  const reason = new Error("enough");
  const controller = new AbortController();
  function* endless(): Generator<void, never> {
    for (;;) {
      const end = performance.now() + 5;
      while (performance.now() < end);
      yield;
    }
  }
  setTimeout(() => controller.abort(reason), 60);
  await expect(new Slices(controller.signal, () => {}).run(endless())).rejects.toBe(reason);
});
