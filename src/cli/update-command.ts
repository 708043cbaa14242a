import type { Dataset } from "../data/dataset.js";
import { DualTextError } from "../errors.js";
import type { Model } from "../model/model.js";
import { loadModelFile, saveModelFile } from "../node/model-files.js";
import { checkWritable, removeStaleTemporaries } from "../node/write-file.js";
import { compareModels, type ModelComparison } from "../transfer/compare-models.js";
import { fineTune } from "../transfer/pipeline-of.js";
import { type ModelUpdate, type UpdateOptions, updateModel } from "../transfer/update-model.js";
import { comparisonText } from "./comparison-report.js";
import { type DataOptions, labelColumnOf, loadColumns, textColumnOf } from "./data-options.js";
import { metricsJson, metricsText, reportSkipped } from "./evaluation-report.js";
import { ProgressReport } from "./progress.js";
import type { Session } from "./session.js";

/** Options of the solver that the commands share. */
interface SolverOptions {
  readonly l2?: number | "auto";
  readonly tolerance?: number;
  readonly maxEpochs?: number;
  readonly seed?: number;
}

export interface UpdateCommandOptions extends DataOptions, SolverOptions {
  readonly output: string;
  readonly old?: string;
  readonly remove?: string;
  readonly relabel?: string;
  readonly test?: string;
  readonly newTest?: string;
  readonly maxDrop?: number;
}

export interface FineTuneCommandOptions extends DataOptions, SolverOptions {
  readonly output: string;
  readonly test?: string;
  readonly keepLabels?: boolean;
  readonly renameLabel?: Readonly<Record<string, string>>;
}

/** `dualtext update`: a model and new rows to an updated model. */
export async function update(
  modelFile: string,
  newFile: string | undefined,
  options: UpdateCommandOptions,
  session: Session,
): Promise<void> {
  checkMaxDrop(options);
  await checkWritable(options.output);
  const progress = new ProgressReport(session);
  try {
    const model = await loadModelFile(modelFile);
    const load = rowsLoader(model, options, session);
    const newRows = await load(newFile);
    const oldRows = await load(options.old);
    const sets = {
      oldRows,
      remove: await load(options.remove),
      relabel: await load(options.relabel),
      oldTest: await load(options.test),
      newTest: await load(options.newTest),
    };
    const given = Object.entries({ ...sets, ...solverOptions(options) }).filter(
      ([, value]) => value !== undefined,
    );
    const updated = await updateModel(model, newRows, {
      ...(Object.fromEntries(given) as UpdateOptions),
      ...(newFile !== undefined && { source: newFile }),
      signal: session.signal,
      onProgress: progress.update,
    });
    progress.end();
    const comparisons = [...updated.forgetting];
    if (oldRows && !sets.oldTest)
      comparisons.push(compareModels(model, updated.model, oldRows, { name: "old rows", isTrainedOn: true }));
    if (newRows && !sets.newTest)
      comparisons.push(compareModels(model, updated.model, newRows, { name: "new rows", isTrainedOn: true }));
    if (updated.oldRowsMatch === false) {
      session.report(
        `${options.old} does not hold the rows that ${modelFile} was trained on (their fingerprint is another one): ` +
          "what was learned from rows that are not there is lost.",
      );
    }
    checkDrop(comparisons, options.maxDrop, options.output);
    await removeStaleTemporaries(options.output);
    await saveModelFile(updated.model, options.output, { signal: session.signal });
    await printUpdate(updated, comparisons, options.output, session);
  } finally {
    progress.end();
  }
}

/** Throws `bad-option` when there is nothing to measure a drop on. */
export function checkMaxDrop({
  maxDrop,
  test,
  old,
}: {
  maxDrop?: number;
  test?: string;
  old?: string;
}): void {
  if (maxDrop === undefined || test !== undefined || old !== undefined) return;
  throw new DualTextError(
    "bad-option",
    "--max-drop is measured on rows of the old kind: give them with --test, or the old rows with --old.",
  );
}

/** Throws `lost-accuracy` when the accuracy on rows of the old kind fell by more than allowed. */
export function checkDrop(
  comparisons: readonly ModelComparison[],
  maxDrop: number | undefined,
  file: string,
): void {
  if (maxDrop === undefined) return;
  const measured = comparisons.find(({ name }) => name === "oldTest" || name === "old rows");
  if (!measured || measured.accuracy.change.value >= -maxDrop) return;
  const { before, after } = measured.accuracy;
  throw new DualTextError(
    "lost-accuracy",
    `The update would lose more than ${maxDrop} of accuracy on ${measured.name}: ${before.toFixed(4)} before, ` +
      `${after.toFixed(4)} after${listed(measured.worseLabels)}. ${file} was not written.`,
  );
}

