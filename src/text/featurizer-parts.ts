import { damagedModel } from "../errors.js";
import type { LoadedStageParts } from "../stage.js";
import type { NgramTables } from "./ngram-tables.js";

/** The name of the stage in model files. */
export const FEATURIZE_TEXT = "featurizeText";

/** What a model file says of a fitted featurizer. */
export interface FeaturizerParts {
  readonly output: string;
  readonly inputs: readonly string[];
  readonly tables: NgramTables;
}

export function damagedFeatures(what: string): never {
  throw damagedModel(`${what} of its text features`);
}

/** Checks types and lengths; that n-grams do not contradict each other is for those to check that make tables of them. Throws `bad-model-file`. */
export function readFeaturizerParts({ options, arrays }: LoadedStageParts): FeaturizerParts {
  const { output, inputs, chars, words } = (options ?? {}) as Record<string, unknown>;
  if (typeof output !== "string") return damagedFeatures("the output column");
  if (!Array.isArray(inputs) || inputs.length === 0 || !inputs.every((input) => typeof input === "string")) {
    return damagedFeatures("the input columns");
  }
  if (chars !== true && words !== true) return damagedFeatures("the blocks");
  let trigrams: Uint16Array | undefined;
  if (chars === true) {
    const units = arrays.trigrams;
    if (!(units instanceof Uint16Array) || units.length === 0 || units.length % 3 !== 0)
      return damagedFeatures("the trigrams");
    trigrams = units;
  }
  let ngrams: NgramTables["words"];
  if (words === true) {
    const { wordUnits, wordEnds, wordNgrams } = arrays;
    if (!(wordUnits instanceof Uint16Array) || !(wordEnds instanceof Uint32Array))
      return damagedFeatures("the words");
    const ascending = wordEnds.every((end, i) => end > (i === 0 ? 0 : wordEnds[i - 1]!));
    if (!ascending || (wordEnds.at(-1) ?? 0) !== wordUnits.length) return damagedFeatures("the words");
    if (!(wordNgrams instanceof Int32Array) || wordNgrams.length % 2 !== 0)
      return damagedFeatures("the word n-grams");
    ngrams = { units: wordUnits, ends: wordEnds, ngrams: wordNgrams };
  }
  return { output, inputs: inputs as string[], tables: { trigrams, words: ngrams } };
}
