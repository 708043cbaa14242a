// What is done in pieces, so that a page can answer in between, gives the same bits whatever the pieces are.
import { beforeEach, describe, expect, test, vi } from "vitest";
import { Blocks, Work } from "../../assembly/layout.js";
import { Random } from "../../src/random.js";
import { atOnce, Slices } from "../../src/slices.js";
import { Problem } from "../../src/train/problem.js";
import { linesABlock } from "../../src/train/problem-blocks.js";
import { rowTraits } from "../../src/train/row-traits.js";
import { pieces } from "../helpers/pieces.js";
import { freshCore } from "../helpers/place.js";
import { randomRows } from "../helpers/rows.js";
import { placedSchedule } from "../helpers/schedule.js";
import { weightsOf } from "../helpers/weights.js";

vi.mock("../../src/data/csr.js", async (original) =>
  (await import("../helpers/pieces.js")).inPieces(await original()),
);
beforeEach(() => {
  pieces.size = undefined;
});

const shape = { rowCount: 60, featureCount: 300, classCount: 5 };
const { matrix, labels } = randomRows({ ...shape, density: 9 });

function placed(shards: number) {
  const core = freshCore();
  const { denseColumns } = atOnce(rowTraits(freshCore(), matrix));
  const shape = { classCount: 5, hasBias: true, batchSize: 4, shards, denseColumns };
  const input = { matrix, labels, scaledL2: 0.1, ...shape };
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

  test("traits of rows are found", () => {
    const whole = atOnce(rowTraits(freshCore(), matrix));
    pieces.size = size;
    expect(atOnce(rowTraits(freshCore(), matrix))).toEqual(whole);
  });

  test("visits of epochs are drawn", () => {
    const drawn = () => {
      const random = new Random(3);
      const { schedule, order, residuals } = placedSchedule(200);
      residuals.forEach((_, row) => {
        residuals[row] = random.nextFloat() ** 4;
      });
      atOnce(schedule.all(random));
      const all = order.slice();
      const count = atOnce(schedule.byResidual(8, random));
      return [all, order.slice(0, count)];
    };
    const whole = drawn();
    pieces.size = size;
    expect(drawn()).toEqual(whole);
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

describe("no piece is long, however much there is to do", () => {
  const large = { rowCount: 3000, featureCount: 4000, classCount: 60 };
  const rows = randomRows({ ...large, density: 30 });
  const input = { ...rows, classCount: 60, scaledL2: 0.1, hasBias: true, batchSize: 4, folds: false };
  /** Numbers that a piece of plain work goes through at most. */
  const MOST = 131_072;
  const steps = (pieces: Generator<unknown>) => {
    let count = 0;
    while (!pieces.next().done) count++;
    return count;
  };

  test("a block of lines adds up a limited number of weights at a time, to the same sums", () => {
    const [whole, inPieces] = [new Problem(freshCore(), input), new Problem(freshCore(), input)];
    for (const problem of [whole, inPieces]) {
      atOnce(problem.startFullEpoch(new Random(1)));
      problem.visit(0, large.rowCount);
      problem.startWork(Work.rebuild);
    }
    const { at, core, columns, lineCount } = inPieces.placed;
    expect(lineCount).toBeLessThan(linesABlock(large.classCount) * 3);
    const cursors = () => new Uint32Array(core.memory.buffer, at.cursors, 2 * large.rowCount);
    const done = () => cursors().reduce((sum, position, i) => (i % 2 === 0 ? sum + position : sum), 0);
    const longestRow = rows.matrix.indptr.reduce(
      (most, end, i, all) => Math.max(most, end - (all[i - 1] ?? 0)),
      0,
    );
    let pieceCount = 0;
    for (let [before, more] = [done(), true]; more; before = done(), pieceCount++) {
      more = inPieces.takeBlocks(Work.rebuild, 1);
      expect((done() - before) * columns).toBeLessThanOrEqual(Blocks.ADDED + longestRow * columns);
    }
    expect(pieceCount).toBeGreaterThan(3);
    whole.takeBlocks(Work.rebuild, 1e6);
    expect(weightsOf(inPieces)).toEqual(weightsOf(whole));
  });

  test("restarting, rescaling, counting and clearing yield", () => {
    const problem = new Problem(freshCore(), { ...input, l1: 0.01 });
    const weights = large.featureCount * problem.placed.columns;
    expect(steps(problem.restart(0.2))).toBeGreaterThanOrEqual(2 * Math.floor(weights / MOST));
    expect(steps(problem.rescale(0.1, 0.5))).toBeGreaterThanOrEqual(2 * Math.floor(weights / MOST));
    expect(steps(problem.rescale(0.05, 0.5, true))).toBeGreaterThanOrEqual(2 * Math.floor(weights / MOST));
    expect(steps(problem.nonZeroCount())).toBeGreaterThanOrEqual(Math.floor(weights / MOST));
    expect(steps(problem.meanLossOf(Uint32Array.from({ length: 320 }, (_, i) => i)))).toBeGreaterThanOrEqual(
      10,
    );
  });
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
