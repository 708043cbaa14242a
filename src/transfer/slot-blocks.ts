import { Concatenator } from "../data/concatenate.js";
import { ranges } from "../data/csr.js";
import type { Dataset } from "../data/dataset.js";
import type { Transformer } from "../stage.js";
import { charSlotCount } from "../text/ngram-tables.js";
import { TextFeaturizer } from "../text/text-featurizer.js";
import { makerOf } from "./extend-stages.js";
import { NO_SLOT } from "./row-parts.js";

/** Slots of a vector column that one stage makes. */
export interface SlotBlock {
  /** Undefined where the column was there from the start. */
  readonly stage: Transformer | undefined;
  readonly size: number;
}

/** What a column is made of, in the order of its slots: the inputs of a concatenation one by one. @param data with it */
export function slotBlocks(stages: readonly Transformer[], data: Dataset, column: string): SlotBlock[] {
  const stage = makerOf(stages, column);
  if (stage instanceof Concatenator) {
    const before = stages.slice(0, stages.indexOf(stage));
    return stage.inputs.flatMap((input) => slotBlocks(before, data, input));
  }
  if (stage instanceof TextFeaturizer) return [{ stage, size: stage.slotCount }];
  const type = data.typeOf(column);
  return [{ stage, size: type.kind === "vector" ? type.size : 1 }];
}

/**
 * Of each slot its place once featurizers have gained n-grams (`extendStages`); undefined where none has. Yields now and then.
 */
export function* placesOf(
  then: readonly SlotBlock[],
  now: readonly SlotBlock[],
): Generator<void, Uint32Array | undefined> {
  if (then.every(({ size }, i) => size === now[i]!.size)) return undefined;
  const places = new Uint32Array(then.reduce((sum, { size }) => sum + size, 0));
  let slot = 0;
  let start = 0;
  for (const [i, { stage, size }] of then.entries()) {
    const grown = now[i]!.stage;
    const isText = stage instanceof TextFeaturizer && grown instanceof TextFeaturizer;
    const chars = isText ? charSlotCount(stage.tables) : size;
    yield* countingUp(places.subarray(slot, slot + chars), start);
    // Slots of words come after all trigrams.
    if (isText)
      yield* countingUp(places.subarray(slot + chars, slot + size), start + charSlotCount(grown.tables));
    slot += size;
    start += now[i]!.size;
  }
  return places;
}

function* countingUp(places: Uint32Array, start: number): Generator<void> {
  for (const [first, end] of ranges(places.length)) {
    countUp(places, first, end, start);
    yield;
  }
}

// Functions of their own: engines make little of loops in generators.

function countUp(places: Uint32Array, first: number, end: number, start: number): void {
  for (let k = first; k < end; k++) places[k] = start + k;
}

/** Sets each of the slots first … end − 1 at its place, if it has one. */
export function setSlotsAt(slots: Int32Array, places: Uint32Array, first: number, end: number): void {
  for (let slot = first; slot < end; slot++) {
    const place = places[slot]!;
    if (place !== NO_SLOT) slots[place] = slot;
  }
}
