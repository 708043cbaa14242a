import type { ValueColumn, VectorColumn } from "../data/columns.js";
import { checkDataset, Dataset } from "../data/dataset.js";
import { coinTail } from "../distributions.js";
import { DualTextError } from "../errors.js";
import { checkModel, type Model } from "../model/model.js";
import { log } from "../numbers.js";

/** A mean with its 95 % confidence interval, of log-loss from three rows on; with fewer its ends are infinite. */
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

/** What {@link ModelComparison} says of the rows of one label. */
export interface LabelChange {
  readonly label: string;
  readonly rowCount: number;
  /** Share of the label's rows that get it. */
  readonly accuracy: Change;
  /** Mean −ln p(label) in nats; undefined where a model does not know the label. */
  readonly logLoss?: Change;
  /**
   * Whether more of its rows went from right to wrong than back, and chance would bring as many more with a probability of
   * 0.025 at most (sign test).
   */
  readonly isWorse: boolean;
}

/** Two models on the same rows: what the second has lost and gained against the first. */
export interface ModelComparison {
  readonly name: string;
  readonly rowCount: number;
  /** Whether the second model was trained on these rows, so that its figures flatter it. */
  readonly isTrainedOn: boolean;
  readonly accuracy: Change;
  /** Mean −ln p(label) in nats, over rows whose label both know; undefined where there is none. */
  readonly logLoss?: Change;
  readonly perLabel: readonly LabelChange[];
  /** Labels with `isWorse`. */
  readonly worseLabels: readonly string[];
}

/** As ML.NET clips log-loss. */
const LEAST_PROBABILITY = 1e-15;
/** Of the normal distribution: 95 % lie so many standard deviations around the mean. */
const DEVIATIONS = 1.959963984540054;
/** Probability below which a label is said to have got worse. */
const WORSE_BY_CHANCE = 0.025;

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
  const changes = (list: readonly number[]) => {
    const known = list.filter((row) => then.losses[row]! >= 0 && now.losses[row]! >= 0);
    return {
      accuracy: shareChange(then.isRight, now.isRight, list),
      ...(known.length > 0 && { logLoss: meanChange(then.losses, now.losses, known) }),
    };
  };
  const perLabel = [...rowsByLabel(labels)].map(([label, list]): LabelChange => {
    const isWorse = hasLost(then.isRight, now.isRight, list);
    return { label, rowCount: list.length, ...changes(list), isWorse };
  });
  return {
    name,
    rowCount: labels.length,
    isTrainedOn,
    ...changes(labels.map((_, row) => row)),
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

/**
 * The change of a share of rows. The interval is that of Agresti and Min (2005) for paired samples, with half a row more of
 * each kind (right or wrong, before and after), so that a few rows prove nothing; ends beyond ±1 are cut off.
 */
function shareChange(before: Float64Array, after: Float64Array, rows: readonly number[]): Change {
  const { means, change, squares } = pairedSums(before, after, rows);
  const n = rows.length + 2;
  const center = (change * rows.length) / n;
  const margin = DEVIATIONS * Math.sqrt(((squares + 1) / n - center * center) / n);
  const [low, high] = [Math.max(-1, center - margin), Math.min(1, center + margin)];
  return { ...means, change: { value: change, low, high } };
}

/** The change of a mean, with the interval of Student's distribution. */
function meanChange(before: Float64Array, after: Float64Array, rows: readonly number[]): Change {
  const { means, change, squares } = pairedSums(before, after, rows);
  const freedom = rows.length - 1;
  const variance = Math.max(0, squares / rows.length - change * change) / freedom;
  const margin = freedom < 2 ? Number.POSITIVE_INFINITY : studentDeviations(freedom) * Math.sqrt(variance);
  return { ...means, change: { value: change, low: change - margin, high: change + margin } };
}

function hasLost(before: Float64Array, after: Float64Array, rows: readonly number[]): boolean {
  const lost = rows.filter((row) => before[row]! > after[row]!).length;
  const gained = rows.filter((row) => before[row]! < after[row]!).length;
  return lost > gained && coinTail(lost, lost + gained) <= WORSE_BY_CHANCE;
}

function pairedSums(before: Float64Array, after: Float64Array, rows: readonly number[]) {
  let [sumBefore, sumAfter, squares] = [0, 0, 0];
  for (const row of rows) {
    const [then, now] = [before[row]!, after[row]!];
    sumBefore += then;
    sumAfter += now;
    squares += (now - then) * (now - then);
  }
  const n = rows.length;
  return {
    means: { before: sumBefore / n, after: sumAfter / n },
    change: (sumAfter - sumBefore) / n,
    squares,
  };
}

/**
 * Half the width, in standard errors, of the interval that holds 95 % of Student's distribution, by the expansion of Cornish
 * and Fisher (Hill 1970): 3 % too small with 2 degrees of freedom, less with more.
 */
function studentDeviations(freedom: number): number {
  return DEVIATIONS + (2.372271 + (2.822499 + 2.55585 / freedom) / freedom) / freedom;
}
