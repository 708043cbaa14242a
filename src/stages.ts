import { Concatenator } from "./data/concatenate.js";
import { fitMapKeyToValue } from "./data/map-key-to-value.js";
import {
  checkMapValueToKeyOptions,
  fitMapValueToKey,
  type MapValueToKeyOptions,
} from "./data/map-value-to-key.js";
import { checkOptions, DualTextError } from "./errors.js";
import type { StageEstimator } from "./pipeline.js";
import { checkColumnName, Stage, thenTransformed } from "./stage-maker.js";
import {
  type FeaturizeTextOptions,
  fitFeaturizer,
  resolveFeaturizeTextOptions,
} from "./text/featurize-text.js";
import {
  type NormalizeTextOptions,
  resolveNormalizeTextOptions,
  TextNormalizer,
} from "./text/normalize-text.js";
import {
  resolveSeparators,
  type TokenizeIntoWordsOptions,
  WordTokenizer,
} from "./text/tokenize-into-words.js";
import { fitLogisticRegression } from "./train/sdca-logistic-regression.js";
import { fitSdca, startOf } from "./train/sdca-maximum-entropy.js";
import { checkSdcaOptions, type SdcaOptions, sdcaDefaults } from "./train/sdca-options.js";

/**
 * Turns text into a vector of n-gram weights, as ML.NET's `FeaturizeText` does with its defaults: words of length 1 and
 * 2 and character trigrams, lower-cased and without diacritics, counted, each of the two blocks scaled to length 1. With
 * `weighting` counts are first weighted by how rare an n-gram is, as ML.NET's `WeightingCriteria` does; the weights are learned
 * from the rows that `fit` gets, and stay as they are when training goes on from the model.
 *
 * ```ts
 * featurizeText("Features", "Text").append(mapValueToKey("Label")).append(sdcaMaximumEntropy());
 * featurizeText("Features", "Text", { words: { weighting: "tfIdf" }, chars: false });
 * ```
 *
 * @param output name of the vector column made
 * @param inputs text column, or several: their texts are joined as ML.NET does. Default: the output's name.
 * Throws `bad-option`. `fit` rejects with `bad-column`, and `no-features` when no row has an n-gram.
 */
export function featurizeText<O extends string, I extends string = O>(
  output: O,
  inputs?: I | readonly I[],
  options: FeaturizeTextOptions = {},
): StageEstimator<Record<I, "text" | "texts">, Record<O, "vector">> {
  const names = inputs === undefined ? [output] : typeof inputs === "string" ? [inputs] : [...inputs];
  checkColumnName(output, "output column");
  for (const name of names) checkColumnName(name, "input column");
  const blocks = resolveFeaturizeTextOptions(options);
  const call = ["featurizeText", output, names, options] as const;
  return new Stage(call, (data, run) => fitFeaturizer(data, { output, inputs: names, blocks }, run));
}

/**
 * Changes the case of texts and leaves out diacritics, punctuation or numbers, as ML.NET's `NormalizeText` does; with its
 * defaults, lower case and no diacritics. `featurizeText` does this by itself.
 * @param output name of the column made @param input column of texts. Default: the output's name.
 * Throws `bad-option`. `fit` rejects with `bad-column`.
 */
export function normalizeText<O extends string, I extends string = O>(
  output: O,
  input?: I,
  options: NormalizeTextOptions = {},
): StageEstimator<Record<I, "text" | "texts">, Record<O, "text" | "texts">> {
  checkColumnName(output, "output column");
  if (input !== undefined) checkColumnName(input, "input column");
  const settings = resolveNormalizeTextOptions(options);
  const call = ["normalizeText", output, input ?? output, options] as const;
  return new Stage(call, (data) =>
    thenTransformed(new TextNormalizer(input ?? output, output, settings), data),
  );
}

/**
 * Splits texts into words at every separator, as ML.NET's `TokenizeIntoWords` does; by default at spaces alone.
 * @param output name of the column of words made @param input column of texts. Default: the output's name.
 * Throws `bad-option`. `fit` rejects with `bad-column`.
 */
