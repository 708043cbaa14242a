import { Problem as Field } from "../../assembly/layout.js";
import type { CsrMatrix } from "../data/csr.js";
import { BLOCK_ROWS, Scorer } from "../model/scorer.js";
import type { Random } from "../random.js";
import type { CoreExports, CoreFactory } from "../wasm/core.js";
import { type Plan, planBlocks, reserve } from "../wasm/memory.js";
import { paddedClasses, SPARE_SCORE, weightColumns } from "../wasm/weight-layout.js";

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
}

/** Weights as they lie in memory: a line a feature, spare lanes included; see `weightColumns`. */
export interface WeightLines {
  readonly weights: Float32Array;
  /** One a class, or for two classes one. */
  readonly biases: Float32Array;
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

const f32Blocks = ["norms", "residuals", "divergences", "losses", "entropies"] as const;
type Block =
  | (typeof f32Blocks)[number]
  | (
      | "record"
      | "indptr"
      | "indices"
      | "values"
      | "labels"
      | "biases"
      | "duals"
      | "rests"
      | "scores"
      | "changes"
    )
  | ("marks" | "wide" | "order" | "totals" | "cursors" | "sums" | "weights" | "origin" | "originBiases");

/** One training problem in the memory of one core. */
export class Problem {
  readonly rowCount: number;
  readonly featureCount: number;
  readonly classCount: number;
  readonly #core: CoreExports;
  readonly #plan: Plan<Block>;
  #scaledL2: number;
  readonly #columns: number;
  readonly #rebuildBlock: number;
  readonly #nnz: number;
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
    this.#nnz = matrix.values.length;
    this.#hasOrigin = input.origin !== undefined;
    this.#plan = this.#planMemory();
    const shape = `${this.rowCount} rows, ${this.featureCount} features, ${classCount} classes`;
    reserve(core.memory, this.#plan.totalBytes, `Training on ${shape}`);
    this.#writeRecord(input.hasBias);
    if (input.origin) this.#setOrigin(input.origin);
    this.#copyRows(matrix, labels, input.hasBias);
  }

  #planMemory(): Plan<Block> {
    const nnz = this.#nnz;
    const { rowCount, featureCount, classCount } = this;
    const stride = paddedClasses(classCount);
    const sizes = {
      record: Field.BYTES,
      indptr: 4 * (rowCount + 1),
      indices: 4 * nnz,
      values: 4 * nnz,
      labels: 4 * rowCount,
      biases: 4 * stride,
      duals: 4 * rowCount * this.#columns,
      rests: rowCount,
      scores: 4 * this.#batchSize * stride,
      changes: 4 * this.#batchSize * stride,
      marks: this.#batchSize,
      wide: 8 * stride,
      order: 4 * rowCount,
      totals: 16,
      cursors: 8 * rowCount,
      sums: 8 * Math.max(stride, Math.min(this.#rebuildBlock, featureCount) * this.#columns),
      originBiases: this.#hasOrigin ? 4 * stride : 0,
      origin: this.#hasOrigin ? 4 * featureCount * this.#columns : 0,
      weights: 4 * featureCount * this.#columns,
    };
    const perRow = Object.fromEntries(f32Blocks.map((block) => [block, 4 * rowCount]));
    return planBlocks<Block>({ ...sizes, ...(perRow as Record<(typeof f32Blocks)[number], number>) });
  }

  #writeRecord(hasBias: boolean): void {
    const record = this.#record();
    const counts: [Field, number][] = [
      [Field.rowCount, this.rowCount],
      [Field.featureCount, this.featureCount],
      [Field.classCount, this.classCount],
      [Field.stride, paddedClasses(this.classCount)],
      [Field.batchSize, this.#batchSize],
      [Field.hasBias, hasBias ? 1 : 0],
    ];
    for (const [field, count] of counts) record.setUint32(field, count, true);
    const { at } = this.#plan;
    const addresses: [Field, number][] = [
      [Field.indptr, at.indptr],
      [Field.indices, at.indices],
      [Field.values, at.values],
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

  #copyRows(matrix: CsrMatrix, labels: Uint32Array, hasBias: boolean): void {
    const { rowCount } = this;
    const { at } = this.#plan;
    this.#u32("indptr", rowCount + 1).set(matrix.indptr);
    this.#u32("indices", matrix.indices.length).set(matrix.indices);
    this.#f32("values", matrix.values.length).set(matrix.values);
    this.#u32("labels", rowCount).set(labels);
    const norms = this.#f32("norms", rowCount);
    const order = this.#u32("order", rowCount);
    for (let row = 0; row < rowCount; row++) {
      const first = matrix.indptr[row]!;
      const nnz = matrix.indptr[row + 1]! - first;
      norms[row] = this.#core.squaredNorm(at.values + 4 * first, nnz) + (hasBias ? 1 : 0);
      order[row] = row;
    }
    this.#setStart();
  }

  #setOrigin({ weights, biases }: WeightLines): void {
    this.#f32("origin", this.featureCount * this.#columns).set(weights);
    this.#f32("originBiases", paddedClasses(this.classCount)).fill(SPARE_SCORE, this.classCount).set(biases);
    this.#originSquares = this.#squares("origin", "originBiases");
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
    this.#f32("weights", this.featureCount * this.#columns).fill(0);
    new Uint8Array(this.#core.memory.buffer, this.#plan.at.rests, this.rowCount).fill(0);
    this.#u32("order", this.rowCount).forEach((_, row, order) => {
      order[row] = row;
    });
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

  /** |W|² − |W₀|², biases included: what the dual objective has of W, as D(q) = (1/n) Σ H(q) − (λ/2) (|W|² − |W₀|²). */
  squaredWeightsGained(): number {
    return this.#squares("weights", "biases") - this.#originSquares;
  }

  #squares(weights: "weights" | "origin", biases: "biases" | "originBiases"): number {
    const { at } = this.#plan;
    const sum = this.#core.sumOfSquares(at[weights], this.featureCount * this.#columns);
    return this.#copies * (sum + this.#core.sumOfSquares(at[biases], this.#biasCount));
  }

