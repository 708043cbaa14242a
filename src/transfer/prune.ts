import type { KeyType } from "../data/columns.js";
import { ranges } from "../data/csr.js";
import { MapValueToKey } from "../data/map-value-to-key.js";
import type { Transformer } from "../stage.js";
import { pruningTables } from "../text/prune-ngrams.js";
import { TextFeaturizer } from "../text/text-featurizer.js";
import { makerOf } from "./extend-stages.js";
import { markingSlots, NO_SLOT, type RowPart } from "./row-parts.js";
import type { SlotBlock } from "./slot-blocks.js";

/** Rows on their way to the trainer, with the stages that make more of their kind. */
export interface Draft {
  readonly stages: readonly Transformer[];
  readonly parts: readonly RowPart[];
  /** Slots of the rows, at their new places. */
  readonly columnCount: number;
  readonly labelType: KeyType;
}

/**
 * After rows have gone: without the n-grams and labels that no row has any more, so that nothing is left of the rows.
 * Stages of other kinds keep what they have. Yields now and then.
 * @param blocks of the features, see `slotBlocks`
 * @param label name of the column @returns `classes`: of each that is left, what it was
 */
export function* pruning(
  draft: Draft,
  blocks: readonly SlotBlock[],
  label: string,
): Generator<void, { draft: Draft; classes: readonly number[] }> {
  const { stages, parts, labelType } = draft;
  const replaced = new Map<Transformer, Transformer>();
  const { slots, columnCount } = yield* pruningSlots(draft, blocks, replaced);
  const isPresent = new Uint8Array(labelType.count);
  for (const { labels } of parts) for (const own of labels) isPresent[own] = 1;
  let classes = Array.from({ length: labelType.count }, (_, c) => c);
  let type = labelType;
  const keys = makerOf(stages, label);
  const classPlaces = new Uint32Array(labelType.count).map((_, c) => c);
  if (keys instanceof MapValueToKey && isPresent.includes(0)) {
    classes = classes.filter((c) => isPresent[c] !== 0);
    const keyMap = keys.keyMap.only(classes);
    replaced.set(keys, new MapValueToKey(keys.inputs[0]!, keys.outputs[0]!, keyMap));
    const { count, names } = keyMap;
    type = { kind: "key", count, ...(names && { names }) };
    classes.forEach((c, place) => {
      classPlaces[c] = place;
    });
  }
  return {
    draft: {
      stages: stages.map((stage) => replaced.get(stage) ?? stage),
      parts: parts.map((part) => ({
        ...part,
        labels: part.labels.map((own) => classPlaces[own]!),
        ...(slots && { slots: part.slots?.map((place) => slots[place]!) ?? slots }),
      })),
      columnCount,
      labelType: type,
    },
    classes,
  };
}

/** Puts featurizers without the n-grams that no row has in the place of those that have them. */
function* pruningSlots(
  { parts, columnCount }: Draft,
  blocks: readonly SlotBlock[],
  replaced: Map<Transformer, Transformer>,
): Generator<void, { slots: Uint32Array | undefined; columnCount: number }> {
  const isUsed = new Uint8Array(columnCount);
  for (const part of parts) yield* markingSlots(part, isUsed);
  let first = 0;
  for (const { stage, size } of blocks) {
    const own = isUsed.subarray(first, first + size);
    first += size;
    if (!own.includes(0)) continue;
    if (!(stage instanceof TextFeaturizer)) own.fill(1);
    else replaced.set(stage, stage.withTables(yield* pruningTables(stage.tables, own)));
  }
  if (replaced.size === 0) return { slots: undefined, columnCount };
  const slots = new Uint32Array(columnCount);
  let count = 0;
  for (const [first, end] of ranges(columnCount)) {
    for (let slot = first; slot < end; slot++) slots[slot] = isUsed[slot] === 0 ? NO_SLOT : count++;
    yield;
  }
  return { slots, columnCount: count };
}
