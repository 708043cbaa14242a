import { bucketShift, hashOf, touch, WIDE, wideBucketOf, wideBuckets } from "./hash-index.js";
import type { NormalizedText } from "./normalized-text.js";

const SHORT = 8;
/** Masks of the first and second four bytes of a word of n = 0 … 8 bytes, and its length in bits that ASCII leaves free. */
const FIRST_MASK = Int32Array.from({ length: 9 }, (_, n) => (n >= 4 ? -1 : (1 << (8 * n)) - 1));
const SECOND_MASK = Int32Array.from({ length: 9 }, (_, n) =>
  n >= 8 ? -1 : n <= 4 ? 0 : (1 << (8 * (n - 4))) - 1,
);
const LENGTH_MARK = Int32Array.from(
  { length: 9 },
  (_, n) => ((n & 1) << 7) | ((n & 2) << 14) | ((n & 4) << 21) | ((n & 8) << 28),
);

/** What is read of a row; see {@link NormalizedText}. */
export type Tokens = Pick<
  NormalizedText,
  "isAscii" | "view" | "units" | "tokenEnds" | "tokenCount" | "length"
>;

/** Words put back at a time. */
const RESTORED_WORDS = 4096;

/**
 * The distinct words, numbered from 1 on in order of first appearance. A word has a key of two integers: of ASCII words
 * of up to eight units the word itself, of others a hash, the number of units and whether all are ASCII; those are
 * compared unit by unit besides, in groups of four units of ASCII or two others.
 *
 *   groups   i32[]  the units of long words; the fourth integer of a word's bucket says where
 */
export class WordTable {
  count = 0;
  /** Whether words seen for the first time get no number. */
  #frozen = false;
  readonly #groups: Int32Array;
  #groupCount = 0;
  readonly #shift: number;
  readonly #buckets: Int32Array;
  // Of each token of the row at hand: its key, and where in `#rowGroups` it lies if it is long.
  #first = new Int32Array(0);
  #second = new Int32Array(0);
  #start = new Int32Array(0);
  #places = new Int32Array(0);
  #rowGroups = new Int32Array(0);
  #rowGroupCount = 0;

  private constructor(wordCount: number, unitCount: number) {
    this.#shift = bucketShift(wordCount);
    this.#buckets = wideBuckets(this.#shift);
    this.#groups = new Int32Array(unitCount);
  }

  /**
   * The table of words whose units stand one after the other, each ending at its `ends`. Undefined when a word is empty or
   * there twice.
   */
  static of(units: Uint16Array, ends: Uint32Array): WordTable | undefined {
    const table = new WordTable(ends.length, units.length);
    if (!table.#addAll(units, ends)) return undefined;
    table.#frozen = true;
    return table;
  }

  /**
   * Finds the words of a row: their numbers in order, 0 for one without, into `ids`, which must have room for
   * `text.tokenCount`. Returns how many words there are.
   */
  find(text: Tokens, ids: Int32Array): number {
    this.#reserve(text);
    const frozen = this.#frozen;
    const wordCount = text.isAscii ? this.#readAscii(text) : this.#readUnits(text);
    const first = this.#first;
    const second = this.#second;
    const buckets = this.#buckets;
    const shift = this.#shift;
    const mask = buckets.length - 1;
    // All first buckets are asked for before any is used.
    const places = this.#places;
    for (let i = 0; i < wordCount; i++) places[i] = wideBucketOf(first[i]!, second[i]!, shift);
    touch(buckets, places, wordCount);
    for (let i = 0; i < wordCount; i++) {
      const key = first[i]!;
      const rest = second[i]!;
      let id: number;
      for (let bucket = places[i]!; ; bucket = (bucket + WIDE) & mask) {
        id = buckets[bucket + 2]!;
        if (id === 0) {
          if (!frozen) id = this.#add(i, bucket);
          break;
        }
        if (buckets[bucket] !== key || buckets[bucket + 1] !== rest) continue;
        if (rest >= 0 || this.#isLongWord(i, buckets[bucket + 3]!)) break;
      }
      ids[i] = id;
    }
    return wordCount;
  }

  /** Keys of a row's words from bytes. */
  #readAscii({ view, tokenEnds, tokenCount }: Tokens): number {
    const first = this.#first;
    const second = this.#second;
    let wordCount = 0;
    let start = 1;
    for (let t = 0; t < tokenCount; t++) {
      const end = tokenEnds[t]!;
      const length = end - start;
      if (length > SHORT) {
        this.#readLongAscii(view, start, length, wordCount++);
      } else {
        first[wordCount] = (view.getInt32(start, true) & FIRST_MASK[length]!) | LENGTH_MARK[length]!;
        second[wordCount] = view.getInt32(start + 4, true) & SECOND_MASK[length]!;
        wordCount += -length >>> 31;
      }
      start = end + 1;
    }
    return wordCount;
  }

  #readLongAscii(view: DataView, start: number, length: number, i: number): void {
    const rowGroups = this.#rowGroups;
    const at = this.#rowGroupCount;
    let count = at;
    let hash = 0;
    for (let done = 0; done < length; done += 4) {
      const left = length - done;
      const group = view.getInt32(start + done, true) & FIRST_MASK[Math.min(left, SHORT)]!;
      rowGroups[count++] = group;
      hash = hashOf(hash, group);
    }
    this.#rowGroupCount = count;
    this.#first[i] = hash;
    this.#second[i] = ~(2 * length);
    this.#start[i] = at;
  }

