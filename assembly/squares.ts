import { denseRow } from "./dense";
import { fillResidualLine, signedMass } from "./dual-lines";
import { countOf } from "./folding";
import { Problem } from "./layout";
import { scoreWide } from "./objective";
import { expF64x2 } from "./vector-math";

// What src/train/leave-one-out.ts needs to know of columns.

/** squares[indices[k]] += values[k]², k < count, in f64 and rounded to f32 */
export function addSquares(squares: usize, indices: usize, values: usize, count: u32): void {
  for (let k: usize = 0; k < (<usize>count) << 2; k += 4) {
    const at = squares + ((<usize>load<u32>(indices + k)) << 2);
    const value = <f64>load<f32>(values + k);
    store<f32>(at, <f32>(<f64>load<f32>(at) + value * value));
  }
}

/**
 * Of the rows first … end − 1 that have features: of the share of them that no other row has, adds to `sums` (f64[4]) 1, its value,
 * its square and its cube. Columns that are not folded are alone where their squares, by {@link addSquares}, are the row's own.
 */
export function addOwnShares(
  problem: usize,
  squares: usize,
  folded: bool,
  first: u32,
  end: u32,
  sums: usize,
): void {
  const indptr = <usize>load<u32>(problem, Problem.indptr);
  const ownIndptr = <usize>load<u32>(problem, Problem.ownIndptr);
  const sharedAt = <usize>load<u32>(problem, Problem.sharedAt);
  const indices = <usize>load<u32>(problem, Problem.indices);
  const values = <usize>load<u32>(problem, Problem.values);
  const denseBytes = (<usize>load<u32>(problem, Problem.denseCount)) << 2;
  for (let row = first; row < end; row++) {
    const at = (<usize>row) << 2;
    const stop = (<usize>load<u32>(indptr + at, 4)) << 2;
    const shared = (<usize>load<u32>(sharedAt + at)) << 2;
    let k = (<usize>load<u32>(indptr + at)) << 2;
    let own = load<u32>(ownIndptr + at, 4) - load<u32>(ownIndptr + at);
    let all = <f64>(own + <u32>((shared - k) >> 2));
    if (!folded) {
      for (; k < shared; k += 4) {
        const value = load<f32>(values + k);
        own += u32(load<f32>(squares + ((<usize>load<u32>(indices + k)) << 2)) == value * value);
      }
    }
    for (k = shared; k < stop; k += 4) all += <f64>countOf(problem, load<u32>(indices + k));
    const dense = denseRow(problem, row, 0);
    for (k = 0; k < denseBytes; k += 4) if (load<f32>(dense + k) != 0) all++;
    if (all > 0) addMoments(sums, <f64>own / all);
  }
}

/** f64[4]: how many, their sum, that of their squares and of their cubes. */
function addMoments(sums: usize, value: f64): void {
  store<f64>(sums, load<f64>(sums) + 1);
  store<f64>(sums, load<f64>(sums, 8) + value, 8);
  store<f64>(sums, load<f64>(sums, 16) + value * value, 16);
  store<f64>(sums, load<f64>(sums, 24) + value * value * value, 24);
}

/** Below this difference of scores the other class has no part in the sum. */
const NEGLIGIBLE: f64 = -40;

/**
 * Predicts a row by weights without it, twice: with its response to its own residual as large as the curvature `least` allows, and as
 * small as `most` does. To `to`, f64[4]: of the small one 1 − the largest probability and the class that has it, then of the large.
 */
