import { type CsrMatrix, rowRanges } from "../data/csr.js";
import { copyOf } from "../data/pieces.js";
import type { TextCoreExports } from "../wasm/core.js";
import { givingNgrams } from "./give-ngrams.js";
import { MatrixRows, moveWords } from "./matrix-rows.js";
import { charSlotCount, type NgramTables, slotCount } from "./ngram-tables.js";
import type { RowTexts } from "./row-texts.js";
import { TextRows } from "./text-rows.js";
import { PIECE_BYTES } from "./waiting-texts.js";

/** Learns the n-grams of rows and makes their matrix on the way, in a core of its own. */
export class NgramCounter {
  readonly #core: TextCoreExports;
  readonly #chars: boolean;
  readonly #words: boolean;
  /** N-grams that come first, of the same blocks. */
  readonly #before: NgramTables | undefined;
  readonly #texts: TextRows;
  readonly #rows: MatrixRows;
  /** Where the entries of characters end, of each row. */
  readonly #charEnds: Uint32Array;
  /** Entries of the rows that were counted together, at most. */
  #mostEntries = 0;

  constructor(core: TextCoreExports, chars: boolean, words: boolean, rowCount: number, before?: NgramTables) {
    this.#core = core;
    this.#before = before;
    this.#chars = chars;
    this.#words = words;
    this.#texts = new TextRows(core, chars, words);
    this.#rows = new MatrixRows(rowCount);
    this.#charEnds = new Uint32Array(rowCount);
  }

  /** To be done before rows are added. Yields now and then. Throws `out-of-memory`. */
  *beginning(): Generator<void> {
    if (!this.#before) return;
    if (yield* givingNgrams(this.#texts, this.#core, this.#before)) return;
    throw new Error("The n-grams of a featurizer contradict each other.");
  }

  /** Adds a row. Returns whether so many wait that they should be counted. Throws `out-of-memory`. */
  add(texts: RowTexts): boolean {
    this.#texts.add(texts);
    return this.#texts.waitingBytes >= PIECE_BYTES;
  }

  /** Counts the rows that wait, and makes room for the next ones. No rows may be added meanwhile. Throws `out-of-memory`. */
  *counting(): Generator<void> {
    this.#count();
    yield;
    yield* this.#rows.growing(2 * this.#mostEntries);
    yield* this.#texts.growing();
  }

  #count(): void {
    this.#mostEntries = Math.max(this.#mostEntries, this.#texts.count(this.#rows, this.#charEnds));
  }

  /**
   * The matrix of all rows, slots of characters before those of words, and the tables of n-grams. Yields now and then.
   */
  *finish(): Generator<void, { matrix: CsrMatrix; tables: NgramTables }> {
    this.#count();
    yield;
    const tables = yield* this.#tables();
    const { indptr, indices } = this.#rows;
    const wordOffset = charSlotCount(tables);
    if (wordOffset > 0 && this.#words) {
      for (const [first, last] of rowRanges(this.#rows)) {
        moveWords(indices, indptr, 0, this.#charEnds, first, last, wordOffset);
        yield;
      }
    }
    return { matrix: this.#rows.matrix(slotCount(tables)), tables };
  }

  *#tables(): Generator<void, NgramTables> {
    const core = this.#core;
    const { memory } = core;
    const trigrams = this.#chars
      ? yield* copyOf(new Uint16Array(memory.buffer, core.trigramUnits(), 3 * core.trigramCount()))
      : undefined;
    if (!this.#words) return { trigrams, words: undefined };
    const endsAt = this.#texts.guarded(() => core.wordEnds(0, 0));
    yield;
    const ends = yield* copyOf(new Uint32Array(memory.buffer, endsAt, core.wordCount()));
    const unitCount = ends.at(-1) ?? 0;
    const unitsAt = this.#texts.guarded(() => core.wordUnits(unitCount, 0, 0));
    yield;
    const units = yield* copyOf(new Uint16Array(memory.buffer, unitsAt, unitCount));
    const ngramCount = core.wordNgramCount();
    const ngrams = yield* copyOf(new Int32Array(memory.buffer, core.wordNgramPairs(), 2 * ngramCount));
    // The core lists only those that it has found itself.
    if (this.#before?.words) ngrams.set(this.#before.words.ngrams);
    return { trigrams, words: { units, ends, ngrams } };
  }
}