  /** Keys of a row's words from units, the same for the same word as from bytes. */
  #readUnits({ units, tokenEnds, tokenCount }: Tokens): number {
    const rowGroups = this.#rowGroups;
    let wordCount = 0;
    let start = 1;
    for (let t = 0; t < tokenCount; t++) {
      const end = tokenEnds[t]!;
      const length = end - start;
      if (length > 0) {
        let all = 0;
        for (let i = start; i < end; i++) all |= units[i]!;
        const at = this.#rowGroupCount;
        let count = at;
        let hash = 0;
        if (all < 0x80) {
          for (let i = start; i < end; i += 4) {
            let group = units[i]!;
            for (let k = 1; k < 4 && i + k < end; k++) group |= units[i + k]! << (8 * k);
            rowGroups[count++] = group;
            hash = hashOf(hash, group);
          }
        } else {
          for (let i = start; i < end; i += 2) {
            const group = i + 1 < end ? units[i]! | (units[i + 1]! << 16) : units[i]!;
            rowGroups[count++] = group;
            hash = hashOf(hash, group);
          }
        }
        if (all < 0x80 && length <= SHORT) {
          this.#first[wordCount] = rowGroups[at]! | LENGTH_MARK[length]!;
          this.#second[wordCount] = length > 4 ? rowGroups[at + 1]! : 0;
        } else {
          this.#first[wordCount] = hash;
          this.#second[wordCount] = ~(2 * length + (all < 0x80 ? 0 : 1));
          this.#start[wordCount] = at;
          this.#rowGroupCount = count;
        }
        wordCount++;
      }
      start = end + 1;
    }
    return wordCount;
  }

  /** Whether the row's long word i, with the same key, is the one whose units begin at `start`. */
  #isLongWord(i: number, start: number): boolean {
    const groups = this.#groups;
    const rowGroups = this.#rowGroups;
    const at = this.#start[i]!;
    const offset = start - at;
    const end = at + groupCountOf(this.#second[i]!);
    for (let g = at; g < end; g++) if (rowGroups[g] !== groups[offset + g]) return false;
    return true;
  }

  /** Numbers the row's word i. */
  #add(i: number, bucket: number): number {
    const id = ++this.count;
    const buckets = this.#buckets;
    const rest = this.#second[i]!;
    buckets[bucket] = this.#first[i]!;
    buckets[bucket + 1] = rest;
    buckets[bucket + 2] = id;
    buckets[bucket + 3] = this.#groupCount;
    if (rest < 0) {
      const at = this.#start[i]!;
      const end = at + groupCountOf(rest);
      const offset = this.#groupCount;
      for (let g = at; g < end; g++) this.#groups[offset + g - at] = this.#rowGroups[g]!;
      this.#groupCount = offset + end - at;
    }
    return id;
  }

  /** Makes room for a row. */
  #reserve({ tokenCount, length }: Tokens): void {
    if (tokenCount > this.#first.length) {
      const capacity = 2 * tokenCount;
      this.#first = new Int32Array(capacity);
      this.#second = new Int32Array(capacity);
      this.#start = new Int32Array(capacity);
      this.#places = new Int32Array(capacity);
    }
    this.#rowGroupCount = 0;
    // Words of units have a group for two units or less.
    if (length > this.#rowGroups.length) this.#rowGroups = new Int32Array(2 * length);
  }

  #addAll(words: Uint16Array, ends: Uint32Array): boolean {
    for (let first = 0; first < ends.length; first += RESTORED_WORDS) {
      const last = Math.min(first + RESTORED_WORDS, ends.length);
      const start = first === 0 ? 0 : ends[first - 1]!;
      const tokenCount = last - first;
      // Words one after the other with a unit between them, as in a row.
      const units = new Uint16Array(ends[last - 1]! - start + tokenCount + 1);
      const tokenEnds = new Int32Array(tokenCount);
      let from = start;
      let at = 1;
      for (let i = 0; i < tokenCount; i++) {
        const to = ends[first + i]!;
        units.set(words.subarray(from, to), at);
        at += to - from;
        tokenEnds[i] = at++;
        from = to;
      }
      const ids = new Int32Array(tokenCount);
      const row = {
        isAscii: false,
        view: new DataView(units.buffer),
        units,
        tokenEnds,
        tokenCount,
        length: units.length,
      };
      if (this.find(row, ids) !== tokenCount || this.count !== last) return false;
    }
    return true;
  }
}

/** Groups of a long word, from the second part of its key. */
function groupCountOf(rest: number): number {
  const length = ~rest >>> 1;
  return (~rest & 1) === 0 ? (length + 3) >>> 2 : (length + 1) >>> 1;
}
