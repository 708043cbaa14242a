let isOff = false;

/** From now on counts stay as they are: for hosts that weight them first (`src/text/weigh-ngrams.ts`). */
export function leaveCounts(): void {
  isOff = true;
}

/** What counts are multiplied by to have length 1, each step in single precision as ML.NET does. @param squares sum of the squared counts, exact */
export function scaleOf(squares: f64): f32 {
  const length = sqrt<f32>(<f32>squares);
  const scale: f32 = length > 0 ? 1 / length : 1;
  return isOff || scale < 1e-8 ? 1 : scale;
}

/** Divides counts (f32) by their Euclidean length. Up to three numbers after the last may be overwritten. */
export function scaleToLength1(values: usize, count: u32): void {
  const end = values + ((<usize>count) << 2);
  let squares = f64x2.splat(0);
  let at = values;
  for (; at + 8 <= end; at += 8) {
    const v = f64x2.promote_low_f32x4(v128.load64_zero(at));
    squares = f64x2.add(squares, f64x2.mul(v, v));
  }
  let sum = f64x2.extract_lane(squares, 0) + f64x2.extract_lane(squares, 1);
  if (at < end) {
    const v = <f64>load<f32>(at);
    sum += v * v;
  }
  const scales = f32x4.splat(scaleOf(sum));
  for (at = values; at < end; at += 16) v128.store(at, f32x4.mul(v128.load(at), scales));
}
