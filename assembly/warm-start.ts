import { Problem } from "./layout";

// From the solution of one λ to a start for another; see Problem.rescale in src/train/problem.ts.

/** Moves every q towards where training starts: q = start + share · (q − start). */
export function shrinkDuals(problem: usize, share: f32): void {
  const stride = load<u32>(problem, Problem.stride);
  const twoClasses = load<u32>(problem, Problem.classCount) == 2;
  const duals = <usize>load<u32>(problem, Problem.duals);
  const shares = f32x4.splat(share);
  for (let row: u32 = 0; row < load<u32>(problem, Problem.rowCount); row++) {
    if (twoClasses) {
      const at = duals + ((<usize>row) << 2);
      store<f32>(at, share * load<f32>(at));
      continue;
    }
    const q = duals + ((<usize>row * stride) << 2);
    for (let lane: usize = 0; lane < (<usize>stride) << 2; lane += 16) {
      v128.store(q + lane, f32x4.mul(shares, v128.load(q + lane)));
    }
    // The label's entry is 1 less the others.
    const at = q + ((<usize>load<u32>(<usize>load<u32>(problem, Problem.labels) + ((<usize>row) << 2))) << 2);
    store<f32>(at, load<f32>(at) + (1 - share));
  }
}

/** values[i] = origin[i] + factor · (values[i] − origin[i]), i < count; an origin at address 0 is 0 everywhere. */
export function scaleMove(values: usize, origin: usize, count: u32, factor: f32): void {
  const factors = f32x4.splat(factor);
  const bytes = (<usize>count) << 2;
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) {
    const start = origin == 0 ? f32x4.splat(0) : v128.load(origin + at);
    const move = f32x4.sub(v128.load(values + at), start);
    v128.store(values + at, f32x4.add(start, f32x4.mul(factors, move)));
  }
  for (; at < bytes; at += 4) {
    const start: f32 = origin == 0 ? 0 : load<f32>(origin + at);
    store<f32>(values + at, start + factor * (load<f32>(values + at) - start));
  }
}
