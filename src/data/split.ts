import { checkOptions, DualTextError } from "../errors.js";
import { hashText, hashTwoWords, hashWord } from "../hash.js";
import { checkSeed, Random } from "../random.js";
import { atOnce } from "../slices.js";
import type { Column, NumberColumn } from "./columns.js";
import { denseRow } from "./csr.js";
import { checkDataset, type Dataset, type Schema } from "./dataset.js";

/**
 * Splitting by ML.NET's rules: every row has a split value in [0, 1], and a part of the data is an interval of split
 * values. Row order is kept, nothing is shuffled. A row with the split value NaN is in no part.
 *
 *   no sampling column            a random number by row position
 *   number, single or double      its place between the least and the greatest number of the column; seed unused.
 *                                 A column of equal numbers gives 0, so all its rows are test rows
 *   key                           (key − 0.5) / count; seed unused; rows with key 0 are in no part
 *   text, boolean, int32, int64,
 *   texts, vector                 (hash − 0.5) / 2^30 with a hash of 1 … 2^30; rows with an empty text are in no part
 */

export interface SplitOptions {
  /** Column whose equal values stay together. Default: none, each row is drawn on its own. */
  readonly samplingKey?: string;
  /** Any 32-bit integer. Default 42 for random numbers and 314489979 for hashes, as in ML.NET. */
  readonly seed?: number;
}

export interface TrainTestOptions extends SplitOptions {
  /** Share of rows for the test set, in (0, 1), on average. Default 0.1. */
  readonly testFraction?: number;
}

export interface TrainTest<S extends Schema = any> {
  readonly train: Dataset<S>;
  readonly test: Dataset<S>;
}

export interface CrossValidationOptions extends SplitOptions {
  /** An integer of at least 2. Default 5. */
  readonly numberOfFolds?: number;
}

const RANDOM_SEED = 42;
const HASH_SEED = 314489979;
const HASH_RANGE = 2 ** 30;
const ROWS_A_PIECE = 1 << 14;

/**
 * Splits rows in two: the rows whose split value is below `testFraction`, and the others. ML.NET's `TrainTestSplit`.
 * Throws `bad-option`, and `bad-column` when there is no column of the name `samplingKey`.
 */
export function trainTestSplit<S extends Schema>(
  data: Dataset<S>,
  options: TrainTestOptions = {},
): TrainTest<S> {
  const { train, test } = atOnce(splittingRows(data, options));
  return { train: data.take(train), test: data.take(test) };
}

/** The rows of {@link trainTestSplit} by number, in order, found in pieces. */
export function* splittingRows(
  data: Dataset,
  options: TrainTestOptions,
): Generator<void, Record<"train" | "test", Uint32Array>> {
  checkDataset(data, "trainTestSplit");
  checkOptions("trainTestSplit", options);
  const { testFraction = 0.1 } = options;
  checkTestFraction(testFraction);
  const values = yield* splitValues(data, options);
  return {
    train: yield* rowsWhere(values, (value) => value >= testFraction),
    test: yield* rowsWhere(values, (value) => value < testFraction),
  };
}

/** Throws `bad-option` unless it lies between 0 and 1. */
export function checkTestFraction(testFraction: number): void {
  if (testFraction > 0 && testFraction < 1) return;
  throw new DualTextError("bad-option", `testFraction is ${testFraction}; it must lie between 0 and 1.`);
}

/**
 * Splits rows into folds: in fold f of k the test rows are those with a split value from f/k to (f + 1)/k. Both ends
 * are included, as in ML.NET's `CrossValidationSplit`, so a row on a boundary is a test row of two folds.
 * Throws `bad-option`, and `bad-column` when there is no column of the name `samplingKey`.
 */
export function crossValidationSplit<S extends Schema>(
  data: Dataset<S>,
  options: CrossValidationOptions = {},
): TrainTest<S>[] {
  checkDataset(data, "crossValidationSplit");
  checkOptions("crossValidationSplit", options);
  const { numberOfFolds = 5 } = options;
  if (!Number.isInteger(numberOfFolds) || numberOfFolds < 2) {
    throw new DualTextError(
      "bad-option",
      `numberOfFolds is ${numberOfFolds}; it must be an integer of at least 2.`,
    );
  }
  const values = atOnce(splitValues(data, options));
  const where = (wanted: (value: number) => boolean) => data.take(atOnce(rowsWhere(values, wanted)));
  return Array.from({ length: numberOfFolds }, (_, fold) => {
    const first = fold / numberOfFolds;
    const last = (fold + 1) / numberOfFolds;
    return {
      train: where((value) => value < first || value > last),
      test: where((value) => value >= first && value <= last),
    };
  });
}

