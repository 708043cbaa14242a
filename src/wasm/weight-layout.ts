import { Layout } from "../../assembly/layout.js";

/** Score of a lane that stands for no class: its exponential is 0. */
export const SPARE_SCORE = -1e30;

/** Classes rounded up to whole registers. */
export function paddedClasses(classCount: number): number {
  return Math.ceil(classCount / Layout.LANES) * Layout.LANES;
}

/**
 * Columns that a line of weights has in the core's memory, and in a file, without spare lanes. Two classes have one
 * column, that of the second class; the weights of the first are its negative.
 */
export function weightColumns(classCount: number): { readonly padded: number; readonly stored: number } {
  return classCount === 2
    ? { padded: 1, stored: 1 }
    : { padded: paddedClasses(classCount), stored: classCount };
}

/** Stands for the line of a feature that has none: its weights are all 0. */
export const NO_LINE = 0xffffffff;

/** The line of each feature, u32[featureCount]. @param lines the features that have lines, ascending */
export function linesOfFeatures(lines: Uint32Array, featureCount: number): Uint32Array {
  const lineOf = new Uint32Array(featureCount).fill(NO_LINE);
  lines.forEach((feature, line) => {
    lineOf[feature] = line;
  });
  return lineOf;
}

/** Weights as they lie in memory: a line a feature, spare lanes included; see `weightColumns`. */
export interface WeightLines {
  readonly weights: Float32Array;
  /** One a class, or for two classes one. */
  readonly biases: Float32Array;
}
