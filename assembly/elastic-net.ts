import { Problem } from "./layout";

// With an L1 part the regulariser is λ (|W|²/2 + τ |W|₁), the biases without it. Two arrays take the place of the weights, as
// in Shalev-Shwartz and Zhang (Accelerated Proximal Stochastic Dual Coordinate Ascent, 2014): what the duals add up to,
//
//   U(q) = (1/N) Σ c_i a_i x_iᵀ    `accumulated`, which updates are added to
//   W(q) = soft(U(q), τ)           `weights`, which all else reads: 0 where |U| ≤ τ, else U moved by τ towards 0
//
// Steps stay as they are: W moves no more than U, so they are sure to gain. The gap is the same sum, since for any W
// with the signs of W(q) the regulariser and its conjugate add (λ/2) |W − W(q)|².

function soft(u: v128, threshold: v128): v128 {
  return f32x4.sub(u, f32x4.max(f32x4.min(u, threshold), f32x4.neg(threshold)));
}

/** Sets `bytes` of weights from byte `offset` of the two arrays on, whole registers. */
export function setWeights(problem: usize, offset: usize, bytes: usize): void {
  const from = <usize>load<u32>(problem, Problem.accumulated) + offset;
  const to = <usize>load<u32>(problem, Problem.weights) + offset;
  const threshold = f32x4.splat(load<f32>(problem, Problem.threshold));
  for (let lane: usize = 0; lane < bytes; lane += 16) {
    v128.store(to + lane, soft(v128.load(from + lane), threshold));
  }
}

/** Sets the weights on the lines of the entries from … end − 1. */
export function setEntryWeights(problem: usize, indices: usize, nnz: u32): void {
  const twoClasses = load<u32>(problem, Problem.classCount) == 2;
  const lineBytes = (<usize>load<u32>(problem, Problem.stride)) << 2;
  const accumulated = <usize>load<u32>(problem, Problem.accumulated);
  const weights = <usize>load<u32>(problem, Problem.weights);
  const threshold = load<f32>(problem, Problem.threshold);
  for (let k: usize = 0; k < (<usize>nnz) << 2; k += 4) {
    const line = <usize>load<u32>(indices + k);
    if (!twoClasses) {
      setWeights(problem, line * lineBytes, lineBytes);
      continue;
    }
    // Of two classes the next line may belong to another thread, so there is no register to spare.
    const u = load<f32>(accumulated + (line << 2));
    store<f32>(weights + (line << 2), u - max(min(u, threshold), -threshold));
  }
}

/**
 * Sets `count` weights from byte `offset` on to W(q), rounded, and what is accumulated to U(q) = sums (f64[count]) / n; returns
 * the sum of the squared roundings of the weights. A weight that is 0 in W(q) stays 0.
 */
export function storeShrunk(problem: usize, offset: usize, sums: usize, count: usize, n: f64): f64 {
  const accumulated = <usize>load<u32>(problem, Problem.accumulated) + offset;
  const weights = <usize>load<u32>(problem, Problem.weights) + offset;
  const threshold = <f64>load<f32>(problem, Problem.threshold);
  let drift: f64 = 0;
  for (let i: usize = 0; i < count; i++) {
    const u = load<f64>(sums + (i << 3)) / n;
    store<f32>(accumulated + (i << 2), <f32>u);
    const exact = u - max(min(u, threshold), -threshold);
    const rounded = <f32>exact;
    store<f32>(weights + (i << 2), rounded);
    drift += (<f64>rounded - exact) * (<f64>rounded - exact);
  }
  return drift;
}
