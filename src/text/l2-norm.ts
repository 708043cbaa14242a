/**
 * What a row's counts are multiplied by to have length 1, as ML.NET computes it: the reciprocal, rounded to single
 * precision, of the root, rounded to single precision.
 * @param squares sum of the squared counts, exact
 */
export function l2Scale(squares: number): number {
  const length = Math.fround(Math.sqrt(Math.fround(squares)));
  const scale = length > 0 ? Math.fround(1 / length) : 1;
  return scale < 1e-8 ? 1 : scale;
}
