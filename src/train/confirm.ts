import { Work } from "../../assembly/layout.js";
import { ranges } from "../data/csr.js";
import { blockCounts } from "./problem-blocks.js";
import type { Certificate, Seen } from "./problem-input.js";
import type { ProblemMemory } from "./problem-memory.js";

/**
 * Passes over all rows or lines, in f64. They yield kinds of work, all of whose blocks must be done, by whomever, before the
 * generator goes on, and undefined where the event loop may have its turn.
 */
export type Asking<Result> = Generator<Work | undefined, Result>;

/** What they depend on beside the memory. */
export interface Objective {
  /** N */
  readonly scaledL2: number;
  /** λ */
  readonly l2: number;
  /** τ */
  readonly l1: number;
  readonly hasOrigin: boolean;
  /** |W₀|² */
  readonly originSquares: number;
}

/**
 * |W|² − |W₀|², biases included, as far as single precision follows it between certificates: what the dual objective
 * has of W, as D(q) = (1/n) Σ H(q) − (λ/2) (|W|² − |W₀|²),
 * with an L1 part as without.
 */
export function* squaresGained(memory: ProblemMemory, objective: Objective): Asking<number> {
  const { core, at, biasCount, copies } = memory;
  yield Work.square;
  const own = core.ownSquares(at.record) / objective.scaledL2 ** 2;
  const squares = sumOfResults(memory, Work.square, 0) + core.sumOfSquares(at.biases, biasCount) + own;
  return copies * squares - objective.originSquares;
}

/** Sets the weights to W(q), rounded, and returns Σ (W − W(q))² over what is kept. */
export function* rebuilt(memory: ProblemMemory, { scaledL2 }: Objective): Asking<number> {
  yield Work.settle;
  const biasDrift = memory.core.rebuildBiases(memory.at.record, scaledL2);
  yield Work.rebuild;
  return biasDrift + sumOfResults(memory, Work.rebuild, 0);
}

/**
 * Sets the weights to W(q) and measures them. The drift that f32 updates have left is gone afterwards; what remains of it
 * is rounding.
 */
export function* confirmed(memory: ProblemMemory, objective: Objective): Asking<Certificate> {
  const { rowCount, copies } = memory;
  const { l1, l2 } = objective;
  const driftSquares = yield* rebuilt(memory, objective);
  yield Work.measure;
  const divergence = sumOfResults(memory, Work.measure, 0) / rowCount;
  const loss = sumOfResults(memory, Work.measure, 1) / rowCount;
  const ownDrift = sumOfResults(memory, Work.measure, 2);
  const ownSquares = sumOfResults(memory, Work.measure, 3);
  yield Work.squareMove;
  const moved = sumOfResults(memory, Work.squareMove, 0) + biasMove(memory, objective) + ownSquares;
  const drift = (l2 / 2) * copies * (driftSquares + ownDrift);
  const penalty =
    (l2 / 2) * copies * moved + (l1 > 0 ? l2 * l1 * copies * (yield* sumOfAbsolutes(memory)) : 0);
  return { objective: loss + penalty, loss, gap: divergence + drift, divergence, drift };
}

/**
 * Rows by the divergence that their last visit saw, over its mean: from which on, how many are measured at least, and one in
 * how many if that is more.
 */
const STRATA = [
  { from: 4, least: Number.POSITIVE_INFINITY, step: 1 },
  { from: 1, least: 2000, step: 8 },
  { from: Number.NEGATIVE_INFINITY, least: 1000, step: 16 },
] as const;

/**
 * About the gap of the weights as they stand, in nats: measured for some rows, more of those with large divergences, as
 * these make up most of it. To be asked between epochs: it writes to `order`.
 */
export function* estimatedGap(memory: ProblemMemory, seen: Seen): Asking<number> {
  const { rowCount } = memory;
  const divergences = memory.f32("divergences", rowCount);
  const marks = memory.u32("order", rowCount);
  let sum = 0;
  let below = Number.POSITIVE_INFINITY;
  for (const { from, least, step: mostStep } of STRATA) {
    const [low, high] = [from * seen.divergence, below];
    const isIn = (row: number) => divergences[row]! >= low && divergences[row]! < high;
    let [count, measured, place] = [0, 0, 0];
    for (let row = 0; row < rowCount; row++) if (isIn(row)) count++;
    const step = Math.max(1, Math.min(mostStep, Math.floor(count / least)));
    for (let row = 0; row < rowCount; row++) {
      marks[row] = isIn(row) && place++ % step === 0 ? 1 : 0;
      measured += marks[row]!;
    }
    below = low;
    if (measured === 0) continue;
    yield Work.measureSome;
    sum += (count / measured) * sumOfResults(memory, Work.measureSome, 0);
  }
  return sum / rowCount;
}

/** Σ |W| over what is kept, without the biases. */
function* sumOfAbsolutes(memory: ProblemMemory): Asking<number> {
  const weights = memory.f32("weights", memory.weightCount);
  let sum = 0;
  for (const [first, end] of ranges(weights.length)) {
    for (let i = first; i < end; i++) sum += Math.abs(weights[i]!);
    yield;
  }
  return sum;
}

/** |b − b₀|² */
function biasMove({ core, at, biasCount }: ProblemMemory, { hasOrigin }: Objective): number {
  return hasOrigin
    ? core.sumOfSquaredDifferences(at.biases, at.originBiases, biasCount)
    : core.sumOfSquares(at.biases, biasCount);
}

/** What the blocks of a kind of work have yielded, added up in their order. @param which of a block's four results */
function sumOfResults(memory: ProblemMemory, work: Work, which: 0 | 1 | 2 | 3): number {
  const counts = blockCounts(memory.rowCount, memory.folded.lineCount, memory.classCount);
  const count = work <= Work.measure ? counts.ofRows : counts.ofLines;
  const results = memory.f64("results", 4 * count);
  let sum = 0;
  for (let block = 0; block < count; block++) sum += results[4 * block + which]!;
  return sum;
}
