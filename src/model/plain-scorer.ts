import type { CsrMatrix } from "../data/csr.js";
import { linesOfFeatures, NO_LINE, paddedClasses } from "../wasm/weight-layout.js";
import type { LinearParts } from "./linear-parts.js";

// The definition of scoring, in plain TypeScript: what the core computes with SIMD is this, bit for bit. Every operation
// is one IEEE single-precision addition, multiplication or division, written as Math.fround of the f64 operation, which
// rounds the same (f64 holds more than twice the digits of f32).

const f = Math.fround;
const bits = new Int32Array(1);
const single = new Float32Array(bits.buffer);

const ROUND = 12582912;
const EXP_FLOOR = -87;
const LOG2_E = f(Math.LOG2E);
const LN2_HIGH = f(0.693359375);
const LN2_LOW = f(-0.00021219444);
const EXP_P = [
  0.001381459878757596, 0.008368716575205326, 0.04166838899254799, 0.1666652113199234, 0.4999999403953552,
].map(f);

/** eˣ for x ≤ 0 in single precision; 0 where x < −87. See `assembly/vector-math.ts` for the method. */
export function expF32(x: number): number {
  if (!(x >= EXP_FLOOR)) return 0;
  const shifted = f(f(x * LOG2_E) + ROUND);
  const n = f(shifted - ROUND);
  const r = f(f(x - f(n * LN2_HIGH)) - f(n * LN2_LOW));
  let p = EXP_P[0]!;
  for (let i = 1; i < EXP_P.length; i++) p = f(f(p * r) + EXP_P[i]!);
  p = f(f(f(p * f(r * r)) + r) + 1);
  single[0] = shifted;
  const power = bits[0]! << 23;
  single[0] = p;
  bits[0] = (bits[0]! + power) | 0;
  return single[0]!;
}

/** A linear model as plain arrays. Weights and biases without spare lanes: for two classes one column. */
export interface PlainWeights {
  readonly classCount: number;
  /** The line of each feature, NO_LINE where its weights are 0. Default: the feature's number. */
  readonly lineOf?: Uint32Array | undefined;
  /** f32[lineCount][classCount], or f32[lineCount] for two classes */
  readonly weights: Float32Array;
  /** f32[classCount], or f32[1] for two classes */
  readonly biases: Float32Array;
}

/** The weights that a model file holds. */
export function plainWeights({ shape, lines, weights, biases }: LinearParts): PlainWeights {
  const lineOf = lines && linesOfFeatures(lines, shape.featureCount);
  return { classCount: shape.classCount, lineOf, weights, biases };
}

/** The entries of one row of a CSR matrix. */
export type RowEntries = Pick<CsrMatrix, "indices" | "values">;

/** Class probabilities of one row: f32[classCount]. */
export function plainProbabilities(model: PlainWeights, { indices, values }: RowEntries): Float32Array {
  const { lineOf } = model;
  if (lineOf) {
    // Entries on features without a line are left out first.
    values = values.filter((_, k) => lineOf[indices[k]!] !== NO_LINE);
    indices = indices.map((feature) => lineOf[feature]!).filter((line) => line !== NO_LINE);
  }
  return model.classCount === 2 ? twoClasses(model, indices, values) : manyClasses(model, indices, values);
}

function manyClasses(model: PlainWeights, indices: Uint32Array, values: Float32Array): Float32Array {
  const { classCount, weights, biases } = model;
  const scores = new Float32Array(classCount);
  for (let k = 0; k < indices.length; k++) {
    const line = indices[k]! * classCount;
    for (let c = 0; c < classCount; c++) scores[c] = f(scores[c]! + f(values[k]! * weights[line + c]!));
  }
  for (let c = 0; c < classCount; c++) scores[c] = f(scores[c]! + biases[c]!);

  let largest = scores[0]!;
  for (const score of scores) if (score > largest) largest = score;
  const exponentials = new Float32Array(paddedClasses(classCount));
  for (let c = 0; c < classCount; c++) exponentials[c] = expF32(f(scores[c]! - largest));
  // Four partial sums, class c in sum c mod 4, joined as (0 + 1) + (2 + 3).
  const sums = new Float32Array(4);
  for (let c = 0; c < exponentials.length; c++) sums[c % 4] = f(sums[c % 4]! + exponentials[c]!);
  const scale = f(1 / joined(sums));
  return exponentials.subarray(0, classCount).map((e) => f(e * scale));
}

function twoClasses(model: PlainWeights, indices: Uint32Array, values: Float32Array): Float32Array {
  const { weights, biases } = model;
  const sums = new Float32Array(4);
  for (let k = 0; k < indices.length; k++) {
    sums[k % 4] = f(sums[k % 4]! + f(values[k]! * weights[indices[k]!]!));
  }
  const margin = f(joined(sums) + biases[0]!);
  return Float32Array.of(sigmoidOfMargin(-margin), sigmoidOfMargin(margin));
}

function joined(sums: Float32Array): number {
  return f(f(sums[0]! + sums[1]!) + f(sums[2]! + sums[3]!));
}

/** Probability of the second of two classes, whose scores are −margin and margin. */
function sigmoidOfMargin(margin: number): number {
  const t = expF32(f(-2 * Math.abs(margin)));
  const scale = f(1 / f(1 + t));
  return margin >= 0 ? scale : f(t * scale);
}
