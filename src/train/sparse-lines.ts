import { weightColumns } from "../wasm/weight-layout.js";
import { ABSENT } from "./place-rows.js";
import type { ProblemMemory } from "./problem-memory.js";

/**
 * The line of each feature whose weights are not all 0, by ascending feature, where columns are not folded. Undefined when
 * so many are left that naming them would take more room than weights of 0 do.
 */
export function linesWithWeights(
  memory: ProblemMemory,
  featureCount: number,
): Map<number, number> | undefined {
  const { columns, weightCount, classCount } = memory;
  const weights = memory.f32("weights", weightCount);
  const lines = new Map<number, number>();
  memory.u32("lineOf", featureCount).forEach((line, feature) => {
    if (line === ABSENT) return;
    let c = 0;
    while (c < columns && weights[line * columns + c] === 0) c++;
    if (c < columns) lines.set(feature, line);
  });
  const { stored } = weightColumns(classCount);
  return lines.size * (stored + 1) < featureCount * stored ? lines : undefined;
}

/** Copies the lines named, one after another, to `target`. */
export function copyLines(
  weights: Float32Array,
  lines: Iterable<number>,
  columns: number,
  target: Float32Array,
): void {
  let to = 0;
  for (const line of lines) {
    target.set(weights.subarray(line * columns, (line + 1) * columns), to);
    to += columns;
  }
}
