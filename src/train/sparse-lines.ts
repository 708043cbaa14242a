import { ranges } from "../data/csr.js";
import { weightColumns } from "../wasm/weight-layout.js";
import { ABSENT } from "./number-lines.js";
import type { ProblemMemory } from "./problem-memory.js";

const LINES_A_PIECE = 8192;

/**
 * The features whose weights are not all 0, ascending, and their lines, where columns are not folded. Undefined when so many are left that naming them would take more room than weights of 0 do. Yields now and then.
 */
export function* linesWithWeights(
  memory: ProblemMemory,
  featureCount: number,
): Generator<void, { features: Uint32Array; lines: Uint32Array } | undefined> {
  const { columns, weightCount, classCount } = memory;
  const weights = memory.f32("weights", weightCount);
  const features = new Uint32Array(featureCount);
  const lines = new Uint32Array(featureCount);
  let count = 0;
  const lineOf = memory.u32("lineOf", featureCount);
  for (const [first, end] of ranges(featureCount, LINES_A_PIECE)) {
    for (let feature = first; feature < end; feature++) {
      const line = lineOf[feature]!;
      if (line === ABSENT) continue;
      let c = 0;
      while (c < columns && weights[line * columns + c] === 0) c++;
      if (c === columns) continue;
      features[count] = feature;
      lines[count++] = line;
    }
    yield;
  }
  const { stored } = weightColumns(classCount);
  if (count * (stored + 1) >= featureCount * stored) return undefined;
  return { features: features.slice(0, count), lines: lines.subarray(0, count) };
}

/** Copies the lines named, one after another, to `target`. Yields now and then. */
export function* copyLines(
  weights: Float32Array,
  lines: Uint32Array,
  columns: number,
  target: Float32Array,
): Generator<void> {
  let to = 0;
  for (const line of lines) {
    target.set(weights.subarray(line * columns, (line + 1) * columns), to);
    to += columns;
    if (to % (LINES_A_PIECE * columns) === 0) yield;
  }
}

/** Weights other than 0, those of both classes where there are two. Yields now and then. */
export function* nonZeroCount(memory: ProblemMemory): Generator<void, number> {
  const weights = memory.f32("weights", memory.weightCount);
  let count = 0;
  for (const [first, end] of ranges(weights.length)) {
    for (let i = first; i < end; i++) if (weights[i] !== 0) count++;
    yield;
  }
  return memory.copies * count;
}
