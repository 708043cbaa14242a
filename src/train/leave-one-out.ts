import { ranges } from "../data/csr.js";
import { type DriftReference, MomentSums, type Moments, type Outlook } from "../model/drift-reference.js";
import type { StopReason } from "../model/training-record.js";
import { Slices } from "../slices.js";
import type { Problem } from "./problem.js";
import type { PlacedRows } from "./problem-blocks.js";
import type { SolveOptions } from "./solve.js";

// How training rows would have looked to a model without them, from the weights that have seen them.
//
// In W(q) = W₀ + (1/N) Σ a_i x_iᵀ, a = c (t − q) with c the weight of the row and t its label, a row's own part is a_i x_iᵀ / N. Without the row the others take over some of it: all
// the more, the more rows have its features. To first order its scores lose s a_i with s = x_iᵀ H⁻¹ x_i, H = N I + Σ h x xᵀ
// over the other rows and h the curvature of their loss (Opper and Winther 2000; Rad and Maleki 2020). Of H the diagonal is
// taken, and for h the mean of q (1 − q) of the row's label:
//
//   s = Σ_j x_ij² / (N + ρ h Σ_k≠i x_kj²)
//
// ρ = 1 has features respond one by one, which is too little: n-grams come together, a word with its trigrams and pairs,
// and what they have in common counts as often. ρ = 16 is more than most do. The truth is taken to lie between both.

/** Rows to score at most, and products of their entries with columns of weights. */
const MOST_ROWS = 512;
const MOST_PRODUCTS = 1 << 21;
/** ρ at most; at least it is 1. */
const COMPANY = 16;
const GOLDEN = 0.6180339887498949;
/** Rows between two looks at the clock. */
const ROWS_A_PIECE = 32;

/** {@link leaveOneOut} of a problem that has been solved; of one that a limit of time has cut short there is none. */
export async function referenceOf(
  problem: Problem,
  isKnown: ((feature: number) => boolean) | undefined,
  stoppedBecause: StopReason,
  { signal, onAbort }: Pick<SolveOptions, "signal" | "onAbort">,
): Promise<DriftReference | undefined> {
  if (stoppedBecause === "maxMs" || stoppedBecause === "signal") return undefined;
  return leaveOneOut(problem, isKnown, onAbort === "reject" ? signal : undefined);
}

/**
 * What new rows are to be compared with. Reads the weights and duals of a solved problem and leaves them as they are.
 * @param isKnown features that a model without a row would know all the same
 */
async function leaveOneOut(
  { placed, scaledL2 }: Problem,
  isKnown: ((feature: number) => boolean) | undefined,
  signal: AbortSignal | undefined,
): Promise<DriftReference> {
  const slices = new Slices(signal, () => undefined);
  const { rowCount } = placed;
  const lines = new LineCounts(placed, isKnown);
  await slices.run(lines.count());
  for (let row = 0; row < rowCount; row += ROWS_A_PIECE) {
    lines.addOwnShares(row, Math.min(row + ROWS_A_PIECE, rowCount));
    if (slices.isDue) await slices.pause();
  }
  const { unseen } = lines;
  const sample = sampleOf(placed);
  const rows = new LeftOut(placed, scaledL2, curvaturesOf(placed, sample));
  for (let i = 0; i < sample.length; i++) {
    rows.add(sample[i]!);
    if (i % ROWS_A_PIECE === 0 && slices.isDue) await slices.pause();
  }
  return { unseen, outlooks: rows.outlooks };
}

/** Which lines of weights one row alone has. */
class LineCounts {
  /** Σ x² of each line; negative for those that are known anyhow. */
  readonly #squares: Float32Array;
  readonly #placed: PlacedRows;
  /** Of {@link addOwnShares}. */
  readonly #shares: Float64Array;
  /** Of a feature; where columns are not folded. */
  readonly #isKnown: ((feature: number) => boolean) | undefined;

  constructor(placed: PlacedRows, isKnown: ((feature: number) => boolean) | undefined) {
    this.#placed = placed;
    const { core, lineCount } = placed;
    this.#shares = new Float64Array(core.memory.buffer, placed.at.results, 4).fill(0);
    this.#squares = new Float32Array(core.memory.buffer, placed.at.squares, lineCount).fill(0);
    this.#isKnown = isKnown;
  }

