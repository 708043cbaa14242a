// Which line of weights each feature has.
import { ranges } from "../data/csr.js";
import type { DenseColumns } from "./dense-columns.js";

/** In place of a line where a feature is one row's own, from this one on, or in no row; see `assembly/folding.ts`. */
export const OWN = 0x80000000;
export const ABSENT = 0xffffffff;

/** Marks, with other than ABSENT, features that are to have lines but are not dense: all, or those that occur. Yields now and then. */
export function* markColumns(
  lineOf: Uint32Array,
  indices: Uint32Array,
  columns: DenseColumns,
  keepsAbsent: boolean,
): Generator<void> {
  lineOf.fill(keepsAbsent ? 0 : ABSENT);
  for (const [first, end] of ranges(keepsAbsent ? 0 : indices.length)) {
    for (let k = first; k < end; k++) lineOf[indices[k]!] = 0;
    yield;
  }
  for (const { first, end } of columns.runs) lineOf.fill(ABSENT, first, end);
}

/** Gives dense columns their lines. */
export function numberDenseLines(lineOf: Uint32Array, { runs }: DenseColumns): void {
  let line = 0;
  for (const { first, end } of runs) for (let column = first; column < end; column++) lineOf[column] = line++;
}
