import { checkDataset, type Dataset } from "../data/dataset.js";
import { checkOptions, DualTextError } from "../errors.js";
import { checkModel, type Model } from "../model/model.js";
import { Slices } from "../slices.js";
import type { RunOptions } from "../stage.js";
import { checkThreads } from "../threads/check-threads.js";
import { rowDigest } from "../train/row-digest.js";
import { checkSdcaOptions, type SdcaOptions, sdcaDefaults } from "../train/sdca-options.js";
import type { SolveOptions } from "../train/solve.js";
import { loadCore } from "../wasm/core.js";
import { anchoredUpdate } from "./anchored-update.js";
import { compareModels, type ModelComparison } from "./compare-models.js";
import { rowsOfData } from "./old-rows.js";
import { checkMulticlass } from "./pipeline-of.js";
import { type RowChanges, type RowUpdate, rowsOfState, updateRows } from "./update-rows.js";

/** Options of {@link updateModel}. Datasets have the columns that the model was fitted on. */
export interface UpdateOptions extends RunOptions {
  /** The rows that the model was trained on, where it has not kept its training state. */
  readonly oldRows?: Dataset<any>;
  /** Training rows to forget: all with the same features and, if the dataset has the label column, the same label. */
  readonly remove?: Dataset<any>;
  /** Training rows that get the label given here. */
  readonly relabel?: Dataset<any>;
  /** Rows that neither model is trained on, of the old kind and of the new, to measure forgetting on. */
  readonly oldTest?: Dataset<any>;
  readonly newTest?: Dataset<any>;
  /**
   * λ. Default: λ n stays as it was, so that λ falls as rows are added; when the old rows are gone, the strength of the
   * pull to the old weights is measured (see `anchoredUpdate`).
   */
  readonly l2?: number;
  /** Duality gap, in nats, at which training ends. Default: the old model's. */
  readonly tolerance?: number;
  /** Default 500. */
  readonly maxEpochs?: number;
  /** Threads to train with at most; see `FitOptions`. The bits are the same with any number. */
  readonly threads?: number;
  /** Seed of the visiting order. Default: the old model's. */
  readonly seed?: number;
  /** Whether the new model keeps its training state. Default: as the old one, never when the old rows are gone. */
  readonly keepState?: boolean;
  /** A name of what the rows come from, kept in the lineage of the new model: a file and its digest, say. */
  readonly source?: string;
}

/** An updated model and what the update has changed. */
export interface ModelUpdate extends Omit<RowUpdate, "model"> {
  readonly model: Model;
  /**
   * Where the old rows came from: "state" and "rows" give the optimum of all rows, certified; "none" pulls to the old
   * weights instead, and the certificate is that of this other objective.
   */
  readonly oldRowsFrom: "state" | "rows" | "none";
  /**
   * Whether the old rows that were given are those that the model says it was trained on, by their fingerprint; undefined
   * where none were given, or the model is from before it said so. If not, the result is the optimum of the rows given.
   */
  readonly oldRowsMatch?: boolean;
  /** What was lost and gained on `oldTest` and `newTest`, those that were given. */
  readonly forgetting: readonly ModelComparison[];
}

/**
 * Goes on training a model with new rows, and without rows that are to be forgotten. With its training state
 * (`keepState`) or the old rows the result is the optimum on all rows that are left, as training from scratch would find,
 * with fewer visits to rows; without either, the old weights stand in for the old rows. New n-grams and labels come after
 * those that are there. The old model stays as it is.
 *
 * ```ts
 * const { model: updated } = await updateModel(model, fromRows([{ Label: "ham", Text: "see you at six" }]));
 * ```
 *
 * @param newRows rows to add; `undefined` for none
 * Rejects with `bad-option`, `bad-model-file` (a training state of other rows), `bad-column`, `too-few-labels`, `empty-input`,
 * `not-finite`, `out-of-memory`, `signal.reason`.
 */
