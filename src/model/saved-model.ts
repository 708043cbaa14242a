import { ranges } from "../data/csr.js";
import { DualTextError } from "../errors.js";
import { atOnce, Slices } from "../slices.js";
import { type Encoders, readTextEmbedder } from "../text/embed-text.js";
import { AsyncModel } from "./async-model.js";
import { crc32 } from "./crc32.js";
import { LinearClassifier } from "./linear-classifier.js";
import { Model } from "./model.js";
import { decodeModel, encodingModel, type ModelContents, modelPieces } from "./model-file.js";
import { type ModelInput, readModelInput } from "./model-input.js";
import { readStages } from "./read-stages.js";

/** Bytes whose checksum takes a millisecond or two. */
const CHECKED_BYTES = 1 << 20;

/** What a model file cannot hold, because it is code. */
export interface LoadModelOptions {
  /** The encoders of `embedText`, by the names they had when the model was trained. */
  readonly encoders: Encoders;
}

/** What a model file holds of a model. */
export function modelContents(model: Model | AsyncModel): ModelContents {
  if (!(model instanceof Model || model instanceof AsyncModel)) {
    throw new DualTextError(
      "bad-argument",
      "What is to be saved is no model. Give what fit resolves to, or the model of a classifier.",
    );
  }
  return { inputSchema: model.inputSchema, stages: model.stages.map((stage) => stage.toParts()) };
}

/** The bytes of a model file. The same model gives the same bytes, everywhere. See docs/model-format.md. */
export function saveModel(model: Model | AsyncModel): Uint8Array {
  return atOnce(encodingModel(modelContents(model)));
}

/** The same. Yields now and then. */
export function* savingModel(model: Model): Generator<void, Uint8Array> {
  for (const stage of model.stages)
    if (stage instanceof LinearClassifier) yield* stage.state?.packing() ?? [];
  return yield* encodingModel(modelContents(model));
}

/** {@link saveModel} as a `Blob`, made in pieces, so that a large model is never whole in the memory of the program. */
export function saveModelBlob(model: Model): Blob {
  const pieces = Array.from(modelPieces(modelContents(model)), ({ at, bytes }) => ({
    at,
    blob: new Blob([bytes as BlobPart]),
  }));
  const inOrder = pieces.sort((a, b) => a.at - b.at).map(({ blob }) => blob);
  return new Blob(inOrder, { type: "application/zip" });
}

/**
 * The model that {@link saveModel} or `saveModelFile` was given; its predictions are the same to the bit. Nothing in the
 * bytes is executed, and every length and checksum is checked before use.
 *
 * ```ts
 * const model = await loadModel(await fetch("model.zip"));
 * ```
 *
 * A model with an encoder needs it again, and is an `AsyncModel`; the encoder is asked for one vector, to see that it is
 * the same. Rejects with `bad-model-file`, `newer-model-file`, `no-wasm-simd`, `out-of-memory`, `missing-encoder`,
 * `bad-encoder`, and `file-read` for a response that is an error.
 */
export function loadModel(input: ModelInput): Promise<Model>;
export function loadModel(input: ModelInput, options: LoadModelOptions): Promise<AsyncModel>;
export async function loadModel(input: ModelInput, options?: LoadModelOptions): Promise<Model | AsyncModel> {
  const slices = new Slices(undefined, () => undefined);
  const { stages, inputSchema } = await decodeModel(await readModelInput(input), (bytes) =>
    slices.run(checksumming(bytes)),
  );
  const transformers = await readStages(stages, {
    embedText: (parts) => readTextEmbedder(parts, options?.encoders),
  });
  return options ? new AsyncModel(transformers, inputSchema) : new Model(transformers, inputSchema);
}

/** The checksum of bytes. Yields now and then. */
function* checksumming(bytes: Uint8Array): Generator<void, number> {
  let crc = 0;
  for (const [first, end] of ranges(bytes.length, CHECKED_BYTES)) {
    crc = crc32(bytes.subarray(first, end), crc);
    yield;
  }
  return crc;
}
