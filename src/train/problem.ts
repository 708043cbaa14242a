import { Control, Problem as Field, Work } from "../../assembly/layout.js";
import { clearInPieces, copyInPieces } from "../data/pieces.js";
import { Scorer } from "../model/scorer.js";
import type { Random } from "../random.js";
import { atOnce } from "../slices.js";
import type { CoreExports } from "../wasm/core.js";
import { paddedClasses, SPARE_SCORE, type WeightLines } from "../wasm/weight-layout.js";
import { type Asking, confirmed, type Objective, rebuilt, squaresGained } from "./confirm.js";
import { type Pilot, pilotOf } from "./default-l2.js";
import { estimatedGap } from "./estimate-gap.js";
import { meanLossOf } from "./mean-loss.js";
import { placeProblem, singleL1 } from "./place-problem.js";
import { linesABlock, type PlacedRows } from "./problem-blocks.js";
import type { Certificate, ProblemInput, Seen } from "./problem-input.js";
import type { ProblemMemory } from "./problem-memory.js";
import { Schedule } from "./schedule.js";
import { copyLines, linesWithWeights, nonZeroCount } from "./sparse-lines.js";
import type { ThreadRecords } from "./thread-records.js";
import { unfolding, type WriteWeights, writingWeights } from "./unfold-weights.js";
import {
  foretellVisits,
  scaleMove,
  setOrigin,
  setStartingDuals,
  shrinkDuals,
  shrinkWeights,
} from "./warm-start.js";

export type { Certificate, ProblemInput, Seen } from "./problem-input.js";

/** One training problem in the memory of one core, which several threads may work on (`hands.ts`). */
export class Problem {
  readonly rowCount: number;
  readonly featureCount: number;
  readonly classCount: number;
  readonly #core: CoreExports;
  #memory!: ProblemMemory;
  #scaledL2: number;
  readonly #hasBias: boolean;
  #hasOrigin: boolean;
  readonly #l1: number;
  readonly #hasTargets: boolean;
  records!: ThreadRecords;
  /** Bytes of the core's memory, from address 0 on, that it uses. */
  usedBytes!: number;
  /** |W₀|² */
  #originSquares = 0;
  readonly #firstBatchSize: number;
  #batchSize: number;
  #schedule!: Schedule;
  /** Whether no row has been visited since the start. */
  #isFresh = true;
  /** Visits of the epoch that was started last. */
  #visitCount = 0;

