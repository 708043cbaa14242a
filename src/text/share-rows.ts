import { type CsrMatrix, ranges, rowRanges } from "../data/csr.js";
import { type Entries, takeEntries } from "../data/spare-entries.js";
import { DualTextError } from "../errors.js";
import { moveWords } from "./matrix-rows.js";

/** Entries for a unit of text that room is made for at first: memory that is never written costs nothing. */
const ENTRIES_A_UNIT = 1.25;
const ROOM = 1.25;
/** Entries that are moved in a few milliseconds. */
const MOVED_ENTRIES = 1 << 20;
/** Rows have fewer entries than 2²⁶, so slot and place go together in one double. */
const PLACES = 2 ** 26;
/** Numbers that are sorted by insertion, as that is faster for few. */
const FEW = 48;

// Of the row at hand.
let scratch = new Float64Array(1024);
let oldValues = new Float32Array(1024);

/** Slots that the n-grams of a later share get in the end. */
export interface FinalSlots {
  /** Those below keep theirs. */
  readonly seed: number;
  /** Of the others: their slots among all, + 1. */
  readonly slots: Uint32Array;
  /** From this one on n-grams are new in the share: their order stays, and they come after all others. */
  readonly firstNew: number;
}

interface Part {
  readonly ends: Uint32Array;
  /** Where the entries of trigrams end, of each row. */
  readonly charEnds: Uint32Array;
  rowCount: number;
  /** Where its entries begin, and how many there are and may be. */
  base: number;
  count: number;
  capacity: number;
}

/** The rows of a matrix that several workers make, each its share from the first row on. */
export class ShareRows {
  readonly #parts: Part[] = [];
  #entries: Entries;

  /** @param ends of the shares' rows @param units of text in each row */
  constructor(ends: readonly number[], units: Uint32Array) {
    let base = 0;
    let row = 0;
    for (const end of ends) {
      let capacity = 1024;
      const rowCount = end - row;
      for (; row < end; row++) capacity += Math.ceil(ENTRIES_A_UNIT * units[row]!);
      const [partEnds, charEnds] = [new Uint32Array(rowCount), new Uint32Array(rowCount)];
      this.#parts.push({ ends: partEnds, charEnds, rowCount: 0, base, count: 0, capacity });
      base += capacity;
    }
    this.#entries = this.#room(base);
  }

  #room(length: number): Entries {
    try {
      return takeEntries(length);
    } catch (cause) {
      throw new DualTextError(
        "out-of-memory",
        `The features need ${Math.ceil((8 * length) / 1e6)} MB, which this host does not give. Use fewer rows.`,
        { cause },
      );
    }
  }

  /**
   * Adds rows of a share. Throws `out-of-memory`.
   * @param ends u32[rows][2]: entries until the end of each row's trigrams, and of its words; see `assembly/text/rows.ts`
   */
  add(share: number, indices: Uint32Array, values: Float32Array, ends: Uint32Array): void {
    const part = this.#parts[share]!;
    if (part.count + indices.length > part.capacity) this.#makeRoom(part, indices.length);
    const at = part.base + part.count;
    this.#entries.indices.set(indices, at);
    this.#entries.values.set(values, at);
    for (let i = 0; i < ends.length; i += 2) {
      part.charEnds[part.rowCount] = part.count + ends[i]!;
      part.ends[part.rowCount++] = part.count + ends[i + 1]!;
    }
    part.count += indices.length;
  }

  /** Room for what a share's rows so far let expect. */
  #makeRoom(short: Part, more: number): void {
    const expected = (short.count * short.ends.length) / Math.max(1, short.rowCount);
    short.capacity = Math.ceil(Math.max(1.5 * (short.count + more), ROOM * expected));
    const total = this.#parts.reduce((sum, { capacity }) => sum + capacity, 0);
    const { indices, values } = this.#entries;
    const larger = this.#room(total);
    let base = 0;
    for (const part of this.#parts) {
      const end = part.base + part.count;
      larger.indices.set(indices.subarray(part.base, end), base);
      larger.values.set(values.subarray(part.base, end), base);
      part.base = base;
      base += part.capacity;
    }
    this.#entries = larger;
  }

  /**
   * The matrix, once all rows are there. Yields now and then.
   * @param charCount slots of trigrams among all, which come before those of words
   * @param slotsOf of a later share
   */
  *matrix(
    columnCount: number,
    charCount: number,
    slotsOf: (share: number) => {
      readonly chars?: FinalSlots | undefined;
      readonly words?: FinalSlots | undefined;
    },
  ): Generator<void, CsrMatrix> {
    const rowCount = this.#parts.reduce((sum, { ends }) => sum + ends.length, 0);
    const indptr = new Uint32Array(rowCount + 1);
    const { indices, values } = this.#entries;
    let nnz = 0;
    let firstRow = 0;
    for (const [share, { ends, charEnds, base, count }] of this.#parts.entries()) {
      if (base !== nnz) {
        for (const [first, end] of ranges(count, MOVED_ENTRIES)) {
          indices.copyWithin(nnz + first, base + first, base + end);
          values.copyWithin(nnz + first, base + first, base + end);
          yield;
        }
      }
      for (let row = 0; row < ends.length; row++) indptr[firstRow + row + 1] = nnz + ends[row]!;
      const { chars, words } = share === 0 ? {} : slotsOf(share);
      const own = indptr.subarray(firstRow, firstRow + ends.length + 1);
      for (const [first, end] of rowRanges({ rowCount: ends.length, indptr: own })) {
        if (chars) renumberRows(indices, values, own, nnz, charEnds, 0, first, end, chars);
        if (words) renumberRows(indices, values, own, nnz, charEnds, 1, first, end, words);
        if (charCount > 0) moveWords(indices, own, nnz, charEnds, first, end, charCount);
        yield;
      }
      nnz += count;
      firstRow += ends.length;
    }
    const [rowIndices, rowValues] = [indices.subarray(0, nnz), values.subarray(0, nnz)];
    return { layout: "sparse", rowCount, columnCount, indptr, indices: rowIndices, values: rowValues };
  }
}

