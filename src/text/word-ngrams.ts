import { bucketCount, bucketOf, bucketShift, grown, hashOf, NUMBER } from "./hash-index.js";
import { l2Scale } from "./l2-norm.js";
import type { NormalizedText } from "./normalized-text.js";
import { SlotBits } from "./slot-bits.js";
import { OWNERS, RECORD, WordTable } from "./word-table.js";

/** Stands in a pair for the prefix of a single word. */
export const NO_PREFIX = -1;

export class WordNgrams {
  slotCount = 0;
  frozen = false;
  squares = 0;
  words: WordTable;
  pairs = new Int32Array(2 * 1024);
  #pairCount = 0;
  #shift = bucketShift(1);
  #buckets = new Int32Array(bucketCount(this.#shift));
  readonly #row = new SlotBits();
  #ids = new Int32Array(0);
  #hashes = new Int32Array(0);
  readonly #limit: number;
  touched = 0;

  constructor(limit: number) {
    this.#limit = limit;
    this.words = new WordTable(limit);
  }

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
      if (2 * (this.#pairCount + wordCount) > this.#buckets.length) this.#rehash(2 * (this.#pairCount + wordCount));
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
    this.squares = squares;
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

  write(indices: Uint32Array, values: Float32Array, at: number): number {
    return this.#row.write(indices, values, at, l2Scale(this.squares));
  }
}