export async function updateModel(
  model: Model,
  newRows: Dataset<any> | undefined,
  options: UpdateOptions = {},
): Promise<ModelUpdate> {
  checkModel(model, "updateModel");
  checkOptions("updateModel", options);
  if (newRows) checkDataset(newRows, "updateModel");
  checkMulticlass(model);
  const { oldRows, remove, relabel } = options;
  if (!newRows && !remove && !relabel) {
    throw new DualTextError(
      "empty-input",
      "There is nothing to update with: no new rows, none to remove or relabel.",
    );
  }
  const record = model.classifier.training;
  const { state } = model.classifier;
  checkThreads(options.threads);
  const { l2, tolerance, maxEpochs, seed, keepState } = options;
  checkSdcaOptions({ l2, tolerance, maxEpochs, seed, keepState } as SdcaOptions);
  if ((l2 as unknown) === "auto") {
    throw new DualTextError("bad-option", 'l2 is "auto"; for an update it must be a finite number above 0.');
  }
  const run: SolveOptions & { readonly threads?: number } = {
    ...(options.threads !== undefined && { threads: options.threads }),
    tolerance: options.tolerance ?? record.tolerance,
    maxEpochs: options.maxEpochs ?? sdcaDefaults.maxEpochs,
    maxMs: sdcaDefaults.maxMs,
    onAbort: "reject",
    seed: options.seed ?? record.seed,
    ...(options.signal && { signal: options.signal }),
    ...(options.onProgress && { onProgress: options.onProgress }),
  };
  const oldRowsFrom = state ? "state" : oldRows ? "rows" : "none";
  if (oldRowsFrom !== "none" && record.l1 !== undefined) {
    throw new DualTextError(
      "bad-option",
      "The model was trained with l1, which an update does not go on with: fit the pipeline again on all rows.",
    );
  }
  const unknown =
    record.weightSum !== undefined
      ? "weighted rows, whose weights"
      : record.targetEntropy !== undefined
        ? "soft labels, which"
        : undefined;
  if (oldRowsFrom !== "none" && unknown) {
    throw new DualTextError(
      "bad-option",
      `The model was trained on ${unknown} an update does not know: fit the pipeline again on all rows.`,
    );
  }
  let update: RowUpdate;
  let oldRowsMatch: boolean | undefined;
  if (oldRowsFrom === "none") {
    if (remove || relabel || options.keepState) {
      throw new DualTextError(
        "bad-option",
        "Rows can be removed or relabelled, and a training state kept, only where the old rows are there: " +
          "give them (oldRows, --old), or train with their state in the model (keepState, --keep-state).",
      );
    }
    update = await anchoredUpdate(model, newRows!, { ...options, ...run });
  } else {
    const changes: RowChanges = { add: newRows, remove, relabel };
    const slices = new Slices(options.signal, () => undefined);
    const known = state
      ? { model, rows: await slices.run(rowsOfState(model, state)) }
      : await rowsOfData(model, oldRows!, run);
    const trainedOn = record.lineage?.data;
    if (trainedOn !== undefined && (!state || state.isRead)) {
      const { matrix, labels } = known.rows;
      const isSame = (await slices.run(rowDigest((await loadCore())(), matrix, labels))) === trainedOn;
      if (!state) oldRowsMatch = isSame;
      else if (!isSame) {
        throw new DualTextError(
          "bad-model-file",
          "The model's training state is that of other rows. Load the file as it was saved.",
        );
      }
    }
    const keep = { keepState: options.keepState ?? state !== undefined, source: options.source };
    const scaledL2 = (rowCount: number) =>
      options.l2 === undefined ? record.l2 * record.rowCount : options.l2 * rowCount;
    update = await updateRows(known.model, known.rows, changes, scaledL2, keep, run);
  }
  const forgetting = (["oldTest", "newTest"] as const).flatMap((name) => {
    const rows = options[name];
    return rows ? [compareModels(model, update.model, rows, { name })] : [];
  });
  return { ...update, oldRowsFrom, ...(oldRowsMatch !== undefined && { oldRowsMatch }), forgetting };
}
