import type { KeyColumn, KeyType, VectorColumn } from "../data/columns.js";
import { type CsrMatrix, nonZeros, takeRows } from "../data/csr.js";
import type { Dataset } from "../data/dataset.js";
import { rowDigest } from "../data/row-digest.js";
import { DualTextError } from "../errors.js";
import { LinearClassifier } from "../model/linear-classifier.js";
import { Model } from "../model/model.js";
import { recordDigest, type TrainingRecord } from "../model/training-record.js";
import { stateOf } from "../model/training-state.js";
import type { Fitted, StageRun, Start, Transformer } from "../stage.js";
import { workerHost } from "../threads/worker-host.js";
import { loadCore } from "../wasm/core.js";
import { batchSizeFor } from "./batch-size.js";
import { defaultScaledL2, labelEntropy, PILOT_SCALED_L2, PILOT_SHARE } from "./default-l2.js";
import { type Enlisted, enlist, shardsFor } from "./enlist.js";
import { checkLabelsMatch, matchLabels, Origin } from "./origin.js";
import { Problem, type ProblemInput } from "./problem.js";
import { limitOf, pilotLoss, type Solved, type SolveOptions, solve } from "./solve.js";

/** Options of `sdcaMaximumEntropy`. */
export interface SdcaOptions {
  /** Key column with the class of each row; rows with key 0 are left out. Default "Label". */
  readonly label?: string;
  /** Vector column. Default "Features". */
  readonly features?: string;
  /**
   * λ of (1/n) Σ −ln p(label) + (λ/2) |W|², above 0. Default: a function of the data alone, see `defaultScaledL2`.
   */
  readonly l2?: number;
  /** Whether classes have a bias, regularised like the other weights. Default true. */
  readonly bias?: boolean;
  /** Duality gap, in nats, at which training ends, above 0. Default 1e-3: tighter buys no accuracy. */
  readonly tolerance?: number;
  /** Epochs after which training ends at the latest, from 1 on. Default 200. */
  readonly maxEpochs?: number;
  /** Milliseconds after which the solver ends at the latest, above 0. Default: no limit. */
  readonly maxMs?: number;
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
  /** What labels of the model are called in the data, where the two differ: { "pos": "1" }. */
  readonly renameLabels?: Readonly<Record<string, string>>;
}

export const sdcaDefaults = {
  label: "Label",
  features: "Features",
  bias: true,
  tolerance: 1e-3,
  maxEpochs: 200,
  maxMs: Number.POSITIVE_INFINITY,
  onAbort: "reject",
  requireTolerance: false,
  keepLabels: false,
  keepState: false,
  seed: 1,
} as const;

/** Throws `bad-option` for the first option that is out of its range. */
export function checkSdcaOptions(options: SdcaOptions): void {
  const above0 = (name: "l2" | "tolerance" | "maxMs", infinityToo: boolean) => {
    const value = options[name];
    if (value === undefined || (value > 0 && (infinityToo || Number.isFinite(value)))) return;
    throw new DualTextError("bad-option", `${name} is ${value}; it must be a finite number above 0.`);
  };
  above0("l2", false);
  above0("tolerance", false);
  above0("maxMs", true);
  const { maxEpochs, seed, onAbort, startFrom } = options;
  if (startFrom !== undefined && !(startFrom instanceof Model)) {
    throw new DualTextError("bad-option", "startFrom must be a model: what fit or loadModel resolves to.");
  }
  for (const name of ["keepLabels", "keepState"] as const) {
    if (options[name] === undefined || typeof options[name] === "boolean") continue;
    throw new DualTextError("bad-option", `${name} must be true or false.`);
  }
  if (startFrom && options.keepState) {
    throw new DualTextError(
      "bad-option",
      "keepState and startFrom exclude each other: going on from a fine-tuned model starts from its weights.",
    );
  }
  if (maxEpochs !== undefined && !(Number.isSafeInteger(maxEpochs) && maxEpochs >= 1)) {
    throw new DualTextError("bad-option", `maxEpochs is ${maxEpochs}; it must be a whole number from 1 on.`);
  }
  if (seed !== undefined && !Number.isSafeInteger(seed)) {
    throw new DualTextError("bad-option", `seed is ${seed}; it must be a whole number.`);
  }
  if (onAbort !== undefined && onAbort !== "reject" && onAbort !== "keep") {
    throw new DualTextError(
      "bad-option",
      `onAbort is ${JSON.stringify(onAbort)}; it must be "reject" or "keep".`,
    );
  }
}

