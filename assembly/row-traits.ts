// What a sample of rows tells of its columns: `src/train/row-traits.ts`.

/** counts[indices[k]] += 1 for all k < nnz; counts u32[columnCount]. */
export function countColumns(counts: usize, indices: usize, nnz: u32): void {
  const end = indices + ((<usize>nnz) << 2);
  for (; indices < end; indices += 4) {
    const at = counts + ((<usize>load<u32>(indices)) << 2);
    store<u32>(at, load<u32>(at) + 1);
  }
}

/** `sum` and, over the rows, Σ_i Σ_j x_ij² (counts_j − 1) / Σ_j x_ij². `indptr`: positions from `indices` and `values` on. */
export function addShared(
  sum: f64,
  counts: usize,
  indptr: usize,
  indices: usize,
  values: usize,
  rowCount: u32,
): f64 {
  const end = indptr + ((<usize>rowCount) << 2);
  for (; indptr < end; indptr += 4) {
    let shared: f64 = 0;
    let all: f64 = 0;
    const stop = (<usize>load<u32>(indptr, 4)) << 2;
    for (let k = (<usize>load<u32>(indptr)) << 2; k < stop; k += 4) {
      const value = <f64>load<f32>(values + k);
      const count = load<u32>(counts + ((<usize>load<u32>(indices + k)) << 2));
      all += value * value;
      shared += value * value * <f64>(count - 1);
    }
    if (all > 0) sum += shared / all;
  }
  return sum;
}

/** The first column from `column` on, or `end`, whose count is below `least`, or, where `below` is 0, is not. */
export function nextColumn(counts: usize, column: u32, end: u32, least: u32, below: u32): u32 {
  while (column < end && u32(load<u32>(counts + ((<usize>column) << 2)) < least) != below) column++;
  return column;
}
