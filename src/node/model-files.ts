import { readFile } from "node:fs/promises";
import { DualTextError } from "../errors.js";
import type { AsyncModel } from "../model/async-model.js";
import type { Model } from "../model/model.js";
import { modelPieces } from "../model/model-file.js";
import { type LoadModelOptions, loadModel, modelContents } from "../model/saved-model.js";
import { writeFileAtomically } from "./write-file.js";

/**
 * Saves a model to a file, whole or not at all: an older file of that name stays until the new one is complete.
 * Rejects with `file-write`, `signal.reason`.
 */
export async function saveModelFile(
  model: Model | AsyncModel,
  path: string,
  options: { signal?: AbortSignal } = {},
): Promise<void> {
  await writeFileAtomically(path, modelPieces(modelContents(model)), options.signal);
}

/** The model that {@link saveModelFile} saved. Rejects with `file-read` and all that `loadModel` rejects with. */
export function loadModelFile(path: string): Promise<Model>;
export function loadModelFile(path: string, options: LoadModelOptions): Promise<AsyncModel>;
export async function loadModelFile(path: string, options?: LoadModelOptions): Promise<Model | AsyncModel> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const reason =
      code === "ENOENT"
        ? "there is no such file. Check the path."
        : code === "EISDIR"
          ? "it is a folder. Give a file in it."
          : message;
    throw new DualTextError("file-read", `Cannot read the model ${path}: ${reason}`, { cause });
  }
  try {
    return await (options ? loadModel(bytes, options) : loadModel(bytes));
  } catch (error) {
    if (error instanceof DualTextError)
      throw new DualTextError(error.code, `${path}: ${error.message}`, { cause: error });
    throw error;
  }
}
