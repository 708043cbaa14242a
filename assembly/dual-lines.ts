import { Problem } from "./layout";
import { sumF64x2 } from "./vector-math";

// What a row's q says of its weights, in f64.

/** Σ q over the classes beside the label, in f64; lanes (0 + 1) of pairs, pairs in ascending order. */
export function massBesideLabel(q: usize, label: u32, stride: u32): f64 {
  let sums = f64x2.splat(0);
  for (let c: usize = 0; c < (<usize>stride) << 2; c += 8) {
    sums = f64x2.add(sums, f64x2.promote_low_f32x4(v128.load64_zero(q + c)));
  }
  return sumF64x2(sums) - <f64>load<f32>(q + ((<usize>label) << 2));
}

/** c, the weight of a row. */
export function rowWeight(problem: usize, row: u32): f64 {
  return <f64>load<f32>(<usize>load<u32>(problem, Problem.rowWeights) + ((<usize>row) << 2));
}

/** c (e_y − q) of one row, in f64, to `line` (stride f64). */
export function fillResidualLine(problem: usize, row: u32, line: usize): void {
  const stride = load<u32>(problem, Problem.stride);
  const q = <usize>load<u32>(problem, Problem.duals) + ((<usize>row * stride) << 2);
  const label = load<u32>(<usize>load<u32>(problem, Problem.labels) + ((<usize>row) << 2));
  const weight = rowWeight(problem, row);
  const factor = f64x2.splat(-weight);
  for (let c: usize = 0; c < (<usize>stride) << 2; c += 8) {
    v128.store(line + (c << 1), f64x2.mul(factor, f64x2.promote_low_f32x4(v128.load64_zero(q + c))));
  }
  store<f64>(line + ((<usize>label) << 3), weight * massBesideLabel(q, label, stride));
}

/** The single number that stands for c (e_y − q) of a row of two classes: c times its mass on the wrong class, signed by its label. */
export function signedMass(problem: usize, row: u32): f64 {
  const dual = <f64>load<f32>(<usize>load<u32>(problem, Problem.duals) + ((<usize>row) << 2));
  const mass = rowWeight(problem, row) * dual;
  return load<u32>(<usize>load<u32>(problem, Problem.labels) + ((<usize>row) << 2)) != 0 ? mass : -mass;
}
