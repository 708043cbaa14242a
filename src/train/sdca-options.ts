import { checkOptionNames, DualTextError } from "../errors.js";
import { Model } from "../model/model.js";
import { checkSeed } from "../random.js";
import { type ClassWeights, checkClassWeights } from "./row-weights.js";

/** Options of `sdcaMaximumEntropy`. */
export interface SdcaOptions {
  /**
   * Key column with the class of each row; rows with key 0 are left out. Or a vector column with a number for each class,
   * at least 0: probabilities or votes, that are scaled to a sum of 1 and take the place of one class (soft labels); rows
   * of zeros are left out. Default "Label".
   */
  readonly label?: string;
  /** Vector column. Default "Features". */
  readonly features?: string;
  /**
   * Number column with the weight of each row, at least 0, in any unit; rows of weight 0 are left out. Losses are means
   * by weight, so that a row of weight 2 counts as the row twice. Default: all rows weigh the same.
   */
  readonly exampleWeight?: string;
  /**
   * "balanced": rows are weighted so that all classes weigh the same in total. Or weights by label, at least 0, of labels
   * not named 1. They multiply the weights of the rows. Default: none.
   */
  readonly classWeights?: ClassWeights;
  /**
   * λ of (1/n) Σ −ln p(label) + (λ/2) |W|², above 0. Default: a function of the data alone, see `defaultScaledL2`, which
   * costs one epoch. "auto": found by the log-loss of rows held out, see `findL2`; the record keeps the path.
   * With `startFrom` that includes the ends: the weights of the model as they are, and training from scratch.
   */
  readonly l2?: number | "auto";
  /**
   * τ of the elastic net λ (|W|²/2 + τ |W|₁), ML.NET's `l1Regularization`, at least 0: weights that the rows pull to less
   * than τ are exactly 0, and features without weights take no room in the model. Biases are spared. Not with `startFrom`
   * or `keepState`. Default 0.
   */
  readonly l1?: number;
  /** Whether classes have a bias, regularised like the other weights. Default true. */
  readonly bias?: boolean;
  /** Duality gap, in nats, at which training ends, above 0. Default 1e-3: tighter buys no accuracy. */
  readonly tolerance?: number;
  /** Epochs after which training ends at the latest, from 1 on. After the first an epoch visits only the rows that need it, a third of them or so. Default 500. */
  readonly maxEpochs?: number;
  /** Milliseconds after which the solver ends at the latest, above 0. Default: no limit. */
  readonly maxMs?: number;
  /**
   * Most memory, in bytes, that the solver and the model may take beside what is in use; a run that needs more is refused
   * before it begins (`out-of-memory`). Default: what the machine or its container has, where the host tells (Node does).
   */
  readonly maxMemoryBytes?: number;
  /**
   * What an aborted signal does while the solver runs: "reject" (the default) rejects with the signal's reason, "keep"
   * ends with a whole, certified model of what has been reached.
   */
  readonly onAbort?: "reject" | "keep";
  /** Whether ending above the tolerance is an error (`stopped`) instead of a model that says so. Default false. */
  readonly requireTolerance?: boolean;
  /** Seed of the visiting order, any integer. Default: that of `fit`, else 1. */
  readonly seed?: number;
  /**
   * Fine-tuning: the regulariser is (λ/2) |W − W₀|² with W₀ the weights of this model, and training starts there.
   * Features are matched by n-gram, labels by name; what the model does not have begins at 0. The featurizer of the
   * pipeline begins with the model's n-grams, so that nothing of it is lost. Default: W₀ = 0.
   */
  readonly startFrom?: Model;
  /** Whether labels of the model that the data lacks stay. Default false. */
  readonly keepLabels?: boolean;
  /**
   * Whether the model keeps its training rows' features and duals, so that `updateModel` can go on from them exactly.
   * Not with `startFrom`. Default false.
   */
  readonly keepState?: boolean;
  /** What labels of the model are called in the data, where the two differ: { "pos": "1" }. Each stays one of its own. */
  readonly renameLabels?: Readonly<Record<string, string>>;
}

