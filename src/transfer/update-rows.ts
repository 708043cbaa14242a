import type { KeyColumn, KeyType } from "../data/columns.js";
import { type CsrMatrix, takeRows } from "../data/csr.js";
import type { Dataset } from "../data/dataset.js";
import { fitMapValueToKey, MapValueToKey } from "../data/map-value-to-key.js";
import { DualTextError } from "../errors.js";
import { Model } from "../model/model.js";
import { readDual, type TrainingState } from "../model/training-state.js";
import type { FitOptions, Transformer } from "../stage.js";
import { moveSlots } from "../text/merge-ngrams.js";
import type { CarriedWeights } from "../train/carried-weights.js";
import { continueTraining } from "../train/continue.js";
import type { SolveOptions } from "../train/solve.js";
import { extendStages, makerOf, stagesBefore } from "./extend-stages.js";
import { type Draft, prune } from "./prune.js";
import { concatenateRows, featuresOf, findRows, labelledRows, type TrainingRows } from "./training-rows.js";

/** What is to change in the rows that a model was trained on. */
export interface RowChanges {
  readonly add?: Dataset<any> | undefined;
  readonly remove?: Dataset<any> | undefined;
  /** Rows that are there with another label. */
  readonly relabel?: Dataset<any> | undefined;
}

/** The rows that a model was trained on. */
export interface OldRows extends TrainingRows {
  readonly hasBias: boolean;
  /** The distribution of a row over the classes, into `q`. Default: all of it on its label, where training starts. */
  readonly readDual?: (row: number, q: Float64Array) => void;
}

/** The old rows, from a training state. */
export function rowsOfState(state: TrainingState): OldRows {
  return {
    matrix: state.matrix(),
    labels: state.labels,
    hasBias: state.hasBias,
    readDual: (row, q) => readDual(state, row, q),
  };
}

export interface RowUpdate {
  readonly model: Model;
  readonly addedRows: number;
  readonly removedRows: number;
  readonly relabelledRows: number;
  /** Rows of `remove` and `relabel` that no training row is like. */
  readonly missingRows: number;
}

/**
 * Trains on, from the duals of the old rows, on those that the changes leave and the new ones: exact, to the tolerance.
 * @param scaledL2 λ n for so many rows
 */
export async function updateRows(
  model: Model,
  trained: OldRows,
  changes: RowChanges,
  scaledL2: (rowCount: number) => number,
  keep: { readonly keepState: boolean; readonly source: string | undefined },
  options: SolveOptions & Pick<FitOptions, "threads">,
): Promise<RowUpdate> {
  const { classifier } = model;
  const sorted = sortRows(model, trained, changes);
  const { kept } = sorted;
  let draft = sorted.draft;
  /** Of each feature, the one of the model; undefined where they are the same. */
  let features: Int32Array | undefined;
  if (changes.add) ({ draft, slots: features } = await addRows(model, draft, changes.add, options));
  const addedRows = draft.rows.labels.length - kept.length - sorted.relabelledRows;
  let classes: readonly number[] = Array.from({ length: draft.labelType.count }, (_, c) => c);
  if (kept.length < trained.labels.length) {
    const pruned = prune(draft, classifier.columns);
    ({ draft, classes } = pruned);
    features = pruned.features?.map((feature) => (features ? features[feature]! : feature)) ?? features;
  }
  if (draft.labelType.count < 2) {
    throw new DualTextError(
      "too-few-labels",
      "The rows that are left have one label; training needs at least two.",
    );
  }
  const before = new Float64Array(classifier.classCount);
  const keepsClasses = classes.length === before.length && labelsStay(classes, before.length);
  const { rows, stages, labelType } = draft;
  const next = await continueTraining(
    {
      columns: classifier.columns,
      labelType,
      ...rows,
      oldCount: kept.length,
      readDual: (row, q) => {
        if (keepsClasses && trained.readDual) return trained.readDual(kept[row]!, q);
        const own = rows.labels[row]!;
        before.fill(0);
        trained.readDual?.(kept[row]!, before);
        let others = 0;
        for (let c = 0; c < q.length; c++) {
          q[c] = c === own ? 0 : (before[classes[c]!] ?? 0);
          others += q[c]!;
        }
        q[own] = Math.max(0, 1 - others);
      },
      scaledL2: scaledL2(rows.labels.length),
      hasBias: trained.hasBias,
      before: classifier.training,
      carried: carriedFrom(model, trained, sorted, {
        features,
        classes,
        scaledL2: scaledL2(rows.labels.length),
      }),
      ...keep,
    },
    options,
  );
  const after = model.stages.slice(model.stages.indexOf(classifier) + 1);
  return {
    model: new Model([...stages, next, ...after], model.inputSchema),
    addedRows,
    removedRows: trained.labels.length - kept.length - sorted.relabelledRows,
    relabelledRows: sorted.relabelledRows,
    missingRows: sorted.missing,
  };
}

