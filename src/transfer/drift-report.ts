import type { VectorColumn } from "../data/columns.js";
import { nonZeros } from "../data/csr.js";
import { Dataset } from "../data/dataset.js";
import { DualTextError } from "../errors.js";
import { AsyncModel } from "../model/async-model.js";
import { type DriftReference, MomentSums, type Moments, type Outlook } from "../model/drift-reference.js";
import { checkModel, Model, type Row } from "../model/model.js";
import type { RunOptions } from "../stage.js";
import { TextFeaturizer } from "../text/text-featurizer.js";
import { unseenNgrams } from "../text/unseen-ngrams.js";
import { makerOf, stagesBefore } from "./extend-stages.js";
import { countDifference, type Difference, meanDifference } from "./two-samples.js";

/** Options of {@link driftReport}. */
export interface DriftOptions extends RunOptions {
  /** Probability of a false alarm, above 0 and below 1. Default 0.01. */
  readonly significance?: number;
  /**
   * Differences up to this do not matter, however certain: of means in standard deviations of what is expected, of classes
   * as Cohen's w. At least 0; what is usually called a small effect is 0.2 and 0.1. Default 0.1.
   */
  readonly margin?: number;
  /** Rows like the training rows that the model was not trained on, to compare with in place of what the model keeps. */
  readonly heldOut?: Dataset<any>;
}

const driftDefaults = { significance: 0.01, margin: 0.1 } as const;

/** Throws `bad-option` for the first option that is out of its range. */
export function checkDriftOptions({
  significance,
  margin,
}: Pick<DriftOptions, "significance" | "margin">): void {
  if (significance !== undefined && !(significance > 0 && significance < 1)) {
    throw new DualTextError(
      "bad-option",
      `significance is ${significance}; it must be a number above 0 and below 1.`,
    );
  }
  if (margin !== undefined && !(margin >= 0 && Number.isFinite(margin)))
    throw new DualTextError("bad-option", `margin is ${margin}; it must be a finite number of at least 0.`);
}

/** A mean of the rows, and the range in which that of rows like the training rows is expected. */
export interface DriftSignal extends Difference {
  readonly expected: { readonly low: number; readonly high: number };
  readonly found: number;
  readonly hasDrifted: boolean;
}

/** Shares of the predicted classes. */
export interface ClassDrift extends Difference {
  readonly labels: readonly {
    readonly label: string | number | boolean;
    readonly expected: { readonly low: number; readonly high: number };
    readonly found: number;
  }[];
  readonly hasDrifted: boolean;
}

/** Whether rows still look like the training rows to a model. */
export interface DriftReport {
  readonly rowCount: number;
  /** Whether any of the signals has drifted. */
  readonly hasDrifted: boolean;
  /** The least of the signals' `pValue`, times their number: the probability of so much by chance. */
  readonly pValue: number;
  readonly significance: number;
  readonly margin: number;
  /** Mean share of a row's features that no training row had; undefined for models without n-grams. */
  readonly unseen?: DriftSignal;
  /** Mean of the largest probability. */
  readonly confidence: DriftSignal;
  readonly classes: ClassDrift;
}

/**
 * Says without labels whether rows still look like those that a model was trained on: by the share of n-grams that it has
 * not seen, by its confidence, and by which classes it predicts. A signal has drifted when it differs by more than the
 * margin and chance would do that rarely: all signals together raise a false alarm with the probability `significance`, at
 * most. What it cannot see is that the same texts mean something else now. See docs/drift.md.
 *
 * ```ts
 * const { hasDrifted, unseen, confidence } = await driftReport(model, texts);
 * ```
 *
 * @param rows texts or rows, as `predictAll` takes them, or a dataset; labels in it are not read
 * Rejects with `empty-input`, `bad-option`, `bad-argument` (also for a model that keeps nothing to compare with: from
 * before there was drift, or cut short), `bad-column`, `signal.reason`.
 */
