import { bucketCount, bucketOf, bucketShift, hashOf, NUMBER } from "./hash-index.js";
import { l2Scale } from "./l2-norm.js";
import type { NormalizedText } from "./normalized-text.js";
import { SlotCounts } from "./slot-counts.js";

/**
 * The character trigrams of a fitted featurizer and their counts in one row. Those of ASCII alone have a table of their
 * own, with a place for every one.
 *
 *   keys  i32[2 × slotCount]  of slot s: the first two units, first × 2¹⁶ + second, and the third
 */
export class CharTrigrams {
  /** Slots that have been numbered: all of them, once the tables are made. */
  #slotCount = 0;
  #frozen = false;
  readonly #keys: Int32Array;
  /** slot + 1 of a trigram of ASCII units, at first × 2¹⁴ + second × 2⁷ + third */
  readonly #ascii = new Int32Array(2 ** 21);
  readonly #shift: number;
  readonly #buckets: Int32Array;
  readonly #row = new SlotCounts();
  #slots = new Int32Array(0);
  #squares = 0;

  private constructor(slotCount: number) {
    this.#keys = new Int32Array(2 * slotCount);
    this.#shift = bucketShift(slotCount);
    this.#buckets = new Int32Array(bucketCount(this.#shift));
    this.#row.reserve(slotCount);
  }

  /** @param units three a slot. Undefined when two slots have the same units. */
  static of(units: Uint16Array): CharTrigrams | undefined {
    const slotCount = units.length / 3;
    const trigrams = new CharTrigrams(slotCount);
    for (let slot = 0; slot < slotCount; slot++) {
      const at = 3 * slot;
      if (trigrams.#slotOf(units[at]!, units[at + 1]!, units[at + 2]!) !== slot) return undefined;
    }
    trigrams.#frozen = true;
    return trigrams;
  }

  /** Counts the trigrams of a row; {@link write} gives the counts out and forgets them. */
  count(text: NormalizedText): void {
    this.#squares = 0;
    const { length } = text;
    if (length < 3) return;
    if (length > this.#slots.length) this.#slots = new Int32Array(2 * length);
    const count = text.isAscii ? this.#readAscii(text.bytes, length) : this.#readUnits(text.units, length);
    this.#squares = this.#row.mark(this.#slots, count);
  }

  /** Slots of a row's trigrams from bytes; returns how many have one. */
  #readAscii(bytes: Uint8Array, length: number): number {
    const table = this.#ascii;
    const slots = this.#slots;
    let key = (bytes[0]! << 7) | bytes[1]!;
    let all = 0;
    // Nearly always all are known: looked up without branches, and those without a slot taken out if there was one.
    for (let i = 2; i < length; i++) {
      key = ((key << 7) | bytes[i]!) & 0x1fffff;
      const slot = table[key]! - 1;
      slots[i - 2] = slot;
      all |= slot;
    }
    if (all >= 0) return length - 2;
    let count = 0;
    for (let i = 0; i < length - 2; i++) {
      const slot = slots[i]!;
      slots[count] = slot;
      count += (slot >>> 31) ^ 1;
    }
    return count;
  }

  #readUnits(units: Uint16Array, length: number): number {
    const slots = this.#slots;
    let count = 0;
    let first = units[0]!;
    let second = units[1]!;
    for (let i = 2; i < length; i++) {
      const third = units[i]!;
      const slot = this.#slotOf(first, second, third);
      first = second;
      second = third;
      if (slot >= 0) slots[count++] = slot;
    }
    return count;
  }

  /** The slot of a trigram; for one without −1, or while the tables are made a new one. */
  #slotOf(first: number, second: number, third: number): number {
    if ((first | second | third) < 0x80) {
      const place = (first << 14) | (second << 7) | third;
      const known = this.#ascii[place]! - 1;
      if (known >= 0 || this.#frozen) return known;
      const slot = this.#add((first << 16) | second, third);
      this.#ascii[place] = slot + 1;
      return slot;
    }
    const pair = (first << 16) | second;
    const hash = hashOf(pair, third);
    const tag = bucketOf(hash, 0);
    const keys = this.#keys;
    const buckets = this.#buckets;
    const mask = buckets.length - 1;
    for (let position = hash >>> this.#shift; ; position = (position + 1) & mask) {
      const bucket = buckets[position]!;
      if (bucket === 0) {
        if (this.#frozen) return -1;
        const slot = this.#add(pair, third);
        buckets[position] = bucketOf(hash, slot + 1);
        return slot;
      }
      if ((bucket & ~NUMBER) !== tag) continue;
      const at = 2 * (bucket & NUMBER) - 2;
      if (keys[at] === pair && keys[at + 1] === third) return at >>> 1;
    }
  }

  #add(pair: number, third: number): number {
    const slot = this.#slotCount++;
    this.#keys[2 * slot] = pair;
    this.#keys[2 * slot + 1] = third;
    return slot;
  }

  /** Writes the row's slots and weights from position `at` on and forgets them. Returns the position after the last. */
  write(indices: Uint32Array, values: Float32Array, at: number): number {
    return this.#row.write(indices, values, at, l2Scale(this.#squares));
  }
}
