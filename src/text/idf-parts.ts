import type { Json, LoadedStageParts, StageParts } from "../stage.js";
import { wholeArray } from "../stage.js";
import { damagedFeatures } from "./featurizer-parts.js";
import {
  type BlockIdf,
  charSlotCount,
  type NgramIdf,
  type NgramTables,
  wordSlotCount,
} from "./ngram-tables.js";

// How model files keep the weights of n-grams: an option `weighting` and an array for each block that is weighted.

/** Options and arrays beside those of the n-grams. */
export function idfParts({ rowCount, chars, words }: NgramIdf): {
  options: { weighting: Json };
  arrays: StageParts["arrays"];
} {
  return {
    options: {
      weighting: {
        rowCount,
        ...(chars && { chars: chars.weighting }),
        ...(words && { words: words.weighting }),
      },
    },
    arrays: {
      ...(chars && { charIdf: wholeArray(chars.idf) }),
      ...(words && { wordIdf: wholeArray(words.idf) }),
    },
  };
}

/** Undefined where nothing is weighted. Throws `bad-model-file`. */
export function readIdf({ options, arrays }: LoadedStageParts, tables: NgramTables): NgramIdf | undefined {
  const { weighting } = options as { weighting?: Json };
  if (weighting === undefined) return undefined;
  const { rowCount, chars, words } = (weighting ?? {}) as Record<string, unknown>;
  if (!Number.isSafeInteger(rowCount) || (rowCount as number) < 0) return damagedFeatures("the row count");
  return {
    rowCount: rowCount as number,
    chars: readBlock(chars, arrays.charIdf, charSlotCount(tables)),
    words: readBlock(words, arrays.wordIdf, wordSlotCount(tables)),
  };
}

function readBlock(weighting: unknown, idf: unknown, slots: number): BlockIdf | undefined {
  if (weighting === undefined) return undefined;
  if (weighting !== "idf" && weighting !== "tfIdf") return damagedFeatures("the weighting");
  const isWhole = idf instanceof Float64Array && idf.length === slots && idf.every(Number.isFinite);
  return isWhole ? { weighting, idf } : damagedFeatures("the weights of the n-grams");
}