export async function driftReport(
  model: Model | AsyncModel,
  rows: Dataset<any> | readonly (string | Row)[],
  options: DriftOptions = {},
): Promise<DriftReport> {
  if (!(model instanceof AsyncModel)) checkModel(model, "driftReport");
  checkDriftOptions(options);
  const { significance, margin, heldOut, ...run } = { ...driftDefaults, ...options };
  const plain = new Model(model.stages, model.inputSchema);
  const data = rows instanceof Dataset ? rows : plain.rowsOf(rows);
  if (data.rowCount === 0) throw new DualTextError("empty-input", "There are no rows to look for drift in.");
  const expected = heldOut ? await look(model, heldOut, run) : model.classifier.reference;
  if (!expected) {
    throw new DualTextError(
      "bad-argument",
      "The model keeps nothing to compare with: it is from before drift reports, was trained with l1, or its training was cut short. " +
        "Give rows like its training rows, which it was not trained on, as heldOut.",
    );
  }
  const found = await look(model, data, run);
  const { labels } = model.classifier;
  const doubts = expected.outlooks.map(({ doubt }) => doubt);
  const outlook = found.outlooks[0]!;
  const unseen = found.unseen && expected.unseen && meanDifference([expected.unseen], found.unseen, margin);
  const confidence = meanDifference(doubts, outlook.doubt, margin);
  const classes = countDifference(
    expected.outlooks.map(({ classes }) => classes),
    outlook.classes,
    margin,
  );
  const signals = [...(unseen ? [unseen] : []), confidence, classes];
  const hasDrifted = ({ pValue }: Difference) => pValue * signals.length < significance;
  const least = Math.min(...signals.map(({ pValue }) => pValue));
  return {
    rowCount: data.rowCount,
    hasDrifted: signals.some(hasDrifted),
    pValue: Math.min(1, signals.length * least),
    significance,
    margin,
    ...(unseen && {
      unseen: {
        ...{ expected: rangeOf([expected.unseen!.mean]), found: found.unseen!.mean },
        ...{ ...unseen, hasDrifted: hasDrifted(unseen) },
      },
    }),
    confidence: {
      ...{ expected: rangeOf(doubts.map(({ mean }) => 1 - mean)), found: 1 - outlook.doubt.mean },
      ...{ ...confidence, effect: -confidence.effect, hasDrifted: hasDrifted(confidence) },
    },
    classes: {
      ...classes,
      hasDrifted: hasDrifted(classes),
      labels: labels.map((label, c) => ({
        label,
        expected: rangeOf(expected.outlooks.map(({ classes, doubt }) => classes[c]! / doubt.count)),
        found: outlook.classes[c]! / data.rowCount,
      })),
    },
  };
}

function rangeOf(values: readonly number[]): { low: number; high: number } {
  return { low: Math.min(...values), high: Math.max(...values) };
}

/** What rows look like to a model. */
async function look(
  model: Model | AsyncModel,
  data: Dataset,
  run: RunOptions,
): Promise<{ unseen?: Moments; outlooks: readonly Outlook[] } | DriftReference> {
  const { classifier } = model;
  const { classCount } = classifier;
  const { features } = classifier.columns;
  const inputs = Object.fromEntries(model.predictionInputs.map((name) => [name, data.column(name)]));
  const transformed = await model.transform(Dataset.of(inputs), run);
  const probabilities = classifier.classProbabilities(transformed);
  const doubt = new MomentSums();
  const classes = new Uint32Array(classCount);
  for (let row = 0; row < data.rowCount; row++) {
    let predicted = 0;
    const line = probabilities.subarray(row * classCount, (row + 1) * classCount);
    for (let c = 1; c < classCount; c++) if (line[c]! > line[predicted]!) predicted = c;
    doubt.add(1 - line[predicted]!);
    classes[predicted]!++;
  }
  const outlooks = [{ doubt: doubt.moments, classes }];
  const stages = featurizersOf(model, features);
  if (stages.length === 0) return { outlooks };
  const { indptr } = nonZeros((transformed.column(features) as VectorColumn).matrix);
  const unknown = new Uint32Array(data.rowCount);
  for (const stage of stages) {
    const counts = await unseenNgrams(stage, transformed, run);
    counts.forEach((count, row) => {
      unknown[row]! += count;
    });
  }
  const unseen = new MomentSums();
  unknown.forEach((count, row) => {
    const all = count + indptr[row + 1]! - indptr[row]!;
    if (all > 0) unseen.add(count / all);
  });
  return { unseen: unseen.moments, outlooks };
}

/** The stages with n-grams that a column is made from. */
function featurizersOf(model: Model | AsyncModel, column: string): TextFeaturizer[] {
  const stages = stagesBefore(model);
  const maker = makerOf(stages, column);
  if (maker instanceof TextFeaturizer) return [maker];
  if (maker?.stage !== "concatenate") return [];
  return maker.inputs.flatMap((input) => featurizersOf(model, input));
}