/** Trains on the label and features columns of the data. */
export async function fitSdca(data: Dataset, options: SdcaOptions, run: StageRun): Promise<Fitted> {
  const { label, features, bias, tolerance, maxEpochs, maxMs, onAbort } = { ...sdcaDefaults, ...options };
  const seed = options.seed ?? run.seed ?? sdcaDefaults.seed;
  const core = await loadCore();
  run.onProgress?.({ phase: "solve", done: 0, total: 1 });
  const { type, problem, enlisted, origin, entropy, skippedRowCount, kept, digest } = await pose(
    data,
    label,
    features,
    { ...options, bias, before: run.before ?? [], threads: run.threads },
    core,
  );
  let solved: Solved;
  try {
    const hands = await enlisted.handsOn(problem);
    const limits: SolveOptions = { tolerance, maxEpochs, maxMs, onAbort, ...run, seed };
    const limit = limitOf(limits);
    if (options.l2 === undefined) {
      const loss = await pilotLoss(problem, PILOT_SHARE, limits, limit, hands);
      if (loss !== undefined) problem.restart(defaultScaledL2(loss, entropy));
    }
    solved = await solve(problem, limits, limit, hands);
  } finally {
    await enlisted.dismiss();
  }
  const l2 = options.l2 ?? problem.l2;
  const { certificate, epochs, stoppedBecause } = solved;
  if (options.requireTolerance && stoppedBecause !== "tolerance") {
    throw new DualTextError(
      "stopped",
      `Training ended by ${stoppedBecause} after ${epochs} epochs with a duality gap of ${certificate.gap}, ` +
        `above the tolerance of ${tolerance}. Allow more, or leave requireTolerance off.`,
    );
  }
  const { rowCount, classCount } = problem;
  const state = kept && stateOf(kept.matrix, kept.labels, classCount, bias, problem.dualLines());
  const scorer = origin ? origin.intoScorer(problem, core) : problem.intoScorer(core);
  const { featureCount } = scorer.shape;
  const training: TrainingRecord = {
    trainer: "sdcaMaximumEntropy",
    objective: certificate.objective,
    loss: certificate.loss,
    dualityGap: certificate.gap,
    divergence: certificate.divergence,
    drift: certificate.drift,
    epochs,
    stoppedBecause,
    l2,
    tolerance,
    seed,
    rowCount,
    skippedRowCount,
    featureCount,
    classCount,
    lineage: {
      data: digest,
      ...(options.startFrom && { parent: recordDigest(options.startFrom.classifier.training) }),
    },
  };
  const columns = { label, features, score: "Score", predictedLabel: "PredictedLabel" };
  const transformer = new LinearClassifier(columns, type.names, scorer, training, state);
  return { transformer, output: transformer.transform(data) };
}

/** What `startFrom` gives to the stages before the trainer. */
export function startOf(options: SdcaOptions): Start | undefined {
  const { startFrom, keepLabels = false } = options;
  if (!startFrom) return undefined;
  const { columns } = startFrom.classifier;
  const maker = (column: string) => startFrom.stages.findLast(({ outputs }) => outputs.includes(column));
  return {
    features: options.features ?? sdcaDefaults.features,
    label: options.label ?? sdcaDefaults.label,
    featurizer: maker(columns.features),
    keyMap: keepLabels ? maker(columns.label) : undefined,
  };
}

/** Matches features and labels of the data with those of the model to start from. Throws `bad-option`. */
function originOf(
  model: Model,
  type: KeyType,
  features: string,
  matrix: CsrMatrix,
  { before, renameLabels }: SdcaOptions & { readonly before: readonly Transformer[] },
): Origin {
  const { classifier, stages } = model;
  const classes = matchLabels(type, classifier, renameLabels);
  checkLabelsMatch(classes, type, classifier);
  const maker = before.findLast(({ outputs }) => outputs.includes(features));
  const makerThen = stages.findLast(({ outputs }) => outputs.includes(classifier.columns.features));
  let slots = makerThen && maker?.slotsIn?.(makerThen);
  if (!slots && maker?.stage === makerThen?.stage && classifier.featureCount === matrix.columnCount) {
    slots = Int32Array.from({ length: matrix.columnCount }, (_, slot) => slot);
  }
  if (slots) return new Origin(classifier, slots, classes, matrix);
  const made = (by: Transformer | undefined, size: number) =>
    `${size} features of ${by?.stage ?? "a column"}`;
  throw new DualTextError(
    "bad-option",
    `The model of startFrom has ${made(makerThen, classifier.featureCount)}, the data ${made(maker, matrix.columnCount)}: ` +
      "they cannot be matched. Give the pipeline the stages and options of the model.",
  );
}

