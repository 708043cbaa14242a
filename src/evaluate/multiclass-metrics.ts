import { DualTextError } from "../errors.js";
import { log } from "../numbers.js";
import { type ConfusionMatrix, confusionMatrix, f1Score } from "./confusion-matrix.js";

/** Figures of one class. */
export interface ClassMetrics {
  readonly label: string;
  /** Of the rows taken for this class, the share that belongs to it; 0 where no row was. */
  readonly precision: number;
  /** Of the rows of this class, the share taken for it; 0 where there is no row. */
  readonly recall: number;
  /** Harmonic mean of the two, 0 when both are 0. */
  readonly f1: number;
  /** Rows of this class. */
  readonly support: number;
  /** Mean of −ln p over the rows of this class, in nats; 0 where there is no row. */
  readonly logLoss: number;
}

/** A label that the model does not know. */
export interface UnknownLabel {
  readonly label: string;
  readonly rowCount: number;
}

/** What ML.NET's `MulticlassClassificationMetrics` holds, and besides what became of the rows. */
export interface MulticlassMetrics {
  /** Rows of the data, skipped ones included. */
  readonly rowCount: number;
  /** Rows left out of every metric: their label is missing, unknown or no class number, or a score is not finite. */
  readonly skippedRowCount: number;
  /** Of the skipped rows, those whose label is missing, unknown to the model, or no class number. */
  readonly unknownLabelRowCount: number;
  /** The labels of those rows as far as they are known, in order of first appearance. */
  readonly unknownLabels: readonly UnknownLabel[];
  /** Share of rows whose class has the highest score; 0 without rows. Of equal scores the first class's counts. */
  readonly microAccuracy: number;
  /** Mean of the recall of the classes that have rows. */
  readonly macroAccuracy: number;
  /** Mean of −ln p in nats, where p is the score of the row's class, brought into 1e-15 … 1; 0 without rows. */
  readonly logLoss: number;
  /**
   * Share of the log-loss of guessing by class frequencies that is saved. Below 0 when guessing is better; ∞ or NaN
   * when all rows are of one class; NaN without rows.
   */
  readonly logLossReduction: number;
  /** One number a class: mean of −ln p over its rows, 0 where there is none. */
  readonly perClassLogLoss: readonly number[];
  /** The option `topK`. */
  readonly topKPredictionCount: number;
  /** Share of rows whose class is among the `topK` highest scores; 0 when `topK` is 0. */
  readonly topKAccuracy: number;
  /** That share for 1, 2, … `topK` highest scores; null when `topK` is 0. */
  readonly topKAccuracyForAllK: readonly number[] | null;
  /** One entry a class, in the order of the scores. */
  readonly perClass: readonly ClassMetrics[];
  readonly confusion: ConfusionMatrix;
}

/** Scores below it count as it: 1e-15 in single precision. */
const SMALLEST_PROBABILITY = 1.0000000036274937e-15;

/**
 * Adds rows up to ML.NET's multiclass metrics. Sums are doubles in row order, so that counts and ratios are ML.NET's
 * to the bit.
 */
export class MulticlassTally {
  readonly #classCount: number;
  #rowCount = 0;
  #correct = 0;
  #loss = 0;
  readonly #classRows: number[];
  readonly #classLoss: number[];
  /** Rows by the number of classes that come before their own; the last place is for classes unknown to the model. */
  readonly #ranks: number[];
  readonly #counts: number[][];

  constructor(classCount: number) {
    const zeros = () => new Array<number>(classCount).fill(0);
    this.#classCount = classCount;
    this.#classRows = zeros();
    this.#classLoss = zeros();
    this.#ranks = [...zeros(), 0];
    this.#counts = Array.from({ length: classCount }, zeros);
  }

  /**
   * One row with weight 1.
   * @param label class number; one from classCount on is a class the model does not know, and such a row counts as wrong
   * @param scores finite; those of this row are at start … start + classCount − 1
   * @returns false when ML.NET has no result for the row: class unknown and all scores below 0. Nothing is added then.
   */
  add(label: number, scores: Float32Array, start: number): boolean {
    const known = label < this.#classCount;
    const own = known ? scores[start + label]! : 0;
    let rank = 0;
    let assigned = 0;
    let highest = -Infinity;
    for (let c = 0; c < this.#classCount; c++) {
      const score = scores[start + c]!;
      if (score > own || (score === own && c < label)) rank++;
      if (score > highest) {
        highest = score;
        assigned = c;
      }
    }
    if (!known && rank === 0) return false;
    const loss = -log(known ? Math.min(1, Math.max(SMALLEST_PROBABILITY, own)) : SMALLEST_PROBABILITY);
    this.#rowCount++;
    this.#loss += loss;
    this.#ranks[rank]!++;
    if (rank === 0) this.#correct++;
    if (known) {
      this.#classRows[label]!++;
      this.#classLoss[label]! += loss;
      this.#counts[label]![assigned]!++;
    }
    return true;
  }

  /** The metrics of the rows added, without the counts of skipped rows. */
  metrics(
    labels: readonly string[],
    topK: number,
  ): Omit<MulticlassMetrics, "rowCount" | "skippedRowCount" | "unknownLabelRowCount" | "unknownLabels"> {
    const rowCount = this.#rowCount;
    const confusion = confusionMatrix(labels, this.#counts);
    const logLoss = rowCount === 0 ? 0 : this.#loss / rowCount;
    const entropy = this.#entropy();
    const perClassLogLoss = this.#classRows.map((rows, c) => (rows === 0 ? 0 : this.#classLoss[c]! / rows));
    const topKAccuracyForAllK = topK === 0 ? null : this.#topK(topK);
    return {
      microAccuracy: rowCount === 0 ? 0 : this.#correct / rowCount,
      macroAccuracy: this.#macroAccuracy(),
      logLoss,
      logLossReduction: (entropy - logLoss) / entropy,
      perClassLogLoss,
      topKPredictionCount: topK,
      topKAccuracy: topKAccuracyForAllK?.at(-1) ?? 0,
      topKAccuracyForAllK,
      perClass: labels.map((label, c) => {
        const [precision, recall] = [confusion.perClassPrecision[c]!, confusion.perClassRecall[c]!];
        const [support, classLoss] = [this.#classRows[c]!, perClassLogLoss[c]!];
        return { label, precision, recall, f1: f1Score(precision, recall), support, logLoss: classLoss };
      }),
      confusion,
    };
  }

  #macroAccuracy(): number {
    let sum = 0;
    let present = 0;
    this.#classRows.forEach((rows, c) => {
      if (rows === 0) return;
      sum += this.#counts[c]![c]! / rows;
      present++;
    });
    return present === 0 ? 0 : sum / present;
  }

  /** Log-loss of guessing by class frequencies, in nats; −0 when all rows are of one class. */
  #entropy(): number {
    let sum = 0;
    for (const rows of this.#classRows) if (rows !== 0) sum += rows * log(rows / this.#rowCount);
    return sum / -this.#rowCount;
  }

  #topK(topK: number): number[] {
    let sum = 0;
    return this.#ranks.slice(0, topK).map((rows) => (sum += rows / this.#rowCount));
  }
}

/**
 * Throws `bad-option` unless it is a whole number from 0 to classCount + 1; the last one also counts rows of classes
 * that the model does not know.
 */
export function checkTopK(topK: number, classCount: number): void {
  if (Number.isInteger(topK) && topK >= 0 && topK <= classCount + 1) return;
  throw new DualTextError(
    "bad-option",
    `topK is ${topK}; with ${classCount} classes it must be a whole number from 0 to ${classCount + 1}.`,
  );
}
