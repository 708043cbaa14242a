import { bucketShift, touch, WIDE, wideBucketOf, wideBuckets } from "./hash-index.js";
import { l2Scale } from "./l2-norm.js";
import { type NgramTables, NO_PREFIX } from "./ngram-tables.js";
import type { NormalizedText } from "./normalized-text.js";
import { SlotBits } from "./slot-bits.js";
import { WordTable } from "./word-table.js";

/** The words and pairs of words of a fitted featurizer, and their counts in one row. */
export class WordNgrams {
  readonly #words: WordTable;
  readonly #pairs: Int32Array;
  /** Of each word: the slot of the word alone + 1. */
  readonly #wordSlots: Int32Array;
  #squares = 0;
  #pairCount = 0;
  #shift = bucketShift(1);
  #buckets = wideBuckets(this.#shift);
  readonly #row = new SlotBits();
  #ids = new Int32Array(0);
  /** Where the first bucket to look at lies. */
  #places = new Int32Array(0);
  #slots = new Int32Array(0);

  private constructor(words: WordTable, pairs: Int32Array) {
    this.#words = words;
    this.#pairs = pairs;
    this.#wordSlots = new Int32Array(words.count + 1);
  }

  /** Undefined when the tables contradict themselves. */
  static of({ units, ends, ngrams }: NonNullable<NgramTables["words"]>): WordNgrams | undefined {
    const words = WordTable.of(units, ends);
    if (words === undefined) return undefined;
    const made = new WordNgrams(words, ngrams);
    return made.#number() ? made : undefined;
  }

  /** Counts the words and pairs of a row; {@link write} gives the counts out and forgets them. */
  count(text: NormalizedText): void {
    if (text.tokenCount > this.#ids.length) {
      this.#ids = new Int32Array(2 * text.tokenCount);
      this.#places = new Int32Array(2 * text.tokenCount);
      this.#slots = new Int32Array(4 * text.tokenCount);
    }
    const ids = this.#ids;
    const wordCount = this.#words.find(text, ids);
    const slots = this.#slots;
    const buckets = this.#buckets;
    const shift = this.#shift;
    const mask = buckets.length - 1;
    const wordSlots = this.#wordSlots;
    // All first buckets are asked for before any is used.
    const places = this.#places;
    for (let i = 1; i < wordCount; i++) {
      places[i - 1] = wideBucketOf(ids[i - 1]!, ids[i]!, shift);
    }
    touch(buckets, places, wordCount - 1);
    let count = 0;
    let word = 0;
    for (let i = 0; i < wordCount; i++) {
      const prefix = word;
      word = ids[i]!;
      if (i > 0) {
        for (let bucket = places[i - 1]!; ; bucket = (bucket + WIDE) & mask) {
          const number = buckets[bucket + 2]!;
          if (number === 0) break;
          if (buckets[bucket] === prefix && buckets[bucket + 1] === word) {
            slots[count++] = number - 1;
            break;
          }
        }
      }
      if (word !== 0) slots[count++] = wordSlots[word]! - 1;
    }
    this.#squares = this.#row.mark(slots, count);
  }

  /**
   * Writes the row's slots, each plus `offset`, and weights from position `at` on and forgets them. Returns the
   * position after the last.
   */
  write(indices: Uint32Array, values: Float32Array, at: number, offset: number): number {
    return this.#row.write(indices, values, at, offset, l2Scale(this.#squares));
  }

  /** Makes the tables from the pairs. Returns false when they contradict the words or each other. */
  #number(): boolean {
    const pairs = this.#pairs;
    const wordSlots = this.#wordSlots;
    const { count } = this.#words;
    const slotCount = pairs.length >>> 1;
    let singles = 0;
    for (let slot = 0; slot < slotCount; slot++) {
      const prefix = pairs[2 * slot]!;
      const word = pairs[2 * slot + 1]!;
      if (word < 1 || word > count || prefix > count || (prefix < 1 && prefix !== NO_PREFIX)) return false;
      if (prefix !== NO_PREFIX) continue;
      if (wordSlots[word] !== 0) return false;
      wordSlots[word] = slot + 1;
      singles++;
    }
    this.#pairCount = slotCount - singles;
    this.#fill();
    this.#row.reserve(slotCount);
    return singles === count;
  }

  /** Makes the buckets of all pairs. */
  #fill(): void {
    const pairs = this.#pairs;
    this.#shift = bucketShift(this.#pairCount);
    const buckets = wideBuckets(this.#shift);
    const mask = buckets.length - 1;
    for (let slot = 0; slot < pairs.length >>> 1; slot++) {
      const prefix = pairs[2 * slot]!;
      if (prefix === NO_PREFIX) continue;
      const word = pairs[2 * slot + 1]!;
      let bucket = wideBucketOf(prefix, word, this.#shift);
      while (buckets[bucket + 2] !== 0) bucket = (bucket + WIDE) & mask;
      buckets[bucket] = prefix;
      buckets[bucket + 1] = word;
      buckets[bucket + 2] = slot + 1;
    }
    this.#buckets = buckets;
  }
}
