import { expF32x4, maxF32x4, sumF32x4 } from "./vector-math";

/**
 * probabilities[c] = exp(scores[c] − max) / Σ exp(scores[j] − max), over stride lanes. Spare lanes must hold a score so
 * low (−1e30) that their exponential is 0. The sum runs over registers lane by lane, then (0 + 1) + (2 + 3).
 */
export function softmax(probabilities: usize, scores: usize, stride: u32): void {
  const lineBytes = (<usize>stride) << 2;
  let largest = v128.load(scores);
  for (let lane: usize = 16; lane < lineBytes; lane += 16) {
    largest = f32x4.max(largest, v128.load(scores + lane));
  }
  const shift = f32x4.splat(maxF32x4(largest));
  let sums = f32x4.splat(0);
  for (let lane: usize = 0; lane < lineBytes; lane += 16) {
    const e = expF32x4(f32x4.sub(v128.load(scores + lane), shift));
    sums = f32x4.add(sums, e);
    v128.store(probabilities + lane, e);
  }
  const scale = f32x4.splat(<f32>1 / sumF32x4(sums));
  for (let lane: usize = 0; lane < lineBytes; lane += 16) {
    v128.store(probabilities + lane, f32x4.mul(v128.load(probabilities + lane), scale));
  }
}

/** Probability of the second of two classes, whose scores are −margin and margin. */
export function sigmoidOfMargin(margin: f32): f32 {
  // t = exp(−2 |margin|) ≤ 1, so nothing overflows and the smaller probability keeps its digits.
  const t = f32x4.extract_lane(expF32x4(f32x4.splat(<f32>-2 * abs(margin))), 0);
  const scale = <f32>1 / (<f32>1 + t);
  return margin >= 0 ? scale : t * scale;
}
