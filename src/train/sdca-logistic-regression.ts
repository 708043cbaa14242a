import type { Dataset } from "../data/dataset.js";
import { DualTextError } from "../errors.js";
import { BinaryClassifier, withKeyOfBoolean } from "../model/binary-classifier.js";
import type { TrainingRecord } from "../model/training-record.js";
import type { Fitted, StageRun } from "../stage.js";
import { trainSdca } from "./sdca-maximum-entropy.js";
import { type SdcaOptions, sdcaDefaults } from "./sdca-options.js";

/**
 * Trains on two classes: false and true, or the keys 1 and 2. The objective in terms of the one weight vector v, of the
 * second class, is (1/n) Σ c ln(1 + exp(−y v·x)) + (λ/2) |v|². The solver's two classes have the weights −v/2 and v/2, so
 * its |W|² is |v|²/2, its λ twice as large and its τ half of τ.
 */
export async function fitLogisticRegression(
  data: Dataset,
  options: SdcaOptions,
  run: StageRun,
): Promise<Fitted> {
  const label = options.label ?? sdcaDefaults.label;
  const type = data.typeOf(label);
  if (type.kind !== "boolean" && !(type.kind === "key" && type.count === 2)) {
    const found = type.kind === "key" ? `a key of ${type.count} values` : type.kind;
    throw new DualTextError(
      "bad-column",
      `Column "${label}" is ${found}; the label must be boolean, or a key of two values.`,
    );
  }
  const { l1, l2 } = options;
  const trained = await trainSdca(
    type.kind === "boolean" ? withKeyOfBoolean(data, label) : data,
    { ...options, ...(typeof l2 === "number" && { l2: 2 * l2 }), ...(l1 !== undefined && { l1: l1 / 2 }) },
    run,
  );
  const { l2Path, nonZeroWeightCount, ...rest } = trained.training;
  const training: TrainingRecord = {
    ...rest,
    trainer: "sdcaLogisticRegression",
    l2: rest.l2 / 2,
    ...(l1 && { l1, nonZeroWeightCount: nonZeroWeightCount! / 2 }),
    ...(l2Path && { l2Path: l2Path.map((point) => ({ ...point, l2: point.l2 / 2 })) }),
  };
  const { columns, names, scorer, reference } = trained;
  const transformer = new BinaryClassifier(columns, names, scorer, training, undefined, reference);
  return { transformer, output: transformer.transform(data) };
}
