import { bucketCount, bucketShift, hashOf, WIDE, wideBucketOf, wideBuckets } from "./hash-index.js";
import { charSlotCount, type NgramTables, NO_PREFIX, slotCount } from "./ngram-tables.js";

type Words = NonNullable<NgramTables["words"]>;

/** Numbers from 1 on under pairs of 32-bit integers. */
class PairIndex {
  readonly #shift: number;
  readonly #buckets: Int32Array;

  /** @param count pairs at most */
  constructor(count: number) {
    this.#shift = bucketShift(count);
    this.#buckets = wideBuckets(this.#shift);
  }

  /** The bucket of a pair, or the free one where it belongs. */
  #find(first: number, second: number): number {
    const buckets = this.#buckets;
    let at = wideBucketOf(first, second, this.#shift);
    while (buckets[at + 2] !== 0 && (buckets[at] !== first || buckets[at + 1] !== second))
      at = (at + WIDE) & (buckets.length - 1);
    return at;
  }

  set(first: number, second: number, number: number): void {
    const at = this.#find(first, second);
    this.#buckets[at] = first;
    this.#buckets[at + 1] = second;
    this.#buckets[at + 2] = number;
  }

  /** 0 where there is none. */
  get(first: number, second: number): number {
    return this.#buckets[this.#find(first, second) + 2]!;
  }
}

function wordStart({ ends }: Words, id: number): number {
  return id === 1 ? 0 : ends[id - 2]!;
}

function hashOfWord({ units, ends }: Words, start: number, id: number): number {
  let hash = 0;
  for (let i = start; i < ends[id - 1]!; i++) hash = (Math.imul(hash, 0x01000193) ^ units[i]!) | 0;
  return hashOf(hash, 0);
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
function matchWords(words: Words, others: Words): Int32Array {
  const shift = bucketShift(others.ends.length);
  /** The last word of each bucket, or 0, and before each word the one before it in its bucket. */
  const last = new Int32Array(bucketCount(shift));
  const before = new Int32Array(others.ends.length + 1);
  for (let id = 1; id <= others.ends.length; id++) {
    const bucket = hashOfWord(others, wordStart(others, id), id) >>> shift;
    before[id] = last[bucket]!;
    last[bucket] = id;
  }
  const matches = new Int32Array(words.ends.length + 1);
  for (let id = 1; id <= words.ends.length; id++) {
    let other = last[hashOfWord(words, wordStart(words, id), id) >>> shift]!;
    while (other !== 0 && !isSameWord(words, id, others, other)) other = before[other]!;
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
  const slots = new PairIndex(others.length / 3);
  const firstTwo = (all: Uint16Array, at: number) => (all[at]! << 16) | all[at + 1]!;
  for (let at = 0; at < others.length; at += 3) slots.set(firstTwo(others, at), others[at + 2]!, at / 3 + 1);
  for (let at = 0; at < units.length; at += 3)
    matches[at / 3] = slots.get(firstTwo(units, at), units[at + 2]!) - 1;
}

function matchWordNgrams(words: Words, others: Words, firstSlot: number, matches: Int32Array): void {
  const ids = matchWords(words, others);
  const singles = new Int32Array(others.ends.length + 1).fill(-1);
  const pairs = new PairIndex(others.ngrams.length / 2);
  for (let slot = 0; slot < others.ngrams.length / 2; slot++) {
    const prefix = others.ngrams[2 * slot]!;
    const word = others.ngrams[2 * slot + 1]!;
    if (prefix === NO_PREFIX) singles[word] = firstSlot + slot;
    else pairs.set(prefix, word, firstSlot + slot + 1);
  }
  for (let slot = 0; slot < matches.length; slot++) {
    const prefix = words.ngrams[2 * slot]!;
    const word = ids[words.ngrams[2 * slot + 1]!]!;
    if (word === 0) continue;
    if (prefix === NO_PREFIX) matches[slot] = singles[word]!;
    else if (ids[prefix] !== 0) matches[slot] = pairs.get(ids[prefix]!, word) - 1;
  }
}
