import { Blocks, Control, Work } from "../../assembly/layout.js";
import type { Asking } from "./confirm.js";
import type { Seen } from "./problem-input.js";
import type { ProblemMemory } from "./problem-memory.js";
import type { ThreadRecords } from "./thread-records.js";

/** Rows whose last visit saw so many times the mean divergence are all measured: of some sets they hold most of the gap. */
const LARGE = 4;
/** The others are measured in shares of about so many rows, or, where that would make more shares than so many, in as many. */
const ROWS_A_SHARE = 512;
const MOST_SHARES = 64;
/** When so many shares, or this part of them, have not told the side, the estimate decides: a wrong side costs no more than further shares. */
const SHARES_AT_LEAST = 4;
const PART_AT_MOST = 1 / 3;
/** Standard errors between estimate and limit at which no further share is measured: one in two hundred lies beyond. */
const ERRORS_APART = 2.5;

/**
 * About the gap of the weights as they stand, in nats: measured for as many rows as it takes to tell whether it is above or
 * below `limit`, within bounds. After Wald's sequential tests (1945), with blocks of rows as the units whose sums tell the
 * error. To be asked between epochs: it writes to `order`.
 */
export function* estimatedGap(
  memory: ProblemMemory,
  records: ThreadRecords,
  seen: Seen,
  limit: number,
): Asking<number> {
  const { rowCount } = memory;
  const blockCount = Math.ceil(rowCount / Blocks.ROWS);
  const shareCount = Math.min(MOST_SHARES, Math.max(1, Math.floor(rowCount / ROWS_A_SHARE)));
  // Multiples of √2 spread rows over the shares: those of the golden ratio say when rows are visited (`schedule.ts`), on which
  // divergences depend. One share more, the last, is of the rows with large divergences.
  const { core, at } = memory;
  core.spreadRows(at.order, at.divergences, rowCount, LARGE * seen.divergence, shareCount);
  const sums = new Float64Array(blockCount);
  const counts = new Float64Array(blockCount);
  const large = yield* measuredShare(memory, records, shareCount, sums, counts);
  const otherCount = rowCount - large.count;
  sums.fill(0);
  counts.fill(0);
  let [gap, sum, measured] = [large.sum / rowCount, 0, 0];
  const last = Math.min(shareCount, Math.max(SHARES_AT_LEAST, Math.ceil(PART_AT_MOST * shareCount)));
  for (let share = 0; share < last && measured < otherCount; share++) {
    const more = yield* measuredShare(memory, records, share, sums, counts);
    sum += more.sum;
    measured += more.count;
    if (measured === 0) continue;
    const scale = otherCount / measured;
    gap = (large.sum + scale * sum) / rowCount;
    const variance = (1 - measured / otherCount) * varianceOfSum(sums, counts, sum / measured);
    if (Math.abs(gap - limit) * rowCount > ERRORS_APART * scale * Math.sqrt(variance)) break;
  }
  return gap;
}

/** Measures the rows of a share; adds their divergences and number to those of each block, and returns them in all. */
function* measuredShare(
  memory: ProblemMemory,
  records: ThreadRecords,
  share: number,
  sums: Float64Array,
  counts: Float64Array,
): Asking<{ readonly sum: number; readonly count: number }> {
  records.setCounter(Control.share, share);
  yield Work.measureShare;
  const results = memory.f64("results", 4 * counts.length);
  let [sum, count] = [0, 0];
  for (let block = 0; block < counts.length; block++) {
    sums[block]! += results[4 * block]!;
    counts[block]! += results[4 * block + 1]!;
    sum += results[4 * block]!;
    count += results[4 * block + 1]!;
  }
  return { sum, count };
}

/** By the differences of neighbours: rows may be sorted by what they are. One block tells nothing. */
function varianceOfSum(sums: Float64Array, counts: Float64Array, mean: number): number {
  let squares = 0;
  for (let block = 1; block < sums.length; block++) {
    const difference = sums[block]! - mean * counts[block]! - (sums[block - 1]! - mean * counts[block - 1]!);
    squares += difference * difference;
  }
  return sums.length < 2 ? Number.POSITIVE_INFINITY : (squares / 2) * (sums.length / (sums.length - 1));
}
