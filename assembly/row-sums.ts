// Sums over rows, and rows in shares: `src/train/mean-loss.ts`, `src/train/estimate-gap.ts`.

/** Σ values[row] over `count` rows: those listed (u32[count]) or, where the list's address is 0, the first; in f64, in their order. */
export function sumOf(values: usize, rows: usize, count: u32): f64 {
  let sum: f64 = 0;
  for (let i: usize = 0; i < (<usize>count) << 2; i += 4) {
    const place = rows == 0 ? i : (<usize>load<u32>(rows + i)) << 2;
    sum += <f64>load<f32>(values + place);
  }
  return sum;
}

/**
 * Gives each row a share, to `shares` (u32[rowCount]): rows whose value is at least `large` the share `shareCount`, the others one
 * of 0 … shareCount − 1 by multiples of √2.
 */
export function spreadRows(shares: usize, values: usize, rowCount: u32, large: f64, shareCount: u32): void {
  for (let row: u32 = 0; row < rowCount; row++) {
    const at = (<usize>row) << 2;
    const place = <f64>row * 1.4142135623730951;
    const isLarge = <f64>load<f32>(values + at) >= large;
    store<u32>(shares + at, isLarge ? shareCount : <u32>(<f64>shareCount * (place - floor(place))));
  }
}
