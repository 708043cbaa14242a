import { atOnce } from "../../src/slices.js";
import type { Problem } from "../../src/train/problem.js";
import { weightColumns } from "../../src/wasm/weight-layout.js";

/** Weights of all features of a problem, spare lanes included. */
export function weightsOf(problem: Problem): Float32Array {
  const weights = new Float32Array(problem.featureCount * weightColumns(problem.classCount).padded);
  atOnce(problem.writeWeights(weights));
  return weights;
}
