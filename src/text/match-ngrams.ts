import { charSlotCount, type NgramTables, NO_PREFIX, slotCount } from "./ngram-tables.js";

type Words = NonNullable<NgramTables["words"]>;

/** A fingerprint of three units: they need 48 bits, which a double holds. */
function trigramKey(units: Uint16Array, slot: number): number {
  const at = 3 * slot;
  return (units[at]! * 65_536 + units[at + 1]!) * 65_536 + units[at + 2]!;
}

/** Words are numbered from 1 on, so two of them fit in a double as well. */
function pairKey(prefix: number, word: number): number {
  return prefix * 2 ** 26 + word;
}

function wordStart({ ends }: Words, id: number): number {
  return id === 1 ? 0 : ends[id - 2]!;
}

function hashOfWord({ units, ends }: Words, start: number, id: number): number {
  let hash = 0;
  for (let i = start; i < ends[id - 1]!; i++) hash = (Math.imul(hash, 0x01000193) ^ units[i]!) | 0;
  return hash;
}

function isSameWord(a: Words, aId: number, b: Words, bId: number): boolean {
  const aStart = wordStart(a, aId);
  const bStart = wordStart(b, bId);
  const length = a.ends[aId - 1]! - aStart;
  if (b.ends[bId - 1]! - bStart !== length) return false;
  for (let i = 0; i < length; i++) if (a.units[aStart + i] !== b.units[bStart + i]) return false;
  return true;
}

/** Of each word of `words`, from 1 on, its number in `others`, or 0; position 0 is unused. */
export function matchWords(words: Words, others: Words): Int32Array {
  const byHash = new Map<number, number>();
  /** The next word with the same hash, or 0. */
  const next = new Int32Array(others.ends.length + 1);
  for (let id = 1; id <= others.ends.length; id++) {
    const hash = hashOfWord(others, wordStart(others, id), id);
    next[id] = byHash.get(hash) ?? 0;
    byHash.set(hash, id);
  }
  const matches = new Int32Array(words.ends.length + 1);
  for (let id = 1; id <= words.ends.length; id++) {
    let other = byHash.get(hashOfWord(words, wordStart(words, id), id)) ?? 0;
    while (other !== 0 && !isSameWord(words, id, others, other)) other = next[other]!;
    matches[id] = other;
  }
  return matches;
}

/**
 * Of each slot of `tables`, the slot of the same n-gram in `others`, or −1. Cheapest when `others` is the smaller one.
 * Blocks that only one of them has match nothing.
 */
export function matchSlots(tables: NgramTables, others: NgramTables): Int32Array {
  const matches = new Int32Array(slotCount(tables)).fill(-1);
  if (beginsWith(tables, others)) {
    const firstWord = charSlotCount(tables);
    const firstOther = charSlotCount(others);
    for (let slot = 0; slot < firstOther; slot++) matches[slot] = slot;
    for (let slot = firstOther; slot < slotCount(others); slot++)
      matches[firstWord + slot - firstOther] = slot;
    return matches;
  }
  if (tables.trigrams && others.trigrams) matchTrigrams(tables.trigrams, others.trigrams, matches);
  if (tables.words && others.words) {
    const ofWords = matches.subarray(charSlotCount(tables));
    matchWordNgrams(tables.words, others.words, charSlotCount(others), ofWords);
  }
  return matches;
}

/** Whether the n-grams of `others` are the first of `tables`, block by block: those of a featurizer that began from it. */
function beginsWith(tables: NgramTables, others: NgramTables): boolean {
  const starts = (array: ArrayLike<number> | undefined, start: ArrayLike<number> | undefined): boolean => {
    if (!array || !start) return array === start;
    if (start.length > array.length) return false;
    for (let i = 0; i < start.length; i++) if (array[i] !== start[i]) return false;
    return true;
  };
  const [a, b] = [tables.words, others.words];
  return (
    starts(tables.trigrams, others.trigrams) &&
    starts(a?.ngrams, b?.ngrams) &&
    starts(a?.ends, b?.ends) &&
    starts(a?.units, b?.units)
  );
}

function matchTrigrams(units: Uint16Array, others: Uint16Array, matches: Int32Array): void {
  const slots = new Map<number, number>();
  for (let slot = 0; slot < others.length / 3; slot++) slots.set(trigramKey(others, slot), slot);
  for (let slot = 0; slot < units.length / 3; slot++)
    matches[slot] = slots.get(trigramKey(units, slot)) ?? -1;
}

function matchWordNgrams(words: Words, others: Words, firstSlot: number, matches: Int32Array): void {
  const ids = matchWords(words, others);
  const singles = new Int32Array(others.ends.length + 1).fill(-1);
  const pairs = new Map<number, number>();
  for (let slot = 0; slot < others.ngrams.length / 2; slot++) {
    const prefix = others.ngrams[2 * slot]!;
    const word = others.ngrams[2 * slot + 1]!;
    if (prefix === NO_PREFIX) singles[word] = firstSlot + slot;
    else pairs.set(pairKey(prefix, word), firstSlot + slot);
  }
  for (let slot = 0; slot < matches.length; slot++) {
    const prefix = words.ngrams[2 * slot]!;
    const word = ids[words.ngrams[2 * slot + 1]!]!;
    if (word === 0) continue;
    if (prefix === NO_PREFIX) matches[slot] = singles[word]!;
    else if (ids[prefix] !== 0) matches[slot] = pairs.get(pairKey(ids[prefix]!, word)) ?? -1;
  }
}
