import { readConcatenator } from "../data/concatenate.js";
import { readMapKeyToValue } from "../data/map-key-to-value.js";
import { readMapValueToKey } from "../data/map-value-to-key.js";
import { DualTextError } from "../errors.js";
import type { LoadedStageParts, Transformer } from "../stage.js";
import { readTextNormalizer } from "../text/normalize-text.js";
import { readFeaturizer } from "../text/text-featurizer.js";
import { readWordTokenizer } from "../text/tokenize-into-words.js";
import { readWordEmbedding } from "../text/word-embedding.js";
import { type CoreFactory, loadCore } from "../wasm/core.js";
import { BinaryClassifier, readBinaryClassifier } from "./binary-classifier.js";
import { LinearClassifier, readLinearClassifier } from "./linear-classifier.js";

type ReadStage = (parts: LoadedStageParts, core: CoreFactory) => Transformer | Promise<Transformer>;
type Readers = Readonly<Record<string, ReadStage>>;

/** How each stage that a file names is made again. */
const readers: Readers = {
  featurizeText: readFeaturizer,
  normalizeText: readTextNormalizer,
  tokenizeIntoWords: readWordTokenizer,
  applyWordEmbedding: readWordEmbedding,
  concatenate: readConcatenator,
  mapValueToKey: readMapValueToKey,
  mapKeyToValue: readMapKeyToValue,
  [LinearClassifier.stage]: readLinearClassifier,
  [BinaryClassifier.stage]: readBinaryClassifier,
};

/** Stages made again from their parts. Rejects with `bad-model-file`. @param others readers of stages that need more */
export async function readStages(
  stages: readonly LoadedStageParts[],
  others: Readers = {},
): Promise<Transformer[]> {
  const core = await loadCore();
  const known: Readers = { ...readers, ...others };
  const transformers: Transformer[] = [];
  for (const parts of stages) {
    const read = Object.hasOwn(known, parts.stage) ? known[parts.stage] : undefined;
    if (!read) {
      throw new DualTextError(
        "bad-model-file",
        `The model has a stage "${parts.stage}", which this version does not know.`,
      );
    }
    transformers.push(await read(parts, core));
  }
  return transformers;
}