/** Reads the columns and places the problem in a core of its own; what was read is not held on to. */
async function pose(
  data: Dataset,
  label: string,
  features: string,
  options: SdcaOptions & {
    readonly bias: boolean;
    readonly before: readonly Transformer[];
    readonly threads: number | undefined;
  },
  core: Awaited<ReturnType<typeof loadCore>>,
) {
  const type = data.typeOf(label);
  if (type.kind !== "key") {
    throw new DualTextError(
      "bad-column",
      `Column "${label}" is ${type.kind}; the label must be a key: put mapValueToKey("${label}") before the trainer.`,
    );
  }
  const featuresKind = data.typeOf(features).kind;
  if (featuresKind !== "vector") {
    throw new DualTextError(
      "bad-column",
      `Column "${features}" is ${featuresKind}; the features must be a vector.`,
    );
  }
  const { matrix, labels } = trainingRows(
    (data.column(features) as VectorColumn).matrix,
    (data.column(label) as KeyColumn).keys,
    type,
    features,
    options.keepLabels ?? false,
  );
  const classCount = type.count;
  const origin = options.startFrom && originOf(options.startFrom, type, features, matrix, options);
  const shards = shardsFor(matrix, classCount);
  const threads = options.threads ?? workerHost()?.parallelism ?? 1;
  const enlisted = await enlist(Math.min(threads, shards), core);
  const problem = await placed(enlisted, {
    matrix: origin?.matrix ?? matrix,
    ...(origin && { origin: origin.lines }),
    labels,
    classCount,
    scaledL2: options.l2 === undefined ? PILOT_SCALED_L2 : options.l2 * matrix.rowCount,
    hasBias: options.bias,
    batchSize: batchSizeFor(matrix),
    shards,
  });
  const entropy = labelEntropy(labels, classCount);
  const digest = rowDigest(matrix, labels);
  const kept = options.keepState ? { matrix, labels } : undefined;
  const skippedRowCount = data.rowCount - matrix.rowCount;
  return { type, problem, enlisted, origin, entropy, kept, digest, skippedRowCount };
}

/** The problem in the core of those who are to solve it; if it does not fit, they are dismissed. */
async function placed(enlisted: Enlisted, input: ProblemInput): Promise<Problem> {
  try {
    return new Problem(enlisted.core, { ...input, threads: enlisted.threads });
  } catch (error) {
    await enlisted.dismiss();
    throw error;
  }
}

/** Rows that have a label, with classes from 0 on. */
function trainingRows(
  whole: VectorColumn["matrix"],
  keys: Uint32Array,
  type: KeyType,
  features: string,
  keepsLabels: boolean,
): { matrix: CsrMatrix; labels: Uint32Array } {
  if (whole.columnCount === 0) {
    throw new DualTextError(
      "no-features",
      `Column "${features}" has no slots: there is nothing to learn from.`,
    );
  }
  const labelled = keys.reduce((count, key) => count + (key > 0 ? 1 : 0), 0);
  if (labelled === 0) throw new DualTextError("empty-input", "There is no row with a label to train on.");
  const present = new Set(keys);
  present.delete(0);
  // With labels kept from a model, rows of one alone can be learned from.
  if (present.size < 2 && !(keepsLabels && type.count > 1)) {
    const names = type.names ? ` (${JSON.stringify(String(type.names.values[[...present][0]! - 1]))})` : "";
    throw new DualTextError(
      "too-few-labels",
      `All rows have the same label${names}; training needs at least two.`,
    );
  }
  const all = nonZeros(whole);
  checkValues(all, features);
  if (labelled === keys.length) return { matrix: all, labels: keys.map((key) => key - 1) };
  const rows = new Uint32Array(labelled);
  let i = 0;
  keys.forEach((key, row) => {
    if (key > 0) rows[i++] = row;
  });
  return { matrix: takeRows(all, rows) as CsrMatrix, labels: rows.map((row) => keys[row]! - 1) };
}

/** Beyond it the square of a row's length, or what is made of it, leaves single precision. */
const LARGEST_SQUARE = 1e36;

/** Throws `not-finite` for a value that is not finite and for a row that is too long to compute with. */
function checkValues({ rowCount, indptr, indices, values }: CsrMatrix, features: string): void {
  let k = indptr[0]!;
  for (let row = 0; row < rowCount; row++) {
    const first = k;
    const end = indptr[row + 1]!;
    let squares = 0;
    for (; k < end; k++) squares += values[k]! * values[k]!;
    // False for NaN too.
    if (squares <= LARGEST_SQUARE) continue;
    const own = values.subarray(first, end);
    const bad = own.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) {
      throw new DualTextError(
        "not-finite",
        `Row ${row} of column "${features}" holds ${own[bad]} in slot ${indices[first + bad]}; features must be finite.`,
      );
    }
    const largest = own.reduce((best, value, i) => (Math.abs(value) > Math.abs(own[best]!) ? i : best), 0);
    throw new DualTextError(
      "not-finite",
      `Row ${row} of column "${features}" is too long for single precision: slot ${indices[first + largest]} holds ${own[largest]}. ` +
        'Scale the features; where applyWordEmbedding made them, its option unknownRow: "zero" keeps rows without a known word small.',
    );
  }
}
