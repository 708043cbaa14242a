import type { TextInput } from "../data/byte-source.js";
import { Dataset } from "../data/dataset.js";
import { fromRows } from "../data/from-rows.js";
import type { ColumnOptions, LoadOptions, LoadReport } from "../data/load-options.js";
import { splittingRows, type TrainTestOptions } from "../data/split.js";
import { loadText } from "../data/text-loader.js";
import type { MulticlassMetrics } from "../evaluate/multiclass-metrics.js";
import type { Model } from "../model/model.js";
import { savingModel } from "../model/saved-model.js";
import type { TrainingRecord } from "../model/training-record.js";
import type { Estimator } from "../pipeline.js";
import { Slices } from "../slices.js";
import type { RunOptions } from "../stage.js";
import type { SdcaOptions } from "../train/sdca-options.js";
import { datasetOf, type LabelledText, standardPipeline } from "../train-classifier.js";

/** Data for a pipeline: a dataset, rows by column name, or delimited text to be loaded. */
export type TrainerInput = Dataset | Parameters<typeof fromRows>[0] | TextInput;

export interface LoadSettings {
  /** How text is loaded; without effect on rows and datasets. */
  readonly load?: Omit<LoadOptions<ColumnOptions | undefined>, keyof RunOptions>;
}

/** Options of a training run, wherever it takes place. */
export interface TrainerRunOptions extends RunOptions, LoadSettings {
  /** Rows to be held back from training, for `metrics`; see `trainTestSplit`. Default: none. */
  readonly test?: TrainTestOptions;
  /** Seed of the stages that draw random numbers and are given none of their own. Default 1. */
  readonly seed?: number;
  /**
   * Threads to train with at most, 1 … 256. They change how long it takes and nothing else. Default: as many as help. A
   * page's worker has several where the page is isolated from other origins (`crossOriginIsolated`), else one.
   */
  readonly threads?: number;
}

/** The options of the standard pipeline's trainer. */
export type ClassifierOptions = Omit<SdcaOptions, "label" | "features">;

/** What is to be trained: a pipeline, or the standard one with these options of its trainer. */
export type Recipe = { readonly pipeline: Estimator } | { readonly classifier: ClassifierOptions };

/** What a run yields. */
export interface Trained {
  /** The model file, the same bytes that `saveModel` gives; `loadModel` reads them. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Records of the pipeline's trainers, in order. */
  readonly training: readonly TrainingRecord[];
  /** Rows it was trained on. */
  readonly rowCount: number;
  /** What loading counted, when text was loaded. */
  readonly loadReport?: LoadReport;
  /** The rows held back, by their numbers from 0 in the data, in order, when `test` was given. */
  readonly testRows?: Uint32Array;
  /** Metrics on these rows. */
  readonly metrics?: MulticlassMetrics;
}

/** Loads, splits, trains, evaluates and saves, in the thread that calls it. */
export async function train(
  recipe: Recipe,
  input: TrainerInput | readonly LabelledText<string | number | boolean>[],
  options: TrainerRunOptions,
): Promise<Trained> {
  const { load, test, signal, onProgress, seed, threads } = options;
  const run: RunOptions = { ...(signal && { signal }), ...(onProgress && { onProgress }) };
  let loadReport: LoadReport | undefined;
  const onReport = (report: LoadReport) => {
    loadReport = report;
    load?.onReport?.(report);
  };
  const isTexts = isRows(input) && "classifier" in recipe;
  const data = isTexts
    ? datasetOf(input as readonly LabelledText[])
    : await datasetFrom(input as TrainerInput, { ...load, onReport }, run);
  const pipeline: Estimator =
    "pipeline" in recipe
      ? recipe.pipeline
      : standardPipeline(recipe.classifier, isRows(input) ? data : undefined);
  const slices = new Slices(signal, () => undefined);
  const split = test && (await slices.run(splittingRows(data, test)));
  const rows = split ? data.take(split.train) : data;
  const model = await pipeline.fit(rows, {
    ...run,
    ...(seed !== undefined && { seed }),
    ...(threads !== undefined && { threads }),
  });
  const metrics = split && (await inPieces(model.evaluating(data.take(split.test))));
  return {
    bytes: await saved(model),
    training: model.training,
    rowCount: rows.rowCount,
    ...(loadReport && { loadReport }),
    ...(split && metrics && { testRows: split.test, metrics }),
  };
}

/** The bytes of `saveModel`, made in pieces. */
export function saved(model: Model): Promise<Uint8Array<ArrayBuffer>> {
  return inPieces(savingModel(model) as Generator<void, Uint8Array<ArrayBuffer>>);
}

/** What is done once a model is there. No abort ends it: an aborted signal may have ended training with a whole model. */
function inPieces<Result>(pieces: Generator<void, Result>): Promise<Result> {
  return new Slices(undefined, () => undefined).run(pieces);
}

/** Data as a dataset. Text is loaded. */
export async function datasetFrom(
  input: TrainerInput,
  load: LoadSettings["load"],
  run: RunOptions,
): Promise<Dataset> {
  if (isRows(input)) return fromRows(input as Parameters<typeof fromRows>[0]);
  return input instanceof Dataset ? input : loadText(input as TextInput, { ...load, ...run });
}

function isRows(input: unknown): input is readonly object[] {
  return Array.isArray(input);
}
