import { ENTRIES_A_PIECE, ranges } from "../data/csr.js";
import { copyInPieces } from "../data/pieces.js";
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

/** q = t, where duals are 0: all on the label if there are no targets; two classes keep the mass on the wrong one. */
export function* setStartingDuals(memory: ProblemMemory, hasTargets: boolean): Generator<void> {
  const { rowCount, columns } = memory;
  const duals = memory.f32("duals", rowCount * columns);
  if (hasTargets) yield* copyInPieces(duals, memory.f32("targets", rowCount * columns));
  else yield* movingLabels(memory, 1);
}

/** Adds `amount` to the label's entry of each row, of more than two classes. Yields now and then. */
function* movingLabels({ core, at, rowCount, columns, classCount }: ProblemMemory, amount: number) {
  if (classCount === 2) return;
  // What costs here is the pages of memory, written for the first time.
  for (const [first, end] of ranges(rowCount, Math.ceil(ENTRIES_A_PIECE / columns))) {
    core.moveLabels(at.record, first, end, amount);
    yield;
  }
}

/** Moves every q towards where training starts: q = start + share · (q − start). */
export function* shrinkDuals(memory: ProblemMemory, hasTargets: boolean, share: number): Generator<void> {
  const { rowCount, columns } = memory;
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
  // The label's entry is 1 less the others.
  yield* movingLabels(memory, 1 - factor);
}

/** See `foretellVisits` of the core. Yields now and then. */
export function* foretellVisits({ core, at, rowCount }: ProblemMemory, factor: number): Generator<void> {
  for (const [first, end] of ranges(rowCount)) {
    core.foretellVisits(at.record, first, end, factor);
    yield;
  }
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