function listed(labels: readonly string[]): string {
  return labels.length === 0
    ? ""
    : `; worse: ${labels.slice(0, 5).join(", ")}${labels.length > 5 ? ", …" : ""}`;
}

/** Reads files with the columns of a model's training data. */
export function rowsLoader(
  model: Model,
  options: DataOptions,
  session: Session,
): (file: string | undefined) => Promise<Dataset | undefined> {
  const columns = { text: textColumnOf(model), label: labelColumnOf(model) };
  return async (file) => (file === undefined ? undefined : loadColumns(file, options, columns, session));
}

function solverOptions({ l2, tolerance, maxEpochs, seed }: SolverOptions) {
  return { l2, tolerance, maxEpochs, seed };
}

async function printUpdate(
  updated: ModelUpdate,
  comparisons: readonly ModelComparison[],
  output: string,
  session: Session,
): Promise<void> {
  const { model, oldRowsFrom, oldRowsMatch, addedRows, removedRows, relabelledRows, missingRows } = updated;
  const [training] = model.training;
  if (session.json) {
    const rows = { addedRows, removedRows, relabelledRows, missingRows };
    await session.printJson({ oldRowsFrom, oldRowsMatch, ...rows, training, comparisons, model: output });
    return;
  }
  if (missingRows > 0)
    session.report(`${missingRows} rows to remove or relabel are not among the training rows.`);
  session.report(updateLine(updated));
  session.report(`Saved ${output}.`);
  for (const comparison of comparisons) await session.print(comparisonText(comparison));
}

const sources = {
  state: "from the training state",
  rows: "from the old rows",
  none: "without the old rows, pulled to the old weights",
} as const;

/** An update in one line. */
export function updateLine({
  model,
  oldRowsFrom,
  addedRows,
  removedRows,
  relabelledRows,
}: ModelUpdate): string {
  const { rowCount, classCount, epochs, dualityGap, stoppedBecause } = model.training[0]!;
  const changes = [
    `${addedRows} rows added`,
    removedRows > 0 && `${removedRows} removed`,
    relabelledRows > 0 && `${relabelledRows} relabelled`,
  ].filter(Boolean);
  return (
    `Updated ${sources[oldRowsFrom]}: ${changes.join(", ")}; ${rowCount} rows, ${classCount} classes, ` +
    `${epochs} epochs, duality gap ${dualityGap.toPrecision(3)} nats (stopped by ${stoppedBecause}).`
  );
}

/** `dualtext finetune`: a pretrained model and the rows of a task to a model of the task. */
export async function fineTuneFile(
  pretrained: string,
  file: string,
  options: FineTuneCommandOptions,
  session: Session,
): Promise<void> {
  await checkWritable(options.output);
  const progress = new ProgressReport(session);
  try {
    const model = await loadModelFile(pretrained);
    const load = rowsLoader(model, options, session);
    const rows = await load(file);
    const { keepLabels, renameLabel: renameLabels } = options;
    const given = Object.entries({ ...solverOptions(options), keepLabels, renameLabels });
    const tuned = await fineTune(model, rows!, {
      ...Object.fromEntries(given.filter(([, value]) => value !== undefined)),
      signal: session.signal,
      onProgress: progress.update,
    });
    progress.end();
    await saveModelFile(tuned, options.output, { signal: session.signal });
    const test = await load(options.test);
    const metrics = test && tuned.evaluate(test);
    if (metrics) reportSkipped(metrics, session);
    const [training] = tuned.training;
    if (session.json) {
      await session.printJson({ ...(metrics && metricsJson(metrics)), training, model: options.output });
      return;
    }
    const { rowCount, classCount, epochs, dualityGap, l2 } = training!;
    session.report(
      `Fine-tuned on ${rowCount} rows of ${classCount} classes: ${epochs} epochs, duality gap ` +
        `${dualityGap.toPrecision(3)} nats, l2 ${l2.toPrecision(4)}. Saved ${options.output}.`,
    );
    if (metrics) await session.print(metricsText(metrics));
  } finally {
    progress.end();
  }
}
