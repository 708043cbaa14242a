import { DualTextError } from "../errors.js";
import { log2 } from "../numbers.js";
import { type BinaryConfusionMatrix, confusionMatrix, f1Score } from "./confusion-matrix.js";

/** What ML.NET's `BinaryClassificationMetrics` holds, and besides what became of the rows. */
export interface BinaryMetrics {
  /** Rows of the data, skipped ones included. */
  readonly rowCount: number;
  /** Rows left out of every metric: their label is missing or their score is not finite. */
  readonly skippedRowCount: number;
  /** Share of rows that are positive and have a score above 0, or are negative and have none. */
  readonly accuracy: number;
  /** Precision and recall of both classes; 0 where no row was taken for the class. */
  readonly positivePrecision: number;
  readonly positiveRecall: number;
  readonly negativePrecision: number;
  readonly negativeRecall: number;
  /** Harmonic mean of positive precision and recall, 0 when both are 0. */
  readonly f1Score: number;
  /** Share of the pairs of a positive and a negative row in which the positive one has the higher score; a tie is half. */
  readonly areaUnderRocCurve: number;
  /** By the trapezoidal rule over the rows by descending score; rows of equal score are not taken together. */
  readonly areaUnderPrecisionRecallCurve: number;
  /** Row and column 0 are the positive class. */
  readonly confusion: BinaryConfusionMatrix;
}

/** Metrics of a model that also gives probabilities, ML.NET's `CalibratedBinaryClassificationMetrics`. */
export interface CalibratedBinaryMetrics extends BinaryMetrics {
  /** Mean of −log2 of the probability of the true class, in bits. ∞ when one is 0, NaN when one is NaN. */
  readonly logLoss: number;
  /** Share of `entropy` that is saved: (entropy − logLoss) / entropy. */
  readonly logLossReduction: number;
  /** Log-loss of always guessing the share of positive rows, in bits. */
  readonly entropy: number;
}

/** The rows that count: finite scores and whether each row is positive. */
export interface BinaryRows {
  readonly scores: Float32Array;
  /** 1 is positive, 0 negative. */
  readonly positive: Uint8Array;
  /** Of the positive class; empty where the model gives none. */
  readonly probabilities: Float32Array;
}

/** The part of {@link BinaryMetrics} that comes from the scores. Throws `too-few-labels` when a class has no rows. */
export function rankingMetrics(
  rows: BinaryRows,
  names: Pick<BinaryConfusionMatrix, "labels" | "printedLabels">,
): Omit<BinaryMetrics, "rowCount" | "skippedRowCount"> {
  const { scores, positive } = rows;
  const counts = [
    [0, 0],
    [0, 0],
  ];
  scores.forEach((score, row) => {
    counts[positive[row] ? 0 : 1]![score > 0 ? 0 : 1]!++;
  });
  const [[truePositives, falseNegatives], [falsePositives, trueNegatives]] = counts as [
    [number, number],
    [number, number],
  ];
  for (const [name, count] of [
    ["positive", truePositives + falseNegatives],
    ["negative", falsePositives + trueNegatives],
  ] as const) {
    if (count > 0) continue;
    throw new DualTextError(
      "too-few-labels",
      `None of the ${scores.length} rows that count is ${name}: the area under the ROC curve needs both classes.`,
    );
  }
  const matrix = confusionMatrix(names.labels, counts);
  const [positivePrecision, negativePrecision] = matrix.perClassPrecision as [number, number];
  const [positiveRecall, negativeRecall] = matrix.perClassRecall as [number, number];
  const descending = Uint32Array.from(scores.keys()).sort((a, b) => scores[b]! - scores[a]! || a - b);
  return {
    accuracy: (truePositives + trueNegatives) / scores.length,
    positivePrecision,
    positiveRecall,
    negativePrecision,
    negativeRecall,
    f1Score: f1Score(positivePrecision, positiveRecall),
    areaUnderRocCurve: areaUnderRocCurve(rows, descending),
    areaUnderPrecisionRecallCurve: areaUnderPrecisionRecallCurve(rows, descending),
    confusion: { ...matrix, printedLabels: names.printedLabels },
  };
}

/** The part of {@link CalibratedBinaryMetrics} that comes from the probabilities. */
export function probabilityMetrics(
  rows: BinaryRows,
): Pick<CalibratedBinaryMetrics, "logLoss" | "logLossReduction" | "entropy"> {
  const { positive, probabilities } = rows;
  let loss = 0;
  let positiveCount = 0;
  probabilities.forEach((probability, row) => {
    loss -= log2(positive[row] ? probability : 1 - probability);
    positiveCount += positive[row]!;
  });
  const logLoss = loss / probabilities.length;
  const share = positiveCount / probabilities.length;
  const entropy = -(share * log2(share) + (1 - share) * log2(1 - share));
  return { logLoss, logLossReduction: (entropy - logLoss) / entropy, entropy };
}

/** @param descending rows by descending score */
function areaUnderRocCurve({ scores, positive }: BinaryRows, descending: Uint32Array): number {
  let positivesAbove = 0;
  let negatives = 0;
  let pairs = 0;
  for (let i = 0; i < descending.length; ) {
    const score = scores[descending[i]!];
    const tied = [0, 0] as [number, number];
    for (; i < descending.length && scores[descending[i]!] === score; i++) {
      tied[positive[descending[i]!] as 0 | 1]++;
    }
    pairs += tied[0] * (positivesAbove + tied[1] / 2);
    positivesAbove += tied[1];
    negatives += tied[0];
  }
  return pairs / (positivesAbove * negatives);
}

/** @param descending rows by descending score, equal ones in row order */
function areaUnderPrecisionRecallCurve({ positive }: BinaryRows, descending: Uint32Array): number {
  const positiveCount = positive.reduce((sum, one) => sum + one, 0);
  let area = 0;
  let found = 0;
  let precision = 1;
  descending.forEach((row, i) => {
    const before = { precision, recall: found / positiveCount };
    found += positive[row]!;
    precision = found / (i + 1);
    if (positive[row]) area += (found / positiveCount - before.recall) * ((before.precision + precision) / 2);
  });
  return area;
}
