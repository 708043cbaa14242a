import { textOf } from "../data/stored-values.js";
import type { RowEntries } from "../model/plain-scorer.js";
import { damagedFeatures } from "../text/featurizer-parts.js";
import { bucketCount, bucketShift, hashOf } from "../text/hash-index.js";
import { l2Scale } from "../text/l2-norm.js";
import { charSlotCount, type NgramTables, NO_PREFIX, slotCount } from "../text/ngram-tables.js";
import { DROPPED, defaultUnitMap } from "../text/unit-map.js";

// What ML.NET puts before, after and between the texts of a row when it makes characters into tokens.
const START_OF_TEXT = "\x02";
const END_OF_TEXT = "\x03";
const UNIT_SEPARATOR = "\x1f";

/** The features of one row at a time: what `FittedNgrams` computes for many, in few lines. */
export class PlainFeatures {
  readonly slotCount: number;
  readonly #firstWordSlot: number;
  readonly #unitMap = defaultUnitMap();
  readonly #trigrams: PairIndex | undefined;
  readonly #ngrams: PairIndex | undefined;
  /** The number of each word, from 1 on. */
  readonly #words = new Map<string, number>();

  /** Throws `bad-model-file` when the tables contradict themselves. */
  constructor(tables: NgramTables) {
    const { trigrams, words } = tables;
    this.slotCount = slotCount(tables);
    this.#firstWordSlot = charSlotCount(tables);
    if (trigrams) {
      const pairs = new Int32Array(2 * this.#firstWordSlot);
      for (let i = 0, at = 0; i < pairs.length; i += 2, at += 3) {
        pairs[i] = pairOf(trigrams[at]!, trigrams[at + 1]!);
        pairs[i + 1] = trigrams[at + 2]!;
      }
      this.#trigrams = new PairIndex(pairs);
    }
    if (words) {
      let start = 0;
      for (const end of words.ends) {
        this.#words.set(textOf(words.units.subarray(start, end)), this.#words.size + 1);
        start = end;
      }
      this.#ngrams = new PairIndex(words.ngrams);
    }
  }

  /** The features of one row. */
  row(texts: readonly string[]): RowEntries {
    const whole = texts.map((text) => this.#normalized(text)).filter((text) => text !== "");
    const slots: number[] = [];
    const values: number[] = [];
    // Each block is counted and scaled to length 1 for itself.
    const addBlock = (found: readonly number[], offset: number): void => {
      const counts = new Map<number, number>();
      for (const slot of found) if (slot >= 0) counts.set(slot, (counts.get(slot) ?? 0) + 1);
      let squares = 0;
      for (const count of counts.values()) squares += count * count;
      const scale = l2Scale(squares);
      for (const [slot, count] of [...counts].sort(([a], [b]) => a - b)) {
        slots.push(offset + slot);
        values.push(scale * count);
      }
    };
    if (this.#trigrams && whole.length > 0) addBlock(this.#trigramSlots(whole, this.#trigrams), 0);
    if (this.#ngrams) addBlock(this.#wordSlots(whole, this.#ngrams), this.#firstWordSlot);
    return { indices: Uint32Array.from(slots), values: Float32Array.from(values) };
  }

  #normalized(text: string): string {
    const units = Uint16Array.from({ length: text.length }, (_, i) => this.#unitMap[text.charCodeAt(i)]!);
    return textOf(units.filter((unit) => unit !== DROPPED));
  }

  #trigramSlots(texts: readonly string[], trigrams: PairIndex): number[] {
    const row = START_OF_TEXT + texts.join(UNIT_SEPARATOR) + END_OF_TEXT;
    return Array.from({ length: row.length - 2 }, (_, i) =>
      trigrams.find(pairOf(row.charCodeAt(i), row.charCodeAt(i + 1)), row.charCodeAt(i + 2)),
    );
  }

  #wordSlots(texts: readonly string[], ngrams: PairIndex): number[] {
    const words = texts.flatMap((text) => text.split(" ")).filter((word) => word !== "");
    const ids = words.map((word) => this.#words.get(word) ?? 0);
    return ids.flatMap((id, i) => [
      ngrams.find(NO_PREFIX, id),
      ...(i > 0 ? [ngrams.find(ids[i - 1]!, id)] : []),
    ]);
  }
}

/** Two units as one integer. */
function pairOf(first: number, second: number): number {
  return (first << 16) | second;
}

/** Finds the positions of pairs of integers by open addressing. */
class PairIndex {
  readonly #pairs: Int32Array;
  readonly #shift: number;
  /** position + 1, or 0 */
  readonly #buckets: Int32Array;
  /** The bucket at which the last search ended. */
  #end = 0;

  /** Throws `bad-model-file` when a pair is there twice. */
  constructor(pairs: Int32Array) {
    const count = pairs.length / 2;
    this.#pairs = pairs;
    this.#shift = bucketShift(count);
    this.#buckets = new Int32Array(bucketCount(this.#shift));
    for (let i = 0; i < count; i++) {
      if (this.find(pairs[2 * i]!, pairs[2 * i + 1]!) >= 0) damagedFeatures("the n-grams");
      this.#buckets[this.#end] = i + 1;
    }
  }

  /** The position of a pair, or −1. */
  find(first: number, second: number): number {
    const pairs = this.#pairs;
    const buckets = this.#buckets;
    for (this.#end = hashOf(first, second) >>> this.#shift; ; this.#end++) {
      this.#end &= buckets.length - 1;
      const position = buckets[this.#end]! - 1;
      if (position < 0 || (pairs[2 * position] === first && pairs[2 * position + 1] === second))
        return position;
    }
  }
}