/** The model's weights for the problem to go on from, where they are those of its duals: classes kept, N the same. */
function carriedFrom(
  { classifier }: Model,
  trained: OldRows,
  { isGone }: { readonly isGone: Uint8Array },
  to: { features: Int32Array | undefined; classes: readonly number[]; scaledL2: number },
): CarriedWeights | undefined {
  const { readDual, matrix, labels } = trained;
  const { scorer, training, classCount } = classifier;
  if (!readDual) return undefined;
  const scaledL2 = training.l2 * training.rowCount;
  if (Math.abs(to.scaledL2 - scaledL2) > 1e-9 * scaledL2) return undefined;
  const keepsClasses = labelsStay(to.classes, classCount);
  if (!keepsClasses) return undefined;
  const gone = Uint32Array.from(isGone.keys()).filter((row) => isGone[row] !== 0);
  return { scorer, features: to.features, matrix, labels, gone, readDual };
}

/** Whether the classes of a model are the first ones, and as many columns of weights a class. */
function labelsStay(classes: readonly number[], before: number): boolean {
  if (classes.length < before || (before === 2 && classes.length > 2)) return false;
  for (let c = 0; c < before; c++) if (classes[c] !== c) return false;
  return true;
}

/** The training rows without those to remove, those with another label last. */
function sortRows(model: Model, trained: TrainingRows, { remove, relabel }: RowChanges) {
  const { features, label } = model.classifier.columns;
  let stages = stagesBefore(model);
  let labelType = keyTypeOf(model);
  const isGone = new Uint8Array(trained.labels.length);
  let missing = 0;
  if (remove) {
    const data = transformed(stages, remove);
    const wanted = data.has(label) && data.typeOf(label).kind === "key";
    const given = wanted ? labelledRows(data, features, label) : { matrix: featuresOf(data, features) };
    const found = findRows(trained, given);
    found.matches.forEach((row, i) => {
      if (row >= 0) isGone[i] = 1;
    });
    missing += found.missing + data.rowCount - given.matrix.rowCount;
  }
  const moved: number[] = [];
  const newLabels: number[] = [];
  if (relabel) {
    stages = stages.map((stage) =>
      stage instanceof MapValueToKey && stage.outputs[0] === label ? withLabelsOf(stage, relabel) : stage,
    );
    const data = transformed(stages, relabel);
    labelType = data.typeOf(label) as KeyType;
    const { keys } = data.column(label) as KeyColumn;
    const found = findRows(trained, { matrix: featuresOf(data, features) });
    found.matches.forEach((row, i) => {
      if (row < 0 || isGone[i] !== 0 || keys[row] === 0 || keys[row] === trained.labels[i]! + 1) return;
      isGone[i] = 1;
      moved.push(i);
      newLabels.push(keys[row]! - 1);
    });
    missing += found.missing;
  }
  const kept = trained.labels.map((_, row) => row).filter((row) => isGone[row] === 0);
  const take = (rows: Uint32Array) => takeRows(trained.matrix, rows) as CsrMatrix;
  let rows: TrainingRows = trained;
  if (kept.length < trained.labels.length)
    rows = { matrix: take(kept), labels: kept.map((row) => trained.labels[row]!) };
  if (moved.length > 0) {
    const relabelled = { matrix: take(Uint32Array.from(moved)), labels: Uint32Array.from(newLabels) };
    rows = concatenateRows(rows, relabelled, trained.matrix.columnCount);
  }
  const draft: Draft = { stages, rows, labelType };
  return { kept, isGone, relabelledRows: moved.length, missing, draft };
}

function withLabelsOf(stage: MapValueToKey, data: Dataset): MapValueToKey {
  const columns = { input: stage.inputs[0]!, output: stage.outputs[0]! };
  const options = { addKeyValueAnnotationsAsText: stage.keyMap.asText };
  return fitMapValueToKey(data, columns, options, stage);
}

function keyTypeOf({ classifier }: Model): KeyType {
  const { names, classCount } = classifier;
  return { kind: "key", count: classCount, ...(names && { names }) };
}

/** What the stages make of the data, those left out whose input it lacks. */
function transformed(stages: readonly Transformer[], data: Dataset): Dataset {
  return stages.reduce(
    (rows, stage) => (stage.inputs.every((name) => rows.has(name)) ? stage.transform(rows) : rows),
    data,
  );
}

/** New rows after the others, with the n-grams and labels that only they have. */
async function addRows(
  model: Model,
  draft: Draft,
  data: Dataset,
  options: SolveOptions,
): Promise<{ draft: Draft; slots: Int32Array | undefined }> {
  const { classifier, inputSchema } = model;
  const { features, label } = classifier.columns;
  const { stages, output } = await extendStages(
    new Model([...draft.stages, classifier], inputSchema),
    data,
    options,
  );
  const fresh = labelledRows(output, features, label);
  const { columnCount } = fresh.matrix;
  const then = makerOf(draft.stages, features);
  const slots = then && makerOf(stages, features)?.slotsIn?.(then);
  let rows = draft.rows;
  if (slots) {
    const places = new Uint32Array(rows.matrix.columnCount);
    slots.forEach((slot, place) => {
      if (slot >= 0) places[slot] = place;
    });
    rows = { ...rows, matrix: moveSlots(rows.matrix, places, columnCount) };
  }
  const labelType = output.typeOf(label) as KeyType;
  return { draft: { stages, rows: concatenateRows(rows, fresh, columnCount), labelType }, slots };
}
