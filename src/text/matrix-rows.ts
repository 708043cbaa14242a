import type { CsrMatrix } from "../data/csr.js";
import { copyInPieces } from "../data/pieces.js";
import { type Entries, takeEntries } from "../data/spare-entries.js";
import { DualTextError } from "../errors.js";
import { atOnce } from "../slices.js";

/** Rows after which the others are expected to be like them, with so much room beside. */
const ROWS_TO_JUDGE_BY = 64;
const ROOM = 1.25;
const LARGEST_STEP = 1024;

/** Rows of a matrix, added one after the other to arrays that grow. */
export class MatrixRows {
  readonly indptr: Uint32Array;
  indices: Uint32Array<ArrayBuffer>;
  values: Float32Array<ArrayBuffer>;
  rowCount = 0;
  /** Entries of the rows so far. */
  nnz = 0;

  /** @param rowCount rows that are to come */
  constructor(rowCount: number) {
    this.indptr = new Uint32Array(rowCount + 1);
    this.indices = new Uint32Array(0);
    this.values = new Float32Array(0);
  }

  /**
   * Makes room for the next entries, `most` of them at most, and for those of the rows after them as far as the rows before let
   * expect. Yields while it copies. Throws `out-of-memory`.
   */
  *growing(most: number): Generator<void> {
    const expected = this.#expected(this.rowCount, this.nnz);
    const left = expected === undefined ? most : Math.min(most, Math.ceil(ROOM * (expected - this.nnz)));
    yield* this.#growingTo(this.nnz + left, expected);
  }

  /** Makes room for `entries` of the next `rows`, at once. Throws `out-of-memory`. */
  reserve(entries: number, rows: number): void {
    const needed = this.nnz + entries;
    atOnce(this.#growingTo(needed, this.#expected(this.rowCount + rows, needed)));
  }

  /** Entries of all rows if they are like the first `rows`, which have so many; undefined where those are too few to judge by. */
  #expected(rows: number, entries: number): number | undefined {
    return rows > ROWS_TO_JUDGE_BY ? (entries * (this.indptr.length - 1)) / rows : undefined;
  }

  /** Memory that is never written costs nothing, copying does: so in large steps. @param expected entries of all rows */
  *#growingTo(needed: number, expected = 0): Generator<void> {
    const { length } = this.indices;
    if (needed <= length) return;
    const all = this.indptr.length - 1;
    const step = Math.max(ROOM * expected, 1.25 * length);
    const capacity = Math.ceil(Math.max(needed, Math.min(LARGEST_STEP * Math.max(length, needed), step)));
    let entries: Entries;
    try {
      entries = takeEntries(capacity);
    } catch (cause) {
      throw new DualTextError(
        "out-of-memory",
        `The features of ${this.rowCount} of ${all} rows need ${Math.ceil((8 * capacity) / 1e6)} MB with room for the next, ` +
          "which this host does not give. Use fewer rows.",
        { cause },
      );
    }
    yield* copyInPieces(entries.indices, this.indices.subarray(0, this.nnz));
    yield* copyInPieces(entries.values, this.values.subarray(0, this.nnz));
    this.indices = entries.indices;
    this.values = entries.values;
  }

  /**
   * Adds rows. Throws `out-of-memory`.
   * @param ends u32[rows][2]: entries until the end of each row's trigrams, and of its words; see `assembly/text/rows.ts`
   * @param charEnds of each row of the matrix where its entries of trigrams end; those of the new rows are written
   */
  add(indices: Uint32Array, values: Float32Array, ends: Uint32Array, charEnds?: Uint32Array): void {
    const before = this.nnz;
    this.reserve(indices.length, ends.length / 2);
    this.indices.set(indices, before);
    this.values.set(values, before);
    const { indptr, rowCount } = this;
    const count = ends.length / 2;
    for (let i = 0; i < count; i++) {
      if (charEnds) charEnds[rowCount + i] = before + ends[2 * i]!;
      indptr[rowCount + i + 1] = before + ends[2 * i + 1]!;
    }
    this.rowCount += count;
    this.nnz = indptr[this.rowCount]!;
  }

  matrix(columnCount: number): CsrMatrix {
    return {
      layout: "sparse",
      rowCount: this.rowCount,
      columnCount,
      indptr: this.indptr,
      indices: this.indices.subarray(0, this.nnz),
      values: this.values.subarray(0, this.nnz),
    };
  }
}

/**
 * Moves the slots of words up in rows first … last − 1, whose ends of characters count from `base`. A function of its own:
 * engines make little of loops in generators.
 */
export function moveWords(
  indices: Uint32Array,
  indptr: Uint32Array,
  base: number,
  charEnds: Uint32Array,
  first: number,
  last: number,
  by: number,
): void {
  for (let row = first; row < last; row++) {
    const end = indptr[row + 1]!;
    for (let k = base + charEnds[row]!; k < end; k++) indices[k]! += by;
  }
}
