import { DualTextError } from "../errors.js";

/** Throws `bad-option` unless `scale` can stretch a vector. */
export function checkScale(scale: number): void {
  if (Number.isFinite(scale) && scale > 0) return;
  throw new DualTextError("bad-option", `scale is ${scale}; it must be a finite number above 0.`);
}

/** Multiplies every value, in place. */
export function stretch(values: Float32Array, scale: number): void {
  if (scale !== 1) for (let i = 0; i < values.length; i++) values[i] = values[i]! * scale;
}

/** Scales every row of f32[…][columnCount] to length 1, in place; rows of zeros stay. */
export function scaleToUnitRows(values: Float32Array, columnCount: number): void {
  for (let start = 0; start < values.length; start += columnCount) {
    const row = values.subarray(start, start + columnCount);
    let squares = 0;
    for (const value of row) squares += value * value;
    if (squares === 0) continue;
    const scale = 1 / Math.sqrt(squares);
    for (let i = 0; i < columnCount; i++) row[i] = row[i]! * scale;
  }
}
