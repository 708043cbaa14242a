import type { KeyColumn, KeyType } from "../data/columns.js";
import { type CsrMatrix, takeRows } from "../data/csr.js";
import type { Dataset } from "../data/dataset.js";
import { fitMapValueToKey, MapValueToKey } from "../data/map-value-to-key.js";
import { DualTextError } from "../errors.js";
import { Model } from "../model/model.js";
import { readDual, type TrainingState } from "../model/training-state.js";
import type { Transformer } from "../stage.js";
import { moveSlots } from "../text/merge-ngrams.js";
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
  options: SolveOptions,
): Promise<RowUpdate> {
  const { classifier } = model;
  const sorted = sortRows(model, trained, changes);
  const { kept } = sorted;
  let draft = sorted.draft;
  if (changes.add) draft = await addRows(model, draft, changes.add, options);
  const addedRows = draft.rows.labels.length - kept.length - sorted.relabelledRows;
  let classes: readonly number[] = Array.from({ length: draft.labelType.count }, (_, c) => c);
  if (kept.length < trained.labels.length) ({ draft, classes } = prune(draft, classifier.columns));
  if (draft.labelType.count < 2) {
    throw new DualTextError(
      "too-few-labels",
      "The rows that are left have one label; training needs at least two.",
    );
  }
  const before = new Float64Array(classifier.classCount);
  const { rows, stages, labelType } = draft;
  const next = await continueTraining(
    {
      columns: classifier.columns,
      labelType,
      ...rows,
      oldCount: kept.length,
      readDual: (row, q) => {
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
  const unchanged = { matrix: take(kept), labels: kept.map((row) => trained.labels[row]!) };
  const relabelled = { matrix: take(Uint32Array.from(moved)), labels: Uint32Array.from(newLabels) };
  const rows = concatenateRows(unchanged, relabelled, trained.matrix.columnCount);
  return { kept, relabelledRows: moved.length, missing, draft: { stages, rows, labelType } satisfies Draft };
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
async function addRows(model: Model, draft: Draft, data: Dataset, options: SolveOptions): Promise<Draft> {
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
  return {
    stages,
    rows: concatenateRows(rows, fresh, columnCount),
    labelType: output.typeOf(label) as KeyType,
  };
}
