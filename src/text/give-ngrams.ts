import { ranges } from "../data/csr.js";
import type { TextCoreExports } from "../wasm/core.js";
import { type NgramTables, NO_PREFIX } from "./ngram-tables.js";
import type { TextRows } from "./text-rows.js";

/** Words, pairs or trigrams that are given to the core at a time. */
const GIVEN = 4096;

/**
 * Gives the n-grams of tables to a core that has none yet, with their slots. Returns false when the tables contradict
 * themselves. Yields now and then. Throws `out-of-memory`. @param texts of the core, made for the same blocks
 */
export function* givingNgrams(
  texts: TextRows,
  core: TextCoreExports,
  { trigrams, words }: NgramTables,
): Generator<void, boolean> {
  if (trigrams && !(yield* givingTrigrams(texts, core, trigrams))) return false;
  return !words || (yield* givingWords(texts, core, words));
}

function* givingTrigrams(
  texts: TextRows,
  core: TextCoreExports,
  units: Uint16Array,
): Generator<void, boolean> {
  for (let first = 0; first < units.length; first += 3 * GIVEN) {
    const some = units.subarray(first, first + 3 * GIVEN);
    const [at] = texts.put([some]);
    if (texts.guarded(() => core.takeTrigrams(at!, some.length / 3)) === 0) return false;
    yield;
  }
  return true;
}

function* givingWords(
  texts: TextRows,
  core: TextCoreExports,
  { units, ends, ngrams }: NonNullable<NgramTables["words"]>,
): Generator<void, boolean> {
  const slots = yield* slotsOfWords(ngrams, ends.length);
  if (slots === undefined) return false;
  for (const [words, pairs] of [
    [ends.length, 0],
    [0, ngrams.length / 2 - ends.length],
  ] as const) {
    texts.guarded(() => {
      core.reserveWordNgrams(words, pairs);
      return 0;
    });
    yield;
  }
  for (let first = 0; first < ends.length; first += GIVEN) {
    const last = Math.min(first + GIVEN, ends.length);
    const start = first === 0 ? 0 : ends[first - 1]!;
    const endsAndSlots = new Uint32Array(2 * (last - first));
    for (let i = first; i < last; i++) {
      endsAndSlots[2 * (i - first)] = 2 * (ends[i]! - start);
      endsAndSlots[2 * (i - first) + 1] = slots[i + 1]! + 1;
    }
    const [unitsAt, endsAt] = texts.put([units.subarray(start, ends[last - 1]), endsAndSlots]);
    if (texts.guarded(() => core.takeWords(unitsAt!, endsAt!, last - first)) === 0) return false;
    yield;
  }
  for (let first = 0; first < ngrams.length; first += 2 * GIVEN) {
    const some = ngrams.subarray(first, first + 2 * GIVEN);
    const [at] = texts.put([some]);
    if (texts.guarded(() => core.takePairs(at!, some.length / 2)) === 0) return false;
    yield;
  }
  return true;
}

/**
 * The slot of each word alone, of words from 1 on. Undefined unless each has one, and pairs are of such words. Yields now and
 * then.
 */
function* slotsOfWords(ngrams: Int32Array, wordCount: number): Generator<void, Int32Array | undefined> {
  const slots = new Int32Array(wordCount + 1).fill(-1);
  yield;
  let singles = 0;
  for (const [first, end] of ranges(ngrams.length / 2)) {
    const found = setSlotsOfWords(slots, ngrams, first, end);
    if (found < 0) return undefined;
    singles += found;
    yield;
  }
  return singles === wordCount ? slots : undefined;
}

/** Sets those of n-grams first … end − 1 that are words alone; returns how many, or −1 when something is wrong. */
function setSlotsOfWords(slots: Int32Array, ngrams: Int32Array, first: number, end: number): number {
  const wordCount = slots.length - 1;
  let singles = 0;
  for (let slot = first; slot < end; slot++) {
    const prefix = ngrams[2 * slot]!;
    const word = ngrams[2 * slot + 1]!;
    if (word < 1 || word > wordCount || prefix > wordCount || (prefix < 1 && prefix !== NO_PREFIX)) return -1;
    if (prefix !== NO_PREFIX) continue;
    if (slots[word] !== -1) return -1;
    slots[word] = slot;
    singles++;
  }
  return singles;
}
