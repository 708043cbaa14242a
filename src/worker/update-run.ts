import { Model } from "../model/model.js";
import type { ModelInput } from "../model/model-input.js";
import { loadModel } from "../model/saved-model.js";
import type { TrainingRecord } from "../model/training-record.js";
import type { RunOptions } from "../stage.js";
import { type ModelUpdate, type UpdateOptions, updateModel } from "../transfer/update-model.js";
import type { InputNames } from "./messages.js";
import { datasetFrom, type LoadSettings, saved, type TrainerInput } from "./training-run.js";

/** Rows that an update may be given, and whether they may be. */
type RowOptions = "oldRows" | "remove" | "relabel" | "oldTest" | "newTest";

/** Options of an update in a worker: those of `updateModel`, with rows that may be anything a trainer takes. */
export interface UpdateRunOptions extends Omit<UpdateOptions, RowOptions>, LoadSettings {
  readonly oldRows?: TrainerInput;
  readonly remove?: TrainerInput;
  readonly relabel?: TrainerInput;
  readonly oldTest?: TrainerInput;
  readonly newTest?: TrainerInput;
}

/** What an update yields: what `updateModel` tells, with the bytes of the model's file in place of the model. */
export interface Updated extends Omit<ModelUpdate, "model"> {
  /** The model file, the same bytes that `saveModel` gives; `loadModel` reads them. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Records of the pipeline's trainers, in order. */
  readonly training: readonly TrainingRecord[];
}

/** Loads what is text or bytes, updates and saves, in the thread that calls it. @param names what errors call the inputs */
export async function update(
  model: Model | ModelInput,
  newRows: TrainerInput | undefined,
  options: UpdateRunOptions,
  names: InputNames = {},
): Promise<Updated> {
  const { load, oldRows, remove, relabel, oldTest, newTest, ...settings } = options;
  const { signal, onProgress } = settings;
  const run: RunOptions = { ...(signal && { signal }), ...(onProgress && { onProgress }) };
  const old = model instanceof Model ? model : await loadModel(model);
  const rows: Partial<Record<RowOptions | "newRows", Awaited<ReturnType<typeof datasetFrom>>>> = {};
  for (const [key, input] of Object.entries({ newRows, oldRows, remove, relabel, oldTest, newTest })) {
    if (input === undefined) continue;
    const name = key as keyof typeof rows;
    const sourceName = names[name];
    rows[name] = await datasetFrom(input, { ...(sourceName !== undefined && { sourceName }), ...load }, run);
  }
  const { newRows: added, ...others } = rows;
  const { model: updated, ...told } = await updateModel(old, added, { ...settings, ...others });
  const bytes = await saved(updated);
  return { bytes, training: updated.training, ...told };
}
