import type { ProblemMemory } from "./problem-memory.js";

// Where training starts, q = t, and from the solution of one λ to a start for another: see `Problem.rescale`. Single precision, rounded after each operation.

const f = Math.fround;

/** Writes the block "targets". @param targets f32[rowCount][classCount] */
export function setTargets(memory: ProblemMemory, labels: Uint32Array, targets: Float32Array): void {
  const { rowCount, columns, classCount } = memory;
  const block = memory.f32("targets", rowCount * columns);
  for (let row = 0; row < rowCount; row++) {
    if (classCount === 2) block[row] = targets[2 * row + 1 - labels[row]!]!;
    else block.set(targets.subarray(row * classCount, (row + 1) * classCount), row * columns);
  }
}

/** q = t, which is all on the label where there are no targets; two classes keep the mass on the wrong one. */
export function setStartingDuals(memory: ProblemMemory, labels: Uint32Array, hasTargets: boolean): void {
  const { rowCount, columns, classCount } = memory;
  const duals = memory.f32("duals", rowCount * columns);
  if (hasTargets) duals.set(memory.f32("targets", rowCount * columns));
  else if (classCount > 2) for (let row = 0; row < rowCount; row++) duals[row * columns + labels[row]!] = 1;
}

/** Moves every q towards where training starts: q = start + share · (q − start). */
export function shrinkDuals(
  memory: ProblemMemory,
  labels: Uint32Array,
  hasTargets: boolean,
  share: number,
): void {
  const { rowCount, columns, classCount } = memory;
  const factor = f(share);
  const duals = memory.f32("duals", rowCount * columns);
  for (let i = 0; i < duals.length; i++) duals[i] = factor * duals[i]!;
  if (hasTargets) {
    const targets = memory.f32("targets", duals.length);
    for (let i = 0; i < duals.length; i++) duals[i]! += f(f(1 - factor) * targets[i]!);
    return;
  }
  if (classCount === 2) return;
  // The label's entry is 1 less the others.
  for (let row = 0; row < rowCount; row++) duals[row * columns + labels[row]!]! += f(1 - factor);
}

/** values[i] = origin[i] + factor · (values[i] − origin[i]); without an origin it is 0 everywhere. */
export function scaleMove(values: Float32Array, origin: Float32Array | undefined, factor: number): void {
  const single = f(factor);
  for (let i = 0; i < values.length; i++) {
    const start = origin ? origin[i]! : 0;
    values[i] = start + f(single * f(values[i]! - start));
  }
}

/** Sets all weights to soft(U, τ), as `assembly/elastic-net.ts` does. @param l1 τ, in single precision */
export function shrinkWeights(memory: ProblemMemory, l1: number): void {
  const weights = memory.f32("weights", memory.weightCount);
  const accumulated = memory.f32("accumulated", memory.weightCount);
  for (let i = 0; i < weights.length; i++) {
    const u = accumulated[i]!;
    weights[i] = u - Math.max(Math.min(u, l1), -l1);
  }
}