export function tokenizeIntoWords<O extends string, I extends string = O>(
  output: O,
  input?: I,
  options: TokenizeIntoWordsOptions = {},
): StageEstimator<Record<I, "text" | "texts">, Record<O, "texts">> {
  checkColumnName(output, "output column");
  if (input !== undefined) checkColumnName(input, "input column");
  const separators = resolveSeparators(options);
  const call = ["tokenizeIntoWords", output, input ?? output, options] as const;
  return new Stage(call, (data) =>
    thenTransformed(new WordTokenizer(input ?? output, output, separators), data),
  );
}

/**
 * Puts numbers and vectors side by side into one vector, as ML.NET's `Concatenate` does, so that n-grams, word vectors and
 * numbers come together in one model.
 *
 * ```ts
 * featurizeText("Ngrams", "Text").append(concatenate("Features", "Ngrams", "Length"));
 * ```
 *
 * @param output name of the vector column made @param inputs columns of vectors and single-precision numbers.
 * `fit` rejects with `bad-column`.
 */
export function concatenate<O extends string, I extends string>(
  output: O,
  ...inputs: readonly [I, ...I[]]
): StageEstimator<Record<I, "vector" | "number">, Record<O, "vector">> {
  checkColumnName(output, "output column");
  if (inputs.length === 0)
    throw new DualTextError("bad-argument", "concatenate needs at least one input column.");
  for (const name of inputs) checkColumnName(name, "input column");
  return new Stage(["concatenate", output, ...inputs], (data) =>
    thenTransformed(new Concatenator(inputs, output), data),
  );
}

/** Kinds of columns whose values keys stand for: "key" where a row has one, "keys" where it has several. */
interface Mapped {
  key: { values: "text" | "number" | "boolean" | "key"; back: "text" | "number" | "boolean" };
  keys: { values: "texts" | "vector" | "keys"; back: "texts" | "vector" };
}

/**
 * Gives each distinct value a key from 1 on, in order of first appearance, as ML.NET's `MapValueToKey` does. Empty text
 * and values unseen in training have key 0, missing.
 * @param output name of the key column made
 * @param input column of text, numbers, booleans or keys, or one with several texts, numbers or keys a row (the words that
 * `tokenizeIntoWords` makes), each of which gets its key: then K is "keys", and no label. Default: the output's name.
 */
