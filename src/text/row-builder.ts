import type { CsrMatrix } from "../data/csr.js";
import { CharTrigrams } from "./char-trigrams.js";
import { MOST_ENTRIES } from "./hash-index.js";
import { NormalizedText } from "./normalized-text.js";
import { defaultUnitMap } from "./unit-map.js";
import { WordNgrams } from "./word-ngrams.js";

/** ML.NET's limit of n-grams a block. */
const MOST_NGRAMS = Math.min(10_000_000, MOST_ENTRIES);

/** Entries a row that the arrays of a matrix begin with, and the most that they begin with. */
const FIRST_PER_ROW = 256;
const FIRST_CAPACITY = 1 << 14;
const ROWS_TO_JUDGE_BY = 64;
const LARGEST_STEP = 16;

/** One row's texts. */
export type RowTexts = string | readonly string[];

/**
 * The tables of a featurizer and the one way in which rows become features, while the tables grow and once they are
 * frozen: the block of character trigrams, then the block of words, each scaled to length 1.
 */
export class RowBuilder {
  readonly chars: CharTrigrams | undefined;
  readonly words: WordNgrams | undefined;
  readonly #text = new NormalizedText(defaultUnitMap());

  constructor(chars: CharTrigrams | undefined, words: WordNgrams | undefined) {
    this.chars = chars;
    this.words = words;
  }

  /** Empty tables. */
  static empty(useChars: boolean, useWords: boolean): RowBuilder {
    return new RowBuilder(
      useChars ? new CharTrigrams() : undefined,
      useWords ? new WordNgrams(MOST_NGRAMS) : undefined,
    );
  }

  get charSlotCount(): number {
    return this.chars?.slotCount ?? 0;
  }

  get slotCount(): number {
    return this.charSlotCount + (this.words?.slotCount ?? 0);
  }

  freeze(): void {
    if (this.chars) this.chars.frozen = true;
    if (this.words) this.words.frozen = true;
  }

  /** Normalises a row and returns how many entries it can have at most; {@link write} then writes them. */
  read(texts: RowTexts): number {
    const text = this.#text;
    if (typeof texts === "string") text.setText(texts);
    else text.setTexts(texts);
    return text.length + 2 * text.tokenCount;
  }

  /**
   * Counts the row that was read and writes its entries from `at` on; returns the position after the last. Slots of
   * words are `wordOffset` plus their number. `charEnd` then says where the block of characters ended.
   */
  write(indices: Uint32Array, values: Float32Array, at: number, wordOffset: number): number {
    let position = at;
    if (this.chars) {
      this.chars.count(this.#text);
      position = this.chars.write(indices, values, position);
    }
    this.charEnd = position;
    if (this.words) {
      this.words.count(this.#text);
      position = this.words.write(indices, values, position, wordOffset);
    }
    return position;
  }

  charEnd = 0;
}

/** Rows of a matrix, one after the other, in arrays that grow. */
export class MatrixBuilder {
  readonly #rows: RowBuilder;
  readonly #indptr: Uint32Array;
  readonly #charEnds: Uint32Array;
  #indices: Uint32Array<ArrayBuffer>;
  #values: Float32Array<ArrayBuffer>;
  #rowCount = 0;
  #nnz = 0;

  constructor(rows: RowBuilder, rowCount: number) {
    this.#rows = rows;
    this.#indptr = new Uint32Array(rowCount + 1);
    this.#charEnds = new Uint32Array(rowCount);
    const capacity = Math.min(FIRST_PER_ROW * rowCount, FIRST_CAPACITY);
    this.#indices = new Uint32Array(capacity);
    this.#values = new Float32Array(capacity);
  }

  /** @param wordOffset what the slots of words begin at; 0 while the tables grow, see {@link finish} */
  add(texts: RowTexts, wordOffset: number): void {
    const needed = this.#nnz + this.#rows.read(texts);
    if (needed > this.#indices.length) this.#grow(needed);
    this.#nnz = this.#rows.write(this.#indices, this.#values, this.#nnz, wordOffset);
    this.#charEnds[this.#rowCount++] = this.#rows.charEnd;
    this.#indptr[this.#rowCount] = this.#nnz;
  }

  /** The matrix. @param wordOffset added to the slots of words, for rows added while it was not yet known */
  finish(wordOffset: number): CsrMatrix {
    const indptr = this.#indptr;
    const indices = this.#indices.subarray(0, this.#nnz);
    if (wordOffset > 0) {
      for (let row = 0; row < this.#rowCount; row++) {
        const end = indptr[row + 1]!;
        for (let k = this.#charEnds[row]!; k < end; k++) indices[k]! += wordOffset;
      }
    }
    return {
      layout: "sparse",
      rowCount: this.#rowCount,
      columnCount: this.#rows.slotCount,
      indptr,
      indices,
      values: this.#values.subarray(0, this.#nnz),
    };
  }

  /**
   * Room for as many entries as the rows so far let expect, once there are enough of them to judge by. Memory that is
   * never written costs nothing, copying does: so in large steps.
   */
  #grow(needed: number): void {
    const all = this.#charEnds.length;
    const expected = this.#rowCount > ROWS_TO_JUDGE_BY ? (1.04 * this.#nnz * all) / this.#rowCount : 0;
    const { length } = this.#indices;
    const capacity = Math.ceil(
      Math.max(needed, Math.min(LARGEST_STEP * length, Math.max(expected, 1.25 * length))),
    );
    const indices = new Uint32Array(capacity);
    const values = new Float32Array(capacity);
    indices.set(this.#indices.subarray(0, this.#nnz));
    values.set(this.#values.subarray(0, this.#nnz));
    this.#indices = indices;
    this.#values = values;
  }
}
