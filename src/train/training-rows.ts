import type { KeyColumn, KeyType, VectorColumn } from "../data/columns.js";
import { type CsrMatrix, nonZeros, rowRanges, takeRows } from "../data/csr.js";
import type { Dataset } from "../data/dataset.js";
import { DualTextError } from "../errors.js";
import type { CoreExports } from "../wasm/core.js";
import { piecesThrough } from "../wasm/pieces-through.js";
import { type ClassWeights, exampleWeights, meanOne, weightsOfClasses } from "./row-weights.js";
import { softLabels, takeTargets } from "./soft-labels.js";

/** Which columns a trainer reads, and how much each row counts. */
export interface RowOptions {
  readonly label: string;
  readonly features: string;
  readonly exampleWeight?: string | undefined;
  readonly classWeights?: ClassWeights | undefined;
  /** Whether labels are kept from a model: then rows of one alone can be learned from. */
  readonly keepLabels?: boolean | undefined;
}

/** The rows that a trainer learns from: those with a label and a weight above 0. */
export interface TrainingRows {
  readonly matrix: CsrMatrix;
  /** Whether nobody else has the matrix. */
  readonly isOwn: boolean;
  /** Class of each row, 0 … count − 1 of the key. */
  readonly labels: Uint32Array;
  readonly type: KeyType;
  /** Where labels are soft: the distribution of each row over the classes, f32[rowCount][classCount]. */
  readonly targets: Float32Array | undefined;
  /** Weight of each row, with a mean of 1; undefined when all are 1. */
  readonly rowWeights: Float32Array | undefined;
  /** Sum of the weights as they were given, the number of rows when there were none. */
  readonly weightSum: number;
  /** Rows left out because their weight is 0, and those that have no label. */
  readonly zeroWeightRowCount: number;
  readonly unlabelledRowCount: number;
}

/**
 * Reads and checks the columns. Yields now and then.
 * Throws `bad-column`, `no-features`, `empty-input`, `too-few-labels`, `not-finite`, `unknown-label`, `bad-argument`.
 *
 * @param core a fresh one: its first page is written to, but for the register at the start of the arena
 */
export function* trainingRows(
  data: Dataset,
  options: RowOptions,
  core: CoreExports,
): Generator<void, TrainingRows> {
  const { label, features } = options;
  const soft =
    data.typeOf(label).kind === "vector" ? softLabels(data.column(label) as VectorColumn, label) : undefined;
  if (soft && options.classWeights !== undefined) {
    throw new DualTextError(
      "bad-option",
      `classWeights does not go with the soft labels of column "${label}".`,
    );
  }
  const type = soft?.type ?? keyTypeOf(data, label);
  const featuresKind = data.typeOf(features).kind;
  if (featuresKind !== "vector") {
    throw new DualTextError(
      "bad-column",
      `Column "${features}" is ${featuresKind}; the features must be a vector.`,
    );
  }
  const made = data.claim(features);
  const whole = (made ?? (data.column(features) as VectorColumn)).matrix;
  if (whole.columnCount === 0) {
    throw new DualTextError(
      "no-features",
      `Column "${features}" has no slots: there is nothing to learn from.`,
    );
  }
  yield;
  const keys = soft?.keys ?? (data.column(label) as KeyColumn).keys;
  const weights = weightsOf(data, keys, type, options);
  const kept = keptRows(keys, weights);
  const unlabelledRowCount = keys.reduce((count, key) => count + (key > 0 ? 0 : 1), 0);
  checkLabels(keys, kept, type, unlabelledRowCount, soft !== undefined || (options.keepLabels ?? false));
  const all = nonZeros(whole);
  yield* checkValues(core, all, features);
  const isWhole = kept.length === keys.length;
  const keptWeights = weights && Float64Array.from(kept, (row) => weights[row]!);
  const weightSum = keptWeights ? keptWeights.reduce((sum, weight) => sum + weight, 0) : kept.length;
  return {
    matrix: isWhole ? all : (takeRows(all, kept) as CsrMatrix),
    isOwn: made !== undefined || !isWhole,
    labels: kept.map((row) => keys[row]! - 1),
    type,
    targets: soft && (isWhole ? soft.targets : takeTargets(soft.targets, type.count, kept)),
    rowWeights: keptWeights && meanOne(keptWeights, weightSum),
    weightSum,
    zeroWeightRowCount: keys.length - unlabelledRowCount - kept.length,
    unlabelledRowCount,
  };
}

