/** The mean of the values of the rows listed; where these are all rows, summed in the order of the rows. */
export function meanOver(values: Float32Array, rows: Uint32Array): number {
  let sum = 0;
  if (rows.length === values.length) for (let row = 0; row < values.length; row++) sum += values[row]!;
  else for (const row of rows) sum += values[row]!;
  return sum / rows.length;
}
