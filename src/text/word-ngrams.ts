import { bucketCount, bucketOf, bucketShift, grown, hashOf, NUMBER } from "./hash-index.js";
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
  #buckets = new Int32Array(bucketCount(this.#shift));
  readonly #row = new SlotBits();
  #ids = new Int32Array(0);
  #hashes = new Int32Array(0);
  readonly #limit: number;
  /** What the touched buckets held; kept so that no engine leaves the touching out. */
  touched = 0;

  /** @param limit most words, and most pairs */
  constructor(limit: number) {
    this.#limit = limit;
    this.words = new WordTable(limit);
  }

  /** Counts the words and pairs of a row; {@link write} gives the counts out and forgets them. */
  count(text: NormalizedText): void {
    if (text.tokenCount > this.#ids.length) {
      this.#ids = new Int32Array(2 * text.tokenCount);
      this.#hashes = new Int32Array(2 * text.tokenCount);
    }
    const ids = this.#ids;
    const { frozen } = this;
    const wordCount = this.words.find(text, ids, frozen);
    if (!frozen) {
      this.pairs = grown(this.pairs, 2 * (this.slotCount + 2 * wordCount));
      if (2 * (this.#pairCount + wordCount) > this.#buckets.length)
        this.#rehash(2 * (this.#pairCount + wordCount));
      this.#row.reserve(this.slotCount + 2 * wordCount);
    }
    const hashes = this.#hashes;
    const buckets = this.#buckets;
    const shift = this.#shift;
    const mask = buckets.length - 1;
    const { pairs } = this;
    const { records } = this.words;
    const { bits, groups, regions, repeats } = this.#row;
    let touched = 0;
    for (let i = 1; i < wordCount; i++) {
      const hash = hashOf(ids[i - 1]!, ids[i]!);
      hashes[i] = hash;
      touched ^= buckets[hash >>> shift]!;
    }
    for (let i = 1; i < wordCount; i++) touched ^= pairs[2 * (buckets[hashes[i]! >>> shift]! & NUMBER)]!;
    this.touched = touched;
    let slotCount = this.slotCount;
    let pairCount = this.#pairCount;
    let squares = 0;
    let word = 0;
    for (let i = 0; i < wordCount; i++) {
      const prefix = word;
      word = ids[i]!;
      if (i > 0) {
        const hash = hashes[i]!;
        const tag = bucketOf(hash, 0);
        let slot = -1;
        for (let position = hash >>> shift; ; position = (position + 1) & mask) {
          const bucket = buckets[position]!;
          if (bucket === 0) {
            if (frozen || pairCount === this.#limit) break;
            slot = slotCount++;
            pairCount++;
            pairs[2 * slot] = prefix;
            pairs[2 * slot + 1] = word;
            buckets[position] = bucketOf(hash, slotCount);
            break;
          }
          if ((bucket & ~NUMBER) !== tag) continue;
          const at = 2 * (bucket & NUMBER) - 2;
          if (pairs[at] !== prefix || pairs[at + 1] !== word) continue;
          slot = at >>> 1;
          break;
        }
        if (slot >= 0) {
          const w = slot >>> 5;
          const present = bits[2 * w]!;
          const bit = 1 << slot;
          if ((present & bit) === 0) {
            bits[2 * w] = present | bit;
            groups[w >>> 5]! |= 1 << w;
            regions[w >>> 10]! |= 1 << (w >>> 5);
            squares++;
          } else {
            bits[2 * w + 1]! |= bit;
            const repeat = repeats[slot]! + 1;
            repeats[slot] = repeat;
            squares += 2 * repeat + 1;
          }
        }
      }
      const at = RECORD * word + OWNERS;
      let slot = records[at]! - 1;
      if (slot < 0) {
        if (word === 0) continue;
        slot = slotCount++;
        records[at] = slotCount;
        pairs[2 * slot] = NO_PREFIX;
        pairs[2 * slot + 1] = word;
      }
      const w = slot >>> 5;
      const present = bits[2 * w]!;
      const bit = 1 << slot;
      if ((present & bit) === 0) {
        bits[2 * w] = present | bit;
        groups[w >>> 5]! |= 1 << w;
        regions[w >>> 10]! |= 1 << (w >>> 5);
        squares++;
      } else {
        bits[2 * w + 1]! |= bit;
        const repeat = repeats[slot]! + 1;
        repeats[slot] = repeat;
        squares += 2 * repeat + 1;
      }
    }
    this.slotCount = slotCount;
    this.#pairCount = pairCount;
    this.#squares = squares;
  }

  #rehash(count: number): void {
    const shift = bucketShift(count);
    const buckets = new Int32Array(bucketCount(shift));
    const mask = buckets.length - 1;
    const { pairs } = this;
    for (let slot = 0; slot < this.slotCount; slot++) {
      const prefix = pairs[2 * slot]!;
      if (prefix === NO_PREFIX) continue;
      const hash = hashOf(prefix, pairs[2 * slot + 1]!);
      let position = hash >>> shift;
      while (buckets[position] !== 0) position = (position + 1) & mask;
      buckets[position] = bucketOf(hash, slot + 1);
    }
    this.#shift = shift;
    this.#buckets = buckets;
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
    this.#rehash(2 * this.#pairCount);
    this.#row.reserve(slotCount);
    this.frozen = true;
    return singles === count;
  }
}
