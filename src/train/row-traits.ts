import { type CsrMatrix, rowRanges } from "../data/csr.js";
import type { CoreExports } from "../wasm/core.js";
import { markUsed, planBlocks, reserve } from "../wasm/memory.js";
import { type DenseColumns, denseColumns } from "./dense-columns.js";

/** Rows of a batch are marked in a 64-bit word; more would also gain nothing. */
const LARGEST_BATCH = 64;
/** Rows that tell the mean overlap well: within 2 % on the sets tried. */
const ROWS_TO_JUDGE_BY = 1000;
/** Rows that are taken where they stand side by side: bringing them one by one costs more than looking at them. */
const ROWS_A_RUN = 8;
/** With a mean overlap factor above 4, batches without damping were seen to diverge. */
const LARGEST_OVERLAP = 3;
/** Entries that are brought to the core together. */
const ENTRIES_TOGETHER = 1 << 15;

/**
 * What follows from the rows alone, never from the machine, so that results do not depend on it: from 1000 to 2000 of them,
 * spread over all, where there are more.
 */
export interface RowTraits {
  /**
   * Rows a batch: the largest power of two, at most 64, whose mean overlap factor is at most 3. The factor of row i for
   * batches of B is
   *
   *   β_i = Σ_j x_ij² (1 + (B − 1)(df_j − 1)/(n − 1)) / Σ_j x_ij²,  df_j: rows that hold feature j
   *
   * (expected separable over-approximation: Richtárik and Takáč, Parallel coordinate descent methods, 2016).
   */
  readonly batchSize: number;
  readonly denseColumns: DenseColumns;
}

/** The traits of a matrix. Writes to the core's memory, as `markUsed` says. Yields now and then. */
export function* rowTraits(core: CoreExports, matrix: CsrMatrix): Generator<void, RowTraits> {
  const { columnCount } = matrix;
  const sample = new Sample(matrix);
  const { at, totalBytes } = planBlocks({ counts: 4 * columnCount, ...sample.blocks });
  reserve(core.memory, totalBytes, `Looking at ${sample.count} rows`);
  markUsed(core.memory, totalBytes);
  const { indptr, indices, values } = at;
  for (const range of sample.ranges) {
    core.countColumns(at.counts, indices, sample.takeIndices(core, at, range));
    yield;
  }
  let shared = 0;
  for (const [first, end] of sample.count < 2 ? [] : sample.ranges) {
    if (sample.ranges.length > 1) sample.takeIndices(core, at, [first, end]);
    sample.takeValues(core, at, [first, end]);
    shared = core.addShared(shared, at.counts, indptr, indices, values, end - first);
    yield;
  }
  return {
    batchSize: batchSizeOf(shared, sample.count),
    denseColumns: denseColumns(core, at.counts, columnCount, sample.count),
  };
}

/** @param shared Σ_i Σ_j x_ij² (df_j − 1) / Σ_j x_ij² */
function batchSizeOf(shared: number, rowCount: number): number {
  if (rowCount < 2) return 1;
  const overlapPerRow = shared / (rowCount - 1) / rowCount;
  let batchSize = 1;
  while (batchSize < LARGEST_BATCH && 1 + (2 * batchSize - 1) * overlapPerRow <= LARGEST_OVERLAP)
    batchSize *= 2;
  return batchSize;
}

type Range = readonly [first: number, end: number];
type At = Readonly<Record<"indptr" | "indices" | "values", number>>;

/** Every so-manieth run of rows of a matrix. */
class Sample {
  readonly #matrix: CsrMatrix;
  readonly #step: number;
  readonly count: number;
  /** Entries before each of its rows. */
  readonly #indptr: Uint32Array;
  /** Its rows in pieces that are brought to the core together. */
  readonly ranges: readonly Range[];

  constructor(matrix: CsrMatrix) {
    const { rowCount, indptr } = matrix;
    const step = Math.max(1, Math.floor(rowCount / ROWS_TO_JUDGE_BY));
    this.#matrix = matrix;
    this.#step = step;
    const lastRun = Math.max(0, Math.ceil(rowCount / (ROWS_A_RUN * step)) - 1);
    this.count = ROWS_A_RUN * lastRun + Math.min(ROWS_A_RUN, rowCount - ROWS_A_RUN * step * lastRun);
    this.#indptr = new Uint32Array(this.count + 1);
    for (let i = 0; i < this.count; i++) {
      const row = this.#rowOf(i);
      this.#indptr[i + 1] = this.#indptr[i]! + indptr[row + 1]! - indptr[row]!;
    }
    this.ranges = [...rowRanges({ rowCount: this.count, indptr: this.#indptr }, ENTRIES_TOGETHER)];
  }

  /** The row of the matrix that is row i of the sample. */
  #rowOf(i: number): number {
    const place = i % ROWS_A_RUN;
    return (i - place) * this.#step + place;
  }

  /** Bytes that a piece takes. */
  get blocks(): Record<keyof At, number> {
    const entries = Math.max(0, ...this.ranges.map((range) => this.#entriesOf(range)));
    return { indptr: 4 * (this.count + 1), indices: 4 * entries, values: 4 * entries };
  }

  #entriesOf([first, end]: Range): number {
    return this.#indptr[end]! - this.#indptr[first]!;
  }

  /** Returns how many entries it brings. */
  takeIndices({ memory }: CoreExports, at: At, range: Range): number {
    const count = this.#entriesOf(range);
    this.#gather(this.#matrix.indices, new Uint32Array(memory.buffer, at.indices, count), range);
    return count;
  }

  /** And where the rows begin. */
  takeValues({ memory }: CoreExports, at: At, range: Range): void {
    const [first, end] = range;
    const starts = this.#indptr.subarray(first, end + 1);
    new Uint32Array(memory.buffer, at.indptr, starts.length).set(starts.map((start) => start - starts[0]!));
    this.#gather(
      this.#matrix.values,
      new Float32Array(memory.buffer, at.values, this.#entriesOf(range)),
      range,
    );
  }

  #gather<Entries extends Uint32Array | Float32Array>(from: Entries, to: Entries, [first, end]: Range): void {
    const { indptr } = this.#matrix;
    const before = this.#indptr[first]!;
    for (let i = first; i < end; ) {
      const rows = Math.min(end - i, ROWS_A_RUN - (i % ROWS_A_RUN));
      const row = this.#rowOf(i);
      to.set(from.subarray(indptr[row]!, indptr[row + rows]!), this.#indptr[i]! - before);
      i += rows;
    }
  }
}
