import { Problem as Field } from "../../assembly/layout.js";
import type { CsrMatrix } from "../data/csr.js";
import { Scorer } from "../model/scorer.js";
import type { Random } from "../random.js";
import type { CoreExports, CoreFactory } from "../wasm/core.js";
import type { Plan } from "../wasm/memory.js";
import { paddedClasses, SPARE_SCORE, type WeightLines, weightColumns } from "../wasm/weight-layout.js";
import { type FoldedCounts, placeRows, type RowBlock } from "./place-rows.js";
import { unfoldWeights } from "./unfold-weights.js";

/** What is to be solved: rows with a class each, and the shape of the objective. */
export interface ProblemInput {
  readonly matrix: CsrMatrix;
  /** Class of each row, 0 … classCount − 1. */
  readonly labels: Uint32Array;
  readonly classCount: number;
  /** N = λ · rowCount. */
  readonly scaledL2: number;
  readonly hasBias: boolean;
  /** Rows a batch at the start; see `batchSizeFor`. */
  readonly batchSize: number;
  /** W₀, which the regulariser pulls to and training starts from. Default: 0. */
  readonly origin?: WeightLines;
  /**
   * Whether columns that need no weights of their own are folded: the same problem in less memory. Default true; never
   * with an origin, which may differ where columns do not.
   */
  readonly folds?: boolean;
}

/** A certificate: all it takes to say how far from the optimum the weights can be. In nats. */
export interface Certificate {
  /** (1/n) Σ −ln p(label) + (λ/2) |W − W₀|² */
  readonly objective: number;
  /** Mean log-loss of the training rows. */
  readonly loss: number;
  /** Upper bound of objective − its minimum: the sum of the two terms. */
  readonly gap: number;
  /** (1/n) Σ KL(q ‖ softmax(z)) */
  readonly divergence: number;
  /** (λ/2) |W − W(q)|²: what rounding the weights to f32 costs. */
  readonly drift: number;
}

/** Means over all rows of what their last visits saw before their steps: old, and so pessimistic. In nats. */
export interface Seen {
  readonly divergence: number;
  readonly loss: number;
  readonly residual: number;
  readonly entropy: number;
}

/** Bytes of the f64 sums of one block of features in the confirming pass: near enough to stay in a cache. */
const REBUILD_BYTES = 2_097_152;
/** Rows measured between two yields of the confirming pass. */
const MEASURED_ROWS = 256;

const f32Blocks = ["norms", "ownNorms", "residuals", "divergences", "losses", "entropies"] as const;
type Block =
  | (typeof f32Blocks)[number]
  | ("labels" | "biases" | "duals" | "rests" | "scores" | "changes")
  | ("marks" | "wide" | "order" | "totals" | "cursors" | "sums" | "weights" | "origin" | "originBiases");

/** One training problem in the memory of one core. */
export class Problem {
  readonly rowCount: number;
  readonly featureCount: number;
  readonly classCount: number;
  readonly #core: CoreExports;
  /** Shape of the rows once they are folded. */
  readonly #folded: FoldedCounts;
  readonly #plan: Plan<Block | RowBlock>;
  #scaledL2: number;
  readonly #columns: number;
  readonly #rebuildBlock: number;
  readonly #hasOrigin: boolean;
  /** |W₀|² */
  #originSquares = 0;
  #batchSize: number;

  constructor(core: CoreExports, input: ProblemInput) {
    const { matrix, labels, classCount, scaledL2 } = input;
    this.#core = core;
    this.#scaledL2 = scaledL2;
    this.#batchSize = input.batchSize;
    this.rowCount = matrix.rowCount;
    this.featureCount = matrix.columnCount;
    this.classCount = classCount;
    this.#columns = weightColumns(classCount).padded;
    this.#rebuildBlock = Math.max(1, Math.floor(REBUILD_BYTES / (8 * this.#columns)));
    this.#hasOrigin = input.origin !== undefined;
    const shape = `${this.rowCount} rows, ${this.featureCount} features, ${classCount} classes`;
    const { folded, plan } = placeRows(core, matrix, {
      folds: !this.#hasOrigin && (input.folds ?? true),
      purpose: `Training on ${shape}`,
      blocks: (counts) => this.#blocks(counts),
    });
    this.#folded = folded;
    this.#plan = plan;
    this.#writeRecord(input.hasBias);
    if (input.origin) this.#setOrigin(input.origin);
    core.setNorms(plan.at.record);
    this.#u32("labels", this.rowCount).set(labels);
    this.#setOrder();
    this.#setStart();
  }

