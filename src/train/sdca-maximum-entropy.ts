import type { KeyType } from "../data/columns.js";
import type { CsrMatrix } from "../data/csr.js";
import type { Dataset } from "../data/dataset.js";
import { KeyMap } from "../data/key-map.js";
import { MapValueToKey } from "../data/map-value-to-key.js";
import { spareEntries } from "../data/spare-entries.js";
import { DualTextError } from "../errors.js";
import { LinearClassifier } from "../model/linear-classifier.js";
import type { Model } from "../model/model.js";
import { Scorer } from "../model/scorer.js";
import { recordDigest, type TrainingRecord } from "../model/training-record.js";
import { keepingState } from "../model/training-state.js";
import { Slices } from "../slices.js";
import type { Fitted, StageRun, Start, Transformer } from "../stage.js";
import { workerHost } from "../threads/worker-host.js";
import type { Workforce } from "../threads/workforce.js";
import { loadCore } from "../wasm/core.js";
import { takeSpareMemory } from "../wasm/spare-memory.js";
import { type ChosenL2, chooseL2 } from "./choose-l2.js";
import { labelEntropy, PILOT_SCALED_L2 } from "./default-l2.js";
import { type Enlisted, enlist, shardsFor } from "./enlist.js";
import { heldOutRows } from "./folds.js";
import { referenceOf } from "./leave-one-out.js";
import { admission } from "./memory-need.js";
import { checkLabelsMatch, matchLabels, Origin, renamedLabels } from "./origin.js";
import { Problem, type ProblemInput } from "./problem.js";
import { rowDigest } from "./row-digest.js";
import { rowTraits } from "./row-traits.js";
import { type SdcaOptions, sdcaDefaults } from "./sdca-options.js";
import { targetEntropy } from "./soft-labels.js";
import { limitOf, type Solved, type SolveOptions, solve } from "./solve.js";
import { solvedRecord } from "./solved-record.js";
import { type RowOptions, trainingRows } from "./training-rows.js";

/** Trains on the label and features columns of the data. */
export async function fitSdca(data: Dataset, options: SdcaOptions, run: StageRun): Promise<Fitted> {
  const { columns, names, scorer, training, state, reference } = await trainSdca(data, options, run);
  const transformer = new LinearClassifier(columns, names, scorer, training, state, reference);
  return { transformer, output: transformer.transform(data) };
}

/** The parts of a classifier, trained. */
export async function trainSdca(data: Dataset, options: SdcaOptions, run: StageRun) {
  const { label, features, bias, tolerance, maxEpochs, maxMs, onAbort } = { ...sdcaDefaults, ...options };
  const seed = options.seed ?? run.seed ?? sdcaDefaults.seed;
  const core = await loadCore();
  const report = () => run.onProgress?.({ phase: "solve", done: 0, total: 1 });
  report();
  const signal = onAbort === "keep" ? undefined : run.signal;
  const { exampleWeight } = options;
  const { threads, workforce } = run;
  const posed = await pose(
    data,
    { ...options, label, features, bias, before: run.before ?? [], threads, workforce },
    core,
    new Slices(signal, report),
  );
  const { type, problem, enlisted, origin, isWeighted, kept, digest } = posed;
  const { weightSum, zeroWeightRowCount, unlabelledRowCount } = posed;
  const limits: SolveOptions = { tolerance, maxEpochs, maxMs, onAbort, ...run, seed };
  let weights: Scorer | undefined;
  let solved: Solved;
  let chosen: ChosenL2;
  try {
    // Before training, so that no work is lost where there is no room for it, and not before the rows have been placed: a host
    // that looks for memory then finds what they were read from. With an L1 part it is known in the end how much is needed.
    if (!options.l1) weights = Scorer.create(core(), posed.shape);
    const hands = await enlisted.handsOn(problem);
    const limit = limitOf(limits);
    chosen = await chooseL2(posed, options.l2, limits, limit, hands);
    solved = await solve(problem, limits, limit, hands);
  } finally {
    await enlisted.dismiss();
  }
  const { certificate, epochs, stoppedBecause } = solved;
  if (options.requireTolerance && stoppedBecause !== "tolerance") {
    throw new DualTextError(
      "stopped",
      `Training ended by ${stoppedBecause} after ${epochs} epochs with a duality gap of ${certificate.gap}, ` +
        `above the tolerance of ${tolerance}. Allow more, or leave requireTolerance off.`,
    );
  }
  const slices = new Slices(signal, () => {});
  const duals = problem.dualLines();
  const state =
    kept && (await slices.run(keepingState(kept.matrix, kept.labels, problem.classCount, bias, duals)));
  const scorer = weights ?? (await slices.run(problem.intoSparseScorer(core())));
  if (origin) await slices.run(origin.intoScorer(problem, scorer));
  const { l1 = sdcaDefaults.l1 } = options;
  const sparsity = l1 > 0 && { l1, nonZeroWeightCount: await slices.run(problem.nonZeroCount()) };
  const record = solvedRecord(solved, problem, limits);
  const isKnown = origin && ((feature: number) => origin.knows(feature));
  // What a weight of 0 would have been without a row is not known.
  const reference =
    l1 > 0 ? undefined : await referenceOf(problem, isKnown, stoppedBecause, { ...run, onAbort });
  if (weights && !origin) await slices.run(enlisted.handOver(problem, scorer));
  else enlisted.spareMemory(problem);
  const training: TrainingRecord = {
    trainer: "sdcaMaximumEntropy",
    ...record,
    ...(typeof options.l2 === "number" && { l2: options.l2 }),
    ...sparsity,
    ...chosen,
    skippedRowCount: unlabelledRowCount + zeroWeightRowCount,
    ...(posed.targetEntropy !== undefined && { targetEntropy: posed.targetEntropy }),
    ...(isWeighted && { weightSum, zeroWeightRowCount }),
    ...scorer.shape,
    lineage: {
      data: digest,
      ...(options.startFrom && { parent: recordDigest(options.startFrom.classifier.training) }),
    },
  };
  const columns = {
    ...{ label, features, ...(exampleWeight !== undefined && { exampleWeight }) },
    ...{ score: "Score", predictedLabel: "PredictedLabel" },
  };
  return { columns, names: type.names, scorer, training, state, reference };
}