function* rowsWhere(values: Float64Array, wanted: (value: number) => boolean): Generator<void, Uint32Array> {
  const rows = new Uint32Array(values.length);
  let count = 0;
  yield* eachRow(values.length, (row) => {
    if (wanted(values[row]!)) rows[count++] = row;
  });
  return rows.slice(0, count);
}

function* splitValues(data: Dataset, { samplingKey, seed }: SplitOptions): Generator<void, Float64Array> {
  checkSeed(seed);
  const values = new Float64Array(data.rowCount);
  if (samplingKey === undefined) {
    const random = new Random(seed ?? RANDOM_SEED);
    yield* eachRow(data.rowCount, (row) => {
      values[row] = random.nextFloat();
    });
    return values;
  }
  const column = data.column(samplingKey) as Column;
  if (column.kind === "key") return Float64Array.from(column.keys, (key) => keyPlace(key, column.count));
  if (column.kind === "number" && !isInteger(column)) return normalised(column);
  if (column.kind === "keys") {
    throw new DualTextError(
      "bad-column",
      `Column "${samplingKey}" has several keys in a row; a sampling key is a column of single values, of texts or a vector.`,
    );
  }
  const hash = hasher(column, (seed ?? HASH_SEED) >>> 0);
  yield* eachRow(data.rowCount, (row) => {
    values[row] = keyPlace(hash(row), HASH_RANGE);
  });
  return values;
}

/** Does something with rows 0 … count − 1, in pieces. */
function* eachRow(count: number, work: (row: number) => void): Generator<void, void> {
  for (let start = 0; start < count; start += ROWS_A_PIECE) {
    const end = Math.min(start + ROWS_A_PIECE, count);
    for (let row = start; row < end; row++) work(row);
    yield;
  }
}

function keyPlace(key: number, count: number): number {
  return key === 0 || key > count ? Number.NaN : (key - 0.5) / count;
}

function isInteger(column: NumberColumn): boolean {
  return column.precision === "int32" || column.precision === "int64";
}

/** Numbers moved and scaled to 0 … 1, in the precision of the column. */
function normalised(column: NumberColumn): Float64Array {
  const round = column.precision === "single" ? Math.fround : (value: number) => value;
  const values = Float64Array.from(column.values as Float32Array | Float64Array);
  let least = Number.POSITIVE_INFINITY;
  let greatest = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < least) least = value;
    if (value > greatest) greatest = value;
  }
  const scale = greatest > least ? round(1 / round(greatest - least)) : 0;
  return values.map((value) => round(round(value - least) * scale));
}

/** For a row, its 30-bit hash plus 1, or 0 when it has none. */
function hasher(column: Exclude<Column, { kind: "key" | "keys" }>, seed: number): (row: number) => number {
  const positive = (hash: number) => (hash & (HASH_RANGE - 1)) + 1;
  switch (column.kind) {
    case "text":
      return (row) => {
        const text = column.values[row]!;
        return text === "" ? 0 : positive(hashText(seed, trimSpaces(text)));
      };
    case "boolean":
      return (row) => positive(hashWord(seed, column.values[row]!));
    case "number": {
      const { values } = column;
      if (!(values instanceof BigInt64Array)) return (row) => positive(hashWord(seed, values[row]!));
      const words = new Uint32Array(2);
      const whole = new DataView(words.buffer);
      return (row) => {
        whole.setBigInt64(0, values[row]!);
        return positive(hashTwoWords(seed, whole.getUint32(4), whole.getUint32(0)));
      };
    }
    // A vector is hashed slot by slot, the hash of each slot being the seed of the next.
    case "texts":
      return (row) =>
        positive(column.values[row]!.reduce((hash, text) => hashText(hash, trimSpaces(text)), seed));
    case "vector":
      return (row) => {
        // Adding 0 turns −0 into 0, which must hash alike.
        const bits = new Uint32Array(denseRow(column.matrix, row).map((value) => value + 0).buffer);
        return positive(bits.reduce((hash, word) => hashWord(hash, word), seed));
      };
  }
}

/** Without leading and trailing U+0020, which ML.NET leaves out of hashes. */
function trimSpaces(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && text.charCodeAt(start) === 0x20) start++;
  while (end > start && text.charCodeAt(end - 1) === 0x20) end--;
  return text.slice(start, end);
}
