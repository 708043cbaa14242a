import type { CsrMatrix } from "../data/csr.js";
import { matchSlots, matchWords } from "./match-ngrams.js";
import { charSlotCount, type NgramTables, NO_PREFIX, slotCount, wordSlotCount } from "./ngram-tables.js";

type Words = NonNullable<NgramTables["words"]>;

/**
 * The n-grams of `before` and then, block by block, those of `fresh` that are not among them, in their order: what
 * fitting on the rows of both, one after the other, gives. Both must have the same blocks.
 */
export function mergeTables(
  before: NgramTables,
  fresh: NgramTables,
): { tables: NgramTables /** Of each slot of `fresh`, its slot in `tables`. */; slots: Uint32Array } {
  const matches = matchSlots(before, fresh);
  const slots = new Uint32Array(slotCount(fresh));
  const isKnown = new Uint8Array(slots.length);
  const freshChars = charSlotCount(fresh);
  const charsBefore = charSlotCount(before);
  let chars = charsBefore;
  for (const slot of matches) if (slot >= 0) isKnown[slot] = 1;
  for (let slot = 0; slot < freshChars; slot++) if (isKnown[slot] === 0) slots[slot] = chars++;
  // Slots of words come after all trigrams, so those of before move up.
  const moved = chars - charsBefore;
  let next = chars + wordSlotCount(before);
  for (let slot = freshChars; slot < slots.length; slot++) if (isKnown[slot] === 0) slots[slot] = next++;
  matches.forEach((slot, at) => {
    if (slot >= 0) slots[slot] = at < charsBefore ? at : at + moved;
  });
  const trigrams = before.trigrams && appendTrigrams(before.trigrams, fresh.trigrams!, isKnown, chars);
  const words = before.words && appendWords(before.words, fresh.words!, isKnown.subarray(freshChars));
  return { tables: { trigrams, words }, slots };
}

function appendTrigrams(
  before: Uint16Array,
  fresh: Uint16Array,
  isKnown: Uint8Array,
  count: number,
): Uint16Array {
  const units = new Uint16Array(3 * count);
  units.set(before);
  let at = before.length;
  for (let slot = 0; slot < fresh.length / 3; slot++) {
    if (isKnown[slot] !== 0) continue;
    units.set(fresh.subarray(3 * slot, 3 * slot + 3), at);
    at += 3;
  }
  return units;
}

function appendWords(before: Words, fresh: Words, isKnown: Uint8Array): Words {
  /** Of each word of `fresh`, its number in the result. */
  const ids = new Int32Array(fresh.ends.length + 1);
  matchWords(before, fresh).forEach((id, number) => {
    ids[id] = number;
  });
  ids[0] = 0;
  const units: number[] = [];
  const ends: number[] = [];
  for (let id = 1; id <= fresh.ends.length; id++) {
    if (ids[id] !== 0) continue;
    for (let i = id === 1 ? 0 : fresh.ends[id - 2]!; i < fresh.ends[id - 1]!; i++)
      units.push(fresh.units[i]!);
    ends.push(before.units.length + units.length);
    ids[id] = before.ends.length + ends.length;
  }
  const ngrams: number[] = [];
  for (let slot = 0; slot < isKnown.length; slot++) {
    if (isKnown[slot] !== 0) continue;
    const prefix = fresh.ngrams[2 * slot]!;
    ngrams.push(prefix === NO_PREFIX ? NO_PREFIX : ids[prefix]!, ids[fresh.ngrams[2 * slot + 1]!]!);
  }
  return {
    units: joined(Uint16Array, before.units, units),
    ends: joined(Uint32Array, before.ends, ends),
    ngrams: joined(Int32Array, before.ngrams, ngrams),
  };
}

