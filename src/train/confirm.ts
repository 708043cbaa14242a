import { Work } from "../../assembly/layout.js";
import { ranges } from "../data/csr.js";
import { blockCounts } from "./problem-blocks.js";
import type { Certificate } from "./problem-input.js";
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
  readonly hasTargets: boolean;
  /** |W₀|² */
  readonly originSquares: number;
}

/**
 * |W|² − |W₀|², biases included: what the dual objective has of W, as D(q) = (1/n) Σ H(q) − (λ/2) (|W|² − |W₀|²), with an
 * L1 part as without.
 */
export function* squaresGained(memory: ProblemMemory, objective: Objective): Asking<number> {
  const { core, at, biasCount, copies } = memory;
  yield Work.square;
  const { scaledL2, hasTargets } = objective;
  const own = ownSquares(memory, hasTargets) / (scaledL2 * scaledL2);
  const squares = sumOfResults(memory, Work.square, 0) + core.sumOfSquares(at.biases, biasCount) + own;
  return copies * squares - objective.originSquares;
}

/** Σ |weights of own features|², from q, before any rounding, times N². There are such features with more than two classes. */
function ownSquares(memory: ProblemMemory, hasTargets: boolean): number {
  const { rowCount, classCount, columns } = memory;
  const norms = memory.f32("ownNorms", rowCount);
  const weights = memory.f32("rowWeights", rowCount);
  const labels = memory.u32("labels", rowCount);
  const duals = memory.f32("duals", rowCount * columns);
  const targets = hasTargets ? memory.f32("targets", duals.length) : undefined;
  let sum = 0;
  for (let row = 0; row < rowCount; row++) {
    if (norms[row] === 0) continue;
    let beside = 0;
    let squares = 0;
    for (let c = 0; c < classCount; c++) {
      if (c === labels[row]) continue;
      const at = row * columns + c;
      const mass = duals[at]! - (targets ? targets[at]! : 0);
      beside += mass;
      squares += mass * mass;
    }
    sum += norms[row]! * weights[row]! * weights[row]! * (squares + beside * beside);
  }
  return sum;
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
function biasMove(memory: ProblemMemory, { hasOrigin }: Objective): number {
  const { core, at, biasCount } = memory;
  if (!hasOrigin) return core.sumOfSquares(at.biases, biasCount);
  const origin = memory.f32("originBiases", biasCount);
  const moves = Float64Array.from(memory.f32("biases", biasCount), (bias, c) => bias - origin[c]!);
  return moves.reduce((sum, move) => sum + move * move, 0);
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