export function leaveOut(
  problem: usize,
  squares: usize,
  row: u32,
  scaledL2: f64,
  least: f64,
  most: f64,
  to: usize,
): void {
  const z = <usize>load<u32>(problem, Problem.wide);
  const residual = z + ((<usize>load<u32>(problem, Problem.stride)) << 3);
  const biases = <usize>load<u32>(problem, Problem.biases);
  const classCount = load<u32>(problem, Problem.classCount);
  // The row's own features have no line: what they add to its scores follows from its q, and goes with the row.
  const hasBias = load<u32>(problem, Problem.hasBias) != 0;
  const large: f64 = hasBias ? 1 / (scaledL2 + <f64>load<u32>(problem, Problem.rowCount) * least) : 0;
  store<f64>(to, large);
  store<f64>(to, large, 8);
  store<f64>(to, <f64>load<f32>(biases), 16);
  addResponses(problem, squares, row, scaledL2, least, most, to);
  const largest = load<f64>(to);
  const smallest = load<f64>(to, 8);
  if (classCount == 2) {
    const margin = load<f64>(to, 16);
    const mass = signedMass(problem, row);
    store<f64>(z, -margin);
    store<f64>(z, margin, 8);
    store<f64>(residual, -mass);
    store<f64>(residual, mass, 8);
  } else {
    scoreWide(problem, row);
    fillResidualLine(problem, row, residual);
  }
  predictWithout(z, residual, smallest, classCount, to);
  predictWithout(z, residual, largest - smallest, classCount, to + 16);
}

/** Takes `s` times the residual from the scores z; to `to` what they say then. */
function predictWithout(z: usize, residual: usize, s: f64, classCount: u32, to: usize): void {
  const bytes = (<usize>classCount) << 3;
  let predicted: usize = 0;
  for (let c: usize = 0; c < bytes; c += 8) {
    store<f64>(z + c, load<f64>(z + c) - s * load<f64>(residual + c));
    if (load<f64>(z + c) > load<f64>(z + predicted)) predicted = c;
  }
  let others: f64 = 0;
  for (let c: usize = 0; c < bytes; c += 8) {
    const below = load<f64>(z + c) - load<f64>(z + predicted);
    if (c != predicted && below > NEGLIGIBLE) others += f64x2.extract_lane(expF64x2(f64x2.splat(below)), 0);
  }
  store<f64>(to, others / (1 + others));
  store<f64>(to, <f64>(predicted >> 3), 8);
}

/**
 * Adds to `to`, f64[3], over the lines of a row: x² / (N + h s) by the least and by the most h, with s the sum of squares on
 * the line over the other rows; and, for two classes, x w
 */
function addResponses(
  problem: usize,
  squares: usize,
  row: u32,
  scaledL2: f64,
  least: f64,
  most: f64,
  to: usize,
): void {
  const indptr = <usize>load<u32>(problem, Problem.indptr) + ((<usize>row) << 2);
  const first = load<u32>(indptr);
  const sparseCount = load<u32>(indptr, 4) - first;
  const denseCount = load<u32>(problem, Problem.denseCount);
  const firstShared = load<u32>(problem, Problem.firstShared);
  const weights =
    load<u32>(problem, Problem.classCount) == 2 ? <usize>load<u32>(problem, Problem.weights) : 0;
  let indices = <usize>load<u32>(problem, Problem.columns);
  let values = denseRow(problem, row, 0);
  for (let k: u32 = 0; k < denseCount + sparseCount; k++) {
    if (k == denseCount) {
      indices = <usize>load<u32>(problem, Problem.indices) + ((<usize>first) << 2);
      values = <usize>load<u32>(problem, Problem.values) + ((<usize>first) << 2);
    }
    const line = load<u32>(indices);
    const value = <f64>load<f32>(values);
    const copies: f64 = line < firstShared ? 1 : <f64>countOf(problem, line);
    const square = value * value;
    const others = max(<f64>abs(load<f32>(squares + ((<usize>line) << 2))) - square, 0);
    store<f64>(to, load<f64>(to) + (copies * square) / (scaledL2 + least * others));
    store<f64>(to, load<f64>(to, 8) + (copies * square) / (scaledL2 + most * others), 8);
    if (weights != 0)
      store<f64>(to, load<f64>(to, 16) + copies * value * <f64>load<f32>(weights + ((<usize>line) << 2)), 16);
    indices += 4;
    values += 4;
  }
}
