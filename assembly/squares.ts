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