function keyTypeOf(data: Dataset, label: string): KeyType {
  const type = data.typeOf(label);
  if (type.kind === "key") return type;
  throw new DualTextError(
    "bad-column",
    `Column "${label}" is ${type.kind}; the label must be a key, or a vector with a number for each class: put mapValueToKey("${label}") before the trainer.`,
  );
}

/** What each row weighs: its own weight times that of its class; undefined when neither is given. */
function weightsOf(
  data: Dataset,
  keys: Uint32Array,
  type: KeyType,
  { exampleWeight, classWeights }: RowOptions,
): Float64Array | undefined {
  const own = exampleWeight === undefined ? undefined : exampleWeights(data, exampleWeight);
  if (classWeights === undefined) return own;
  const weights = own ?? new Float64Array(keys.length).fill(1);
  const totals = new Float64Array(type.count);
  keys.forEach((key, row) => {
    if (key > 0) totals[key - 1]! += weights[row]!;
  });
  const ofClass = weightsOfClasses(classWeights, type, totals);
  return weights.map((weight, row) => (keys[row]! > 0 ? weight * ofClass[keys[row]! - 1]! : weight));
}

function keptRows(keys: Uint32Array, weights: Float64Array | undefined): Uint32Array {
  const rows = new Uint32Array(keys.length);
  let count = 0;
  for (let row = 0; row < keys.length; row++)
    if (keys[row]! > 0 && (!weights || weights[row]! > 0)) rows[count++] = row;
  return rows.slice(0, count);
}

function checkLabels(
  keys: Uint32Array,
  kept: Uint32Array,
  type: KeyType,
  unlabelled: number,
  keepsLabels: boolean,
): void {
  const outweighed = keys.length - unlabelled - kept.length;
  const aside = outweighed > 0 ? ` with a weight above 0 (${outweighed} rows weigh 0)` : "";
  if (kept.length === 0) {
    throw new DualTextError(
      "empty-input",
      `There is no row with a label${aside} to train on. Check the column of the labels.`,
    );
  }
  const first = keys[kept[0]!]!;
  if (kept.some((row) => keys[row] !== first) || (keepsLabels && type.count > 1)) return;
  const names = type.names ? ` (${JSON.stringify(String(type.names.values[first - 1]))})` : "";
  throw new DualTextError(
    "too-few-labels",
    `All rows${aside} have the same label${names}; training needs at least two.`,
  );
}

/** Beyond it the square of a row's length, or what is made of it, leaves single precision. */
const LARGEST_SQUARE = 1e36;

/** Throws `not-finite` for a value that is not finite and for a row too long to compute with. Yields now and then. */
function* checkValues(core: CoreExports, matrix: CsrMatrix, features: string): Generator<void> {
  let squares = 0;
  for (const { at, end } of piecesThrough(core, matrix.values)) {
    squares += core.sumOfSquares(at, (end - at) / 4);
    yield;
  }
  // False for NaN too. Only what all rows together are too long for is looked for in each of them.
  if (squares <= LARGEST_SQUARE) return;
  for (const [first, end] of rowRanges(matrix)) {
    for (let row = first; row < end; row++) checkRow(matrix, row, features);
    yield;
  }
}

function checkRow({ indptr, indices, values }: CsrMatrix, row: number, features: string): void {
  const first = indptr[row]!;
  const end = indptr[row + 1]!;
  let squares = 0;
  for (let k = first; k < end; k++) squares += values[k]! * values[k]!;
  if (squares <= LARGEST_SQUARE) return;
  const own = values.subarray(first, end);
  const bad = own.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new DualTextError(
      "not-finite",
      `Row ${row} of column "${features}" holds ${own[bad]} in slot ${indices[first + bad]}; features must be finite.`,
    );
  }
  const largest = own.reduce((best, value, i) => (Math.abs(value) > Math.abs(own[best]!) ? i : best), 0);
  throw new DualTextError(
    "not-finite",
    `Row ${row} of column "${features}" is too long for single precision: slot ${indices[first + largest]} holds ${own[largest]}. ` +
      'Scale the features; where applyWordEmbedding made them, its option unknownRow: "zero" keeps rows without a known word small.',
  );
}
