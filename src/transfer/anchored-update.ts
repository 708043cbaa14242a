import type { Dataset } from "../data/dataset.js";
import { LinearClassifier } from "../model/linear-classifier.js";
import { Model } from "../model/model.js";
import { Slices } from "../slices.js";
import type { RunOptions } from "../stage.js";
import { withSource } from "../train/continue.js";
import { fineTune } from "./pipeline-of.js";
import type { RowUpdate } from "./update-rows.js";

/** λn that the strength of the pull is chosen from, from nearly free to nearly frozen. */
export const ANCHOR_SCALED_L2 = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 1000] as const;
/** One row in so many is held back to measure on. */
const HELD_BACK = 5;
/** With fewer new rows a fifth of them says nothing. */
const FEWEST_ROWS = 20;

export interface AnchoredOptions extends RunOptions {
  readonly l2?: number;
  readonly tolerance: number;
  readonly maxEpochs: number;
  readonly seed: number;
  readonly source?: string;
  /** Rows of the old kind, which the choice weighs as much as the rows that the model was trained on. */
  readonly oldTest?: Dataset<any>;
}

/**
 * An update whose old rows are gone: minimises the mean loss of the new rows + (λ/2) |W − W₀|². Without an `l2` the
 * strength is measured: each of `ANCHOR_SCALED_L2` is tried on four fifths of the new rows, and the one with the least
 * log-loss is taken, on the last fifth and, where rows of the old kind are given, on those as well, each kind weighed by
 * the number of rows that it stands for. With fewer than 20 new rows it is what the trainer takes by default.
 */
export async function anchoredUpdate(
  model: Model,
  newRows: Dataset<any>,
  options: AnchoredOptions,
): Promise<RowUpdate> {
  const { oldTest, l2: given, ...run } = options;
  const tune = (rows: Dataset<any>, l2: number | undefined) =>
    fineTune(model, rows, { ...solverOptions(run), keepLabels: true, ...(l2 !== undefined && { l2 }) });
  const { rowCount } = newRows;
  let l2 = given;
  if (l2 === undefined && rowCount >= FEWEST_ROWS) {
    const rows = Uint32Array.from({ length: rowCount }, (_, row) => row);
    const train = newRows.take(rows.filter((row) => row % HELD_BACK !== 0));
    const test = newRows.take(rows.filter((row) => row % HELD_BACK === 0));
    const slices = new Slices(run.signal, () => undefined);
    const lossOn = async (model: Model, rows: Dataset<any>) =>
      (await slices.run(model.evaluating(rows))).logLoss;
    let least = Number.POSITIVE_INFINITY;
    for (const scaledL2 of ANCHOR_SCALED_L2) {
      const tuned = await tune(train, scaledL2 / train.rowCount);
      let loss = rowCount * (await lossOn(tuned, test));
      if (oldTest) loss += model.classifier.training.rowCount * (await lossOn(tuned, oldTest));
      if (loss >= least) continue;
      least = loss;
      l2 = scaledL2 / rowCount;
    }
  }
  const tuned = await tune(newRows, l2);
  return {
    model: withSourceNamed(model, tuned, options.source),
    addedRows: rowCount,
    removedRows: 0,
    relabelledRows: 0,
    missingRows: 0,
  };
}

/** The tuned model, with the sources of the old one and one more in its lineage. */
function withSourceNamed(old: Model, tuned: Model, source: string | undefined): Model {
  const { classifier } = tuned;
  const { columns, names, scorer, training, state, reference } = classifier;
  const sources = withSource(old.classifier.training.lineage?.sources, source);
  const lineage = training.lineage && { lineage: { ...training.lineage, ...sources } };
  const named = new LinearClassifier(columns, names, scorer, { ...training, ...lineage }, state, reference);
  return new Model(
    tuned.stages.map((stage) => (stage === classifier ? named : stage)),
    tuned.inputSchema,
  );
}

/** What the trainer takes of a run's options. */
function solverOptions({ tolerance, maxEpochs, seed, signal }: AnchoredOptions) {
  return { tolerance, maxEpochs, seed, ...(signal && { signal }) };
}
