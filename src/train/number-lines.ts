// Which line of weights each feature has.
import { ranges } from "../data/csr.js";
import type { DenseColumns } from "./dense-columns.js";

/** In place of a line where a feature is one row's own, from this one on, or in no row; see `assembly/folding.ts`. */
export const OWN = 0x80000000;
export const ABSENT = 0xffffffff;

/**
 * A line for each feature that is not dense, in their order after the dense ones, or only for those that occur; returns how many
 * lines there are. Yields now and then.
 */
export function* numberLines(
  lineOf: Uint32Array,
  indices: Uint32Array,
  columns: DenseColumns,
  keepsAbsent: boolean,
): Generator<void, number> {
  lineOf.fill(keepsAbsent ? 0 : ABSENT);
  for (const [first, end] of ranges(keepsAbsent ? 0 : indices.length)) {
    for (let k = first; k < end; k++) lineOf[indices[k]!] = 0;
    yield;
  }
  for (const { first, end } of columns.runs) lineOf.fill(ABSENT, first, end);
  let count = columns.lineCount;
  for (const [first, end] of ranges(lineOf.length)) {
    for (let feature = first; feature < end; feature++) {
      if (lineOf[feature] !== ABSENT) lineOf[feature] = count++;
    }
    yield;
  }
  return count;
}

/** Gives dense columns their lines. */
export function numberDenseLines(lineOf: Uint32Array, { runs }: DenseColumns): void {
  let line = 0;
  for (const { first, end } of runs) for (let column = first; column < end; column++) lineOf[column] = line++;
}

/** Puts lines in place of features. Yields now and then. */
export function* setLines(indices: Uint32Array, lineOf: Uint32Array): Generator<void> {
  for (const [first, end] of ranges(indices.length)) {
    for (let k = first; k < end; k++) indices[k] = lineOf[indices[k]!]!;
    yield;
  }
}
