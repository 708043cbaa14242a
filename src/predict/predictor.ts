import { DualTextError, damagedModel } from "../errors.js";
import { BINARY_CLASSIFIER, LINEAR_CLASSIFIER, labelsOf, readLinearParts } from "../model/linear-parts.js";
import type { Row } from "../model/model.js";
import { decodeModel } from "../model/model-file.js";
import { type ModelInput, readModelInput } from "../model/model-input.js";
import { plainProbabilities, plainWeights } from "../model/plain-scorer.js";
import { type Prediction, type PredictOptions, predictionOf } from "../model/prediction.js";
import type { TrainingRecord } from "../model/training-record.js";
import type { LoadedStageParts } from "../stage.js";
import { FEATURIZE_TEXT, readFeaturizerParts } from "../text/featurizer-parts.js";
import { PlainFeatures } from "./plain-features.js";

/** A loaded model that predicts. Immutable. */
export interface Predictor<Label extends string | number | boolean = string> {
  /** The labels it can give, in the order of their classes. */
  readonly labels: readonly Label[];
  /** How the model came about, with its certificate. */
  readonly training: TrainingRecord;
  /** The columns that a row needs. */
  readonly inputs: readonly string[];
  /**
   * The most probable label of one text or row.
   * @param input a string where the model reads one text column, else a text for each of {@link inputs}
   * Throws `bad-argument`, `bad-option`.
   */
  predict(input: string | Row, options?: PredictOptions): Prediction<Label>;
  /** {@link predict} for many texts or rows. */
  predictAll(inputs: readonly (string | Row)[], options?: PredictOptions): Prediction<Label>[];
}

/**
 * Loads a model that `saveModel` of `dualtext` was given, to predict with it and no more: one that classifies the text
 * features of `featurizeText`. Every length and checksum is checked before use. The bytes are used where they are, not
 * copied: leave them as they are.
 *
 * ```ts
 * import { loadModel } from "dualtext/predict";
 *
 * const model = await loadModel(await fetch("model.zip"));
 * model.predict("win a prize now").label;
 * ```
 *
 * Rejects with `bad-model-file` (also where a model needs more than this entry has), `newer-model-file`, `bad-argument`,
 * and `file-read` for a response that is an error.
 */
export async function loadModel<Label extends string | number | boolean = string>(
  input: ModelInput,
): Promise<Predictor<Label>> {
  const { stages, inputSchema } = await decodeModel(await readModelInput(input));
  const last = stages.findLast(({ stage }) => stage === LINEAR_CLASSIFIER || stage === BINARY_CLASSIFIER);
  if (!last)
    throw new DualTextError(
      "bad-model-file",
      "This model has no trainer in its pipeline, so it cannot classify.",
    );
  const parts = readLinearParts(last);
  const { columns, shape, names, training } = parts;
  const featurizer = stages.find(
    ({ stage, options }) => stage === FEATURIZE_TEXT && isOutput(options, columns.features),
  );
  if (!featurizer) throw beyond(`features that are no output of ${FEATURIZE_TEXT}`);
  const { inputs, tables } = readFeaturizerParts(known(featurizer));
  const odd = inputs.find((name) => inputSchema[name]?.kind !== "text");
  if (odd !== undefined) throw beyond(`column "${odd}", which is no text of the input`);
  const features = new PlainFeatures(tables);
  if (features.slotCount !== shape.featureCount) {
    throw damagedModel(`it has ${features.slotCount} features, but weights for ${shape.featureCount}`);
  }
  const { classCount } = shape;
  const plain = plainWeights(parts);
  const labels = labelsOf(names, classCount) as Label[];
  const predict = (given: string | Row, options: PredictOptions = {}): Prediction<Label> => {
    const entries = features.row(textsOf(given, inputs));
    return predictionOf(plainProbabilities(plain, entries), labels, options);
  };
  return {
    labels,
    training,
    inputs,
    predict,
    predictAll: (all, options) => all.map((one) => predict(one, options)),
  };
}

function isOutput(options: unknown, column: string): boolean {
  return (options as { output?: unknown } | null)?.output === column;
}

const KNOWN_OPTIONS = ["output", "inputs", "chars", "words"];

/** The stage, if it has no option that came after this reader was written. */
function known(parts: LoadedStageParts): LoadedStageParts {
  const odd = Object.keys(parts.options as object).find((name) => !KNOWN_OPTIONS.includes(name));
  if (odd !== undefined) throw beyond(`the option ${odd} of ${FEATURIZE_TEXT}`);
  return parts;
}

function beyond(what: string): DualTextError {
  return new DualTextError(
    "bad-model-file",
    `This model needs ${what}, which dualtext/predict cannot compute. Load it with loadModel of dualtext.`,
  );
}

function textsOf(given: string | Row, inputs: readonly string[]): string[] {
  if (typeof given === "string" && inputs.length === 1) return [given];
  return inputs.map((name) => {
    const text = typeof given === "string" ? undefined : given?.[name];
    if (typeof text === "string") return text;
    const list = inputs.map((input) => `"${input}"`).join(", ");
    throw new DualTextError(
      "bad-argument",
      `Give ${inputs.length === 1 ? "a text, or " : ""}a row with a text for ${list}.`,
    );
  });
}
