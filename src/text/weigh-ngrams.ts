import { type CsrMatrix, ranges, rowRanges } from "../data/csr.js";
import { log } from "../numbers.js";
import { l2Scale } from "./l2-norm.js";
import {
  type BlockIdf,
  charSlotCount,
  type NgramIdf,
  type NgramTables,
  wordSlotCount,
} from "./ngram-tables.js";

// Counts weighted by how rare an n-gram is, as ML.NET's `NgramExtractingEstimator.WeightingCriteria` has it: with N rows, of
// which df have the n-gram, by ln(N / df), without smoothing; one that every row has weighs nothing (Spärck Jones, A
// statistical interpretation of term specificity, 1972).

/** What a count c becomes: "tf" c, "idf" ln(N / df), "tfIdf" c ln(N / df). */
export type Weighting = "tf" | "idf" | "tfIdf";

/** Of each block: undefined where it is not there. */
export interface BlockWeightings {
  readonly chars: Weighting | undefined;
  readonly words: Weighting | undefined;
}

/** Whether values are other than counts scaled to length 1. */
export function isWeighted({ chars, words }: BlockWeightings): boolean {
  return [chars, words].some((weighting) => weighting === "idf" || weighting === "tfIdf");
}

/** The weightings that tables were made with. */
export function weightingsOf({ trigrams, words, idf }: NgramTables): BlockWeightings {
  return {
    chars: trigrams && (idf?.chars?.weighting ?? "tf"),
    words: words && (idf?.words?.weighting ?? "tf"),
  };
}

/**
 * Learns the weights of n-grams from counts and puts them to the counts. N-grams of `before` keep their weights; those that
 * are new count as in none of the rows that `before` has seen. Yields now and then.
 * @param matrix of counts; its values are overwritten
 */
export function* weighing(
  matrix: CsrMatrix,
  tables: NgramTables,
  weightings: BlockWeightings,
  before?: NgramTables,
): Generator<void, NgramTables> {
  const frequencies = new Uint32Array(matrix.columnCount);
  for (const [first, end] of ranges(matrix.indices.length)) {
    countUp(frequencies, matrix.indices, first, end);
    yield;
  }
  const rowCount = matrix.rowCount + (before?.idf?.rowCount ?? 0);
  const chars = charSlotCount(tables);
  const blockOf = (weighting: Weighting | undefined, ofBlock: Uint32Array, old?: BlockIdf) => {
    if (weighting === undefined || weighting === "tf") return undefined;
    return { weighting, idf: inverse(ofBlock, rowCount, old?.idf) };
  };
  const idf: NgramIdf = {
    rowCount,
    chars: blockOf(weightings.chars, frequencies.subarray(0, chars), before?.idf?.chars),
    words: blockOf(weightings.words, frequencies.subarray(chars), before?.idf?.words),
  };
  const weighted = { ...tables, idf };
  for (const [first, end] of rowRanges(matrix)) {
    yield;
    weighRows(matrix, weighted, first, end);
  }
  return weighted;
}

// Functions of their own: engines make little of loops in generators.

function countUp(counts: Uint32Array, indices: Uint32Array, first: number, end: number): void {
  for (let k = first; k < end; k++) counts[indices[k]!]!++;
}

function inverse(frequencies: Uint32Array, rowCount: number, old?: Float64Array): Float64Array {
  const idf = new Float64Array(frequencies.length);
  if (old) idf.set(old);
  for (let slot = old?.length ?? 0; slot < idf.length; slot++) idf[slot] = log(rowCount / frequencies[slot]!);
  return idf;
}

/** Makes weights, each block scaled to length 1, of the counts of rows first … end − 1. */
export function weighRows(
  { indptr, indices, values }: CsrMatrix,
  tables: NgramTables,
  first: number,
  end: number,
): void {
  const chars = charSlotCount(tables);
  const words = wordSlotCount(tables);
  const { idf } = tables;
  for (let row = first; row < end; row++) {
    const [start, stop] = [indptr[row]!, indptr[row + 1]!];
    let middle = start;
    while (middle < stop && indices[middle]! < chars) middle++;
    weighBlock(indices, values, start, middle, 0, chars, idf?.chars);
    weighBlock(indices, values, middle, stop, chars, words, idf?.words);
  }
}

/** The entries start … end − 1, which are those of one row in the `size` slots from `offset` on. */
function weighBlock(
  indices: Uint32Array,
  values: Float32Array,
  start: number,
  end: number,
  offset: number,
  size: number,
  block: BlockIdf | undefined,
): void {
  let squares = 0;
  if (block === undefined) {
    for (let k = start; k < end; k++) squares += values[k]! * values[k]!;
  } else {
    const { weighting, idf } = block;
    for (let k = start; k < end; k++) {
      const weight = idf[indices[k]! - offset]!;
      values[k] = weighting === "tfIdf" ? values[k]! * weight : weight;
    }
    // ML.NET keeps rows that have half of all slots as dense vectors.
    const isDense = end - start >= Math.floor(size / 2);
    squares = isDense
      ? sumOfSquares(values, start, end, size, indices, offset)
      : sumOfSquares(values, start, end, end - start);
  }
  const scale = l2Scale(squares);
  for (let k = start; k < end; k++) values[k] = scale * values[k]!;
}

const LANES = 8;
/** Of the row at hand: eight sums, then four squares. */
const sums = new Float32Array(LANES + 4);
const { fround } = Math;

/**
 * The sum of squares in single precision, in the order in which ML.NET adds on processors with AVX and FMA: full blocks of
 * eight in eight lanes, each square added with one rounding; then four at once; then one by one.
 * @param count values that there are, those of 0 included @param indices where those that are not 0 stand, less `offset`;
 * otherwise one after the other
 */
function sumOfSquares(
  values: Float32Array,
  start: number,
  end: number,
  count: number,
  indices?: Uint32Array,
  offset = 0,
): number {
  const blocksEnd = count < 2 * LANES ? 0 : count - (count % LANES);
  const fourEnd = blocksEnd > 0 && count - blocksEnd >= 4 ? blocksEnd + 4 : blocksEnd;
  const placeOf = (k: number) => (indices === undefined ? k - start : indices[k]! - offset);
  sums.fill(0);
  let k = start;
  for (; k < end && placeOf(k) < blocksEnd; k++) sums[placeOf(k) % LANES]! += values[k]! * values[k]!;
  for (; k < end && placeOf(k) < fourEnd; k++) sums[LANES + placeOf(k) - blocksEnd] = values[k]! * values[k]!;
  let rest = sumOfFour(LANES);
  for (; k < end; k++) rest = fround(rest + fround(values[k]! * values[k]!));
  return fround(fround(sumOfFour(0) + sumOfFour(LANES / 2)) + rest);
}

function sumOfFour(at: number): number {
  return fround(fround(sums[at]! + sums[at + 1]!) + fround(sums[at + 2]! + sums[at + 3]!));
}
