import { ENTRIES_A_PIECE, ranges } from "../data/csr.js";
import { copyInPieces } from "../data/pieces.js";
import { exp, log } from "../numbers.js";
import type { CoreExports } from "../wasm/core.js";
import { paddedClasses, SPARE_SCORE, type WeightLines } from "../wasm/weight-layout.js";
import type { ProblemMemory } from "./problem-memory.js";

// Where training starts, q = t, and from the solution of one λ to a start for another: see `Problem.rescale`. Single precision,
// rounded after each operation. What is as long as the weights or duals yields now and then.

const f = Math.fround;
const FEATURES_A_PIECE = 8192;

/** Writes the block "targets". @param targets f32[rowCount][classCount] */
export function setTargets(memory: ProblemMemory, labels: Uint32Array, targets: Float32Array): void {
  const { rowCount, columns, classCount } = memory;
  const block = memory.f32("targets", rowCount * columns);
  for (let row = 0; row < rowCount; row++) {
    if (classCount === 2) block[row] = targets[2 * row + 1 - labels[row]!]!;
    else block.set(targets.subarray(row * classCount, (row + 1) * classCount), row * columns);
  }
}

/** Writes the blocks "origin" and "originBiases". Each feature has a line: nothing is folded where there is an origin. */
export function* setOrigin(
  memory: ProblemMemory,
  featureCount: number,
  { weights, biases }: WeightLines,
): Generator<void> {
  const { columns, classCount, weightCount } = memory;
  const origin = memory.f32("origin", weightCount);
  const lineOf = memory.u32("lineOf", featureCount);
  for (const [first, end] of ranges(featureCount, FEATURES_A_PIECE)) {
    for (let feature = first; feature < end; feature++) {
      const line = weights.subarray(feature * columns, (feature + 1) * columns);
      origin.set(line, lineOf[feature]! * columns);
    }
    yield;
  }
  memory.f32("originBiases", paddedClasses(classCount)).fill(SPARE_SCORE, classCount).set(biases);
}

/** q = t, which is all on the label where there are no targets; two classes keep the mass on the wrong one. */
export function* setStartingDuals(
  memory: ProblemMemory,
  labels: Uint32Array,
  hasTargets: boolean,
): Generator<void> {
  const { rowCount, columns, classCount } = memory;
  const duals = memory.f32("duals", rowCount * columns);
  if (hasTargets) yield* copyInPieces(duals, memory.f32("targets", rowCount * columns));
  else if (classCount > 2) {
    // What costs here is the pages of memory, written for the first time.
    for (const [first, end] of ranges(rowCount, Math.ceil(ENTRIES_A_PIECE / columns))) {
      for (let row = first; row < end; row++) duals[row * columns + labels[row]!] = 1;
      yield;
    }
  }
}

/** Moves every q towards where training starts: q = start + share · (q − start). */
export function* shrinkDuals(
  memory: ProblemMemory,
  labels: Uint32Array,
  hasTargets: boolean,
  share: number,
): Generator<void> {
  const { rowCount, columns, classCount } = memory;
  const factor = f(share);
  const duals = memory.f32("duals", rowCount * columns);
  const targets = hasTargets ? memory.f32("targets", duals.length) : undefined;
  yield* scaleMove(memory.core, memory.at.duals, 0, duals.length, share);
  if (targets) {
    for (const [first, end] of ranges(duals.length)) {
      for (let i = first; i < end; i++) duals[i]! += f(f(1 - factor) * targets[i]!);
      yield;
    }
    return;
  }
  if (classCount === 2) return;
  // The label's entry is 1 less the others.
  for (const [first, end] of ranges(rowCount)) {
    for (let row = first; row < end; row++) duals[row * columns + labels[row]!]! += f(1 - factor);
    yield;
  }
}

/** Keeps 0 / 0 away. */
const TINY = 1e-30;

/**
 * Sets residuals and divergences to about what the next visits are to see once scores are `factor` times those of the last: of
 * the label against all other classes, whose probability is known from the last loss. Yields now and then.
 * @param labels u32[rowCount]; not for soft ones
 */
export function* foretellVisits(memory: ProblemMemory, labels: Uint32Array, factor: number): Generator<void> {
  const { rowCount, columns, classCount } = memory;
  const losses = memory.f32("losses", rowCount);
  const weights = memory.f32("rowWeights", rowCount);
  const residuals = memory.f32("residuals", rowCount);
  const divergences = memory.f32("divergences", rowCount);
  const duals = memory.f32("duals", rowCount * columns);
  const massOf = massBeside(factor);
  for (const [first, end] of ranges(rowCount)) {
    for (let row = first; row < end; row++) {
      const weight = weights[row]!;
      const wrong = massOf(losses[row]! / weight);
      const mass = classCount === 2 ? duals[row]! : 1 - duals[row * columns + labels[row]!]!;
      const difference = wrong - mass;
      const sum = wrong + mass;
      residuals[row] = 2 * weight * difference * difference;
      divergences[row] = residuals[row]! / (sum * (2 - sum) + TINY);
    }
    yield;
  }
}

/** Bits of a single after the fourth digit of its fraction. */
const REST_BITS = 19;

/**
 * About the probability of all classes but the label once scores are `factor` times what they are, by the loss: its odds are
 * (e^loss − 1) to the power of `factor`. Computed once for all losses that begin with the same five digits, base two.
 */
function massBeside(factor: number): (loss: number) => number {
  const single = new Float32Array(1);
  const word = new Uint32Array(single.buffer);
  const masses = new Float64Array(1 << (31 - REST_BITS));
  return (loss) => {
    // Rounding leaves some losses below 0.
    single[0] = Math.max(loss, 0);
    const start = word[0]! >>> REST_BITS;
    word[0] = (2 * start + 1) << (REST_BITS - 1);
    masses[start] ||= 1 / (1 + exp(-factor * log(exp(single[0]!) - 1)));
    return masses[start]!;
  };
}

/** `scaleMove` of the core, f32[count] at the addresses. Yields now and then. @param origin address 0: it is 0 everywhere */
export function* scaleMove(
  core: CoreExports,
  values: number,
  origin: number,
  count: number,
  factor: number,
): Generator<void> {
  for (const [first, end] of ranges(count)) {
    core.scaleMove(values + 4 * first, origin === 0 ? 0 : origin + 4 * first, end - first, factor);
    yield;
  }
}

/** Sets all weights to soft(U, τ), as `assembly/elastic-net.ts` does. @param l1 τ, in single precision */
export function* shrinkWeights(memory: ProblemMemory, l1: number): Generator<void> {
  const weights = memory.f32("weights", memory.weightCount);
  const accumulated = memory.f32("accumulated", memory.weightCount);
  for (const [first, end] of ranges(weights.length)) {
    for (let i = first; i < end; i++) {
      const u = accumulated[i]!;
      weights[i] = u - Math.max(Math.min(u, l1), -l1);
    }
    yield;
  }
}