export function mapValueToKey<O extends string, I extends string = O, K extends keyof Mapped = "key">(
  output: O,
  input?: I,
  options: MapValueToKeyOptions = {},
): StageEstimator<Record<I, Mapped[K]["values"]>, Record<O, K>> {
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
export function mapKeyToValue<O extends string, I extends string = O, K extends keyof Mapped = "key">(
  output: O,
  input?: I,
): StageEstimator<Record<I, K>, Record<O, Mapped[K]["back"]>> {
  checkColumnName(output, "output column");
  if (input !== undefined) checkColumnName(input, "input column");
  const columns = { output, input: input ?? output };
  const call = ["mapKeyToValue", output, columns.input] as const;
  return new Stage(call, async (data) => thenTransformed(fitMapKeyToValue(data, columns), data));
}

/** The column of row weights, where its name is known. */
type WeightColumn<W extends string> = string extends W ? unknown : Record<W, "number">;

type ClassifierOut = { Score: "vector"; PredictedLabel: "key" };

/**
 * Multinomial logistic regression by stochastic dual coordinate ascent: minimises
 *
 *     (1/n) Σ −c_i ln softmax(W x_i + b)[y_i] + (λ/2) (|W|² + |b|²)
 *
 * with c_i the weight of the row over the mean weight, until a clean pass in f64 confirms that the objective is within
 * `tolerance` of its minimum. The same data, options and
 * seed give the same bits everywhere. Adds the columns "Score" (class probabilities) and "PredictedLabel" (a key).
 *
 * Source: Shalev-Shwartz and Zhang, Stochastic Dual Coordinate Ascent Methods for Regularized Loss Minimization, JMLR
 * 2013; see docs/numerics.md.
 *
 * @param options options, or as in ML.NET the names of the label and features columns
 * Throws `bad-option`. `fit` rejects with `bad-column`, `empty-input`, `too-few-labels`, `no-features`, `not-finite`,
 * `out-of-memory`, `stopped`, `no-wasm-simd`; with weights also `unknown-label`, `bad-argument`.
 */
export function sdcaMaximumEntropy<
  const L extends string = "Label",
  const F extends string = "Features",
  const W extends string = never,
>(
  options?: Omit<SdcaOptions, "label" | "features" | "exampleWeight"> & {
    readonly label?: L;
    readonly features?: F;
    readonly exampleWeight?: W;
  },
): StageEstimator<Record<L, "key" | "vector"> & Record<F, "vector"> & WeightColumn<W>, ClassifierOut>;
export function sdcaMaximumEntropy<
  L extends string,
  F extends string = "Features",
  const W extends string = never,
>(
  label: L,
  features?: F,
  options?: Omit<SdcaOptions, "label" | "features" | "exampleWeight"> & { readonly exampleWeight?: W },
): StageEstimator<Record<L, "key" | "vector"> & Record<F, "vector"> & WeightColumn<W>, ClassifierOut>;
export function sdcaMaximumEntropy(
  first: SdcaOptions | string = {},
  features: string = sdcaDefaults.features,
  more: SdcaOptions = {},
): StageEstimator {
  const options: SdcaOptions = typeof first === "string" ? { ...more, label: first, features } : first;
  checkOptions("sdcaMaximumEntropy", options);
  checkColumnName(options.label ?? sdcaDefaults.label, "label column");
  checkColumnName(options.features ?? sdcaDefaults.features, "features column");
  if (options.exampleWeight !== undefined) checkColumnName(options.exampleWeight, "example weight column");
  checkSdcaOptions(options);
  const start = startOf(options);
  return new Stage(["sdcaMaximumEntropy", options], (data, run) => fitSdca(data, options, run), start);
}

/** Options of {@link sdcaMaximumEntropy} that two classes have, too. */
export type LogisticOptions = Omit<SdcaOptions, "startFrom" | "keepLabels" | "renameLabels" | "keepState">;
type BinaryOut = { Score: "number"; Probability: "number"; PredictedLabel: "boolean" | "key" };

/**
 * Logistic regression for two classes, as ML.NET's `SdcaLogisticRegression` is called and with its columns: minimises
 *
 *     (1/n) Σ c_i ln(1 + exp(−y_i z_i)) + (λ/2) (|v|² + b²),   z = v·x + b,  y = 1 for true, −1 for false
 *
 * by the solver of {@link sdcaMaximumEntropy}, with its options, certificate and guarantees. Adds the number columns
 * "Score" (z) and "Probability" (of true, 1 / (1 + exp(−z))), and "PredictedLabel" (z > 0); `evaluateBinary` reads them.
 *
 * @param options the label is a boolean column, or a key of two values of which the second one is positive
 * Throws and rejects as {@link sdcaMaximumEntropy} does.
 */
export function sdcaLogisticRegression<
  const L extends string = "Label",
  const F extends string = "Features",
  const W extends string = never,
>(
  options: Omit<LogisticOptions, "label" | "features" | "exampleWeight"> & {
    readonly label?: L;
    readonly features?: F;
    readonly exampleWeight?: W;
  } = {},
): StageEstimator<Record<L, "boolean" | "key"> & Record<F, "vector"> & WeightColumn<W>, BinaryOut> {
  checkOptions("sdcaLogisticRegression", options);
  checkColumnName(options.label ?? sdcaDefaults.label, "label column");
  checkColumnName(options.features ?? sdcaDefaults.features, "features column");
  if (options.exampleWeight !== undefined) checkColumnName(options.exampleWeight, "example weight column");
  checkSdcaOptions(options);
  for (const name of ["startFrom", "keepLabels", "renameLabels", "keepState"] as const) {
    if ((options as SdcaOptions)[name] === undefined) continue;
    throw new DualTextError("bad-option", `${name} is not an option of sdcaLogisticRegression.`);
  }
  return new Stage(["sdcaLogisticRegression", options], (data, run) =>
    fitLogisticRegression(data, options, run),
  );
}
