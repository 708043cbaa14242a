import { Blocks, Control, Problem, Work } from "./layout";
import {
  addRows,
  measureRows,
  settleDuals,
  squaredLines,
  storeLines,
  sumOfSquaredDifferences,
} from "./objective";

// Work that does not depend on its order, in blocks that depend on the problem alone. Whoever is free takes the next one.
// What a block yields is kept apart, and added up in the order of the blocks by the host: so the sums do not depend on
// who did what.

/**
 * Takes blocks of a kind of work until `most` are done, there are none left or `Control.stop` is set; returns whether there
 * may be more. Blocks of `Work.rebuild` are done in pieces, of which each counts. Before the first call of a kind the host
 * sets `Control.nextBlock` to 0, and for `Work.rebuild` the cursors of all threads by `resetCursors`. A block's results are at
 * results[4 × block]. `n`: N, for `Work.rebuild` and where rows are measured.
 */
export function takeBlocks(problem: usize, work: u32, most: u32, n: f64): bool {
  const control = <usize>load<u32>(problem, Problem.control);
  const ofRows = work <= <u32>Work.measure;
  let count = load<u32>(problem, Problem.lineCount);
  let size = load<u32>(problem, Problem.linesABlock);
  if (ofRows) {
    count = load<u32>(problem, Problem.rowCount);
    size = Blocks.ROWS;
  }
  for (let taken: u32 = 0; taken < most; taken++) {
    if (atomic.load<u32>(control + Control.stop) != 0) return false;
    const isOpen = work == Work.rebuild && load<u32>(problem, Problem.openRow) != 0;
    const block = isOpen
      ? load<u32>(problem, Problem.openBlock)
      : atomic.add<u32>(control + Control.nextBlock, 1);
    const first = block * size;
    if (first >= count) return false;
    const end = min(first + size, count);
    const result = <usize>load<u32>(problem, Problem.results) + ((<usize>block) << 5);
    if (work == Work.rebuild) {
      const row = addRows(problem, first, end, load<u32>(problem, Problem.openRow));
      store<u32>(problem, block, Problem.openBlock);
      store<u32>(problem, row, Problem.openRow);
      if (row == 0) store<f64>(result, storeLines(problem, first, end, n));
    } else {
      doBlock(problem, work, first, end, result, n);
    }
  }
  return true;
}

function doBlock(problem: usize, work: u32, first: u32, end: u32, result: usize, n: f64): void {
  if (work == Work.settle) {
    settleDuals(problem, first, end);
  } else if (work <= <u32>Work.measure) {
    memory.fill(result, 0, 32);
    if (work == Work.measure) measureRows(problem, first, end, n, result);
    else measureShare(problem, first, end, n, result);
  } else if (work == Work.square || load<u32>(problem, Problem.origin) == 0) {
    store<f64>(result, squaredLines(problem, first, end));
  } else {
    const columns = load<u32>(problem, Problem.classCount) == 2 ? 1 : load<u32>(problem, Problem.stride);
    const offset = (<usize>first * <usize>columns) << 2;
    const weights = <usize>load<u32>(problem, Problem.weights) + offset;
    const origin = <usize>load<u32>(problem, Problem.origin) + offset;
    store<f64>(result, sumOfSquaredDifferences(weights, origin, (end - first) * columns));
  }
}

/** To `result` what `Work.measureShare` yields of rows first … end − 1. */
function measureShare(problem: usize, first: u32, end: u32, n: f64, result: usize): void {
  const share = atomic.load<u32>(<usize>load<u32>(problem, Problem.control) + Control.share);
  const shares = <usize>load<u32>(problem, Problem.order);
  let count: f64 = 0;
  for (let row = first; row < end; row++) {
    if (load<u32>(shares + ((<usize>row) << 2)) != share) continue;
    measureRows(problem, row, row + 1, n, result);
    count++;
  }
  store<f64>(result, count, 8);
}
