import type { KeyColumn, KeyType } from "../data/columns.js";
import { ranges } from "../data/csr.js";
import type { Dataset } from "../data/dataset.js";
import { fitMapValueToKey, MapValueToKey } from "../data/map-value-to-key.js";
import { DualTextError } from "../errors.js";
import { Model } from "../model/model.js";
import { readDual, type TrainingState } from "../model/training-state.js";
import { Slices } from "../slices.js";
import type { FitOptions, Transformer } from "../stage.js";
import { TextFeaturizer } from "../text/text-featurizer.js";
import type { CarriedWeights } from "../train/carried-weights.js";
import { continueTraining } from "../train/continue.js";
import type { SolveOptions } from "../train/solve.js";
import { extendStages, stagesBefore } from "./extend-stages.js";
import { type Draft, pruning } from "./prune.js";
import { joiningParts, type RowPart } from "./row-parts.js";
import { placesOf, setSlotsAt, slotBlocks } from "./slot-blocks.js";
import { featuresOf, findingRows, labelledRows, type TrainingRows } from "./training-rows.js";

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
  readonly labelType: KeyType;
  /** The distribution of a row over the classes of the model, into `q`. */
  readonly readDual: (row: number, q: Float64Array) => void;
  /** Whether the weights of the model are those of the duals; else these are but a guess. */
  readonly areSolved: boolean;
}

