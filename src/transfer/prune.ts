import type { KeyType } from "../data/columns.js";
import { MapValueToKey } from "../data/map-value-to-key.js";
import type { ClassifierColumns } from "../model/linear-classifier.js";
import type { Transformer } from "../stage.js";
import { moveSlots, pruneTables } from "../text/merge-ngrams.js";
import { TextFeaturizer } from "../text/text-featurizer.js";
import type { TrainingRows } from "./training-rows.js";

/** Rows on their way to the trainer, with the stages that make more of their kind. */
export interface Draft {
  readonly stages: readonly Transformer[];
  readonly rows: TrainingRows;
  readonly labelType: KeyType;
}

/**
 * After rows have gone: without the n-grams and labels that no row has any more, so that nothing is left of the rows.
 * Stages of other kinds keep what they have.
 * @returns `classes` and `features`: of each that is left, what it was; no `features` where all are left
 */
export function prune(
  draft: Draft,
  columns: ClassifierColumns,
): { draft: Draft; classes: number[]; features: Int32Array | undefined } {
  const { stages, rows, labelType } = draft;
  const { matrix, labels } = rows;
  const isUsed = new Uint8Array(matrix.columnCount);
  const { indices } = matrix;
  for (let k = 0; k < indices.length; k++) isUsed[indices[k]!] = 1;
  const isPresent = new Uint8Array(labelType.count);
  for (const label of labels) isPresent[label] = 1;

  const maker = (column: string) => stages.findLast(({ outputs }) => outputs.includes(column));
  const featurizer = maker(columns.features);
  const keys = maker(columns.label);
  const replaced = new Map<Transformer, Transformer>();
  let kept = matrix;
  let features: Int32Array | undefined;
  if (featurizer instanceof TextFeaturizer && isUsed.includes(0)) {
    const tables = pruneTables(featurizer.tables, isUsed);
    replaced.set(featurizer, new TextFeaturizer(featurizer.outputs[0]!, featurizer.inputs, tables));
    const places = new Uint32Array(isUsed.length);
    let count = 0;
    for (let slot = 0; slot < isUsed.length; slot++) {
      places[slot] = count;
      count += isUsed[slot]!;
    }
    kept = moveSlots(matrix, places, count);
    features = new Int32Array(count);
    for (let slot = 0; slot < isUsed.length; slot++) if (isUsed[slot] !== 0) features[places[slot]!] = slot;
  }
  let classes = Array.from({ length: labelType.count }, (_, c) => c);
  let type = labelType;
  let keptLabels = labels;
  if (keys instanceof MapValueToKey && isPresent.includes(0)) {
    classes = classes.filter((c) => isPresent[c] !== 0);
    const keyMap = keys.keyMap.only(classes);
    replaced.set(keys, new MapValueToKey(keys.inputs[0]!, keys.outputs[0]!, keyMap));
    const { count, names } = keyMap;
    type = { kind: "key", count, ...(names && { names }) };
    const places = new Map(classes.map((c, place) => [c, place]));
    keptLabels = labels.map((label) => places.get(label)!);
  }
  return {
    draft: {
      stages: stages.map((stage) => replaced.get(stage) ?? stage),
      rows: { matrix: kept, labels: keptLabels },
      labelType: type,
    },
    classes,
    features,
  };
}
