import type { Dataset } from "../data/dataset.js";
import { checkModel, type Model, type Prediction, type PredictOptions, type Row } from "../model/model.js";
import { type ModelUpdate, type UpdateOptions, updateModel } from "./update-model.js";

/**
 * A model that a service can replace without a pause: {@link current} is one reference, so a prediction runs wholly on the
 * old model or wholly on the new one, and whoever still holds the old one goes on with it.
 *
 * ```ts
 * const handle = new ModelHandle(await loadModelFile("model.zip"));
 * handle.predict("a prize for you"); // meanwhile, and after, without a gap:
 * await handle.update(fromRows(newRows));
 * ```
 */
export class ModelHandle {
  #current: Model;
  #version = 1;
  /** The update that runs, and those that wait behind it. */
  #updates: Promise<unknown> = Promise.resolve();

  constructor(model: Model) {
    this.#current = checked(model);
  }

  /** The model of this moment. Keep it for as long as one answer takes, not longer. */
  get current(): Model {
    return this.#current;
  }

  /** 1 at first, one more after each swap. */
  get version(): number {
    return this.#version;
  }

  /** Puts another model in place and returns the one before. Predictions that run on that one end on it. */
  swap(model: Model): Model {
    const before = this.#current;
    this.#current = checked(model);
    this.#version++;
    return before;
  }

  predict(input: string | Row, options?: PredictOptions): Prediction {
    return this.#current.predict(input, options);
  }

  predictAll(inputs: readonly (string | Row)[], options?: PredictOptions): Prediction[] {
    return this.#current.predictAll(inputs, options);
  }

  /**
   * Updates the model of the moment and puts the result in place; see {@link updateModel}. Updates run one after
   * another, in the order of their calls. When one fails the model stays as it is, and the next goes on from there.
   * @param options those of {@link updateModel}; `accept` is asked before the swap; `false` leaves the model as it is: the place for a test of what was lost
   */
  update(
    newRows: Dataset<any> | undefined,
    options: UpdateOptions & { readonly accept?: (update: ModelUpdate) => boolean | Promise<boolean> } = {},
  ): Promise<ModelUpdate> {
    const { accept, ...rest } = options;
    const run = this.#updates.then(async () => {
      const update = await updateModel(this.#current, newRows, rest);
      if (!accept || (await accept(update))) this.swap(update.model);
      return update;
    });
    this.#updates = run.catch(() => undefined);
    return run;
  }
}

function checked(model: Model): Model {
  checkModel(model, "ModelHandle");
  return model;
}