export const sdcaDefaults = {
  label: "Label",
  features: "Features",
  l1: 0,
  bias: true,
  tolerance: 1e-3,
  maxEpochs: 500,
  maxMs: Number.POSITIVE_INFINITY,
  onAbort: "reject",
  requireTolerance: false,
  keepLabels: false,
  keepState: false,
  seed: 1,
} as const;

const optionNames: readonly string[] = [
  ...Object.keys(sdcaDefaults),
  ...(["l2", "exampleWeight", "classWeights", "maxMemoryBytes", "startFrom", "renameLabels"] as const),
];

/** Throws `bad-option` for an option that there is not, and the first that is out of its range. */
export function checkSdcaOptions(options: SdcaOptions): void {
  checkOptionNames("The trainer", options, optionNames);
  const above0 = (name: "l2" | "tolerance" | "maxMs" | "maxMemoryBytes", infinityToo: boolean) => {
    const value = options[name];
    if (value === undefined || (name === "l2" && value === "auto")) return;
    if (typeof value === "number" && value > 0 && (infinityToo || Number.isFinite(value))) return;
    const orAuto = name === "l2" ? ', or "auto"' : "";
    throw new DualTextError(
      "bad-option",
      `${name} is ${value}; it must be a finite number above 0${orAuto}.`,
    );
  };
  above0("l2", false);
  above0("tolerance", false);
  above0("maxMs", true);
  above0("maxMemoryBytes", true);
  const { l1 = 0, maxEpochs, seed, onAbort, startFrom, classWeights } = options;
  if (!(typeof l1 === "number" && l1 >= 0 && Number.isFinite(Math.fround(l1)))) {
    throw new DualTextError("bad-option", `l1 is ${l1}; it must be a finite number, at least 0.`);
  }
  if (l1 > 0 && (startFrom || options.keepState)) {
    throw new DualTextError("bad-option", "l1 goes with neither startFrom nor keepState.");
  }
  if (classWeights !== undefined) checkClassWeights(classWeights);
  if (startFrom !== undefined && !(startFrom instanceof Model)) {
    throw new DualTextError("bad-option", "startFrom must be a model: what fit or loadModel resolves to.");
  }
  for (const name of ["bias", "requireTolerance", "keepLabels", "keepState"] as const) {
    if (options[name] === undefined || typeof options[name] === "boolean") continue;
    throw new DualTextError("bad-option", `${name} must be true or false.`);
  }
  checkRenameLabels(options.renameLabels);
  if (startFrom && options.keepState) {
    throw new DualTextError(
      "bad-option",
      "keepState and startFrom exclude each other: going on from a fine-tuned model starts from its weights.",
    );
  }
  if (options.keepState && (classWeights !== undefined || options.exampleWeight !== undefined)) {
    throw new DualTextError("bad-option", "keepState does not go with weights: a state does not keep them.");
  }
  if (maxEpochs !== undefined && !(Number.isSafeInteger(maxEpochs) && maxEpochs >= 1)) {
    throw new DualTextError("bad-option", `maxEpochs is ${maxEpochs}; it must be a whole number from 1 on.`);
  }
  checkSeed(seed);
  if (onAbort !== undefined && onAbort !== "reject" && onAbort !== "keep") {
    throw new DualTextError(
      "bad-option",
      `onAbort is ${JSON.stringify(onAbort)}; it must be "reject" or "keep".`,
    );
  }
}

function checkRenameLabels(renamed: SdcaOptions["renameLabels"]): void {
  if (renamed === undefined) return;
  const isObject = typeof renamed === "object" && renamed !== null;
  if (isObject && Object.values(renamed).every((label) => typeof label === "string" && label !== "")) return;
  throw new DualTextError("bad-option", 'renameLabels must be an object of texts, such as { pos: "1" }.');
}