/** What `startFrom` gives to the stages before the trainer. */
export function startOf(options: SdcaOptions): Start | undefined {
  const { startFrom, keepLabels = false, renameLabels } = options;
  if (!startFrom) return undefined;
  const { columns } = startFrom.classifier;
  const maker = (column: string) => startFrom.stages.findLast(({ outputs }) => outputs.includes(column));
  return {
    features: options.features ?? sdcaDefaults.features,
    label: options.label ?? sdcaDefaults.label,
    featurizer: maker(columns.features),
    keyMap: keepLabels ? renamedKeys(maker(columns.label), startFrom, renameLabels) : undefined,
  };
}

/** The stage that gives the model's labels their keys, under their names in the data. */
function renamedKeys(
  stage: Transformer | undefined,
  { classifier }: Model,
  renamed: SdcaOptions["renameLabels"],
): Transformer | undefined {
  if (!renamed || !(stage instanceof MapValueToKey) || stage.keyMap.values.kind !== "text") return stage;
  const values = renamedLabels(classifier, renamed);
  const keyMap = new KeyMap({ kind: "text", values }, stage.keyMap.asText);
  return new MapValueToKey(stage.inputs[0]!, stage.outputs[0]!, keyMap);
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
  options: SdcaOptions &
    RowOptions & {
      readonly bias: boolean;
      readonly before: readonly Transformer[];
      readonly threads: number | undefined;
      readonly workforce: Workforce | undefined;
    },
  core: Awaited<ReturnType<typeof loadCore>>,
  slices: Slices,
) {
  const alone = core(takeSpareMemory());
  const { matrix, isOwn, labels, targets, rowWeights, ...read } = await slices.run(
    trainingRows(data, options, alone),
  );
  if (targets && options.keepState) {
    throw new DualTextError(
      "bad-option",
      "keepState does not go with soft labels: a state does not keep them.",
    );
  }
  const { type } = read;
  const classCount = type.count;
  const { startFrom, features } = options;
  if (startFrom) await slices.run(startFrom.classifier.scorer.settling());
  const origin = startFrom && originOf(startFrom, type, features, matrix, options);
  const shards = shardsFor(matrix, classCount);
  const threads = options.threads ?? workerHost()?.parallelism ?? 1;
  const traits = await slices.run(rowTraits(alone, matrix));
  const target = targets ? new Uint32Array(targets.buffer) : labels;
  const digest = await slices.run(rowDigest(alone, matrix, target));
  const heldOut = options.l2 === "auto" ? await slices.run(heldOutRows(matrix, labels)) : [];
  const enlisted = await enlist(Math.min(threads, shards), alone, options.workforce);
  const shape = { rowCount: matrix.rowCount, featureCount: matrix.columnCount, classCount };
  const placing = {
    admit: admission(shape, options.maxMemoryBytes),
    matrix,
    ...traits,
    ...(origin && { origin: origin.lines, matrix: origin.matrix, denseColumns: undefined }),
    labels,
    targets,
    classCount,
    rowWeights,
    l1: options.l1,
    scaledL2: typeof options.l2 === "number" ? options.l2 * matrix.rowCount : PILOT_SCALED_L2,
    hasBias: options.bias,
    shards,
  };
  const problem = await placed(enlisted, placing, slices);
  if (isOwn && !origin && !options.keepState) spareEntries(matrix);
  return {
    ...read,
    problem,
    enlisted,
    origin,
    shape,
    isWeighted: rowWeights !== undefined,
    entropy: labelEntropy(labels, classCount, rowWeights, targets),
    targetEntropy: targets && targetEntropy(targets, classCount, rowWeights),
    digest,
    kept: options.keepState ? { matrix, labels } : undefined,
    heldOut,
  };
}

/** The problem in the core of those who are to solve it. If it does not fit, the workers are dismissed. */
async function placed(enlisted: Enlisted, input: ProblemInput, slices: Slices): Promise<Problem> {
  try {
    return await slices.run(Problem.inPieces(enlisted.core, { ...input, threads: enlisted.threads }));
  } catch (error) {
    await enlisted.dismiss();
    throw error;
  }
}
