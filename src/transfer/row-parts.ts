import type { CsrMatrix } from "../data/csr.js";
import type { TrainingRows } from "./training-rows.js";

/** Stands for the place of a slot that is gone. No row that is taken has it. */
export const NO_SLOT = 0xffffffff;

/** Rows on their way to the trainer. */
export interface RowPart {
  readonly matrix: CsrMatrix;
  /** The rows that are taken, in this order. Default: all. */
  readonly rows?: Uint32Array;
  /** Class of each row that is taken. */
  readonly labels: Uint32Array;
  /** New place of each slot, ascending but for NO_SLOT. Default: the same. */
  readonly slots?: Uint32Array;
}

/** Runs of consecutive rows first … end − 1, in order. */
function* runsOf({ matrix, rows }: RowPart): Generator<readonly [first: number, end: number]> {
  if (!rows) {
    yield [0, matrix.rowCount];
    return;
  }
  for (let i = 0; i < rows.length; ) {
    const first = rows[i]!;
    let end = first + 1;
    while (++i < rows.length && rows[i] === end) end++;
    yield [first, end];
  }
}

/** Sets `isUsed` of each slot, at its new place, that a row has. */
export function markSlots(part: RowPart, isUsed: Uint8Array): void {
  const { indptr, indices } = part.matrix;
  const used = part.slots ? new Uint8Array(part.matrix.columnCount) : isUsed;
  for (const [first, end] of runsOf(part)) markRange(used, indices, indptr[first]!, indptr[end]!);
  part.slots?.forEach((place, slot) => {
    if (used[slot] !== 0) isUsed[place] = 1;
  });
}

function markRange(used: Uint8Array, indices: Uint32Array, from: number, to: number): void {
  for (let k = from; k < to; k++) used[indices[k]!] = 1;
}

/** The parts one after the other, in one matrix. */
export function joinParts(parts: readonly RowPart[], columnCount: number): TrainingRows {
  const [only] = parts;
  if (parts.length === 1 && only && !only.rows && !only.slots)
    return { matrix: { ...only.matrix, columnCount }, labels: only.labels };
  const labels = new Uint32Array(parts.reduce((sum, part) => sum + part.labels.length, 0));
  const indptr = new Uint32Array(labels.length + 1);
  let row = 0;
  for (const part of parts) {
    labels.set(part.labels, row);
    const ends = part.matrix.indptr;
    for (const [first, end] of runsOf(part)) {
      const before = indptr[row]! - ends[first]!;
      for (let from = first + 1; from <= end; from++) indptr[++row] = before + ends[from]!;
    }
  }
  const indices = new Uint32Array(indptr[row]!);
  const values = new Float32Array(indptr[row]!);
  let at = 0;
  for (const part of parts) {
    const { matrix, slots } = part;
    const gap = slots && gapIn(slots);
    for (const [first, end] of runsOf(part)) {
      const [from, to] = [matrix.indptr[first]!, matrix.indptr[end]!];
      values.set(matrix.values.subarray(from, to), at);
      if (gap) copyUp(indices, at, matrix.indices, from, to, gap.from, gap.size);
      else if (slots) copyMoved(indices, at, matrix.indices, from, to, slots);
      else indices.set(matrix.indices.subarray(from, to), at);
      at += to - from;
    }
  }
  return {
    matrix: { layout: "sparse", rowCount: labels.length, columnCount, indptr, indices, values },
    labels,
  };
}

/** Slots from `moved` on move up by `size`. */
function copyUp(
  target: Uint32Array,
  at: number,
  source: Uint32Array,
  from: number,
  to: number,
  moved: number,
  size: number,
): void {
  for (let k = from; k < to; k++) {
    const slot = source[k]!;
    target[at + k - from] = slot < moved ? slot : slot + size;
  }
}

function copyMoved(
  target: Uint32Array,
  at: number,
  source: Uint32Array,
  from: number,
  to: number,
  slots: Uint32Array,
): void {
  for (let k = from; k < to; k++) target[at + k - from] = slots[source[k]!]!;
}

/** Where all that the slots do is to make room: those from `from` on move up by `size`. */
function gapIn(slots: Uint32Array): { from: number; size: number } | undefined {
  let from = 0;
  while (from < slots.length && slots[from] === from) from++;
  const size = from < slots.length ? slots[from]! - from : 0;
  for (let slot = from; slot < slots.length; slot++) if (slots[slot] !== slot + size) return undefined;
  return { from, size };
}