  /** |W − W₀|², biases included. */
  #squaredMove(): number {
    if (!this.#hasOrigin) return this.#squares("weights", "biases");
    const { at } = this.#plan;
    const count = this.featureCount * this.#columns;
    const weights = this.#core.sumOfSquaredDifferences(at.weights, at.origin, count);
    const biases = this.#core.sumOfSquaredDifferences(at.biases, at.originBiases, this.#biasCount);
    return this.#copies * (weights + biases);
  }

  /** Of two classes one column is kept; the weights of the other are its negative. */
  get #copies(): number {
    return this.classCount === 2 ? 2 : 1;
  }

  get #biasCount(): number {
    return this.classCount === 2 ? 1 : this.classCount;
  }

  /**
   * Sets the weights to W(q) and measures them, in f64, yielding between slices of the work. The drift that f32
   * updates have left is gone afterwards; what remains of it is rounding.
   */
  *certify(): Generator<void, Certificate> {
    const core = this.#core;
    const { at } = this.#plan;
    const { rowCount, featureCount } = this;
    const { l2 } = this;
    core.settleDuals(at.record, 0, rowCount);
    core.resetCursors(at.record, at.cursors);
    let driftSquares = core.rebuildBiases(at.record, at.sums, this.#scaledL2);
    for (let first = 0; first < featureCount; first += this.#rebuildBlock) {
      const end = Math.min(first + this.#rebuildBlock, featureCount);
      driftSquares += core.rebuildWeights(at.record, first, end, at.cursors, at.sums, this.#scaledL2);
      yield;
    }
    const totals = new Float64Array(core.memory.buffer, at.totals, 2).fill(0);
    for (let first = 0; first < rowCount; first += MEASURED_ROWS) {
      core.measureRows(at.record, first, Math.min(first + MEASURED_ROWS, rowCount), at.totals);
      yield;
    }
    const divergence = totals[0]! / rowCount;
    const loss = totals[1]! / rowCount;
    const drift = (l2 / 2) * this.#copies * driftSquares;
    const objective = loss + (l2 / 2) * this.#squaredMove();
    return { objective, loss, gap: divergence + drift, divergence, drift };
  }

  /** Weights of features first … end − 1, one line a feature as in memory, spare lanes included: a view. */
  weightLines(first: number, end: number): Float32Array {
    const { memory } = this.#core;
    return new Float32Array(
      memory.buffer,
      this.#plan.at.weights + 4 * first * this.#columns,
      (end - first) * this.#columns,
    );
  }

  /** Biases as in memory, spare lanes included: a view. */
  biasLine(): Float32Array {
    return this.#f32("biases", paddedClasses(this.classCount));
  }

  /** Duals of all rows, one line a row as in memory, spare lanes included: a view. */
  dualLines(): Float32Array {
    return this.#f32("duals", this.rowCount * this.#columns);
  }

  /**
   * A scorer with these weights. Where they are most of this problem's memory it takes that memory over, so that large
   * weights never stand in memory twice; the problem must not be used again.
   */
  intoScorer(core: CoreFactory): Scorer {
    const { featureCount, classCount, rowCount } = this;
    const { at, totalBytes } = this.#plan;
    const weightBytes = 4 * featureCount * this.#columns;
    if (2 * weightBytes > totalBytes && rowCount > BLOCK_ROWS && classCount > 2) {
      const blocks = { ...at, probabilities: at.duals, scratch: at.sums };
      return Scorer.over(this.#core, { featureCount, classCount }, blocks, this.#nnz);
    }
    const scorer = Scorer.create(core(), { featureCount, classCount });
    scorer.setPaddedWeights(0, this.weightLines(0, featureCount));
    scorer.setBiases(this.biasLine());
    return scorer;
  }

  #record(): DataView {
    return new DataView(this.#core.memory.buffer, this.#plan.at.record, Field.BYTES);
  }

  #u32(block: Block, length: number): Uint32Array {
    return new Uint32Array(this.#core.memory.buffer, this.#plan.at[block], length);
  }

  #f32(block: Block, length: number): Float32Array {
    return new Float32Array(this.#core.memory.buffer, this.#plan.at[block], length);
  }
}

/** Rows of a batch are scored against the same weights, so slices of an epoch must end where batches end. */
export function wholeBatches(rows: number, batchSize: number): number {
  return Math.max(1, Math.round(rows / batchSize)) * batchSize;
}
