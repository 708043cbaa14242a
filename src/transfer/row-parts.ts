import { type CsrMatrix, ENTRIES_A_PIECE, ranges, rowRanges } from "../data/csr.js";
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

/** Runs of consecutive rows first … end − 1, in order, none with more entries than take some milliseconds, if a row has not. */
function* runsOf({ matrix, rows }: RowPart): Generator<readonly [first: number, end: number]> {
  if (!rows) {
    yield* rowRanges(matrix);
    return;
  }
  const { indptr } = matrix;
  for (let i = 0; i < rows.length; ) {
    const first = rows[i]!;
    const enough = indptr[first]! + ENTRIES_A_PIECE;
    let end = first + 1;
    while (++i < rows.length && rows[i] === end && indptr[end + 1]! <= enough) end++;
    yield [first, end];
  }
}

/** Sets `isUsed` of each slot, at its new place, that a row has. Yields now and then. */
export function* markingSlots(part: RowPart, isUsed: Uint8Array): Generator<void> {
  const { indptr, indices } = part.matrix;
  const used = part.slots ? new Uint8Array(part.matrix.columnCount) : isUsed;
  for (const [first, end] of runsOf(part)) {
    markRange(used, indices, indptr[first]!, indptr[end]!);
    yield;
  }
  part.slots?.forEach((place, slot) => {
    if (used[slot] !== 0) isUsed[place] = 1;
  });
}

function markRange(used: Uint8Array, indices: Uint32Array, from: number, to: number): void {
  for (let k = from; k < to; k++) used[indices[k]!] = 1;
}

/** The parts one after the other, in one matrix. Yields now and then. */
export function* joiningParts(parts: readonly RowPart[], columnCount: number): Generator<void, TrainingRows> {
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
    const moves = slots && (yield* movesOf(slots));
    for (const [first, end] of runsOf(part)) {
      const [from, to] = [matrix.indptr[first]!, matrix.indptr[end]!];
      values.set(matrix.values.subarray(from, to), at);
      if (moves) copyMoved(indices, at, matrix.indices, from, to, slots, moves);
      else indices.set(matrix.indices.subarray(from, to), at);
      at += to - from;
      yield;
    }
  }
  return {
    matrix: { layout: "sparse", rowCount: labels.length, columnCount, indptr, indices, values },
    labels,
  };
}

// Most slots move by as much as those beside them. How far those of a block do is a number that stays in a near cache; a table
// of all places would miss it at nearly every entry.
const LOG_BLOCK = 5;
/** Stands for the move of a block whose slots do not all move alike. */
const MIXED = -0x80000000;

/** How far the slots of each block move. Yields now and then. */
function* movesOf(slots: Uint32Array): Generator<void, Int32Array> {
  const moves = new Int32Array(Math.ceil(slots.length / (1 << LOG_BLOCK)));
  for (const [first, end] of ranges(moves.length, ENTRIES_A_PIECE >>> LOG_BLOCK)) {
    setMoves(moves, slots, first, end);
    yield;
  }
  return moves;
}

function setMoves(moves: Int32Array, slots: Uint32Array, firstBlock: number, endBlock: number): void {
  for (let block = firstBlock; block < endBlock; block++) {
    const first = block << LOG_BLOCK;
    const last = Math.min(first + (1 << LOG_BLOCK), slots.length) - 1;
    const move = slots[first]! - first;
    let slot = first;
    while (slot <= last && slots[slot] === slot + move) slot++;
    moves[block] = slot > last ? move : MIXED;
  }
}

function copyMoved(
  target: Uint32Array,
  at: number,
  source: Uint32Array,
  from: number,
  to: number,
  slots: Uint32Array,
  moves: Int32Array,
): void {
  for (let k = from; k < to; k++) {
    const slot = source[k]!;
    const move = moves[slot >>> LOG_BLOCK]!;
    target[at + k - from] = move === MIXED ? slots[slot]! : slot + move;
  }
}