  /** Places a problem in a fresh core. Throws `out-of-memory`. @param isPlaced false: nothing is placed yet */
  constructor(core: CoreExports, input: ProblemInput, isPlaced = true) {
    const { matrix, classCount } = input;
    this.#core = core;
    this.#scaledL2 = input.scaledL2;
    this.#firstBatchSize = input.batchSize;
    this.#batchSize = input.batchSize;
    this.rowCount = matrix.rowCount;
    this.featureCount = matrix.columnCount;
    this.classCount = classCount;
    this.#hasOrigin = input.origin !== undefined;
    this.#hasBias = input.hasBias;
    this.#hasTargets = input.targets !== undefined;
    this.#l1 = singleL1(input.l1);
    if (isPlaced) atOnce(this.#place(input));
  }

  /** The same, but yields now and then. */
  static *inPieces(core: CoreExports, input: ProblemInput): Generator<void, Problem> {
    const problem = new Problem(core, input, false);
    yield* problem.#place(input);
    return problem;
  }

  *#place(input: ProblemInput): Generator<void> {
    const { memory, usedBytes, records } = yield* placeProblem(this.#core, input);
    this.#memory = memory;
    this.usedBytes = usedBytes;
    this.records = records;
    this.#schedule = this.#scheduleOf();
    if (input.origin) yield* this.#setOrigin(input.origin);
    yield* this.#setStart();
  }

  /** A new one, of all rows or those listed. */
  #scheduleOf(rows?: Uint32Array): Schedule {
    return new Schedule(this.#core, this.#memory.at, this.rowCount, rows);
  }

  *#setOrigin(origin: WeightLines): Generator<void> {
    yield* setOrigin(this.#memory, this.featureCount, origin);
    this.#originSquares = this.#squaresOfOrigin();
  }

  #squaresOfOrigin(): number {
    const { at, biasCount, copies } = this.#memory;
    const squares = this.#core.sumOfSquares(at.origin, this.#memory.weightCount);
    return copies * (squares + this.#core.sumOfSquares(at.originBiases, biasCount));
  }

  /** q = t and W = W₀. */
  *#setStart(): Generator<void> {
    yield* setStartingDuals(this.#memory, this.#hasTargets);
    const stride = paddedClasses(this.classCount);
    this.#memory.f32("biases", stride).fill(0).fill(SPARE_SCORE, this.classCount);
    if (!this.#hasOrigin) return;
    const { weightCount } = this.#memory;
    yield* copyInPieces(this.#memory.f32("weights", weightCount), this.#memory.f32("origin", weightCount));
    this.#memory.f32("biases", stride).set(this.#memory.f32("originBiases", stride));
  }

  /**
   * Begins again with another λn and batches of the first size, on all rows or those listed: only they are visited. Yields
   * now and then.
   */
  *restart(scaledL2: number, rows?: Uint32Array): Generator<void> {
    const { columns, weightCount } = this.#memory;
    yield* clearInPieces(this.#memory.f32("duals", this.rowCount * columns));
    yield* clearInPieces(this.#memory.f32("weights", weightCount));
    if (this.#l1 > 0) yield* clearInPieces(this.#memory.f32("accumulated", weightCount));
    this.#schedule = this.#scheduleOf(rows);
    this.#isFresh = true;
    yield* this.#setStart();
    this.#setScaledL2(scaledL2);
    this.#setBatchSize(this.#firstBatchSize);
  }

  /**
   * Goes on with another λn from q = start + share · (q − start), which scales W(q) − W₀ by share · (λn before) / λn. For
   * a smaller λ a share below 1 begins nearer to its optimum, as rows then fit better; 1 keeps q. Where the problem is `solved`
   * for the λ before, the next visits begin where the other λ changes most, as the last ones tell. Yields now and then.
   */
  *rescale(scaledL2: number, share: number, solved = false): Generator<void> {
    const factor = (share * this.#scaledL2) / scaledL2;
    const { biasCount, weightCount } = this.#memory;
    yield* shrinkDuals(this.#memory, this.#hasTargets, share);
    const { core, at } = this.#memory;
    const scale = (block: "weights" | "accumulated" | "biases", origin: number, count: number) =>
      scaleMove(core, at[block], this.#hasOrigin ? origin : 0, count, factor);
    yield* scale(this.hasL1 ? "accumulated" : "weights", at.origin, weightCount);
    yield* scale("biases", at.originBiases, biasCount);
    if (this.hasL1) yield* shrinkWeights(this.#memory, this.#l1);
    this.#setScaledL2(scaledL2);
    if (solved && !this.#hasTargets && !this.#hasOrigin) yield* foretellVisits(this.#memory, factor);
  }

  #setScaledL2(scaledL2: number): void {
    this.#scaledL2 = scaledL2;
    this.records.setNumber(Field.inverseN, 1 / scaledL2);
  }

  /** Whether the regulariser pulls to an origin. */
  get hasOrigin(): boolean {
    return this.#hasOrigin;
  }

  /** Lets the regulariser pull to 0 instead of the origin, or to the origin again; to be followed by `restart`. */
  pullTo(where: "zero" | "origin"): void {
    const { at } = this.#memory;
    this.#hasOrigin = where === "origin";
    this.records.setCount(Field.origin, this.#hasOrigin ? at.origin : 0);
    this.records.setCount(Field.originBiases, this.#hasOrigin ? at.originBiases : 0);
    this.#originSquares = this.#hasOrigin ? this.#squaresOfOrigin() : 0;
  }

  get hasL1(): boolean {
    return this.#l1 > 0;
  }

  /** Rows that are visited: all, unless `restart` was given a list. */
  get activeRowCount(): number {
    return this.#schedule.count;
  }

  /** N = λ · rowCount */
  get scaledL2(): number {
    return this.#scaledL2;
  }

  /** λ */
  get l2(): number {
    return this.#scaledL2 / this.activeRowCount;
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

  /** Draws the visits of an epoch: at the start all rows, later those that need it, by their residuals. Yields now and then. */
  *startEpoch(random: Random): Generator<void> {
    if (this.#isFresh) {
      yield* this.startFullEpoch(random);
      return;
    }
    this.#visitCount = yield* this.#schedule.byResidual(this.#batchSize, random);
  }

  /** Draws the visits of an epoch: all rows, once each. Yields now and then. */
  *startFullEpoch(random: Random): Generator<void> {
    this.#isFresh = false;
    this.#visitCount = yield* this.#schedule.all(random);
  }

  /** Visits of the epoch, 1 … `activeRowCount`. */
  get visitCount(): number {
    return this.#visitCount;
  }

  /** Makes the visits first … end − 1 of the epoch; `first` a multiple of the batch size. */
  visit(first: number, end: number): void {
    this.#core.visitRows(this.#memory.at.record, this.orderAddress, first, Math.min(end, this.#visitCount));
  }

  seen(): Seen {
    const { at } = this.#memory;
    const { listed, count } = this.#schedule;
    const mean = (block: "divergences" | "losses" | "residuals") =>
      this.#core.sumOf(at[block], listed, count) / count;
    return {
      divergence: mean("divergences"),
      loss: mean("losses"),
      residual: mean("residuals"),
    };
  }

  /** What the last `share` of the rows have shown in a full epoch from the start: see `pilotOf` in `default-l2.ts`. */
  pilotSeenLast(share: number): Pilot {
    const last = this.#places().subarray(-Math.max(1, Math.floor(share * this.activeRowCount)));
    return pilotOf(this.#memory, last, this.#hasTargets);
  }

  /** Mean log-loss of the rows listed, by weight, with the weights as they stand. In nats. Yields now and then. */
  meanLossOf(rows: Uint32Array): Generator<void, number> {
    return meanLossOf(this.#memory, rows);
  }

  /** See `estimatedGap` in `estimate-gap.ts`. */
  estimateGap(seen: Seen, limit: number): Asking<number> {
    return estimatedGap(this.#memory, this.records, seen, limit);
  }

  get #objective(): Objective {
    const { l2, scaledL2 } = this;
    const has = { hasOrigin: this.#hasOrigin, hasTargets: this.#hasTargets };
    return { l1: this.#l1, l2, scaledL2, ...has, originSquares: this.#originSquares };
  }

  /** See `squaresGained` in `confirm.ts`; by this thread alone. */
  squaredWeightsGained(): number {
    return atOnce(this.#alone(squaresGained(this.#memory, this.#objective)));
  }

  /** Sets the weights to W(q) and measures them: see `confirmed` in `confirm.ts`. */
  confirm(): Asking<Certificate> {
    return confirmed(this.#memory, this.#objective);
  }

  /** The same by this thread alone, yielding between blocks. */
  certify(): Generator<void, Certificate> {
    return this.#alone(this.confirm());
  }

  /** Sets the weights to W(q), rounded, by this thread alone; returns Σ (W − W(q))² over what is kept. */
  rebuild(): Generator<void, number> {
    return this.#alone(rebuilt(this.#memory, this.#objective));
  }

  *#alone<Result>(asking: Asking<Result>): Generator<void, Result> {
    for (;;) {
      const step = asking.next();
      if (step.done) return step.value;
      yield;
      if (step.value === undefined) continue;
      this.startWork(step.value);
      while (this.takeBlocks(step.value, 1)) yield;
    }
  }

  /** To be called before blocks of a kind of work are taken. */
  startWork(work: Work): void {
    this.records.setCounter(Control.stop, 0);
    this.records.setCounter(Control.nextBlock, 0);
    if (work === Work.rebuild) this.records.resetCursors(this.#core);
  }

  /** Does up to so many blocks of work on this thread; returns whether there may be more. */
  takeBlocks(work: Work, most: number): boolean {
    return this.#core.takeBlocks(this.#memory.at.record, work, most, this.#scaledL2) !== 0;
  }

  /** What writes weights of features, unfolded, as long as the problem stays as it is. */
  unfolding(): WriteWeights {
    const { columns, folded, at } = this.#memory;
    const pieceLines = Math.max(1, Math.min(linesABlock(this.classCount), folded.lineCount));
    return unfolding(this.#core, at, { columns, pieceLines }, this.#scaledL2);
  }

  /** All of them to `target`, spare lanes included: f32[featureCount][columns]. Yields now and then. */
  *writeWeights(target: Float32Array): Generator<void> {
    yield* writingWeights(this.unfolding(), target, this.featureCount, this.#memory.columns);
  }

  /**
   * Training goes on from duals and weights that others have set: rows are visited by these residuals, f32[rowCount], and the
   * first so many, which count with this divergence until they are, need not be visited in the next epoch.
   */
  goOn(residuals: Float32Array, solvedCount: number, divergence: number): void {
    this.#isFresh = false;
    this.#schedule.resume(solvedCount);
    this.#memory.f32("residuals", this.rowCount).set(residuals);
    this.#memory.f32("divergences", this.rowCount).fill(1).fill(divergence, 0, solvedCount);
  }

  get placed(): PlacedRows {
    const { rowCount, featureCount, classCount } = this;
    const { core, at, folded, columns } = this.#memory;
    const has = { hasBias: this.#hasBias, hasTargets: this.#hasTargets };
    return { core, at, rowCount, featureCount, classCount, columns, ...has, ...folded };
  }

  /** Biases as in memory, spare lanes included: a view. */
  biasLine(): Float32Array {
    return this.#memory.f32("biases", paddedClasses(this.classCount));
  }

  /** Duals of all rows, one line a row as in memory, spare lanes included: a view. */
  dualLines(): Float32Array {
    return this.#memory.f32("duals", this.rowCount * this.#memory.columns);
  }

  /** Gives a scorer these weights, as the last certificate measured them. Yields now and then. */
  *intoScorer(scorer: Scorer): Generator<void, Scorer> {
    yield* this.writeWeights(scorer.paddedWeights());
    scorer.setBiases(this.biasLine());
    return scorer;
  }

  /**
   * A scorer of the features that have weights other than 0, or of all where naming them would take more room: for
   * problems with an L1 part.
   */
  *intoSparseScorer(core: CoreExports): Generator<void, Scorer> {
    const { featureCount, classCount } = this;
    const kept = yield* linesWithWeights(this.#memory, featureCount);
    if (!kept) return yield* this.intoScorer(Scorer.create(core, this));
    const scorer = Scorer.create(core, { featureCount, classCount }, kept.features);
    const weights = this.#memory.f32("weights", this.#memory.weightCount);
    yield* copyLines(weights, kept.lines, this.#memory.columns, scorer.paddedWeights());
    scorer.setBiases(this.biasLine());
    return scorer;
  }

  /** Weights other than 0, those of both classes where there are two; biases do not count. Yields now and then. */
  nonZeroCount(): Generator<void, number> {
    return nonZeroCount(this.#memory);
  }

  /** Address of the rows of an epoch's visits, in their order. */
  get orderAddress(): number {
    return this.#memory.at.order;
  }

  #places(): Uint32Array {
    return this.#memory.u32("order", this.activeRowCount);
  }
}
