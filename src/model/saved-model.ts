import { readMapKeyToValue } from "../data/map-key-to-value.js";
import { readMapValueToKey } from "../data/map-value-to-key.js";
import { DualTextError } from "../errors.js";
import type { LoadedStageParts, Transformer } from "../stage.js";
import { readFeaturizer } from "../text/text-featurizer.js";
import { type CoreFactory, loadCore } from "../wasm/core.js";
import { LinearClassifier, readLinearClassifier } from "./linear-classifier.js";
import { Model } from "./model.js";
import { decodeModel, encodeModel, type ModelContents, modelChunks } from "./model-file.js";
import { type ModelInput, readModelInput } from "./model-input.js";

/** How each stage that a file names is made again. */
const readers: Readonly<Record<string, (parts: LoadedStageParts, core: CoreFactory) => Transformer>> = {
  featurizeText: readFeaturizer,
  mapValueToKey: readMapValueToKey,
  mapKeyToValue: readMapKeyToValue,
  [LinearClassifier.stage]: readLinearClassifier,
};

/** What a model file holds of a model. */
export function modelContents(model: Model): ModelContents {
  return { inputSchema: model.inputSchema, stages: model.stages.map((stage) => stage.toParts()) };
}

/** The bytes of a model file. The same model gives the same bytes, everywhere. See docs/model-format.md. */
export function saveModel(model: Model): Uint8Array {
  return encodeModel(modelContents(model));
}

/** {@link saveModel} as a `Blob`, made in pieces, so that a large model is never whole in the memory of the program. */
export function saveModelBlob(model: Model): Blob {
  const pieces = Array.from(modelChunks(modelContents(model)), (piece) => new Blob([piece as BlobPart]));
  return new Blob(pieces, { type: "application/zip" });
}

/**
 * The model that {@link saveModel} or `saveModelFile` was given; its predictions are the same to the bit. Nothing in the
 * bytes is executed, and every length and checksum is checked before use.
 *
 * ```ts
 * const model = await loadModel(await fetch("model.zip"));
 * ```
 *
 * Rejects with `bad-model-file`, `newer-model-file`, `no-wasm-simd`, `out-of-memory`, and `file-read` for a response that
 * is an error.
 */
export async function loadModel(input: ModelInput): Promise<Model> {
  const { stages, inputSchema } = await decodeModel(await readModelInput(input));
  const core = await loadCore();
  const transformers = stages.map((parts) => {
    const read = Object.hasOwn(readers, parts.stage) ? readers[parts.stage] : undefined;
    if (read) return read(parts, core);
    throw new DualTextError(
      "bad-model-file",
      `The model has a stage "${parts.stage}", which this version does not know.`,
    );
  });
  return new Model(transformers, inputSchema);
}
