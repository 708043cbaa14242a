/** Stands in a pair for the prefix of a single word. */
export const NO_PREFIX = -1;

/** The n-grams of a featurizer, as a model file stores them. */
export interface NgramTables {
  /** u16[3 × slots]: three units a character trigram; undefined when there are no trigrams. */
  readonly trigrams: Uint16Array | undefined;
  /** Undefined when there are no words. */
  readonly words:
    | {
        /** All words' units one after the other. */
        readonly units: Uint16Array;
        /** u32[words]: where each word ends in `units`. */
        readonly ends: Uint32Array;
        /** i32[2 × slots]: number of the first word from 1 on, or −1 for a word alone, and of the last. */
        readonly ngrams: Int32Array;
      }
    | undefined;
  /** Undefined where values are counts, scaled to length 1. */
  readonly idf?: NgramIdf | undefined;
}

/** What counts are multiplied by, or replaced with, before they are scaled to length 1. */
export interface NgramIdf {
  /** Rows that n-grams were counted in, those of models before included. */
  readonly rowCount: number;
  /** Undefined where the block's values are counts. */
  readonly chars: BlockIdf | undefined;
  readonly words: BlockIdf | undefined;
}

export interface BlockIdf {
  readonly weighting: "idf" | "tfIdf";
  /** f64[slots of the block]: ln(rows / rows with the n-gram). */
  readonly idf: Float64Array;
}

export function charSlotCount({ trigrams }: NgramTables): number {
  return (trigrams?.length ?? 0) / 3;
}

export function wordSlotCount({ words }: NgramTables): number {
  return (words?.ngrams.length ?? 0) / 2;
}

/** The slots of characters, then those of words. */
export function slotCount(tables: NgramTables): number {
  return charSlotCount(tables) + wordSlotCount(tables);
}
