import type { Dataset, Schema } from "./data/dataset.js";
import { fitMapKeyToValue } from "./data/map-key-to-value.js";
import {
  checkMapValueToKeyOptions,
  fitMapValueToKey,
  type MapValueToKeyOptions,
} from "./data/map-value-to-key.js";
import { DualTextError } from "./errors.js";
import { type StageCall, StageEstimator } from "./pipeline.js";
import type { Fitted, StageRun, Start, Transformer } from "./stage.js";
import {
  checkFeaturizeTextOptions,
  type FeaturizeTextOptions,
  fitFeaturizer,
} from "./text/featurize-text.js";
import {
  checkSdcaOptions,
  fitSdca,
  type SdcaOptions,
  sdcaDefaults,
  startOf,
} from "./train/sdca-maximum-entropy.js";

type FitStage = (data: Dataset, options: StageRun) => Promise<Fitted>;

class Stage<In extends Schema, Out extends Schema> extends StageEstimator<In, Out> {
  readonly call: StageCall;
  readonly #fitStage: FitStage;
  readonly #start: Start | undefined;

  constructor(call: StageCall, fitStage: FitStage, start?: Start) {
    super();
    this.call = call;
    this.#fitStage = fitStage;
    this.#start = start;
  }

  override get start(): Start | undefined {
    return this.#start;
  }

  fitStage(data: Dataset, options: StageRun): Promise<Fitted> {
    return this.#fitStage(data, options);
  }
}

/** A stage whose output is computed from what it has learned. */
async function thenTransformed(transformer: Transformer, data: Dataset): Promise<Fitted> {
  return { transformer, output: transformer.transform(data) };
}

function checkColumnName(value: unknown, what: string): void {
  if (typeof value === "string" && value !== "") return;
  throw new DualTextError(
    "bad-argument",
    `The ${what} is ${JSON.stringify(value)}; it must be the name of a column.`,
  );
}

/**
 * Turns text into a vector of n-gram weights, as ML.NET's `FeaturizeText` does with its defaults: words of length 1 and
 * 2 and character trigrams, lower-cased and without diacritics, counted, each of the two blocks scaled to length 1.
 *
 * ```ts
 * featurizeText("Features", "Text").append(mapValueToKey("Label")).append(sdcaMaximumEntropy());
 * ```
 *
 * @param output name of the vector column made
 * @param inputs text column, or several: their texts are joined as ML.NET does. Default: the output's name.
 * `fit` rejects with `bad-column`, and `no-features` when no row has an n-gram.
 */
export function featurizeText<O extends string, I extends string = O>(
  output: O,
  inputs?: I | readonly I[],
  options: FeaturizeTextOptions = {},
): StageEstimator<Record<I, "text" | "texts">, Record<O, "vector">> {
  const names = inputs === undefined ? [output] : typeof inputs === "string" ? [inputs] : [...inputs];
  checkColumnName(output, "output column");
  for (const name of names) checkColumnName(name, "input column");
  checkFeaturizeTextOptions(options);
  const call = ["featurizeText", output, names, options] as const;
  return new Stage(call, (data, run) => fitFeaturizer(data, { ...options, output, inputs: names }, run));
}

/**
 * Gives each distinct value a key from 1 on, in order of first appearance, as ML.NET's `MapValueToKey` does. Empty text
 * and values unseen in training have key 0, missing.
 * @param output name of the key column made
 * @param input column of text, numbers, booleans or keys. Default: the output's name.
 */
export function mapValueToKey<O extends string, I extends string = O>(
  output: O,
  input?: I,
  options: MapValueToKeyOptions = {},
): StageEstimator<Record<I, "text" | "number" | "boolean" | "key">, Record<O, "key">> {
  checkColumnName(output, "output column");
  if (input !== undefined) checkColumnName(input, "input column");
  checkMapValueToKeyOptions(options);
  const columns = { output, input: input ?? output };
  const call = ["mapValueToKey", output, columns.input, options] as const;
  return new Stage(call, async (data, { start }) => {
    const known = start?.label === output ? start.keyMap : undefined;
    return thenTransformed(fitMapValueToKey(data, columns, options, known), data);
  });
}

/**
 * Gives back the values that keys stand for, as ML.NET's `MapKeyToValue` does; key 0 gives empty text, NaN, 0 or false.
 * @param output name of the column made @param input key column. Default: the output's name.
 */
export function mapKeyToValue<O extends string, I extends string = O>(
  output: O,
  input?: I,
): StageEstimator<Record<I, "key">, Record<O, "text" | "number" | "boolean">> {
  checkColumnName(output, "output column");
  if (input !== undefined) checkColumnName(input, "input column");
  const columns = { output, input: input ?? output };
  const call = ["mapKeyToValue", output, columns.input] as const;
  return new Stage(call, async (data) => thenTransformed(fitMapKeyToValue(data, columns), data));
}

type ClassifierOut = { Score: "vector"; PredictedLabel: "key" };

/**
 * Multinomial logistic regression by stochastic dual coordinate ascent: minimises
 *
 *     (1/n) Σ −ln softmax(W x_i + b)[y_i] + (λ/2) (|W|² + |b|²)
 *
 * until a clean pass in f64 confirms that the objective is within `tolerance` of its minimum. The same data, options and
 * seed give the same bits everywhere. Adds the columns "Score" (class probabilities) and "PredictedLabel" (a key).
 *
 * Source: Shalev-Shwartz and Zhang, Stochastic Dual Coordinate Ascent Methods for Regularized Loss Minimization, JMLR
 * 2013; see docs/numerics.md.
 *
 * @param options options, or as in ML.NET the names of the label and features columns
 * Throws `bad-option`. `fit` rejects with `bad-column`, `empty-input`, `too-few-labels`, `no-features`, `not-finite`,
 * `out-of-memory`, `stopped`, `no-wasm-simd`.
 */
export function sdcaMaximumEntropy<const L extends string = "Label", const F extends string = "Features">(
  options?: Omit<SdcaOptions, "label" | "features"> & { readonly label?: L; readonly features?: F },
): StageEstimator<Record<L, "key"> & Record<F, "vector">, ClassifierOut>;
export function sdcaMaximumEntropy<L extends string, F extends string = "Features">(
  label: L,
  features?: F,
  options?: Omit<SdcaOptions, "label" | "features">,
): StageEstimator<Record<L, "key"> & Record<F, "vector">, ClassifierOut>;
export function sdcaMaximumEntropy(
  first: SdcaOptions | string = {},
  features: string = sdcaDefaults.features,
  more: SdcaOptions = {},
): StageEstimator {
  const options: SdcaOptions = typeof first === "string" ? { ...more, label: first, features } : first;
  checkColumnName(options.label ?? sdcaDefaults.label, "label column");
  checkColumnName(options.features ?? sdcaDefaults.features, "features column");
  checkSdcaOptions(options);
  const start = startOf(options);
  return new Stage(["sdcaMaximumEntropy", options], (data, run) => fitSdca(data, options, run), start);
}
