import type { Dataset } from "../data/dataset.js";
import { MapValueToKey } from "../data/map-value-to-key.js";
import { checkOptions, DualTextError } from "../errors.js";
import { BinaryClassifier } from "../model/binary-classifier.js";
import { checkModel, type Model } from "../model/model.js";
import { type Estimator, type StageCall, StageEstimator } from "../pipeline.js";
import type { FitOptions, Fitted, Transformer } from "../stage.js";
import { featurizeText, mapValueToKey, sdcaMaximumEntropy } from "../stages.js";
import { TextFeaturizer } from "../text/text-featurizer.js";
import { type Weighting, weightingsOf } from "../text/weigh-ngrams.js";
import type { SdcaOptions } from "../train/sdca-options.js";

/** A fitted stage in the place of one that is to be fitted. */
class FittedStage extends StageEstimator {
  readonly call: StageCall;
  readonly #stage: Transformer;

  constructor(stage: Transformer) {
    super();
    this.call = ["fittedStage", stage];
    this.#stage = stage;
  }

  async fitStage(data: Dataset): Promise<Fitted> {
    return { transformer: this.#stage, output: this.#stage.transform(data) };
  }
}

/** A stage of a model, to be fitted again with its options; one that learns nothing from data stays as it is. */
function again(stage: Transformer): StageEstimator {
  const [output] = stage.outputs;
  if (stage instanceof TextFeaturizer) {
    const { chars, words } = weightingsOf(stage.tables);
    const optionsOf = (weighting: Weighting | undefined) => weighting !== undefined && { weighting };
    return featurizeText(output!, stage.inputs, { chars: optionsOf(chars), words: optionsOf(words) });
  }
  if (stage instanceof MapValueToKey) {
    return mapValueToKey(output!, stage.inputs[0]!, {
      addKeyValueAnnotationsAsText: stage.keyMap.asText,
    });
  }
  return new FittedStage(stage);
}

/** Throws `bad-option` for a model of `sdcaLogisticRegression`, in whose place another trainer would give other columns. */
export function checkMulticlass({ classifier }: Model): void {
  if (!(classifier instanceof BinaryClassifier)) return;
  throw new DualTextError(
    "bad-option",
    "A model of sdcaLogisticRegression cannot be trained further: use sdcaMaximumEntropy, which has the same optimum.",
  );
}

/** A pipeline with the stages of a model, with another trainer in the place of its last one. */
export function pipelineOf(model: Model, trainer: Omit<SdcaOptions, "label" | "features">): Estimator {
  checkMulticlass(model);
  const { classifier } = model;
  const { label, features } = classifier.columns;
  const estimators = model.stages.map((stage) =>
    stage === classifier ? sdcaMaximumEntropy({ ...trainer, label, features }) : again(stage),
  );
  return estimators.reduce<Estimator | undefined>(
    (before, stage) => before?.append(stage) ?? stage,
    undefined,
  )!;
}

/** Options of {@link fineTune}. */
export type FineTuneOptions = Omit<SdcaOptions, "label" | "features" | "startFrom" | "keepState">;

/**
 * Fits the pipeline of a model to other rows, starting from its weights: `sdcaMaximumEntropy({ startFrom: model })` with
 * the model's own stages before and after it.
 *
 * @param rows with the columns that the model was fitted on
 * Rejects as `fit` does.
 */
export async function fineTune(
  model: Model,
  rows: Dataset<any>,
  options: FineTuneOptions & FitOptions = {},
): Promise<Model> {
  checkModel(model, "fineTune");
  checkOptions("fineTune", options);
  const { signal, onProgress, onStageFitted, ...trainer } = options;
  return pipelineOf(model, { ...trainer, startFrom: model }).fit(rows, {
    ...(signal && { signal }),
    ...(onProgress && { onProgress }),
    ...(onStageFitted && { onStageFitted }),
  });
}
