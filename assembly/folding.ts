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

/** In `lineOf`, in place of a line: where a feature is one row's own, from this one on, and where no row has it. */
export const OWN: u32 = 0x80000000;
export const ABSENT: u32 = 0xffffffff;

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
 * Weights of features first … end − 1, to `lines` (f32[end − first][columns]).
 * @param columns of a line of weights: stride, or 1 with two classes
 */
export function writeWeights(problem: usize, first: u32, end: u32, columns: u32, n: f64, lines: usize): void {
  const weights = <usize>load<u32>(problem, Problem.weights);
  const values = <usize>load<u32>(problem, Problem.ownValues);
  const lineOf = <usize>load<u32>(problem, Problem.lineOf);
  const lineBytes = (<usize>columns) << 2;
  const wide = <usize>load<u32>(problem, Problem.wide);
  // Positions in `ownValues` of the row whose line is in `wide`.
  let start: u32 = 0;
  let stop: u32 = 0;
  for (let feature = first; feature < end; feature++, lines += lineBytes) {
    const line = load<u32>(lineOf + ((<usize>feature) << 2));
    if (line == ABSENT) {
      memory.fill(lines, 0, lineBytes);
    } else if (line >= OWN) {
      const position = line - OWN;
      if (position < start || position >= stop) {
        const row = rowWithOwn(problem, position);
        const ends = <usize>load<u32>(problem, Problem.ownIndptr) + ((<usize>row) << 2);
        start = load<u32>(ends);
        stop = load<u32>(ends, 4);
        fillOwnLine(problem, row, n, wide);
      }
      const value = f64x2.splat(<f64>load<f32>(values + ((<usize>position) << 2)));
      for (let lane: usize = 0; lane < lineBytes; lane += 8) {
        const exact = f64x2.mul(value, v128.load(wide + 2 * lane));
        v128.store64_lane(lines + lane, f32x4.demote_f64x2_zero(exact), 0);
      }
    } else {
      const from = weights + <usize>line * lineBytes;
      if (columns == 1) store<f32>(lines, load<f32>(from));
      else
        for (let lane: usize = 0; lane < lineBytes; lane += 16)
          v128.store(lines + lane, v128.load(from + lane));
    }
  }
}

/** The row whose own features are around a position of `ownValues`. */
function rowWithOwn(problem: usize, position: u32): u32 {
  const ownIndptr = <usize>load<u32>(problem, Problem.ownIndptr);
  let first: u32 = 0;
  let end = load<u32>(problem, Problem.rowCount);
  while (end - first > 1) {
    const middle = (first + end) >>> 1;
    if (load<u32>(ownIndptr + ((<usize>middle) << 2)) <= position) first = middle;
    else end = middle;
  }
  return first;
}