/** Renumbers the block of characters (0) or of words (1) of rows first … last − 1, whose ends of characters count from `base`. */
function renumberRows(
  indices: Uint32Array,
  values: Float32Array,
  indptr: Uint32Array,
  base: number,
  charEnds: Uint32Array,
  block: 0 | 1,
  first: number,
  last: number,
  final: FinalSlots,
): void {
  for (let row = first; row < last; row++) {
    const middle = base + charEnds[row]!;
    if (block === 0) renumber(indices, values, indptr[row]!, middle, final);
    else renumber(indices, values, middle, indptr[row + 1]!, final);
  }
}

/** Gives the entries start … end − 1 of a row, whose slots ascend, their final slots, which ascend again. */
function renumber(
  indices: Uint32Array,
  values: Float32Array,
  start: number,
  end: number,
  { seed, slots, firstNew }: FinalSlots,
): void {
  let first = end;
  while (first > start && indices[first - 1]! >= seed) first--;
  // Those that an earlier share has found too may come in any order; their values are taken along.
  let found = 0;
  let isAscending = true;
  let before = -1;
  for (let k = first; k < end; k++) {
    const slot = slots[indices[k]! - seed]! - 1;
    indices[k] = slot;
    if (slot < before) isAscending = false;
    before = slot;
    if (slot < firstNew) found++;
  }
  if (isAscending) return;
  const count = end - first;
  if (count > scratch.length) scratch = new Float64Array(2 * count);
  if (count > oldValues.length) oldValues = new Float32Array(2 * count);
  for (let k = 0; k < count; k++) oldValues[k] = values[first + k]!;
  let to = end;
  let left = found;
  for (let k = count - 1; k >= 0; k--) {
    const slot = indices[first + k]!;
    if (slot < firstNew) scratch[--left] = slot * PLACES + k;
    else {
      indices[--to] = slot;
      values[to] = oldValues[k]!;
    }
  }
  if (found <= FEW) sortFew(scratch, found);
  else scratch.subarray(0, found).sort();
  for (let i = 0; i < found; i++) {
    const slot = Math.floor(scratch[i]! / PLACES);
    indices[first + i] = slot;
    values[first + i] = oldValues[scratch[i]! - slot * PLACES]!;
  }
}

/** By insertion. */
function sortFew(numbers: Float64Array, count: number): void {
  for (let i = 1; i < count; i++) {
    const number = numbers[i]!;
    let k = i;
    for (; k > 0 && numbers[k - 1]! > number; k--) numbers[k] = numbers[k - 1]!;
    numbers[k] = number;
  }
}