  /** Blocks beside the rows, and their sizes. */
  #blocks({ lineCount }: FoldedCounts): Record<Block, number> {
    const { rowCount, classCount } = this;
    const stride = paddedClasses(classCount);
    const sizes = {
      labels: 4 * rowCount,
      biases: 4 * stride,
      duals: 4 * rowCount * this.#columns,
      rests: rowCount,
      scores: 4 * this.#batchSize * stride,
      changes: 4 * this.#batchSize * stride,
      marks: this.#batchSize,
      wide: 16 * stride,
      order: 4 * rowCount,
      totals: 32,
      cursors: 8 * rowCount,
      sums: 8 * Math.max(stride, Math.min(this.#rebuildBlock, lineCount) * this.#columns),
      originBiases: this.#hasOrigin ? 4 * stride : 0,
      origin: this.#hasOrigin ? 4 * lineCount * this.#columns : 0,
      weights: 4 * lineCount * this.#columns,
    };
    const perRow = Object.fromEntries(f32Blocks.map((block) => [block, 4 * rowCount]));
    return { ...sizes, ...(perRow as Record<(typeof f32Blocks)[number], number>) };
  }

  #writeRecord(hasBias: boolean): void {
    const record = this.#record();
    const counts: [Field, number][] = [
      [Field.classCount, this.classCount],
      [Field.stride, paddedClasses(this.classCount)],
      [Field.batchSize, this.#batchSize],
      [Field.hasBias, hasBias ? 1 : 0],
    ];
    for (const [field, count] of counts) record.setUint32(field, count, true);
    const { at } = this.#plan;
    const addresses: [Field, number][] = [
      [Field.ownNorms, at.ownNorms],
      [Field.labels, at.labels],
      [Field.norms, at.norms],
      [Field.weights, at.weights],
      [Field.biases, at.biases],
      [Field.duals, at.duals],
      [Field.residuals, at.residuals],
      [Field.divergences, at.divergences],
      [Field.losses, at.losses],
      [Field.entropies, at.entropies],
      [Field.rests, at.rests],
      [Field.scores, at.scores],
      [Field.changes, at.changes],
      [Field.marks, at.marks],
      [Field.wide, at.wide],
      [Field.origin, this.#hasOrigin ? at.origin : 0],
      [Field.originBiases, this.#hasOrigin ? at.originBiases : 0],
    ];
    for (const [field, address] of addresses) record.setUint32(field, address, true);
    record.setFloat32(Field.inverseN, 1 / this.#scaledL2, true);
  }

  #setOrder(): void {
    this.#u32("order", this.rowCount).forEach((_, row, order) => {
      order[row] = row;
    });
  }

  #setOrigin({ weights, biases }: WeightLines): void {
    this.#f32("origin", this.featureCount * this.#columns).set(weights);
    this.#f32("originBiases", paddedClasses(this.classCount)).fill(SPARE_SCORE, this.classCount).set(biases);
    const { at } = this.#plan;
    const squares = this.#core.sumOfSquares(at.origin, this.featureCount * this.#columns);
    this.#originSquares =
      this.#copies *
      (squares + this.#core.sumOfSquares(at.originBiases, weightColumns(this.classCount).stored));
  }

  /** q = e_label and W = W₀; two classes keep the mass on the wrong one, which is 0. */
  #setStart(): void {
    const duals = this.#f32("duals", this.rowCount * this.#columns);
    const labels = this.#u32("labels", this.rowCount);
    if (this.classCount > 2)
      labels.forEach((label, row) => {
        duals[row * this.#columns + label] = 1;
      });
    const stride = paddedClasses(this.classCount);
    this.#f32("biases", stride).fill(0).fill(SPARE_SCORE, this.classCount);
    if (!this.#hasOrigin) return;
    const weightCount = this.featureCount * this.#columns;
    this.#f32("weights", weightCount).set(this.#f32("origin", weightCount));
    this.#f32("biases", stride).set(this.#f32("originBiases", stride));
  }

  /** Begins again from the start with another λn. */
  restart(scaledL2: number): void {
    this.#f32("duals", this.rowCount * this.#columns).fill(0);
    this.#f32("weights", this.#folded.lineCount * this.#columns).fill(0);
    new Uint8Array(this.#core.memory.buffer, this.#plan.at.rests, this.rowCount).fill(0);
    this.#setOrder();
    this.#setStart();
    this.#scaledL2 = scaledL2;
    this.#record().setFloat32(Field.inverseN, 1 / scaledL2, true);
  }

  /** λ */
  get l2(): number {
    return this.#scaledL2 / this.rowCount;
  }

  get batchSize(): number {
    return this.#batchSize;
  }

  /** From now on batches hold half as many rows. */
  halveBatches(): void {
    this.#batchSize = Math.max(1, this.#batchSize >>> 1);
    this.#record().setUint32(Field.batchSize, this.#batchSize, true);
  }

  /** Draws a new visiting order. Rows whose residual stays below `restBelow` sit out the next epochs. */
  startEpoch(random: Random, restBelow: number): void {
    random.shuffle(this.#u32("order", this.rowCount));
    this.#record().setFloat32(Field.restBelow, restBelow, true);
  }

  /** Visits rows at places first … end − 1 of the epoch's order; `first` a multiple of the batch size. */
  visit(first: number, end: number): void {
    this.#core.visitRows(this.#plan.at.record, this.#plan.at.order, first, Math.min(end, this.rowCount));
  }

  seen(): Seen {
    const mean = (block: Block) => {
      let sum = 0;
      for (const value of this.#f32(block, this.rowCount)) sum += value;
      return sum / this.rowCount;
    };
    return {
      divergence: mean("divergences"),
      loss: mean("losses"),
      residual: mean("residuals"),
      entropy: mean("entropies"),
    };
  }

  /** Mean of the losses, before their steps, of the last `share` of the rows in the epoch's order. In nats. */
  lossSeenLast(share: number): number {
    const losses = this.#f32("losses", this.rowCount);
    const last = this.#u32("order", this.rowCount).subarray(-Math.max(1, Math.floor(share * this.rowCount)));
    let sum = 0;
    for (const row of last) sum += losses[row]!;
    return sum / last.length;
  }

  /**
   * |W|² − |W₀|², biases included, as far as single precision follows it between certificates: what the dual objective
   * has of W, as D(q) = (1/n) Σ H(q) − (λ/2) (|W|² − |W₀|²).
   */
  squaredWeightsGained(): number {
    return this.#squaredWeights(this.#ownSquares()) - this.#originSquares;
  }

  /** Σ W² over features that are one row's own, for both columns of two classes but once. */
  #ownSquares(): number {
    return this.#core.ownSquares(this.#plan.at.record) / this.#scaledL2 ** 2;
  }

  /** |W|², biases included. @param own see {@link #ownSquares} */
  #squaredWeights(own: number): number {
    const { at } = this.#plan;
    const biases = this.#core.sumOfSquares(at.biases, weightColumns(this.classCount).stored);
    return this.#copies * (this.#core.squaredLines(at.record) + biases + own);
  }

  /** |W − W₀|², biases included. @param own see {@link #ownSquares} */
  #squaredMove(own: number): number {
    if (!this.#hasOrigin) return this.#squaredWeights(own);
    const { at } = this.#plan;
    const count = this.#folded.lineCount * this.#columns;
    const weights = this.#core.sumOfSquaredDifferences(at.weights, at.origin, count);
    const { stored } = weightColumns(this.classCount);
    const biases = this.#core.sumOfSquaredDifferences(at.biases, at.originBiases, stored);
    return this.#copies * (weights + biases);
  }

  /** Of two classes one column is kept; the weights of the other are its negative. */
  get #copies(): number {
    return this.classCount === 2 ? 2 : 1;
  }

  /** Sets the weights to W(q), rounded, and returns Σ (W − W(q))² over what is kept, yielding now and then. */
  *rebuild(): Generator<void, number> {
    const core = this.#core;
    const { at } = this.#plan;
    const { rowCount } = this;
    const { lineCount } = this.#folded;
    core.settleDuals(at.record, 0, rowCount);
    core.resetCursors(at.record, at.cursors);
    let driftSquares = core.rebuildBiases(at.record, at.sums, this.#scaledL2);
    for (let first = 0; first < lineCount; first += this.#rebuildBlock) {
      const end = Math.min(first + this.#rebuildBlock, lineCount);
      driftSquares += core.rebuildWeights(at.record, first, end, at.cursors, at.sums, this.#scaledL2);
      yield;
    }
    return driftSquares;
  }

  /**
   * Sets the weights to W(q) and measures them, in f64, yielding between slices of the work. The drift that f32
   * updates have left is gone afterwards; what remains of it is rounding.
   */
  *certify(): Generator<void, Certificate> {
    const driftSquares = yield* this.rebuild();
    const core = this.#core;
    const { at } = this.#plan;
    const { rowCount, l2 } = this;
    const totals = new Float64Array(core.memory.buffer, at.totals, 4).fill(0);
    for (let first = 0; first < rowCount; first += MEASURED_ROWS) {
      const end = Math.min(first + MEASURED_ROWS, rowCount);
      core.measureRows(at.record, first, end, this.#scaledL2, at.totals);
      yield;
    }
    const [divergences, losses, ownDrift, ownSquares] = totals as unknown as [number, number, number, number];
    const divergence = divergences / rowCount;
    const loss = losses / rowCount;
    const drift = (l2 / 2) * this.#copies * (driftSquares + ownDrift);
    const objective = loss + (l2 / 2) * this.#squaredMove(ownSquares);
    return { objective, loss, gap: divergence + drift, divergence, drift };
  }

  /** Weights of all features, unfolded, spare lanes included: f32[featureCount][columns], to `target`. */
  writeWeights(target: Float32Array): void {
    const { rowCount, featureCount } = this;
    const columns = this.#columns;
    const pieceLines = Math.max(1, Math.min(this.#rebuildBlock, this.#folded.lineCount));
    const shape = { rowCount, featureCount, columns, pieceLines, ...this.#folded };
    unfoldWeights(this.#core, this.#plan.at, shape, this.#scaledL2, target);
  }

  /** The rows listed sit the next `epochs` epochs out; until they are visited they count with this divergence. */
  rest(rows: Uint32Array, epochs: number, divergence: number): void {
    const rests = new Uint8Array(this.#core.memory.buffer, this.#plan.at.rests, this.rowCount);
    const divergences = this.#f32("divergences", this.rowCount);
    for (const row of rows) {
      rests[row] = epochs;
      divergences[row] = divergence;
    }
  }

  /** Biases as in memory, spare lanes included: a view. */
  biasLine(): Float32Array {
    return this.#f32("biases", paddedClasses(this.classCount));
  }

  /** Duals of all rows, one line a row as in memory, spare lanes included: a view. */
  dualLines(): Float32Array {
    return this.#f32("duals", this.rowCount * this.#columns);
  }

  /** A scorer with these weights, as the last certificate measured them. */
  intoScorer(core: CoreFactory): Scorer {
    const { featureCount, classCount } = this;
    const scorer = Scorer.create(core(), { featureCount, classCount });
    this.writeWeights(scorer.paddedWeights());
    scorer.setBiases(this.biasLine());
    return scorer;
  }

  #record(): DataView {
    return new DataView(this.#core.memory.buffer, this.#plan.at.record, Field.BYTES);
  }

  #u32(block: Block | RowBlock, length: number): Uint32Array {
    return new Uint32Array(this.#core.memory.buffer, this.#plan.at[block], length);
  }

  #f32(block: Block | RowBlock, length: number): Float32Array {
    return new Float32Array(this.#core.memory.buffer, this.#plan.at[block], length);
  }
}

/** Rows of a batch are scored against the same weights, so slices of an epoch must end where batches end. */
export function wholeBatches(rows: number, batchSize: number): number {
  return Math.max(1, Math.round(rows / batchSize)) * batchSize;
}
