import type { Column, ColumnType, KeyType, NumberColumn } from "../data/columns.js";
import { checkDataset, type Dataset } from "../data/dataset.js";
import { checkOptions, DualTextError } from "../errors.js";
import {
  type BinaryMetrics,
  type BinaryRows,
  type CalibratedBinaryMetrics,
  probabilityMetrics,
  rankingMetrics,
} from "./binary-metrics.js";
import type { BinaryConfusionMatrix } from "./confusion-matrix.js";

/** Options of {@link evaluateBinaryNonCalibrated}. */
export interface EvaluateBinaryOptions {
  /**
   * Column with the true class: boolean, a number (positive when above 0), or a key of two values (the second one is
   * positive, 0 is missing). Default "Label".
   */
  readonly label?: string;
  /** Number column; a row is taken for positive when its score is above 0. Default "Score". */
  readonly score?: string;
  /** Column with the predicted class. It must be there, but the scores decide. Default "PredictedLabel". */
  readonly predictedLabel?: string;
}

/** Options of {@link evaluateBinary}. */
export interface EvaluateCalibratedBinaryOptions extends EvaluateBinaryOptions {
  /** Number column with the probability of the positive class. Default "Probability". */
  readonly probability?: string;
}

/**
 * Metrics of a binary model with probabilities, as ML.NET's `BinaryClassification.Evaluate` defines them. Rows without
 * a label or with a score that is not finite are left out and counted.
 *
 * One difference: beyond 100 000 rows ML.NET computes the area under the precision-recall curve from a random sample of
 * that many; here all rows count.
 *
 * Throws `bad-column`, and `too-few-labels` when one of the classes has no rows.
 */
export function evaluateBinary(
  data: Dataset,
  options: EvaluateCalibratedBinaryOptions = {},
): CalibratedBinaryMetrics {
  checkDataset(data, "evaluateBinary");
  checkOptions("evaluateBinary", options);
  const { probability = "Probability" } = options;
  const { rows, metrics } = evaluateScores(data, options, probability);
  return { ...metrics, ...probabilityMetrics(rows) };
}

/** {@link evaluateBinary} for a model without probabilities, as ML.NET's `EvaluateNonCalibrated`. */
export function evaluateBinaryNonCalibrated(
  data: Dataset,
  options: EvaluateBinaryOptions = {},
): BinaryMetrics {
  checkDataset(data, "evaluateBinaryNonCalibrated");
  checkOptions("evaluateBinaryNonCalibrated", options);
  return evaluateScores(data, options, undefined).metrics;
}

function evaluateScores(
  data: Dataset,
  options: EvaluateBinaryOptions,
  probability: string | undefined,
): { rows: BinaryRows; metrics: BinaryMetrics } {
  const { label = "Label", score = "Score", predictedLabel = "PredictedLabel" } = options;
  const type = data.typeOf(label);
  checkLabel(label, type);
  data.typeOf(predictedLabel);
  const labels = data.column(label) as Column;
  const scores = numbersOf(data, score);
  const probabilities = probability === undefined ? new Float32Array(0) : numbersOf(data, probability);
  const counted: number[] = [];
  const positive: number[] = [];
  scores.forEach((value, row) => {
    const class_ = classOf(labels, row);
    if (class_ === undefined || !Number.isFinite(value)) return;
    counted.push(row);
    positive.push(class_);
  });
  const rows: BinaryRows = {
    scores: Float32Array.from(counted, (row) => scores[row]!),
    positive: Uint8Array.from(positive),
    probabilities:
      probability === undefined ? probabilities : Float32Array.from(counted, (row) => probabilities[row]!),
  };
  const metrics = {
    rowCount: data.rowCount,
    skippedRowCount: data.rowCount - counted.length,
    ...rankingMetrics(rows, classNames(type)),
  };
  return { rows, metrics };
}

function checkLabel(name: string, type: ColumnType): void {
  if (type.kind === "boolean" || (type.kind === "key" && type.count === 2)) return;
  if (type.kind === "number" && (type.precision === "single" || type.precision === "double")) return;
  const found =
    type.kind === "key"
      ? `a key of ${type.count} values`
      : type.kind === "number"
        ? type.precision
        : type.kind;
  throw new DualTextError(
    "bad-column",
    `Column "${name}" is ${found}; the label must be boolean, a single or double number, or a key of two values.`,
  );
}

function numbersOf(data: Dataset, name: string): Float32Array {
  const column = data.column(name) as Column;
  if (column.kind === "number" && column.precision === "single") return column.values as Float32Array;
  throw new DualTextError(
    "bad-column",
    `Column "${name}" is ${column.kind === "number" ? `${column.precision} number` : column.kind}; ` +
      "it must be a single-precision number.",
  );
}

/** 1 for positive, 0 for negative, undefined when the label is missing. */
function classOf(labels: Column, row: number): 0 | 1 | undefined {
  if (labels.kind === "boolean") return labels.values[row] ? 1 : 0;
  if (labels.kind === "key") {
    const key = labels.keys[row]!;
    return key === 1 || key === 2 ? ((key - 1) as 0 | 1) : undefined;
  }
  const value = Number((labels as NumberColumn).values[row]);
  if (Number.isNaN(value)) return undefined;
  return value > 0 ? 1 : 0;
}

function classNames(type: ColumnType): Pick<BinaryConfusionMatrix, "labels" | "printedLabels"> {
  const names = (type as KeyType).names;
  if (type.kind !== "key" || names?.kind !== "text") {
    const labels = ["positive", "negative"];
    return { labels, printedLabels: labels };
  }
  const [first, second] = names.values as [string, string];
  return { labels: [second, first], printedLabels: [first, second] };
}
