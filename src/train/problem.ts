import { Control, Problem as Field, Work } from "../../assembly/layout.js";
import type { Scorer } from "../model/scorer.js";
import type { Random } from "../random.js";
import type { CoreExports } from "../wasm/core.js";
import type { Plan } from "../wasm/memory.js";
import { paddedClasses, SPARE_SCORE, type WeightLines, weightColumns } from "../wasm/weight-layout.js";
import { purposeOf } from "./memory-need.js";
import { type FoldedCounts, placeRows, type RowBlock } from "./place-rows.js";
import {
  type Block,
  blockCounts,
  linesABlock,
  ownBytes,
  type ProblemShape,
  problemBlocks,
  writeRecord,
} from "./problem-blocks.js";
import type { Certificate, ProblemInput, Seen } from "./problem-input.js";
import { meanOver } from "./row-means.js";
import { sharingOf, ThreadRecords } from "./thread-records.js";
import { unfoldWeights } from "./unfold-weights.js";

export type { Certificate, ProblemInput, Seen } from "./problem-input.js";

/** One training problem in the memory of one core, which several threads may work on (`hands.ts`). */
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
  readonly #hasOrigin: boolean;
  readonly records: ThreadRecords;
  /** Bytes of the core's memory, from address 0 on, that it uses. */
  readonly usedBytes: number;
  /** |W₀|² */
  #originSquares = 0;
  readonly #firstBatchSize: number;
  #batchSize: number;
  #activeRowCount: number;

  constructor(core: CoreExports, input: ProblemInput) {
    const { matrix, labels, classCount, scaledL2, threads = 1, shards = 1 } = input;
    this.#core = core;
    this.#scaledL2 = scaledL2;
    this.#firstBatchSize = input.batchSize;
    this.#batchSize = input.batchSize;
    this.rowCount = matrix.rowCount;
    this.#activeRowCount = matrix.rowCount;
    this.featureCount = matrix.columnCount;
    this.classCount = classCount;
    this.#columns = weightColumns(classCount).padded;
    this.#hasOrigin = input.origin !== undefined;
    const { rowCount } = this;
    const problem: ProblemShape = {
      rowCount,
      classCount,
      batchSize: input.batchSize,
      hasBias: input.hasBias,
      hasOrigin: this.#hasOrigin,
      longestRow: matrix.indptr.reduce((most, end, i, all) => Math.max(most, end - (all[i - 1] ?? 0)), 0),
      sharing: sharingOf(threads, shards, matrix.values.length / rowCount),
    };
    const { folded, plan } = placeRows<Block>(core, matrix, {
      folds: !this.#hasOrigin && (input.folds ?? true),
      keepsAbsent: this.#hasOrigin,
      admit: (total, { duals, weights }) =>
        input.admit?.({ total, present: core.memory.buffer.byteLength, duals, weights }),
      purpose: purposeOf(this),
      blocks: (counts) => problemBlocks(problem, counts),
    });
    this.#folded = folded;
    this.#plan = plan;
    this.usedBytes = plan.totalBytes;
    writeRecord(new DataView(core.memory.buffer, plan.at.record, Field.BYTES), problem, plan.at, scaledL2);
    const own = ownBytes(problem, folded);
    this.records = new ThreadRecords(core.memory, plan.at, own, problem.sharing, input.batchSize);
    // Pages that are read before they are written cost twice as much, and with several threads many times.
    if (threads > 1) this.#f32("weights", folded.lineCount * this.#columns).fill(0);
    core.dealLines(plan.at.record, plan.at.dealing);
    if (input.origin) this.#setOrigin(input.origin);
    core.setNorms(plan.at.record);
    this.#u32("labels", this.rowCount).set(labels);
    this.#f32("rowWeights", this.rowCount).set(input.rowWeights ?? new Float32Array(this.rowCount).fill(1));
    this.#setOrder();
    this.#setStart();
  }

  /** Visits rows in order, all or those listed. */
  #setOrder(rows?: Uint32Array): void {
    this.#order().forEach((_, i, order) => {
      order[i] = rows ? rows[i]! : i;
    });
  }

  #setOrigin({ weights, biases }: WeightLines): void {
    // Nothing is folded where there is an origin: each feature has a line.
    const columns = this.#columns;
    const origin = this.#f32("origin", this.featureCount * columns);
    this.#u32("lineOf", this.featureCount).forEach((line, feature) => {
      origin.set(weights.subarray(feature * columns, (feature + 1) * columns), line * columns);
    });
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

  /** Begins again with another λn and batches of the first size, on all rows or those listed: only they are visited. */
  restart(scaledL2: number, rows?: Uint32Array): void {
    this.#f32("duals", this.rowCount * this.#columns).fill(0);
    this.#f32("weights", this.#folded.lineCount * this.#columns).fill(0);
    new Uint8Array(this.#core.memory.buffer, this.#plan.at.rests, this.rowCount).fill(0);
    this.#activeRowCount = rows?.length ?? this.rowCount;
    this.#setOrder(rows);
    this.#setStart();
    this.#setScaledL2(scaledL2);
    this.#setBatchSize(this.#firstBatchSize);
  }

  /**
   * Goes on with another λn from q = start + share · (q − start), which scales W(q) − W₀ by share · (λn before) / λn. For
   * a smaller λ a share below 1 begins nearer to its optimum, as rows then fit better; 1 keeps q.
   */
  rescale(scaledL2: number, share: number): void {
    const { at } = this.#plan;
    const factor = (share * this.#scaledL2) / scaledL2;
    this.#core.shrinkDuals(at.record, share);
    this.#core.scaleMove(
      at.weights,
      this.#hasOrigin ? at.origin : 0,
      this.#folded.lineCount * this.#columns,
      factor,
    );
    this.#core.scaleMove(at.biases, this.#hasOrigin ? at.originBiases : 0, this.#biasCount, factor);
    this.#setScaledL2(scaledL2);
  }

  #setScaledL2(scaledL2: number): void {
    this.#scaledL2 = scaledL2;
    this.records.setNumber(Field.inverseN, 1 / scaledL2);
  }

  /** Rows that are visited: all, unless `restart` was given a list. */
  get activeRowCount(): number {
    return this.#activeRowCount;
  }

  /** N = λ · rowCount */
  get scaledL2(): number {
    return this.#scaledL2;
  }

  /** λ */
  get l2(): number {
    return this.#scaledL2 / this.#activeRowCount;
  }

  get batchSize(): number {
    return this.#batchSize;
  }

  /** From now on batches hold half as many rows. */
  halveBatches(): void {
    this.#setBatchSize(Math.max(1, this.#batchSize >>> 1));
  }

  #setBatchSize(batchSize: number): void {
    this.#batchSize = batchSize;
    this.records.setCount(Field.batchSize, batchSize);
  }

  /** Draws a new visiting order. Rows whose residual stays below `restBelow` sit out the next epochs. */
  startEpoch(random: Random, restBelow: number): void {
    random.shuffle(this.#order());
    this.records.setNumber(Field.restBelow, restBelow);
  }

  /** Visits rows at places first … end − 1 of the epoch's order; `first` a multiple of the batch size. */
  visit(first: number, end: number): void {
    this.#core.visitRows(
      this.#plan.at.record,
      this.#plan.at.order,
      first,
      Math.min(end, this.#activeRowCount),
    );
  }

  seen(): Seen {
    const order = this.#order();
    const mean = (block: Block) => meanOver(this.#f32(block, this.rowCount), order);
    return {
      divergence: mean("divergences"),
      loss: mean("losses"),
      residual: mean("residuals"),
      entropy: mean("entropies"),
    };
  }

  /** Mean of the losses, before their steps, of the last `share` of the rows in the epoch's order, by weight. In nats. */
  lossSeenLast(share: number): number {
    const losses = this.#f32("losses", this.rowCount);
    const weights = this.#f32("rowWeights", this.rowCount);
    const last = this.#order().subarray(-Math.max(1, Math.floor(share * this.#activeRowCount)));
    let [sum, weight] = [0, 0];
    for (const row of last) {
      sum += losses[row]!;
      weight += weights[row]!;
    }
    return sum / weight;
  }

  /** Mean log-loss of the rows listed, by weight, with the weights as they stand. In nats. */
  meanLossOf(rows: Uint32Array): number {
    const { record, results } = this.#plan.at;
    const totals = new Float64Array(this.#core.memory.buffer, results, 4).fill(0);
    const weights = this.#f32("rowWeights", this.rowCount);
    for (const row of rows) this.#core.measureRows(record, row, row + 1, this.#scaledL2, results);
    return totals[1]! / rows.reduce((sum, row) => sum + weights[row]!, 0);
  }

  /**
   * |W|² − |W₀|², biases included, as far as single precision follows it between certificates: what the dual objective
   * has of W, as D(q) = (1/n) Σ H(q) − (λ/2) (|W|² − |W₀|²). Yields work as `confirm` does.
   */
  *squaresGained(): Generator<Work, number> {
    yield Work.square;
    const own = this.#core.ownSquares(this.#plan.at.record) / this.#scaledL2 ** 2;
    const squares =
      this.#sumOfResults(Work.square, 0) +
      this.#core.sumOfSquares(this.#plan.at.biases, this.#biasCount) +
      own;
    return this.#copies * squares - this.#originSquares;
  }

  /** The same by this thread alone. */
  squaredWeightsGained(): number {
    const asking = this.#alone(this.squaresGained());
    for (;;) {
      const step = asking.next();
      if (step.done) return step.value;
    }
  }

  /** |b − b₀|² */
  #biasMove(): number {
    if (!this.#hasOrigin) return this.#core.sumOfSquares(this.#plan.at.biases, this.#biasCount);
    const { at } = this.#plan;
    return this.#core.sumOfSquaredDifferences(at.biases, at.originBiases, this.#biasCount);
  }

  /** Of two classes one column is kept; the weights of the other are its negative. */
  get #copies(): number {
    return this.classCount === 2 ? 2 : 1;
  }

  get #biasCount(): number {
    return weightColumns(this.classCount).stored;
  }

  /** Sets the weights to W(q), rounded, and returns Σ (W − W(q))² over what is kept. Yields work as `confirm` does. */
  *#rebuilt(): Generator<Work, number> {
    yield Work.settle;
    const biasDrift = this.#core.rebuildBiases(this.#plan.at.record, this.#scaledL2);
    yield Work.rebuild;
    return biasDrift + this.#sumOfResults(Work.rebuild, 0);
  }

  /**
   * Sets the weights to W(q) and measures them, in f64. The drift that f32 updates have left is gone afterwards; what
   * remains of it is rounding. Yields work, all of whose blocks must be done before the generator goes on.
   */
  *confirm(): Generator<Work, Certificate> {
    const { rowCount, l2 } = this;
    const driftSquares = yield* this.#rebuilt();
    yield Work.measure;
    const divergence = this.#sumOfResults(Work.measure, 0) / rowCount;
    const loss = this.#sumOfResults(Work.measure, 1) / rowCount;
    const ownDrift = this.#sumOfResults(Work.measure, 2);
    const ownSquares = this.#sumOfResults(Work.measure, 3);
    yield Work.squareMove;
    const move = this.#copies * (this.#sumOfResults(Work.squareMove, 0) + this.#biasMove() + ownSquares);
    const drift = (l2 / 2) * this.#copies * (driftSquares + ownDrift);
    return { objective: loss + (l2 / 2) * move, loss, gap: divergence + drift, divergence, drift };
  }

  /** The same by this thread alone, yielding between blocks. */
  certify(): Generator<void, Certificate> {
    return this.#alone(this.confirm());
  }

  /** Sets the weights to W(q), rounded, by this thread alone; returns Σ (W − W(q))² over what is kept. */
  rebuild(): Generator<void, number> {
    return this.#alone(this.#rebuilt());
  }

  *#alone<Result>(asking: Generator<Work, Result>): Generator<void, Result> {
    for (;;) {
      const step = asking.next();
      if (step.done) return step.value;
      this.startWork(step.value);
      while (this.takeBlocks(step.value, 1)) yield;
    }
  }

  /** To be called before blocks of a kind of work are taken. */
  startWork(work: Work): void {
    this.records.setCounter(Control.stop, 0);
    this.records.setCounter(Control.nextBlock, 0);
    if (work === Work.rebuild) this.#core.resetCursors(this.#plan.at.record);
  }

  /** Does up to so many blocks of work on this thread; returns whether there may be more. */
  takeBlocks(work: Work, most: number): boolean {
    return this.#core.takeBlocks(this.#plan.at.record, work, most, this.#scaledL2) !== 0;
  }

  /** What the blocks of a kind of work have yielded, added up in their order. @param which of a block's four results */
  #sumOfResults(work: Work, which: 0 | 1 | 2 | 3): number {
    const counts = blockCounts(this.rowCount, this.#folded.lineCount, this.classCount);
    const count = work <= Work.measure ? counts.ofRows : counts.ofLines;
    const results = new Float64Array(this.#core.memory.buffer, this.#plan.at.results, 4 * count);
    let sum = 0;
    for (let block = 0; block < count; block++) sum += results[4 * block + which]!;
    return sum;
  }

  /** Address of the visiting order. */
  get orderAddress(): number {
    return this.#plan.at.order;
  }

  /** Weights of all features, unfolded, spare lanes included: f32[featureCount][columns], to `target`. */
  writeWeights(target: Float32Array): void {
    const { rowCount, featureCount } = this;
    const columns = this.#columns;
    const pieceLines = Math.max(1, Math.min(linesABlock(this.classCount), this.#folded.lineCount));
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

  /** Gives a scorer these weights, as the last certificate measured them. */
  intoScorer(scorer: Scorer): Scorer {
    this.writeWeights(scorer.paddedWeights());
    scorer.setBiases(this.biasLine());
    return scorer;
  }

  #order(): Uint32Array {
    return this.#u32("order", this.#activeRowCount);
  }

  #u32(block: Block | RowBlock, length: number): Uint32Array {
    return new Uint32Array(this.#core.memory.buffer, this.#plan.at[block], length);
  }

  #f32(block: Block | RowBlock, length: number): Float32Array {
    return new Float32Array(this.#core.memory.buffer, this.#plan.at[block], length);
  }
}
