/** The mean of the values, or of those of the rows listed. */
export function meanOver(values: Float32Array, rows?: Uint32Array): number {
  let sum = 0;
  if (rows) for (const row of rows) sum += values[row]!;
  else for (let row = 0; row < values.length; row++) sum += values[row]!;
  return sum / (rows ?? values).length;
}
