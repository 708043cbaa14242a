import { type CsrMatrix, type Matrix, nonZeros, ranges } from "../data/csr.js";
import { atOnce } from "../slices.js";
import type { CoreExports } from "../wasm/core.js";
import { type Plan, planBlocks, reserve } from "../wasm/memory.js";
import {
  linesOfFeatures,
  NO_LINE,
  paddedClasses,
  SPARE_SCORE,
  weightColumns,
} from "../wasm/weight-layout.js";

/** Entries and rows scored by one call of the core, when no row has more. */
const BLOCK_ENTRIES = 65_536;
const BLOCK_ROWS = 1024;
/** Lines of weights handed out at a time. */
const PIECE_LINES = 8192;

type Block = "indptr" | "indices" | "values" | "probabilities" | "scratch" | "biases" | "weights";

/** Where each block stands in the core's memory. */
type Addresses = Readonly<Record<Block, number>>;

/** Writes lines first … end − 1 of weights, spare lanes included, to the beginning of `target`. */
type WriteLines = (target: Float32Array, first: number, end: number) => void;

/** Shape of a linear model. */
export interface WeightShape {
  readonly featureCount: number;
  readonly classCount: number;
}

function planOf(
  { featureCount, classCount }: WeightShape,
  lineCount = featureCount,
): Plan<Block> & { readonly entryCapacity: number } {
  // A row names each feature at most once, so any row fits.
  const entryCapacity = Math.max(BLOCK_ENTRIES, featureCount);
  const stride = paddedClasses(classCount);
  const plan = planBlocks<Block>({
    indptr: 4 * (BLOCK_ROWS + 1),
    indices: 4 * entryCapacity,
    values: 4 * entryCapacity,
    probabilities: 4 * BLOCK_ROWS * classCount,
    scratch: 8 * stride,
    biases: 4 * stride,
    weights: 4 * lineCount * weightColumns(classCount).padded,
  });
  return { ...plan, entryCapacity };
}

/**
 * Holds one core with the weights of a linear model, the only copy of them once they are there, and turns rows into class
 * probabilities.
 * What it computes is defined by `plain-scorer.ts`.
 */
export class Scorer {
  readonly shape: WeightShape;
  /** The features that have a line of weights, ascending; undefined when all have. The weights of others are 0. */
  readonly lines: Uint32Array | undefined;
  readonly #lineOf: Uint32Array | undefined;
  readonly #core: CoreExports;
  readonly #at: Addresses;
  readonly #entryCapacity: number;
  #whole: { readonly integers: Uint32Array; readonly floats: Float32Array } | undefined;
  readonly #columns: { readonly padded: number; readonly stored: number };
  /** Where weights are elsewhere. */
  #write: WriteLines | undefined;
  #release: (() => void) | undefined;

  private constructor(
    core: CoreExports,
    { featureCount, classCount }: WeightShape,
    at: Addresses,
    entryCapacity: number,
    lines: Uint32Array | undefined,
  ) {
    this.shape = { featureCount, classCount };
    this.lines = lines;
    this.#lineOf = lines && linesOfFeatures(lines, featureCount);
    this.#core = core;
    this.#at = at;
    this.#entryCapacity = entryCapacity;
    this.#columns = weightColumns(classCount);
  }

  /** Bytes of memory that a model of this shape takes. */
  static bytes(shape: WeightShape): number {
    return planOf(shape).totalBytes;
  }

  /** With weights of 0 in a fresh core. Throws `out-of-memory` when they do not fit. @param lines see {@link Scorer.lines} */
  static create(core: CoreExports, shape: WeightShape, lines?: Uint32Array): Scorer {
    const { featureCount, classCount } = shape;
    const stride = paddedClasses(classCount);
    const { at, totalBytes, entryCapacity } = planOf(shape, lines?.length);
    reserve(core.memory, totalBytes, `A model of ${featureCount} features and ${classCount} classes`);
    const scorer = new Scorer(core, shape, at, entryCapacity, lines);
    scorer.#f32("biases", stride).fill(SPARE_SCORE, classCount);
    return scorer;
  }

