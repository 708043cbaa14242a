import type { KeyColumn, VectorColumn } from "../data/columns.js";
import { type CsrMatrix, nonZeros, ranges, rowRanges, takeRows } from "../data/csr.js";
import type { Dataset } from "../data/dataset.js";
import { DualTextError } from "../errors.js";

/** Rows as a trainer sees them. */
export interface TrainingRows {
  readonly matrix: CsrMatrix;
  /** Class of each row, from 0 on. */
  readonly labels: Uint32Array;
}

/** The rows of a dataset that have a label. Yields now and then. Throws `not-finite`. */
export function* labelledRows(data: Dataset, features: string, label: string): Generator<void, TrainingRows> {
  const { keys } = data.column(label) as KeyColumn;
  const all = yield* featuresOf(data, features);
  const rows = keys.map((_, row) => row).filter((row) => keys[row]! > 0);
  const matrix = rows.length === keys.length ? all : (takeRows(all, rows) as CsrMatrix);
  return { matrix, labels: rows.map((row) => keys[row]! - 1) };
}

/** The features of all rows of a dataset. Yields now and then. Throws `not-finite`. */
export function* featuresOf(data: Dataset, features: string): Generator<void, CsrMatrix> {
  const all = nonZeros((data.column(features) as VectorColumn).matrix);
  for (const [first, end] of ranges(all.values.length)) {
    if (areFinite(all.values, first, end)) {
      yield;
      continue;
    }
    const bad = all.values.findIndex((value) => !Number.isFinite(value));
    const row = all.indptr.findIndex((end) => end > bad) - 1;
    throw new DualTextError(
      "not-finite",
      `Row ${row} of column "${features}" holds ${all.values[bad]} in slot ${all.indices[bad]}; features must be finite.`,
    );
  }
  return all;
}

function areFinite(values: Float32Array, first: number, end: number): boolean {
  // Of what is not finite no difference is 0.
  for (let k = first; k < end; k++) if (values[k]! - values[k]! !== 0) return false;
  return true;
}

/**
 * Of each row of `rows`, a row of `wanted` with the same features, and the same label where `wanted` has labels, or −1.
 * `missing` counts the rows of `wanted` that match none. Yields now and then.
 */
export function* findingRows(
  rows: TrainingRows,
  wanted: { readonly matrix: CsrMatrix; readonly labels?: Uint32Array },
): Generator<void, { readonly matches: Int32Array; readonly missing: number }> {
  const byHash = new Map<number, number[]>();
  for (const [first, end] of rowRanges(wanted.matrix)) {
    for (let row = first; row < end; row++) {
      const hash = hashOfRow(wanted.matrix, row);
      const list = byHash.get(hash);
      if (list) list.push(row);
      else byHash.set(hash, [row]);
    }
    yield;
  }
  const isMatched = new Uint8Array(wanted.matrix.rowCount);
  const matches = new Int32Array(rows.matrix.rowCount).fill(-1);
  for (const [first, end] of rowRanges(rows.matrix)) {
    for (let row = first; row < end; row++) {
      for (const candidate of byHash.get(hashOfRow(rows.matrix, row)) ?? []) {
        if (wanted.labels && wanted.labels[candidate] !== rows.labels[row]) continue;
        if (!isSameRow(rows.matrix, row, wanted.matrix, candidate)) continue;
        matches[row] = candidate;
        isMatched[candidate] = 1;
      }
    }
    yield;
  }
  return { matches, missing: isMatched.reduce((count, matched) => count + 1 - matched, 0) };
}

/** Entries at each end of a row that its hash is made of: rows that differ elsewhere alone are rare, and then compared. */
const HASHED_ENTRIES = 6;

function hashOfRow({ indptr, indices }: CsrMatrix, row: number): number {
  const first = indptr[row]!;
  const end = indptr[row + 1]!;
  let hash = end - first;
  for (let k = first; k < Math.min(first + HASHED_ENTRIES, end); k++)
    hash = (Math.imul(hash, 0x01000193) ^ indices[k]!) | 0;
  for (let k = Math.max(first, end - HASHED_ENTRIES); k < end; k++)
    hash = (Math.imul(hash, 0x01000193) ^ indices[k]!) | 0;
  return hash;
}

function isSameRow(a: CsrMatrix, rowA: number, b: CsrMatrix, rowB: number): boolean {
  const startA = a.indptr[rowA]!;
  const startB = b.indptr[rowB]!;
  const count = a.indptr[rowA + 1]! - startA;
  if (b.indptr[rowB + 1]! - startB !== count) return false;
  for (let k = 0; k < count; k++) {
    if (a.indices[startA + k] !== b.indices[startB + k] || a.values[startA + k] !== b.values[startB + k])
      return false;
  }
  return true;
}
