import type { Dataset } from "./data/dataset.js";
import { fromRows } from "./data/from-rows.js";
import { checkOptions, DualTextError } from "./errors.js";
import type { MulticlassMetrics } from "./evaluate/multiclass-metrics.js";
import type { Model } from "./model/model.js";
import type { Prediction, PredictOptions } from "./model/prediction.js";
import { saveModel } from "./model/saved-model.js";
import type { TrainingRecord } from "./model/training-record.js";
import type { Estimator } from "./pipeline.js";
import type { FitOptions } from "./stage.js";
import { featurizeText, mapKeyToValue, mapValueToKey, sdcaMaximumEntropy } from "./stages.js";
import type { SdcaOptions } from "./train/sdca-options.js";

/** Numbers of at least 0 by label, in any unit. */
export type SoftLabel<Label> = Label extends string ? Readonly<Record<string, number>> : never;

/** A text with its label. */
export interface LabelledText<Label extends string | number | boolean = string> {
  readonly text: string;
  /** A label, or where labels are texts how much of the row belongs to each: `{ ham: 0.8, spam: 0.2 }`, or votes. */
  readonly label: Label | SoftLabel<Label>;
  /** How much the row counts in training, at least 0, in any unit. Default 1. */
  readonly weight?: number;
}

export type TrainClassifierOptions = Omit<SdcaOptions, "label" | "features" | "exampleWeight"> & FitOptions;

/** A trained classifier of texts. Immutable. */
export interface Classifier<Label extends string | number | boolean = string> {
  /** The whole pipeline, for everything that this short form leaves out. */
  readonly model: Model;
  /** How the model came about, with its certificate. */
  readonly training: TrainingRecord;
  predict(text: string, options?: PredictOptions): Prediction<Label>;
  predictAll(texts: readonly string[], options?: PredictOptions): Prediction<Label>[];
  evaluate(rows: readonly LabelledText<Label>[]): MulticlassMetrics;
  /** The bytes of a model file; `loadModel` reads them. */
  save(): Uint8Array;
}

/**
 * Trains the standard pipeline on rows in memory: `featurizeText`, `mapValueToKey`, `sdcaMaximumEntropy`,
 * `mapKeyToValue`.
 *
 * ```ts
 * const classifier = await trainClassifier([
 *   { text: "see you at five", label: "ham" },
 *   { text: "win a prize now", label: "spam" },
 * ]);
 * classifier.predict("a prize for you").label; // "spam"
 * ```
 */
export async function trainClassifier<Label extends string | number | boolean>(
  rows: readonly LabelledText<Label>[],
  options: TrainClassifierOptions = {},
): Promise<Classifier<Label>> {
  checkOptions("trainClassifier", options);
  const { signal, onProgress, seed, threads, ...trainer } = options;
  const data = datasetOf(rows);
  const model: Model = await standardPipeline(trainer, data).fit(data, {
    ...(signal && { signal }),
    ...(onProgress && { onProgress }),
    ...(seed !== undefined && { seed }),
    ...(threads !== undefined && { threads }),
  });
  return {
    model,
    training: model.classifier.training,
    predict: (text, options) => model.predict(text, options) as Prediction<Label>,
    predictAll: (texts, options) => model.predictAll(texts, options) as Prediction<Label>[],
    evaluate: (rows) => model.evaluate(datasetOf(rows)),
    save: () => saveModel(model),
  };
}

/**
 * The columns Text and Label to a label predicted.
 * @param data of `datasetOf`: a column Weight holds the rows' weights, and a vector Label is soft. Default: neither.
 */
export function standardPipeline(
  trainer: Omit<SdcaOptions, "label" | "features" | "exampleWeight">,
  data?: Dataset,
): Estimator {
  const isSoft = data?.typeOf("Label").kind === "vector";
  const features: Estimator = featurizeText("Features", "Text");
  return (isSoft ? features : features.append(mapValueToKey("Label")))
    .append(sdcaMaximumEntropy({ ...trainer, ...(data?.has("Weight") && { exampleWeight: "Weight" }) }))
    .append(mapKeyToValue("PredictedLabel"));
}

/** Columns Text and Label, and Weight if a row has one. */
export function datasetOf(rows: readonly LabelledText<string | number | boolean>[]): Dataset {
  if (!Array.isArray(rows)) {
    const what = rows === null ? "null" : typeof rows;
    throw new DualTextError(
      "bad-argument",
      `The rows are ${what}; they must be an array of { text, label }. loadTextFile and a pipeline read files.`,
    );
  }
  const isWeighted = rows.some(({ weight }) => weight !== undefined);
  // With soft labels among them, one label is all on it.
  const isSoft = rows.some(({ label }) => typeof label === "object");
  const columns = rows.map(({ text, label, weight = 1 }) => ({
    ...{ Label: isSoft && typeof label === "string" ? { [label]: 1 } : label, Text: text },
    ...(isWeighted && { Weight: weight }),
  }));
  return fromRows(columns as { Label: string; Text: string; Weight: number }[]);
}
