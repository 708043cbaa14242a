import type { ValueColumn, VectorColumn } from "../data/columns.js";
import { checkDataset, Dataset } from "../data/dataset.js";
import { DualTextError } from "../errors.js";
import { checkModel, type Model } from "../model/model.js";
import { log } from "../numbers.js";

/** A mean with its 95 % confidence interval. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Before, after, and the change, which is measured pairwise: both models on the same rows. */
export interface Change {
  readonly before: number;
  readonly after: number;
  readonly change: Estimate;
}

export interface LabelChange {
  readonly label: string;
  readonly rowCount: number;
  /** Share of the label's rows that get it. */
  readonly accuracy: Change;
  /** Whether it got worse beyond doubt: the interval of the change lies below 0. */
  readonly isWorse: boolean;
}

/** Two models on the same rows: what the second has lost and gained against the first. */
export interface ModelComparison {
  readonly name: string;
  readonly rowCount: number;
  /** Whether the second model was trained on these rows, so that its figures flatter it. */
  readonly isTrainedOn: boolean;
  readonly accuracy: Change;
  /** Mean −ln p(label) in nats, over rows whose label both know. */
  readonly logLoss: Change;
  readonly perLabel: readonly LabelChange[];
  /** Labels that got worse beyond doubt. */
  readonly worseLabels: readonly string[];
}

/** As ML.NET clips log-loss. */
const LEAST_PROBABILITY = 1e-15;
/** Of the normal distribution: 95 % lie so many standard deviations around the mean. */
const DEVIATIONS = 1.959963984540054;

/**
 * Compares two models on rows with labels. A label that a model does not know is answered wrongly.
 * Throws `bad-column`, `empty-input`.
 */
export function compareModels(
  before: Model,
  after: Model,
  rows: Dataset<any>,
  { name = "rows", isTrainedOn = false }: { readonly name?: string; readonly isTrainedOn?: boolean } = {},
): ModelComparison {
  for (const model of [before, after]) checkModel(model, "compareModels");
  checkDataset(rows, "compareModels");
  if (rows.rowCount === 0)
    throw new DualTextError("empty-input", `There are no ${name} rows to compare models on.`);
  const labels = labelsOf(rows, before.classifier.columns.label);
  const then = probabilitiesOfLabels(before, rows, labels);
  const now = probabilitiesOfLabels(after, rows, labels);
  const right = { before: then.isRight, after: now.isRight };
  const perLabel = [...rowsByLabel(labels)].map(([label, list]): LabelChange => {
    const accuracy = pairedChange(right.before, right.after, list);
    return { label, rowCount: list.length, accuracy, isWorse: accuracy.change.high < 0 };
  });
  const all = labels.map((_, row) => row);
  const known = all.filter((row) => then.losses[row]! >= 0 && now.losses[row]! >= 0);
  return {
    name,
    rowCount: labels.length,
    isTrainedOn,
    accuracy: pairedChange(right.before, right.after, all),
    logLoss: pairedChange(then.losses, now.losses, known),
    perLabel,
    worseLabels: perLabel.filter(({ isWorse }) => isWorse).map(({ label }) => label),
  };
}

function labelsOf(rows: Dataset, column: string): string[] {
  const { values, kind } = rows.column(column) as ValueColumn;
  if (kind === "boolean") return Array.from(values as ArrayLike<number>, (value) => String(value === 1));
  return Array.from(values as ArrayLike<string | number | bigint>, String);
}

function rowsByLabel(labels: readonly string[]): Map<string, number[]> {
  const lists = new Map<string, number[]>();
  labels.forEach((label, row) => {
    const list = lists.get(label);
    if (list) list.push(row);
    else lists.set(label, [row]);
  });
  return lists;
}

/** Of each row: 1 where its label is the most probable, and −ln p(label), or −1 where the model does not know it. */
function probabilitiesOfLabels(model: Model, rows: Dataset, labels: readonly string[]) {
  const { classifier } = model;
  const { score } = classifier.columns;
  const classes = new Map(classifier.labels.map((label, c) => [String(label), c]));
  const { matrix } = model.transform(withoutLabels(model, rows)).column(score) as VectorColumn;
  const { classCount } = classifier;
  const isRight = new Float64Array(labels.length);
  const losses = new Float64Array(labels.length).fill(-1);
  labels.forEach((label, row) => {
    const c = classes.get(label);
    if (c === undefined) return;
    const line = matrix.values.subarray(row * classCount, (row + 1) * classCount);
    isRight[row] = line.every((p, k) => p < line[c]! || (p === line[c] && k >= c)) ? 1 : 0;
    losses[row] = -log(Math.max(line[c]!, LEAST_PROBABILITY));
  });
  return { isRight, losses };
}

/** The columns that predicting needs: the label's type may be another one in another file. */
function withoutLabels(model: Model, rows: Dataset): Dataset {
  const columns = model.predictionInputs.map((name) => [name, rows.column(name)] as const);
  return Dataset.of(Object.fromEntries(columns));
}

function pairedChange(before: Float64Array, after: Float64Array, rows: readonly number[]): Change {
  const n = rows.length;
  if (n === 0) return { before: 0, after: 0, change: { value: 0, low: 0, high: 0 } };
  let sumBefore = 0;
  let sumAfter = 0;
  let squares = 0;
  for (const row of rows) {
    sumBefore += before[row]!;
    sumAfter += after[row]!;
    squares += (after[row]! - before[row]!) * (after[row]! - before[row]!);
  }
  const value = (sumAfter - sumBefore) / n;
  const variance = Math.max(0, squares / n - value * value) / Math.max(1, n - 1);
  const margin = DEVIATIONS * Math.sqrt(variance);
  return {
    before: sumBefore / n,
    after: sumAfter / n,
    change: { value, low: value - margin, high: value + margin },
  };
}
