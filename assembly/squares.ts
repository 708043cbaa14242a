import { denseRow } from "./dense";
import { countOf } from "./folding";
import { Problem } from "./layout";

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
 * Of each of the rows first … end − 1 how many plain lines it has whose squares, by {@link addSquares}, are its own alone, to
 * `counts` (u32[rowCount])
 */
export function countOnly(problem: usize, squares: usize, first: u32, end: u32, counts: usize): void {
  const indptr = <usize>load<u32>(problem, Problem.indptr);
  const sharedAt = <usize>load<u32>(problem, Problem.sharedAt);
  const indices = <usize>load<u32>(problem, Problem.indices);
  const values = <usize>load<u32>(problem, Problem.values);
  for (let row = (<usize>first) << 2; row < (<usize>end) << 2; row += 4) {
    const stop = (<usize>load<u32>(sharedAt + row)) << 2;
    let only: u32 = 0;
    for (let k = (<usize>load<u32>(indptr + row)) << 2; k < stop; k += 4) {
      const value = load<f32>(values + k);
      only += u32(load<f32>(squares + ((<usize>load<u32>(indices + k)) << 2)) == value * value);
    }
    store<u32>(counts + row, only);
  }
}

/**
 * Adds to `to`, f64[3], over the lines of a row: x² / (N + h s) by the least and by the most h, with s the sum of squares on
 * the line over the other rows; and, for two classes, x w
 */
export function addResponses(
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
