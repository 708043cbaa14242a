import { type CsrMatrix, ENTRIES_A_PIECE, rowRanges } from "../data/csr.js";

/** Rows of a batch are marked in a 64-bit word; more would also gain nothing. */
const LARGEST_BATCH = 64;
/** Rows that tell the mean overlap well: within 2 % on the sets tried. */
const ROWS_TO_JUDGE_BY = 1000;
/** With a mean overlap factor above 4, batches without damping were seen to diverge. */
const LARGEST_OVERLAP = 3;

/**
 * Rows a batch: the largest power of two, at most 64, whose mean overlap factor is at most 3. A function of the matrix
 * alone, never of the machine, so that results do not depend on it: of 1000 to 2000 of its rows, spread over all, where
 * there are more. The factor of row i for batches of B is
 *
 *   β_i = Σ_j x_ij² (1 + (B − 1)(df_j − 1)/(n − 1)) / Σ_j x_ij²,  df_j: rows that hold feature j
 *
 * (expected separable over-approximation: Richtárik and Takáč, Parallel coordinate descent methods, 2016).
 * Yields now and then.
 */
export function* batchSizeFor(matrix: CsrMatrix): Generator<void, number> {
  const { step, count, rowsWith } = yield* rowsWithColumns(matrix);
  if (count < 2) return 1;
  let sharedSum = 0;
  for (const [first, end] of rowRanges(matrix, step * ENTRIES_A_PIECE)) {
    sharedSum = addShared(sharedSum, matrix, nextMultiple(first, step), end, step, rowsWith);
    yield;
  }
  const overlapPerRow = sharedSum / (count - 1) / count;
  let batchSize = 1;
  while (batchSize < LARGEST_BATCH && 1 + (2 * batchSize - 1) * overlapPerRow <= LARGEST_OVERLAP)
    batchSize *= 2;
  return batchSize;
}

/** Of 1000 to 2000 rows, every `step`-th, `count` of them: how many have each column. Yields now and then. */
export function* rowsWithColumns(
  matrix: CsrMatrix,
): Generator<void, { step: number; count: number; rowsWith: Uint32Array }> {
  const step = Math.max(1, Math.floor(matrix.rowCount / ROWS_TO_JUDGE_BY));
  const rowsWith = new Uint32Array(matrix.columnCount);
  for (const [first, end] of rowRanges(matrix, step * ENTRIES_A_PIECE)) {
    countColumns(matrix, nextMultiple(first, step), end, step, rowsWith);
    yield;
  }
  return { step, count: Math.ceil(matrix.rowCount / step), rowsWith };
}

function nextMultiple(row: number, step: number): number {
  return Math.ceil(row / step) * step;
}

/** Of every step-th row from `first` to `end` − 1. */
function countColumns(
  { indptr, indices }: CsrMatrix,
  first: number,
  end: number,
  step: number,
  rowsWith: Uint32Array,
): void {
  for (let row = first; row < end; row += step) {
    const stop = indptr[row + 1]!;
    for (let k = indptr[row]!; k < stop; k++) rowsWith[indices[k]!]!++;
  }
}

/** `sum` and, over the same rows, Σ_i Σ_j x_ij² (df_j − 1) / Σ_j x_ij². */
function addShared(
  sum: number,
  { indptr, indices, values }: CsrMatrix,
  first: number,
  end: number,
  step: number,
  rowsWith: Uint32Array,
): number {
  let sharedSum = sum;
  for (let row = first; row < end; row += step) {
    let shared = 0;
    let all = 0;
    const stop = indptr[row + 1]!;
    for (let k = indptr[row]!; k < stop; k++) {
      const square = values[k]! * values[k]!;
      all += square;
      shared += square * (rowsWith[indices[k]!]! - 1);
    }
    if (all > 0) sharedSum += shared / all;
  }
  return sharedSum;
}

/** Rows of a batch are scored against the same weights, so slices of an epoch must end where batches end. */
export function wholeBatches(rows: number, batchSize: number): number {
  return Math.max(1, Math.round(rows / batchSize)) * batchSize;
}
