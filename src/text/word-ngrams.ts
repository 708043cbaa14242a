import {
  bucketShift,
  grown,
  isTooSmall,
  rehashed,
  roomFor,
  touch,
  WIDE,
  wideBucketOf,
  wideBuckets,
} from "./hash-index.js";
import { l2Scale } from "./l2-norm.js";
import type { NormalizedText } from "./normalized-text.js";
import { SlotBits } from "./slot-bits.js";
import { OWNERS, RECORD, WordTable } from "./word-table.js";

/** Stands in a pair for the prefix of a single word. */
export const NO_PREFIX = -1;

/**
 * The distinct words and pairs of words that follow each other, numbered from 0 on in order of first appearance (a,
 * a|b, b, b|c, c), and their counts in one row.
 *
 *   pairs  i32[2 × slotCount]  of slot s: the number of the first word, or NO_PREFIX for a single one, and of the last
 */
export class WordNgrams {
  slotCount = 0;
  /** Whether words and pairs seen for the first time get no slot. */
  frozen = false;
  readonly words: WordTable;
  pairs = new Int32Array(2 * 1024);
  #squares = 0;
  #pairCount = 0;
  #shift = bucketShift(1);
  #buckets = wideBuckets(this.#shift);
  readonly #row = new SlotBits();
  #ids = new Int32Array(0);
  /** Where the first bucket to look at lies. */
  #places = new Int32Array(0);
  #slots = new Int32Array(0);
  readonly #limit: number;

  /** @param limit most words, and most pairs */
  constructor(limit: number) {
    this.#limit = limit;
    this.words = new WordTable(limit);
  }

  /** Counts the words and pairs of a row; {@link write} gives the counts out and forgets them. */
  count(text: NormalizedText): void {
    if (text.tokenCount > this.#ids.length) {
      this.#ids = new Int32Array(2 * text.tokenCount);
      this.#places = new Int32Array(2 * text.tokenCount);
      this.#slots = new Int32Array(4 * text.tokenCount);
    }
    const ids = this.#ids;
    const { frozen } = this;
    const wordCount = this.words.find(text, ids, frozen);
    if (!frozen) {
      this.pairs = grown(this.pairs, 2 * (this.slotCount + 2 * wordCount));
      const most = this.#pairCount + wordCount;
      if (isTooSmall(this.#buckets, most)) {
        this.#shift = bucketShift(roomFor(most));
        this.#buckets = rehashed(this.#buckets, this.#shift);
      }
      this.#row.reserve(this.slotCount + 2 * wordCount);
    }
    const slots = this.#slots;
    const buckets = this.#buckets;
    const shift = this.#shift;
    const mask = buckets.length - 1;
    const { pairs } = this;
    const { records } = this.words;
    let slotCount = this.slotCount;
    let pairCount = this.#pairCount;
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
          if (number === 0) {
            if (frozen || pairCount === this.#limit) break;
            pairs[2 * slotCount] = prefix;
            pairs[2 * slotCount + 1] = word;
            slots[count++] = slotCount++;
            pairCount++;
            buckets[bucket] = prefix;
            buckets[bucket + 1] = word;
            buckets[bucket + 2] = slotCount;
            break;
          }
          if (buckets[bucket] === prefix && buckets[bucket + 1] === word) {
            slots[count++] = number - 1;
            break;
          }
        }
      }
      if (word === 0) continue;
      const owner = RECORD * word + OWNERS;
      let slot = records[owner]! - 1;
      if (slot < 0) {
        slot = slotCount++;
        records[owner] = slotCount;
        pairs[2 * slot] = NO_PREFIX;
        pairs[2 * slot + 1] = word;
      }
      slots[count++] = slot;
    }
    this.slotCount = slotCount;
    this.#pairCount = pairCount;
    this.#squares = this.#row.mark(slots, count);
  }

  /**
   * Writes the row's slots, each plus `offset`, and weights from position `at` on and forgets them. Returns the
   * position after the last.
   */
  write(indices: Uint32Array, values: Float32Array, at: number, offset: number): number {
    return this.#row.write(indices, values, at, offset, l2Scale(this.#squares));
  }

  /** Makes the slots of a table that is read back; its words must be there. Returns false when they contradict. */
  restore(pairs: Int32Array<ArrayBuffer>): boolean {
    const slotCount = pairs.length >>> 1;
    const { records, count } = this.words;
    this.pairs = pairs;
    this.slotCount = slotCount;
    let singles = 0;
    for (let slot = 0; slot < slotCount; slot++) {
      const prefix = pairs[2 * slot]!;
      const word = pairs[2 * slot + 1]!;
      if (word < 1 || word > count || prefix > count || (prefix < 1 && prefix !== NO_PREFIX)) return false;
      if (prefix !== NO_PREFIX) continue;
      if (records[RECORD * word + OWNERS] !== 0) return false;
      records[RECORD * word + OWNERS] = slot + 1;
      singles++;
    }
    this.#pairCount = slotCount - singles;
    this.#fill();
    this.#row.reserve(slotCount);
    this.frozen = true;
    return singles === count;
  }

  /** Makes the buckets of all pairs. */
  #fill(): void {
    const { pairs } = this;
    this.#shift = bucketShift(2 * this.#pairCount);
    const buckets = wideBuckets(this.#shift);
    const mask = buckets.length - 1;
    for (let slot = 0; slot < this.slotCount; slot++) {
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