  /** Lines of weights that there are. */
  get lineCount(): number {
    return this.lines?.length ?? this.shape.featureCount;
  }

  /** Bytes of all lines of weights. */
  get weightBytes(): number {
    return 4 * this.lineCount * this.#columns.padded;
  }

  /** The line of a feature, or −1 where its weights are 0. */
  lineOf(feature: number): number {
    if (!this.#lineOf) return feature;
    const line = this.#lineOf[feature]!;
    return line === NO_LINE ? -1 : line;
  }

  /** All lines of weights as in memory, spare lanes included: a view. */
  paddedWeights(): Float32Array {
    atOnce(this.settling());
    return this.#weights(0, this.lineCount);
  }

  /**
   * Takes the weights from elsewhere, but not before they are needed.
   * @param release called once they are here, and the source need not keep them
   */
  setSource(write: WriteLines, release: () => void): void {
    this.#write = write;
    this.#release = release;
  }

  /** Brings the weights here that are still elsewhere. Yields now and then. */
  *settling(): Generator<void> {
    for (const [first, end] of ranges(this.#write ? this.lineCount : 0, PIECE_LINES)) {
      // Another caller may have finished meanwhile.
      this.#write?.(this.#weights(first, end), first, end);
      yield;
    }
    this.#write = undefined;
    this.#release?.();
    this.#release = undefined;
  }

  /** Copies all lines of weights, without spare lanes, in. Yields now and then. */
  *settingStoredWeights(lines: Float32Array): Generator<void> {
    const { padded, stored } = this.#columns;
    for (const [first, end] of ranges(this.lineCount, PIECE_LINES)) {
      spread(lines, first * stored, stored, this.#weights(first, end), padded);
      yield;
    }
  }

  /** @param biases one a stored column, or more: the rest is ignored. */
  setBiases(biases: Float32Array): void {
    this.#f32("biases", this.#columns.stored).set(biases.subarray(0, this.#columns.stored));
  }

  /** Biases, one a stored column: a copy. */
  biases(): Float32Array {
    return this.#f32("biases", this.#columns.stored).slice();
  }

  /** All lines of weights in order, without spare lanes, some lines at a time: a copy, valid until the next is asked for. */
  *storedWeights(): Generator<Float32Array> {
    const { padded, stored } = this.#columns;
    const { lineCount } = this;
    const copy = new Float32Array(Math.min(PIECE_LINES, lineCount) * padded);
    for (const [first, end] of ranges(lineCount, PIECE_LINES)) {
      if (this.#write) this.#write(copy, first, end);
      else copy.set(this.#weights(first, end));
      if (padded > stored)
        for (let line = 1; line < end - first; line++)
          copy.copyWithin(line * stored, line * padded, line * padded + stored);
      yield copy.subarray(0, (end - first) * stored);
    }
  }

  /** Class probabilities of each row: f32[rowCount][classCount], a copy. @param matrix featureCount columns. */
  probabilities(matrix: Matrix): Float32Array {
    return atOnce(this.computingProbabilities(matrix));
  }

  /** The same. Yields now and then. */
  computingProbabilities(matrix: Matrix): Generator<void, Float32Array> {
    const at = this.#at;
    const { classCount } = this.shape;
    const stride = paddedClasses(classCount);
    return this.#inBlocks(matrix, classCount, (rowCount) => {
      const { probabilities, indptr, indices, values, weights, biases, scratch } = at;
      const rows = [indptr, indices, values, rowCount] as const;
      this.#core.scoreRows(probabilities, ...rows, weights, biases, scratch, classCount, stride);
    });
  }

  /** Of two classes, half the score of the second less that of the first, one a row: a copy. */
  margins(matrix: Matrix): Float32Array {
    const score = (rowCount: number) => {
      const { probabilities, indptr, indices, values, weights, biases } = this.#at;
      this.#core.scoreMargins(probabilities, indptr, indices, values, rowCount, weights, biases);
    };
    return atOnce(this.#inBlocks(matrix, 1, score));
  }

  /** What `score` leaves in the block "probabilities", `width` numbers a row, for all rows. Yields after each block. */
  *#inBlocks(
    matrix: Matrix,
    width: number,
    score: (rowCount: number) => void,
  ): Generator<void, Float32Array> {
    yield* this.settling();
    const rows = matrix.layout === "sparse" ? matrix : nonZeros(matrix);
    const result = new Float32Array(rows.rowCount * width);
    let first = 0;
    while (first < rows.rowCount) {
      let end = first + 1;
      while (
        end < rows.rowCount &&
        end - first < BLOCK_ROWS &&
        rows.indptr[end + 1]! - rows.indptr[first]! <= this.#entryCapacity
      ) {
        end++;
      }
      this.#setRows(rows, first, end);
      score(end - first);
      const count = (end - first) * width;
      const from = this.#at.probabilities >>> 2;
      result.set(this.#views().floats.subarray(from, from + count), first * width);
      first = end;
      yield;
    }
    return result;
  }

  #setRows(rows: CsrMatrix, first: number, end: number): void {
    if (this.#lineOf) {
      this.#setEntriesOnLines(this.#lineOf, rows, first, end);
      return;
    }
    const offset = rows.indptr[first]!;
    const stop = rows.indptr[end]!;
    const { integers, floats } = this.#views();
    const at = this.#at.indptr >>> 2;
    for (let i = 0; i <= end - first; i++) integers[at + i] = rows.indptr[first + i]! - offset;
    const isAll = offset === 0 && stop === rows.indices.length;
    integers.set(isAll ? rows.indices : rows.indices.subarray(offset, stop), this.#at.indices >>> 2);
    floats.set(isAll ? rows.values : rows.values.subarray(offset, stop), this.#at.values >>> 2);
  }

  /** The same without the entries on features that have no line. */
  #setEntriesOnLines(lineOf: Uint32Array, rows: CsrMatrix, first: number, end: number): void {
    const indptr = this.#u32("indptr", end - first + 1);
    const most = rows.indptr[end]! - rows.indptr[first]!;
    const indices = this.#u32("indices", most);
    const values = this.#f32("values", most);
    let count = 0;
    for (let row = first; row < end; row++) {
      for (let k = rows.indptr[row]!; k < rows.indptr[row + 1]!; k++) {
        const line = lineOf[rows.indices[k]!]!;
        if (line === NO_LINE) continue;
        indices[count] = line;
        values[count++] = rows.values[k]!;
      }
      indptr[row - first + 1] = count;
    }
    indptr[0] = 0;
  }

  #weights(first: number, end: number): Float32Array {
    const { padded } = this.#columns;
    return new Float32Array(
      this.#core.memory.buffer,
      this.#at.weights + 4 * first * padded,
      (end - first) * padded,
    );
  }

  /** The whole memory. */
  #views(): { readonly integers: Uint32Array; readonly floats: Float32Array } {
    const { buffer } = this.#core.memory;
    if (this.#whole?.integers.buffer !== buffer)
      this.#whole = { integers: new Uint32Array(buffer), floats: new Float32Array(buffer) };
    return this.#whole!;
  }

  #u32(block: Block, length: number): Uint32Array {
    return new Uint32Array(this.#core.memory.buffer, this.#at[block], length);
  }

  #f32(block: Block, length: number): Float32Array {
    return new Float32Array(this.#core.memory.buffer, this.#at[block], length);
  }
}

/** Fills the first `stored` of each `padded` numbers of `to` with what follows in `from` from `start` on. */
function spread(from: Float32Array, start: number, stored: number, to: Float32Array, padded: number): void {
  for (let line = 0; line < to.length; line += padded) {
    for (let c = 0; c < stored; c++) to[line + c] = from[start++]!;
  }
}
