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

/** Address of t of a row, or 0 where it is all on the label. `columns`: those of a row of duals. */
export function targetOf(problem: usize, row: u32, columns: u32): usize {
  const targets = <usize>load<u32>(problem, Problem.targets);
  return targets == 0 ? 0 : targets + ((<usize>row * columns) << 2);
}

/** c (t − q) of one row, in f64, to `line` (stride f64). The label's entry is that which makes the sum 0. */
export function fillResidualLine(problem: usize, row: u32, line: usize): void {
  const stride = load<u32>(problem, Problem.stride);
  const q = <usize>load<u32>(problem, Problem.duals) + ((<usize>row * stride) << 2);
  const label = load<u32>(<usize>load<u32>(problem, Problem.labels) + ((<usize>row) << 2));
  const target = targetOf(problem, row, stride);
  const weight = rowWeight(problem, row);
  const factor = f64x2.splat(-weight);
  for (let c: usize = 0; c < (<usize>stride) << 2; c += 8) {
    let mass = f64x2.promote_low_f32x4(v128.load64_zero(q + c));
    if (target != 0) mass = f64x2.sub(mass, f64x2.promote_low_f32x4(v128.load64_zero(target + c)));
    v128.store(line + (c << 1), f64x2.mul(factor, mass));
  }
  let beside = massBesideLabel(q, label, stride);
  if (target != 0) beside -= massBesideLabel(target, label, stride);
  store<f64>(line + ((<usize>label) << 3), weight * beside);
}

/**
 * The single number that stands for c (t − q) of a row of two classes: c times q's mass on the wrong class, less t's, signed
 * by its label.
 */
export function signedMass(problem: usize, row: u32): f64 {
  let dual = <f64>load<f32>(<usize>load<u32>(problem, Problem.duals) + ((<usize>row) << 2));
  const target = targetOf(problem, row, 1);
  if (target != 0) dual -= <f64>load<f32>(target);
  const mass = rowWeight(problem, row) * dual;
  return load<u32>(<usize>load<u32>(problem, Problem.labels) + ((<usize>row) << 2)) != 0 ? mass : -mass;
}
