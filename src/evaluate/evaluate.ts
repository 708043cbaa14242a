import type {
  Column,
  ColumnType,
  KeyColumn,
  NumberColumn,
  ValueColumn,
  VectorColumn,
} from "../data/columns.js";
import type { Matrix } from "../data/csr.js";
import { checkDataset, type Dataset } from "../data/dataset.js";
import { checkOptions, DualTextError } from "../errors.js";
import { atOnce } from "../slices.js";
import {
  checkTopK,
  type MulticlassMetrics,
  MulticlassTally,
  type UnknownLabel,
} from "./multiclass-metrics.js";

/** Options of {@link evaluate}. */
export interface EvaluateOptions {
  /** Column with the true class: a key (1 … count, 0 missing), or class numbers 0, 1, … in single precision. Default "Label". */
  readonly label?: string;
  /** Column with a score for each class, at least two: probabilities, for the log-loss to mean something. Default "Score". */
  readonly score?: string;
  /** Column with the predicted class. It must be there, but the scores decide. Default "PredictedLabel". */
  readonly predictedLabel?: string;
  /** How many of the highest scores may hold the true class; 0 … classes + 1. Default 0: no top-k accuracy. */
  readonly topK?: number;
  /** Whether a row that would be skipped is an error. Default false. */
  readonly strict?: boolean;
  /**
   * The labels before they were mapped to keys, one a row: only they can tell which labels were unknown, because an
   * unknown one has become key 0. Default: the label column itself.
   */
  readonly labelValues?: ValueColumn;
}

/** Scores read at a time. */
const BLOCK_SCORES = 1 << 22;
const BLOCK_ROWS = 4096;

/**
 * Metrics of a multiclass model on rows with labels, as ML.NET's `MulticlassClassification.Evaluate` defines them.
 * Classes are named after the slots of the score column, or numbered from 0 where it has no slot names.
 *
 * As in ML.NET, rows are left out whose label is missing, was not there in training (key 0), is below 0 or is no whole
 * number, and rows with a score that is not finite; `skippedRowCount`, `unknownLabelRowCount` and `unknownLabels` say
 * how many and which. A label above the number of scores is not left out: it counts as wrong.
 *
 * Throws `bad-column`, `bad-option`, `bad-argument` (labelValues of another length); `unknown-label` for a label above
 * the number of scores in a row whose scores are all below 0; with `strict` also `unknown-label` and `not-finite`.
 */
export function evaluate(data: Dataset, options: EvaluateOptions = {}): MulticlassMetrics {
  return atOnce(evaluating(data, options, BLOCK_ROWS));
}

/** {@link evaluate} in pieces. @param mostRows of a piece */
export function* evaluating(
  data: Dataset,
  options: EvaluateOptions,
  mostRows: number,
): Generator<void, MulticlassMetrics> {
  checkDataset(data, "evaluate");
  checkOptions("evaluate", options);
  const { label = "Label", score = "Score", predictedLabel = "PredictedLabel" } = options;
  const { topK = 0, strict = false, labelValues } = options;
  checkLabel(label, data.typeOf(label));
  const scoreType = data.typeOf(score);
  if (scoreType.kind !== "vector" || scoreType.size < 2) {
    throw new DualTextError(
      "bad-column",
      `Column "${score}" is ${scoreType.kind === "vector" ? `a vector of ${scoreType.size}` : scoreType.kind}; ` +
        "the scores must be a vector with at least two slots, one for each class.",
    );
  }
  data.typeOf(predictedLabel);
  const { size: classCount, slotNames } = scoreType;
  checkTopK(topK, classCount);
  if (labelValues && labelValues.values.length !== data.rowCount) {
    throw new DualTextError(
      "bad-argument",
      `labelValues has ${labelValues.values.length} rows, the data ${data.rowCount}.`,
    );
  }

  const tally = new MulticlassTally(classCount);
  const unknown = new UnknownLabels();
  let badScoreRowCount = 0;
  const blockRows = Math.max(1, Math.min(mostRows, Math.floor(BLOCK_SCORES / classCount)));
  for (const { row, label: value, labelText, scores, start } of rowsOf(data, label, score, blockRows)) {
    if (start === 0) yield;
    const shown = () => (labelValues ? String(labelValues.values[row]) : labelText);
    if (!(value >= 0 && Number.isInteger(value))) {
      if (strict) throw unknownLabel(row, shown(), "it is missing, or was not there in training");
      unknown.add(shown());
    } else if (!allFinite(scores, start, classCount)) {
      if (strict) {
        throw new DualTextError(
          "not-finite",
          `Row ${row} of column "${score}" holds a score that is not finite.`,
        );
      }
      badScoreRowCount++;
    } else if (strict && value >= classCount) {
      throw unknownLabel(row, shown() ?? String(value), `there are scores for ${classCount} classes only`);
    } else if (!tally.add(value, scores, start)) {
      const why = `there are scores for ${classCount} classes only, and all are below 0, so that the row has no rank`;
      throw unknownLabel(row, shown() ?? String(value), why);
    }
  }
  return {
    rowCount: data.rowCount,
    skippedRowCount: unknown.rowCount + badScoreRowCount,
    unknownLabelRowCount: unknown.rowCount,
    unknownLabels: unknown.list(),
    ...tally.metrics(
      Array.from({ length: classCount }, (_, c) => slotNames?.at(c) ?? String(c)),
      topK,
    ),
  };
}

