import type { CsrMatrix } from "../data/csr.js";
import type { TextCoreExports } from "../wasm/core.js";
import { MatrixRows } from "./matrix-rows.js";
import { type NgramTables, NO_PREFIX, slotCount } from "./ngram-tables.js";
import type { RowTexts } from "./row-texts.js";
import { TextRows } from "./text-rows.js";
import { PIECE_BYTES } from "./waiting-texts.js";

/** Words, pairs or trigrams that are given to the core at a time. */
const GIVEN = 4096;

/**
 * The n-grams of a fitted featurizer in a core of its own, and the way in which rows become features: the block of
 * character trigrams, then the block of words, each scaled to length 1. `src/predict/plain-features.ts` is the same in
 * plain TypeScript.
 */
export class FittedNgrams {
  readonly #slotCount: number;
  readonly #texts: TextRows;

  private constructor(texts: TextRows, slots: number) {
    this.#texts = texts;
    this.#slotCount = slots;
  }

  /** Undefined when the tables contradict themselves. Throws `out-of-memory`. @param core a new one */
  static of(core: TextCoreExports, tables: NgramTables): FittedNgrams | undefined {
    const { trigrams, words } = tables;
    const texts = new TextRows(core, trigrams !== undefined, words !== undefined);
    if (trigrams && !giveTrigrams(texts, core, trigrams)) return undefined;
    if (words && !giveWords(texts, core, words)) return undefined;
    core.freezeText();
    return new FittedNgrams(texts, slotCount(tables));
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
    return to.matrix(this.#slotCount);
  }

  /** The features of one row: views, which hold until the next call. Throws `out-of-memory`. */
  row(row: RowTexts): CsrMatrix {
    const texts = this.#emptied();
    texts.add(row);
    return texts.view(this.#slotCount);
  }

  /** The features of all rows, some rows at a time: views, which hold until the next are asked for. Throws `out-of-memory`. */
  *views(rows: readonly RowTexts[]): Generator<CsrMatrix> {
    const texts = this.#emptied();
    for (const row of rows) {
      texts.add(row);
      if (texts.waitingBytes >= PIECE_BYTES) yield texts.view(this.#slotCount);
    }
    if (texts.waitingRows > 0) yield texts.view(this.#slotCount);
  }

  /** Without the rows of an earlier call that ended early. */
  #emptied(): TextRows {
    this.#texts.clear();
    return this.#texts;
  }
}

function giveTrigrams(texts: TextRows, core: TextCoreExports, units: Uint16Array): boolean {
  for (let first = 0; first < units.length; first += 3 * GIVEN) {
    const some = units.subarray(first, first + 3 * GIVEN);
    const [at] = texts.put([some]);
    if (texts.guarded(() => core.takeTrigrams(at!, some.length / 3)) === 0) return false;
  }
  return true;
}

function giveWords(
  texts: TextRows,
  core: TextCoreExports,
  { units, ends, ngrams }: NonNullable<NgramTables["words"]>,
): boolean {
  const slots = slotsOfWords(ngrams, ends.length);
  if (slots === undefined) return false;
  texts.guarded(() => {
    core.reserveWordNgrams(ends.length, ngrams.length / 2 - ends.length);
    return 0;
  });
  for (let first = 0; first < ends.length; first += GIVEN) {
    const last = Math.min(first + GIVEN, ends.length);
    const start = first === 0 ? 0 : ends[first - 1]!;
    const endsAndSlots = new Uint32Array(2 * (last - first));
    for (let i = first; i < last; i++) {
      endsAndSlots[2 * (i - first)] = 2 * (ends[i]! - start);
      endsAndSlots[2 * (i - first) + 1] = slots[i + 1]! + 1;
    }
    const [unitsAt, endsAt] = texts.put([units.subarray(start, ends[last - 1]), endsAndSlots]);
    if (texts.guarded(() => core.takeWords(unitsAt!, endsAt!, last - first)) === 0) return false;
  }
  for (let first = 0; first < ngrams.length; first += 2 * GIVEN) {
    const some = ngrams.subarray(first, first + 2 * GIVEN);
    const [at] = texts.put([some]);
    if (texts.guarded(() => core.takePairs(at!, some.length / 2)) === 0) return false;
  }
  return true;
}

/** The slot of each word alone, of words from 1 on. Undefined unless each has one, and pairs are of such words. */
function slotsOfWords(ngrams: Int32Array, wordCount: number): Int32Array | undefined {
  const slots = new Int32Array(wordCount + 1).fill(-1);
  let singles = 0;
  for (let slot = 0; slot < ngrams.length / 2; slot++) {
    const prefix = ngrams[2 * slot]!;
    const word = ngrams[2 * slot + 1]!;
    if (word < 1 || word > wordCount || prefix > wordCount || (prefix < 1 && prefix !== NO_PREFIX))
      return undefined;
    if (prefix !== NO_PREFIX) continue;
    if (slots[word] !== -1) return undefined;
    slots[word] = slot;
    singles++;
  }
  return singles === wordCount ? slots : undefined;
}