/** The old rows, from the training state of a model. Yields now and then. */
export function* rowsOfState({ classifier }: Model, state: TrainingState): Generator<void, OldRows> {
  const { names, classCount: count } = classifier;
  return {
    areSolved: true,
    labelType: { kind: "key", count, ...(names && { names }) },
    matrix: yield* state.matrix(),
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
  const { features, label } = classifier.columns;
  const slices = new Slices(options.signal, () => undefined);
  const sorted = await slices.run(sortingRows(model, trained, changes));
  const { kept } = sorted;
  let draft = sorted.draft;
  if (changes.add) draft = await addRows(model, draft, changes.add, options, slices);
  let classes: readonly number[] = Array.from({ length: draft.labelType.count }, (_, c) => c);
  if (kept.length < trained.labels.length) {
    const { stages } = draft;
    const blocks = slotBlocks(stages, transformed(stages, typical(changes)), features);
    ({ draft, classes } = await slices.run(pruning(draft, blocks, label)));
  }
  if (draft.labelType.count < 2) {
    throw new DualTextError(
      "too-few-labels",
      "The rows that are left have one label; training needs at least two.",
    );
  }
  const before = new Float64Array(classifier.classCount);
  const keepsClasses = classes.length === before.length && labelsStay(classes, before.length);
  const { stages, labelType, columnCount } = draft;
  const [{ slots }] = draft.parts as [RowPart];
  const rows = await slices.run(joiningParts(draft.parts, columnCount));
  const next = await continueTraining(
    {
      columns: classifier.columns,
      labelType,
      ...rows,
      oldCount: kept.length,
      readDual: (row, q) => {
        if (keepsClasses) return trained.readDual(kept[row]!, q);
        const own = rows.labels[row]!;
        before.fill(0);
        trained.readDual(kept[row]!, before);
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
        features: slots && (await slices.run(featuresBefore(slots, columnCount))),
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
    addedRows: rows.labels.length - kept.length - sorted.relabelledRows,
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
  const { readDual, matrix, labels, areSolved } = trained;
  const { scorer, training, classCount } = classifier;
  if (!areSolved) return undefined;
  const scaledL2 = training.l2 * training.rowCount;
  if (Math.abs(to.scaledL2 - scaledL2) > 1e-9 * scaledL2) return undefined;
  const keepsClasses = labelsStay(to.classes, classCount);
  if (!keepsClasses) return undefined;
  return { scorer, features: to.features, matrix, labels, gone: rowsWhere(isGone, 1), readDual };
}

/** Whether the classes of a model are the first ones, and as many columns of weights a class. */
function labelsStay(classes: readonly number[], before: number): boolean {
  if (classes.length < before || (before === 2 && classes.length > 2)) return false;
  for (let c = 0; c < before; c++) if (classes[c] !== c) return false;
  return true;
}

/** The training rows without those to remove, those with another label last. Yields now and then. */
function* sortingRows(model: Model, trained: OldRows, { remove, relabel }: RowChanges) {
  const { features, label } = model.classifier.columns;
  let stages = stagesBefore(model);
  let { labelType } = trained;
  const isGone = new Uint8Array(trained.labels.length);
  let missing = 0;
  if (remove) {
    yield* preparing(stages);
    const data = transformed(stages, remove);
    const wanted = data.has(label) && data.typeOf(label).kind === "key";
    const given = wanted
      ? yield* labelledRows(data, features, label)
      : { matrix: yield* featuresOf(data, features) };
    const found = yield* findingRows(trained, given);
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
    yield* preparing(stages);
    const data = transformed(stages, relabel);
    labelType = data.typeOf(label) as KeyType;
    const { keys } = data.column(label) as KeyColumn;
    const found = yield* findingRows(trained, { matrix: yield* featuresOf(data, features) });
    found.matches.forEach((row, i) => {
      if (row < 0 || isGone[i] !== 0 || keys[row] === 0 || keys[row] === trained.labels[i]! + 1) return;
      isGone[i] = 1;
      moved.push(i);
      newLabels.push(keys[row]! - 1);
    });
    missing += found.missing;
  }
  const kept = rowsWhere(isGone, 0);
  const { matrix, labels } = trained;
  const isWhole = kept.length === labels.length;
  const parts: RowPart[] = [
    isWhole ? trained : { matrix, rows: kept, labels: kept.map((row) => labels[row]!) },
  ];
  if (moved.length > 0)
    parts.push({ matrix, rows: Uint32Array.from(moved), labels: Uint32Array.from(newLabels) });
  const draft: Draft = { stages, parts, columnCount: matrix.columnCount, labelType };
  return { kept, isGone, relabelledRows: moved.length, missing, draft };
}

/** The rows with that mark, ascending. */
function rowsWhere(marks: Uint8Array, mark: number): Uint32Array {
  const rows = new Uint32Array(marks.length);
  let count = 0;
  for (let row = 0; row < marks.length; row++) if (marks[row] === mark) rows[count++] = row;
  return rows.slice(0, count);
}

/** Rows of the changes, with the columns that all have. */
function typical({ add, remove, relabel }: RowChanges): Dataset {
  return (add ?? remove ?? relabel)!;
}

/** Of each feature the one that it was, or −1. Yields now and then. */
function* featuresBefore(slots: Uint32Array, columnCount: number): Generator<void, Int32Array> {
  const features = new Int32Array(columnCount).fill(-1);
  yield;
  for (const [first, end] of ranges(slots.length)) {
    setSlotsAt(features, slots, first, end);
    yield;
  }
  return features;
}

function withLabelsOf(stage: MapValueToKey, data: Dataset): MapValueToKey {
  const columns = { input: stage.inputs[0]!, output: stage.outputs[0]! };
  const options = { addKeyValueAnnotationsAsText: stage.keyMap.asText };
  return fitMapValueToKey(data, columns, options, stage);
}

/** Brings featurizers to where they can read rows. Yields now and then. */
function* preparing(stages: readonly Transformer[]): Generator<void> {
  for (const stage of stages) if (stage instanceof TextFeaturizer) yield* stage.preparing();
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
  slices: Slices,
): Promise<Draft> {
  const { classifier, inputSchema } = model;
  const { features, label } = classifier.columns;
  const { stages, output } = await extendStages(
    new Model([...draft.stages, classifier], inputSchema),
    data,
    options,
  );
  const fresh = await slices.run(labelledRows(output, features, label));
  const { columnCount } = fresh.matrix;
  const [then, now] = [draft.stages, stages].map((own) => slotBlocks(own, output, features));
  const slots = await slices.run(placesOf(then!, now!));
  return {
    stages,
    parts: [...draft.parts.map((part) => ({ ...part, ...(slots && { slots }) })), fresh],
    columnCount,
    labelType: output.typeOf(label) as KeyType,
  };
}