function checkLabel(name: string, type: ColumnType): void {
  if (type.kind === "key" || (type.kind === "number" && type.precision === "single")) return;
  throw new DualTextError(
    "bad-column",
    `Column "${name}" is ${type.kind === "number" ? `${type.precision} number` : type.kind}; ` +
      `the label must be a key or a single-precision number. mapValueToKey("${name}") makes a key.`,
  );
}

interface EvaluatedRow {
  readonly row: number;
  /** Class number, NaN when it is missing. */
  readonly label: number;
  /** The label as it stands in the column, where that says more than that it is missing. */
  readonly labelText: string | undefined;
  readonly scores: Float32Array;
  /** Place of the row's first score. */
  readonly start: number;
}

/** Labels and scores, read in blocks so that never all scores are held at once. */
function* rowsOf(data: Dataset, label: string, score: string, blockRows: number): Generator<EvaluatedRow> {
  for (let first = 0; first < data.rowCount; first += blockRows) {
    const end = Math.min(first + blockRows, data.rowCount);
    const labels: Column = data.block(label, first, end);
    const { matrix, size: classCount } = data.block(score, first, end) as VectorColumn;
    const scores = denseValues(matrix);
    for (let i = 0; i < end - first; i++) {
      yield {
        row: first + i,
        ...classOf(labels as KeyColumn | NumberColumn, i),
        scores,
        start: i * classCount,
      };
    }
  }
}

function classOf(column: KeyColumn | NumberColumn, i: number): Pick<EvaluatedRow, "label" | "labelText"> {
  if (column.kind === "number") {
    const label = Number(column.values[i]);
    return { label, labelText: Number.isNaN(label) ? undefined : String(label) };
  }
  const key = column.keys[i]!;
  const label = key === 0 || key > column.count ? Number.NaN : key - 1;
  return { label, labelText: column.names && key > 0 ? String(column.names.values[key - 1]) : undefined };
}

function denseValues(matrix: Matrix): Float32Array {
  if (matrix.layout === "dense") return matrix.values;
  const { rowCount, columnCount, indptr, indices, values } = matrix;
  const dense = new Float32Array(rowCount * columnCount);
  for (let row = 0; row < rowCount; row++) {
    for (let k = indptr[row]!; k < indptr[row + 1]!; k++) dense[row * columnCount + indices[k]!] = values[k]!;
  }
  return dense;
}

function allFinite(scores: Float32Array, start: number, count: number): boolean {
  for (let i = start; i < start + count; i++) if (!Number.isFinite(scores[i])) return false;
  return true;
}

function unknownLabel(row: number, label: string | undefined, why: string): DualTextError {
  const which = label === undefined ? "its label" : `label ${JSON.stringify(label)}`;
  return new DualTextError("unknown-label", `Row ${row} has no class for ${which}: ${why}.`);
}

class UnknownLabels {
  rowCount = 0;
  readonly #counts = new Map<string, number>();

  add(label: string | undefined): void {
    this.rowCount++;
    if (label !== undefined) this.#counts.set(label, (this.#counts.get(label) ?? 0) + 1);
  }

  list(): UnknownLabel[] {
    return Array.from(this.#counts, ([label, rowCount]) => ({ label, rowCount }));
  }
}
