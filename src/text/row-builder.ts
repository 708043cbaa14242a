import type { CsrMatrix } from "../data/csr.js";
import { CharTrigrams } from "./char-trigrams.js";
import { MatrixRows } from "./matrix-rows.js";
import { charSlotCount, type NgramTables, slotCount } from "./ngram-tables.js";
import { NormalizedText } from "./normalized-text.js";
import type { RowTexts } from "./row-texts.js";
import { defaultUnitMap } from "./unit-map.js";
import { WordNgrams } from "./word-ngrams.js";

/**
 * The tables of a fitted featurizer and the way in which rows become features: the block of character trigrams, then the
 * block of words, each scaled to length 1.
 */
export class RowBuilder {
  readonly slotCount: number;
  readonly #charSlotCount: number;
  readonly #chars: CharTrigrams | undefined;
  readonly #words: WordNgrams | undefined;
  readonly #text = new NormalizedText(defaultUnitMap());

  private constructor(tables: NgramTables, chars: CharTrigrams | undefined, words: WordNgrams | undefined) {
    this.slotCount = slotCount(tables);
    this.#charSlotCount = charSlotCount(tables);
    this.#chars = chars;
    this.#words = words;
  }

  /** Undefined when the tables contradict themselves. */
  static of(tables: NgramTables): RowBuilder | undefined {
    const chars = tables.trigrams && CharTrigrams.of(tables.trigrams);
    const words = tables.words && WordNgrams.of(tables.words);
    const isWhole = (chars !== undefined) === (tables.trigrams !== undefined);
    if (!isWhole || (words !== undefined) !== (tables.words !== undefined)) return undefined;
    return new RowBuilder(tables, chars, words);
  }

  /** Normalises a row and returns how many entries it can have at most; {@link write} then writes them. */
  read(texts: RowTexts): number {
    const text = this.#text;
    if (typeof texts === "string") text.setText(texts);
    else text.setTexts(texts);
    return text.length + 2 * text.tokenCount;
  }

  /** Counts the row that was read and writes its entries from `at` on; returns the position after the last. */
  write(indices: Uint32Array, values: Float32Array, at: number): number {
    let position = at;
    if (this.#chars) {
      this.#chars.count(this.#text);
      position = this.#chars.write(indices, values, position);
    }
    if (this.#words) {
      this.#words.count(this.#text);
      position = this.#words.write(indices, values, position, this.#charSlotCount);
    }
    return position;
  }
}

/** The features of `rowCount` rows. */
export function matrixOf(rows: RowBuilder, rowCount: number, textsOf: (row: number) => RowTexts): CsrMatrix {
  if (rowCount === 1) return rowOf(rows, textsOf(0));
  const to = new MatrixRows(rowCount);
  for (let row = 0; row < rowCount; row++) {
    to.reserve(rows.read(textsOf(row)));
    to.endRow(rows.write(to.indices, to.values, to.nnz));
  }
  return to.matrix(rows.slotCount);
}

/** The features of one row, in one buffer: making buffers takes longer than counting a short text. */
function rowOf(rows: RowBuilder, texts: RowTexts): CsrMatrix {
  const most = rows.read(texts);
  const buffer = new ArrayBuffer(8 + 8 * most);
  const indptr = new Uint32Array(buffer, 0, 2);
  const indices = new Uint32Array(buffer, 8, most);
  const values = new Float32Array(buffer, 8 + 4 * most, most);
  const nnz = rows.write(indices, values, 0);
  indptr[1] = nnz;
  return {
    layout: "sparse",
    rowCount: 1,
    columnCount: rows.slotCount,
    indptr,
    indices: indices.subarray(0, nnz),
    values: values.subarray(0, nnz),
  };
}
