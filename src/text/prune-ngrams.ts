import { ranges } from "../data/csr.js";
import { type BlockIdf, charSlotCount, type NgramTables, NO_PREFIX } from "./ngram-tables.js";

type Words = NonNullable<NgramTables["words"]>;

/** The n-grams that `isKept` names, in their order, and words only where an n-gram is left of them. Yields now and then. */
export function* pruningTables(tables: NgramTables, isKept: Uint8Array): Generator<void, NgramTables> {
  const chars = charSlotCount(tables);
  const { trigrams, words, idf } = tables;
  const kept = trigrams && pruneTrigrams(trigrams, isKept);
  yield;
  return {
    trigrams: kept,
    words: words && (yield* pruningWords(words, isKept.subarray(chars))),
    idf: idf && {
      ...idf,
      chars: idf.chars && pruneIdf(idf.chars, isKept.subarray(0, chars)),
      words: idf.words && pruneIdf(idf.words, isKept.subarray(chars)),
    },
  };
}

function pruneIdf({ weighting, idf }: BlockIdf, isKept: Uint8Array): BlockIdf {
  return { weighting, idf: idf.filter((_, slot) => isKept[slot] !== 0) };
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

function* pruningWords({ units, ends, ngrams }: Words, isKept: Uint8Array): Generator<void, Words> {
  const ids = new Int32Array(ends.length + 1);
  for (const [first, end] of ranges(isKept.length)) {
    markWords(ids, ngrams, isKept, first, end);
    yield;
  }
  const keptEnds = numberWords(ids, ends);
  const keptUnits = new Uint16Array(keptEnds.at(-1) ?? 0);
  copyWords(keptUnits, units, ends, ids);
  yield;
  const kept = new Int32Array(2 * sumOf(isKept));
  let at = 0;
  for (const [first, end] of ranges(isKept.length)) {
    at = keepPairs(kept, at, ngrams, isKept, ids, first, end);
    yield;
  }
  return { units: keptUnits, ends: keptEnds, ngrams: kept };
}

/** Gives words that are marked their new numbers; returns where each ends among the units that are left. */
function numberWords(ids: Int32Array, ends: Uint32Array): Uint32Array {
  const keptEnds = new Uint32Array(sumOf(ids));
  let count = 0;
  let unitCount = 0;
  for (let id = 1; id < ids.length; id++) {
    if (ids[id] === 0) continue;
    unitCount += ends[id - 1]! - (id === 1 ? 0 : ends[id - 2]!);
    keptEnds[count++] = unitCount;
    ids[id] = count;
  }
  return keptEnds;
}

/** Copies the units of words that have a number, runs of them at a time. */
function copyWords(kept: Uint16Array, units: Uint16Array, ends: Uint32Array, ids: Int32Array): void {
  let at = 0;
  for (let id = 1; id < ids.length; id++) {
    if (ids[id] === 0) continue;
    const first = id === 1 ? 0 : ends[id - 2]!;
    while (id + 1 < ids.length && ids[id + 1] !== 0) id++;
    const run = units.subarray(first, ends[id - 1]);
    kept.set(run, at);
    at += run.length;
  }
}

function sumOf(marks: Uint8Array | Int32Array): number {
  let sum = 0;
  for (let i = 0; i < marks.length; i++) sum += marks[i]!;
  return sum;
}

/** Marks the words that stand alone in a slot that is kept. */
function markWords(ids: Int32Array, ngrams: Int32Array, isKept: Uint8Array, first: number, end: number) {
  for (let slot = first; slot < end; slot++) {
    if (isKept[slot] !== 0 && ngrams[2 * slot] === NO_PREFIX) ids[ngrams[2 * slot + 1]!] = 1;
  }
}

/** Writes the n-grams of slots first … end − 1 that are kept, from `to` on, by the new numbers of words; returns the next place. */
function keepPairs(
  kept: Int32Array,
  to: number,
  ngrams: Int32Array,
  isKept: Uint8Array,
  ids: Int32Array,
  first: number,
  end: number,
): number {
  let at = to;
  for (let slot = first; slot < end; slot++) {
    if (isKept[slot] === 0) continue;
    const prefix = ngrams[2 * slot]!;
    kept[at++] = prefix === NO_PREFIX ? NO_PREFIX : ids[prefix]!;
    kept[at++] = ids[ngrams[2 * slot + 1]!]!;
  }
  return at;
}
