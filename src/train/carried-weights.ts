import type { CsrMatrix } from "../data/csr.js";
import type { Scorer } from "../model/scorer.js";
import { weightColumns } from "../wasm/weight-layout.js";
import { ABSENT, OWN } from "./number-lines.js";
import type { Problem } from "./problem.js";

const FEATURES_A_PIECE = 8192;

/** The weights of a model whose problem goes on with other rows: W(q) of the rows that it was solved for. */
export interface CarriedWeights {
  readonly scorer: Scorer;
  /** Of each feature of the new problem, the one of the model, or −1. Default: the same. */
  readonly features: Int32Array | undefined;
  /** The rows that it was solved for, of which those listed are gone. */
  readonly matrix: CsrMatrix;
  readonly labels: Uint32Array;
  readonly gone: Uint32Array;
  /** The distribution of such a row over the classes of the model, into `q`. */
  readonly readDual: (row: number, q: Float64Array) => void;
}

/**
 * Sets the weights of a problem at its start to those of the model without what the rows that are gone have added,
 * (1/N) Σ (e_label − q) xᵀ: W(q) but for rounding, in a fraction of the time that summing over all rows takes. Both have the
 * same N, and the classes of the model come first; two classes are two in both. Yields now and then.
 */
export function* carryWeights(problem: Problem, carried: CarriedWeights): Generator<void> {
  const { featureCount } = problem;
  yield* carried.scorer.settling();
  const lines = new Lines(problem, carried);
  for (let first = 0; first < featureCount; first += FEATURES_A_PIECE) {
    lines.copy(first, Math.min(first + FEATURES_A_PIECE, featureCount));
    yield;
  }
  lines.copyBiases();
  for (const row of carried.gone) lines.takeOut(row);
}

/** Lines of weights of a problem and what they come from. */
class Lines {
  readonly #problem: Problem;
  readonly #carried: CarriedWeights;
  readonly #floats: Float32Array;
  /** Of each feature of the model the line that has its weights. Features that are alike in the rows that are left share one. */
  readonly #lineOf: Uint32Array;
  readonly #isSet: Uint8Array;
  readonly #source: Float32Array;
  /** Columns of weights of the model that are not spare. */
  readonly #stored: number;
  readonly #q: Float64Array;
  readonly #part: Float64Array;

  constructor(problem: Problem, carried: CarriedWeights) {
    const { core, lineCount } = problem.placed;
    const { featureCount, classCount } = carried.scorer.shape;
    this.#problem = problem;
    this.#carried = carried;
    this.#floats = new Float32Array(core.memory.buffer);
    this.#lineOf = new Uint32Array(featureCount).fill(ABSENT);
    this.#isSet = new Uint8Array(lineCount);
    this.#source = carried.scorer.paddedWeights();
    this.#stored = weightColumns(classCount).stored;
    this.#q = new Float64Array(classCount);
    this.#part = new Float64Array(this.#stored);
  }

  copy(first: number, end: number): void {
    const { core, at, columns, featureCount } = this.#problem.placed;
    const lines = new Uint32Array(core.memory.buffer, at.lineOf, featureCount);
    const [floats, source, lineOf, isSet] = [this.#floats, this.#source, this.#lineOf, this.#isSet];
    const { features } = this.#carried;
    const weights = at.weights >>> 2;
    const stored = this.#stored;
    const width = source.length / lineOf.length;
    for (let feature = first; feature < end; feature++) {
      const line = lines[feature]!;
      const before = features ? features[feature]! : feature;
      if (line >= OWN || before < 0 || before >= lineOf.length || isSet[line] !== 0) continue;
      isSet[line] = 1;
      lineOf[before] = line;
      const to = weights + line * columns;
      const from = before * width;
      if (width === columns) copyLine(floats, to, source, from, columns);
      else for (let c = 0; c < stored; c++) floats[to + c] = source[from + c]!;
    }
  }

  copyBiases(): void {
    const { at, hasBias } = this.#problem.placed;
    if (hasBias) this.#floats.set(this.#carried.scorer.biases(), at.biases >>> 2);
  }

  /** Takes away what a row of the model's problem has added. */
  takeOut(row: number): void {
    const { at, columns, hasBias } = this.#problem.placed;
    const { scaledL2 } = this.#problem;
    const { matrix, labels, readDual } = this.#carried;
    const [floats, q, part, stored] = [this.#floats, this.#q, this.#part, this.#stored];
    readDual(row, q);
    const label = labels[row]!;
    if (stored === 1) part[0] = (label === 1 ? q[0]! : -q[1]!) / scaledL2;
    else for (let c = 0; c < stored; c++) part[c] = ((c === label ? 1 : 0) - q[c]!) / scaledL2;
    for (let k = matrix.indptr[row]!; k < matrix.indptr[row + 1]!; k++) {
      const line = this.#lineOf[matrix.indices[k]!]!;
      if (line === ABSENT) continue;
      const to = (at.weights >>> 2) + line * columns;
      takeAway(floats, to, part, matrix.values[k]!);
    }
    if (hasBias) takeAway(floats, at.biases >>> 2, part, 1);
  }
}

/** A function of its own, as it is called so often that it is soon compiled. */
function takeAway(floats: Float32Array, to: number, part: Float64Array, value: number): void {
  for (let c = 0; c < part.length; c++) floats[to + c]! -= value * part[c]!;
}

/** Faster than `set` of a subarray for the few columns that there are. @param columns 1 or a multiple of 4 */
function copyLine(
  target: Float32Array,
  to: number,
  source: Float32Array,
  from: number,
  columns: number,
): void {
  if (columns === 1) {
    target[to] = source[from]!;
    return;
  }
  for (let c = 0; c < columns; c += 4) {
    target[to + c] = source[from + c]!;
    target[to + c + 1] = source[from + c + 1]!;
    target[to + c + 2] = source[from + c + 2]!;
    target[to + c + 3] = source[from + c + 3]!;
  }
}
