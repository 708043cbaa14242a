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
  const slots = slotsOfWords(ngrams, ends.length);
  yield;
  if (slots === undefined) return false;
  texts.guarded(() => {
    core.reserveWordNgrams(ends.length, ngrams.length / 2 - ends.length);
    return 0;
  });
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

/** The slot of each word alone, of words from 1 on. Undefined unless each has one, and pairs are of such words. */
function slotsOfWords(ngrams: Int32Array, wordCount: number): Int32Array | undefined {
  const slots = new Int32Array(wordCount + 1).fill(-1);
  let singles = 0;
  for (let slot = 0; slot < ngrams.length / 2; slot++) {
    const prefix = ngrams[2 * slot]!;
    const word = ngrams[2 * slot + 1]!;
    if (word < 1 || word > wordCount || prefix > wordCount || (prefix < 1 && prefix !== NO_PREFIX))
      return undefined;
    if (prefix !== NO_PREFIX) continue;
    if (slots[word] !== -1) return undefined;
    slots[word] = slot;
    singles++;
  }
  return singles === wordCount ? slots : undefined;
}
