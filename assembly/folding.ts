import { fillResidualLine, targetOf } from "./dual-lines";
import { Problem } from "./layout";
import { sumF64x2 } from "./vector-math";

// What features without a line of weights of their own add (fold-rows.ts finds them). Two things hold of every W(q), and so
// of the optimum, under L2:
//
//   own     a feature that row i alone holds, with the value x, has the weights x c_i (e_y − q_i) / N; so all of them
//           together add |own x|² c_i (e_y − q_i) / N to the row's scores, and need not be kept
//   shared  features with the same values in the same rows have the same weights; so they share a line, which counts as
//           often as there are features on it
//
// Neither the objective nor the certificate is another. With two classes nothing is folded.

/**
 * Scores (stride f32) of what has no line to itself: of the row's own features if `withOwn`, then of its entries from … end − 1
 * on shared lines.
 */
export function startRowScores(
  problem: usize,
  row: u32,
  withOwn: bool,
  from: u32,
  end: u32,
  scores: usize,
): void {
  const lineBytes = (<usize>load<u32>(problem, Problem.stride)) << 2;
  const rowOffset = (<usize>row) << 2;
  const ownNorm = withOwn ? load<f32>(<usize>load<u32>(problem, Problem.ownNorms) + rowOffset) : 0;
  if (ownNorm == 0) {
    memory.fill(scores, 0, lineBytes);
  } else {
    const weight = load<f32>(<usize>load<u32>(problem, Problem.rowWeights) + rowOffset);
    const factor = ownNorm * (weight * load<f32>(problem, Problem.inverseN));
    const factors = f32x4.splat(-factor);
    const q = <usize>load<u32>(problem, Problem.duals) + <usize>row * lineBytes;
    const target = targetOf(problem, row, load<u32>(problem, Problem.stride));
    for (let lane: usize = 0; lane < lineBytes; lane += 16) {
      let mass = v128.load(q + lane);
      if (target != 0) mass = f32x4.sub(mass, v128.load(target + lane));
      v128.store(scores + lane, f32x4.mul(mass, factors));
    }
    if (target == 0) {
      const label = scores + ((<usize>load<u32>(<usize>load<u32>(problem, Problem.labels) + rowOffset)) << 2);
      store<f32>(label, load<f32>(label) + factor);
    }
  }
  if (from == end) return;
  const indices = <usize>load<u32>(problem, Problem.indices);
  const values = <usize>load<u32>(problem, Problem.values);
  const weights = <usize>load<u32>(problem, Problem.weights);
  for (let k = (<usize>from) << 2; k < (<usize>end) << 2; k += 4) {
    const line = load<u32>(indices + k);
    const value = f32x4.splat(load<f32>(values + k) * countOf(problem, line));
    const at = weights + <usize>line * lineBytes;
    for (let lane: usize = 0; lane < lineBytes; lane += 16) {
      v128.store(scores + lane, f32x4.add(v128.load(scores + lane), f32x4.mul(value, v128.load(at + lane))));
    }
  }
}

/** Features on a shared line. */
export function countOf(problem: usize, line: u32): f32 {
  const shared = line - load<u32>(problem, Problem.firstShared);
  return load<f32>(<usize>load<u32>(problem, Problem.counts) + ((<usize>shared) << 2));
}

/** a / N of a row, to `line` (f64[stride]): its own features have the weights x a / N, rounded. */
function fillOwnLine(problem: usize, row: u32, n: f64, line: usize): void {
  fillResidualLine(problem, row, line);
  const end = line + ((<usize>load<u32>(problem, Problem.stride)) << 3);
  for (; line < end; line += 16) v128.store(line, f64x2.div(v128.load(line), f64x2.splat(n)));
}

/**
 * Adds what a row's own features add to its scores `z` (f64[stride]), with their weights as the model keeps them; to `sums`
 * (f64[2]) the squares of what rounding took off those, and of the weights. `line` is scratch (f64[stride]).
 */
export function measureOwn(problem: usize, row: u32, line: usize, z: usize, n: f64, sums: usize): void {
  const rowOffset = (<usize>row) << 2;
  const ownIndptr = <usize>load<u32>(problem, Problem.ownIndptr) + rowOffset;
  const values = <usize>load<u32>(problem, Problem.ownValues);
  const lineBytes = (<usize>load<u32>(problem, Problem.stride)) << 3;
  let drift = f64x2.splat(0);
  let squares = f64x2.splat(0);
  let k = (<usize>load<u32>(ownIndptr)) << 2;
  const end = (<usize>load<u32>(ownIndptr, 4)) << 2;
  if (k == end) return;
  fillOwnLine(problem, row, n, line);
  for (; k < end; k += 4) {
    const value = f64x2.splat(<f64>load<f32>(values + k));
    for (let lane: usize = 0; lane < lineBytes; lane += 16) {
      const exact = f64x2.mul(value, v128.load(line + lane));
      const weight = f64x2.promote_low_f32x4(f32x4.demote_f64x2_zero(exact));
      const off = f64x2.sub(weight, exact);
      v128.store(z + lane, f64x2.add(v128.load(z + lane), f64x2.mul(value, weight)));
      drift = f64x2.add(drift, f64x2.mul(off, off));
      squares = f64x2.add(squares, f64x2.mul(weight, weight));
    }
  }
  store<f64>(sums, load<f64>(sums) + sumF64x2(drift));
  store<f64>(sums, load<f64>(sums, 8) + sumF64x2(squares), 8);
}

/**
 * Weights of the own features at positions first … end − 1, to `lines` (f32, padded).
 * @param row the one that has the first, or one before it
 */
export function writeOwnLines(problem: usize, row: u32, first: u32, end: u32, n: f64, lines: usize): void {
  const ownIndptr = <usize>load<u32>(problem, Problem.ownIndptr);
  const values = <usize>load<u32>(problem, Problem.ownValues);
  const lineBytes = (<usize>load<u32>(problem, Problem.stride)) << 3;
  const line = <usize>load<u32>(problem, Problem.wide);
  for (let k = first; k < end; row++) {
    const stop = min(end, load<u32>(ownIndptr + ((<usize>row) << 2), 4));
    if (k >= stop) continue;
    fillOwnLine(problem, row, n, line);
    for (; k < stop; k++) {
      const value = f64x2.splat(<f64>load<f32>(values + ((<usize>k) << 2)));
      for (let lane: usize = 0; lane < lineBytes; lane += 16) {
        const exact = f64x2.mul(value, v128.load(line + lane));
        v128.store64_lane(lines, f32x4.demote_f64x2_zero(exact), 0);
        lines += 8;
      }
    }
  }
}
