import type { CsrMatrix } from "../data/csr.js";
import type { TextCoreExports } from "../wasm/core.js";
import { givingNgrams } from "./give-ngrams.js";
import { MatrixRows } from "./matrix-rows.js";
import { type NgramTables, slotCount } from "./ngram-tables.js";
import type { RowTexts } from "./row-texts.js";
import { TextRows } from "./text-rows.js";
import { PIECE_BYTES } from "./waiting-texts.js";
import { weighRows } from "./weigh-ngrams.js";

/**
 * The n-grams of a fitted featurizer in a core of its own, and the way in which rows become features: the block of
 * character trigrams, then the block of words, each scaled to length 1. Without weights by rareness, `src/predict/plain-features.ts` is the same in
 * plain TypeScript.
 */
export class FittedNgrams {
  readonly #tables: NgramTables;
  readonly #slotCount: number;
  readonly #texts: TextRows;

  private constructor(texts: TextRows, tables: NgramTables) {
    this.#texts = texts;
    this.#tables = tables;
    this.#slotCount = slotCount(tables);
  }

  /** Undefined when the tables contradict themselves. Yields now and then. Throws `out-of-memory`. @param core a new one */
  static *making(core: TextCoreExports, tables: NgramTables): Generator<void, FittedNgrams | undefined> {
    const texts = new TextRows(core, tables.trigrams !== undefined, tables.words !== undefined);
    if (!(yield* givingNgrams(texts, core, tables))) return undefined;
    core.freezeText();
    if (tables.idf) core.leaveCounts();
    return new FittedNgrams(texts, tables);
  }

  /** The features of `rowCount` rows. Throws `out-of-memory`. */
  matrix(rowCount: number, textsOf: (row: number) => RowTexts): CsrMatrix {
    if (rowCount === 1) {
      const { indices, values, ...view } = this.row(textsOf(0));
      return { ...view, indices: indices.slice(), values: values.slice() };
    }
    const texts = this.#emptied();
    const to = new MatrixRows(rowCount);
    for (let row = 0; row < rowCount; row++) {
      texts.add(textsOf(row));
      if (texts.waitingBytes >= PIECE_BYTES) texts.count(to);
    }
    texts.count(to);
    return this.#weighed(to.matrix(this.#slotCount));
  }

  /** The features of one row: views, which hold until the next call. Throws `out-of-memory`. */
  row(row: RowTexts): CsrMatrix {
    const texts = this.#emptied();
    texts.add(row);
    return this.#weighed(texts.view(this.#slotCount));
  }

  /** The features of all rows, some rows at a time: views, which hold until the next are asked for. Throws `out-of-memory`. */
  *views(rows: readonly RowTexts[]): Generator<CsrMatrix> {
    const texts = this.#emptied();
    for (const row of rows) {
      texts.add(row);
      if (texts.waitingBytes >= PIECE_BYTES) yield this.#weighed(texts.view(this.#slotCount));
    }
    if (texts.waitingRows > 0) yield this.#weighed(texts.view(this.#slotCount));
  }

  /** Puts the weights of n-grams to counts, if there are any. */
  #weighed(matrix: CsrMatrix): CsrMatrix {
    if (this.#tables.idf) weighRows(matrix, this.#tables, 0, matrix.rowCount);
    return matrix;
  }

  /** Without the rows of an earlier call that ended early. */
  #emptied(): TextRows {
    this.#texts.clear();
    return this.#texts;
  }
}