  /** Yields now and then. */
  *count(): Generator<void> {
    const { core, at, rowCount, featureCount } = this.#placed;
    const entryCount = new Uint32Array(core.memory.buffer, at.indptr, rowCount + 1)[rowCount]!;
    for (const [first, end] of ranges(entryCount)) {
      core.addSquares(at.squares, at.indices + 4 * first, at.values + 4 * first, end - first);
      yield;
    }
    const { denseCount } = this.#placed;
    for (const [first, end] of ranges(denseCount === 0 ? 0 : rowCount, ROWS_A_PIECE)) {
      for (let row = first; row < end; row++)
        core.addSquares(at.squares, at.columns, at.dense + 4 * row * denseCount, denseCount);
      yield;
    }
    if (!this.#isKnown) return;
    const lineOf = new Uint32Array(core.memory.buffer, at.lineOf, featureCount);
    for (let feature = 0; feature < featureCount; feature++)
      if (this.#isKnown(feature)) this.#squares[lineOf[feature]!]! *= -1;
  }

  /** Of each row that has features: the share of them that no other row has. */
  addOwnShares(first: number, end: number): void {
    const { core, at, lineCount, featureCount, paddingCount } = this.#placed;
    const isFolded = lineCount - paddingCount < featureCount;
    core.addOwnShares(at.record, at.squares, isFolded, first, end, at.results);
  }

  /** Of the shares that {@link addOwnShares} has added. */
  get unseen(): Moments {
    return new MomentSums(...this.#shares).moments;
  }
}

/**
 * Some rows, which depend on the number of rows and entries alone: spread over all by the golden ratio, which falls in step
 * with no order that rows may have.
 */
function sampleOf(placed: PlacedRows): Uint32Array {
  const { core, rowCount, columns, denseCount } = placed;
  const sparseCount = new Uint32Array(core.memory.buffer, placed.at.indptr, rowCount + 1)[rowCount]!;
  const entryCount = sparseCount + rowCount * denseCount;
  const affordable = Math.ceil((MOST_PRODUCTS * rowCount) / (columns * Math.max(1, entryCount)));
  const count = Math.min(rowCount, MOST_ROWS, affordable);
  const rows = new Uint32Array(count);
  for (let i = 0; i < count; i++)
    rows[i] = count === rowCount ? i : Math.floor(rowCount * ((i * GOLDEN) % 1));
  return rows;
}

/** Mean q (1 − q) of each class. */
function curvaturesOf(placed: PlacedRows, rows: Uint32Array): Float64Array {
  const { core, columns, classCount, rowCount } = placed;
  const duals = new Float32Array(core.memory.buffer, placed.at.duals, rowCount * columns);
  const means = new Float64Array(classCount);
  for (const row of rows) {
    for (let c = 0; c < classCount; c++) {
      const q = duals[columns === 1 ? row : row * columns + c]!;
      means[c]! += q * (1 - q);
    }
  }
  // Two classes have one direction, in which the curvature is that of both.
  return means.map((sum) => ((classCount === 2 ? 2 : 1) * sum) / rows.length);
}

/** Predictions of rows by weights without them, one row after the other; by the squares that {@link LineCounts} has left in memory. */
class LeftOut {
  readonly #placed: PlacedRows;
  /** N */
  readonly #scaledL2: number;
  readonly #curvatures: Float64Array;
  readonly #labels: Uint32Array;
  /** Of a row: its doubt and class for ρ at its most, then at its least. */
  readonly #predictions: Float64Array;
  readonly #sums: readonly { doubt: MomentSums; classes: Uint32Array }[];

  constructor(placed: PlacedRows, scaledL2: number, curvatures: Float64Array) {
    this.#placed = placed;
    this.#scaledL2 = scaledL2;
    this.#curvatures = curvatures;
    const { core, at, rowCount, classCount } = placed;
    this.#labels = new Uint32Array(core.memory.buffer, at.labels, rowCount);
    this.#predictions = new Float64Array(core.memory.buffer, at.results, 4);
    this.#sums = [0, 1].map(() => ({ doubt: new MomentSums(), classes: new Uint32Array(classCount) }));
  }

  add(row: number): void {
    const { core, at } = this.#placed;
    const curvature = this.#curvatures[this.#labels[row]!]!;
    core.leaveOut(at.record, at.squares, row, this.#scaledL2, curvature, COMPANY * curvature, at.results);
    this.#sums.forEach(({ doubt, classes }, i) => {
      doubt.add(this.#predictions[2 * i]!);
      classes[this.#predictions[2 * i + 1]!]!++;
    });
  }

  get outlooks(): Outlook[] {
    return this.#sums.map(({ doubt, classes }) => ({ doubt: doubt.moments, classes }));
  }
}