function joined<A extends Uint16Array | Uint32Array | Int32Array>(
  make: new (length: number) => A,
  first: A,
  second: readonly number[],
): A {
  const all = new make(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}

/** The n-grams that `isKept` names, in their order, and words only where an n-gram is left of them. */
export function pruneTables(tables: NgramTables, isKept: Uint8Array): NgramTables {
  const chars = charSlotCount(tables);
  const { trigrams, words } = tables;
  return {
    trigrams: trigrams && pruneTrigrams(trigrams, isKept),
    words: words && pruneWords(words, isKept.subarray(chars)),
  };
}

function pruneTrigrams(units: Uint16Array, isKept: Uint8Array): Uint16Array {
  const kept = units.slice();
  let at = 0;
  for (let i = 0; i < units.length; i += 3) {
    if (isKept[i / 3] === 0) continue;
    kept[at] = units[i]!;
    kept[at + 1] = units[i + 1]!;
    kept[at + 2] = units[i + 2]!;
    at += 3;
  }
  return kept.slice(0, at);
}

function pruneWords({ units, ends, ngrams }: Words, isKept: Uint8Array): Words {
  const ids = new Int32Array(ends.length + 1);
  for (let slot = 0; slot < isKept.length; slot++) {
    if (isKept[slot] !== 0 && ngrams[2 * slot] === NO_PREFIX) ids[ngrams[2 * slot + 1]!] = 1;
  }
  let count = 0;
  for (let id = 1; id < ids.length; id++) if (ids[id] !== 0) ids[id] = ++count;
  const keptUnits = units.slice();
  const keptEnds = new Uint32Array(count);
  let unitCount = 0;
  for (let id = 1; id < ids.length; id++) {
    if (ids[id] === 0) continue;
    for (let i = id === 1 ? 0 : ends[id - 2]!; i < ends[id - 1]!; i++) keptUnits[unitCount++] = units[i]!;
    keptEnds[ids[id]! - 1] = unitCount;
  }
  const kept = ngrams.slice();
  let at = 0;
  for (let slot = 0; slot < isKept.length; slot++) {
    if (isKept[slot] === 0) continue;
    const prefix = ngrams[2 * slot]!;
    kept[at++] = prefix === NO_PREFIX ? NO_PREFIX : ids[prefix]!;
    kept[at++] = ids[ngrams[2 * slot + 1]!]!;
  }
  return { units: keptUnits.slice(0, unitCount), ends: keptEnds, ngrams: kept.slice(0, at) };
}

/** Where all that the slots do is to make room: those from `from` on move up by `size`. */
export function gapIn(slots: Uint32Array): { from: number; size: number } | undefined {
  let from = 0;
  while (from < slots.length && slots[from] === from) from++;
  const size = from < slots.length ? slots[from]! - from : 0;
  for (let slot = from; slot < slots.length; slot++) if (slots[slot] !== slot + size) return undefined;
  return { from, size };
}

function isAscending(slots: Uint32Array): boolean {
  for (let slot = 1; slot < slots.length; slot++) if (slots[slot]! < slots[slot - 1]!) return false;
  return true;
}

/** The matrix with its features at other slots; entries of a row stay in ascending order. */
export function moveSlots(matrix: CsrMatrix, slots: Uint32Array, columnCount: number): CsrMatrix {
  const { rowCount, indptr } = matrix;
  const indices = new Uint32Array(matrix.indices.length);
  const gap = gapIn(slots);
  if (gap) {
    const { from, size } = gap;
    for (let k = 0; k < indices.length; k++) {
      const slot = matrix.indices[k]!;
      indices[k] = slot < from ? slot : slot + size;
    }
    return { ...matrix, columnCount, indices };
  }
  if (isAscending(slots)) {
    for (let k = 0; k < indices.length; k++) indices[k] = slots[matrix.indices[k]!]!;
    return { ...matrix, columnCount, indices };
  }
  const values = new Float32Array(matrix.values.length);
  const order: number[] = [];
  for (let row = 0; row < rowCount; row++) {
    const first = indptr[row]!;
    const end = indptr[row + 1]!;
    order.length = 0;
    for (let k = first; k < end; k++) {
      const slot = slots[matrix.indices[k]!]!;
      // Slot and place in one double: rows have fewer than 2²⁶ entries.
      order.push(slot * 2 ** 26 + (k - first));
    }
    const sorted = Float64Array.from(order).sort();
    for (let i = 0; i < sorted.length; i++) {
      const slot = Math.floor(sorted[i]! / 2 ** 26);
      indices[first + i] = slot;
      values[first + i] = matrix.values[first + sorted[i]! - slot * 2 ** 26]!;
    }
  }
  return { layout: "sparse", rowCount, columnCount, indptr, indices, values };
}
