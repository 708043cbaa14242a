import { type CsrMatrix, rowRanges } from "../data/csr.js";
import type { CoreExports } from "../wasm/core.js";

/** Columns that this share of the rows has are dense, where so many of them stand side by side. */
const DENSE_SHARE = 0.9;
const SHORTEST_RUN = 16;
/** Each shard has as many dense lines as the others, a multiple of four. */
const LINES_TOGETHER = 16;

/** Runs of columns that nearly all rows have, as encoders and word embeddings make them. */
export interface DenseColumns {
  /** Ascending; `end` is not in the run. */
  readonly runs: readonly { readonly first: number; readonly end: number }[];
  /** Columns that there are in all runs. */
  readonly columnCount: number;
  /** Lines of weights for them, the first ones: some more, which no row has. */
  readonly lineCount: number;
}

/** Which columns are dense. @param counts address of how many of `rowCount` rows have each column */
export function denseColumns(
  core: CoreExports,
  counts: number,
  allColumns: number,
  rowCount: number,
): DenseColumns {
  const least = Math.ceil(DENSE_SHARE * rowCount);
  const next = (column: number, isDense: boolean) =>
    core.nextColumn(counts, column, allColumns, least, isDense ? 0 : 1);
  const runs: { first: number; end: number }[] = [];
  let columnCount = 0;
  for (let first = next(0, true); first < allColumns; ) {
    const end = next(first, false);
    if (end - first >= SHORTEST_RUN) {
      runs.push({ first, end });
      columnCount += end - first;
    }
    first = next(end, true);
  }
  return { runs, columnCount, lineCount: Math.ceil(columnCount / LINES_TOGETHER) * LINES_TOGETHER };
}

/** Entries of a matrix that are not in dense columns. Yields now and then. */
export function* sparseEntryCount(matrix: CsrMatrix, { runs }: DenseColumns): Generator<void, number> {
  const { indptr, indices } = matrix;
  if (runs.length === 0) return indices.length;
  let count = indices.length;
  for (const [firstRow, endRow] of rowRanges(matrix)) {
    for (let row = firstRow; row < endRow; row++) {
      const stop = indptr[row + 1]!;
      let k = indptr[row]!;
      for (const { first, end } of runs) {
        const from = positionOf(indices, k, stop, first);
        k = endOfRun(indices, from, stop, first, end);
        count -= k - from;
      }
    }
    yield;
  }
  return count;
}

/** The first position from k on whose column is at least `column`, by bisection. */
function positionOf(indices: Uint32Array, k: number, stop: number, column: number): number {
  let [first, end] = [k, stop];
  while (first < end) {
    const middle = (first + end) >>> 1;
    if (indices[middle]! < column) first = middle + 1;
    else end = middle;
  }
  return first;
}

/** Where the entries from position k on that are in a run end; most rows have all of it. */
function endOfRun(indices: Uint32Array, k: number, stop: number, first: number, end: number): number {
  const whole = k + end - first;
  if (whole <= stop && indices[whole - 1] === end - 1) return whole;
  return positionOf(indices, k, stop, end);
}

/** Rows in parts; see `assembly/layout.ts`. */
export interface SplitRows {
  readonly dense: Float32Array;
  readonly indptr: Uint32Array;
  readonly indices: Uint32Array;
  readonly values: Float32Array;
}

/** Writes rows in parts, the dense columns and the others. Yields now and then. */
export function* splitRows(matrix: CsrMatrix, columns: DenseColumns, to: SplitRows): Generator<void> {
  const { indptr, indices, values } = matrix;
  let next = 0;
  to.indptr[0] = 0;
  const keep = (first: number, end: number) => {
    if (first === end) return;
    to.indices.set(indices.subarray(first, end), next);
    to.values.set(values.subarray(first, end), next);
    next += end - first;
  };
  for (const [firstRow, endRow] of rowRanges(matrix)) {
    for (let row = firstRow; row < endRow; row++) {
      const stop = indptr[row + 1]!;
      let k = indptr[row]!;
      let at = row * columns.lineCount;
      for (const { first, end } of columns.runs) {
        const from = positionOf(indices, k, stop, first);
        keep(k, from);
        k = from;
        const until = endOfRun(indices, k, stop, first, end);
        if (until - k === end - first) to.dense.set(values.subarray(k, until), at);
        else {
          to.dense.fill(0, at, at + end - first);
          for (let i = k; i < until; i++) to.dense[at + indices[i]! - first] = values[i]!;
        }
        k = until;
        at += end - first;
      }
      to.dense.fill(0, at, (row + 1) * columns.lineCount);
      keep(k, stop);
      to.indptr[row + 1] = next;
    }
    yield;
  }
}
