import type { Model } from "../model/model.js";
import type { Slices } from "../slices.js";
import { type ArraySource, arrayTypes, type StoredArray } from "../stage.js";
import type { SentModel } from "./messages.js";

/**
 * A model as a message holds it: the parts of its stages, with arrays that are copies and can be handed over. Made in
 * pieces, so that the caller's thread can go on with other work in between.
 * @param transfer gets the buffers of the arrays
 */
export async function sentModel(
  { inputSchema, stages }: Model,
  slices: Slices,
  transfer: Transferable[],
): Promise<SentModel> {
  const sent: SentModel["stages"][number][] = [];
  for (const { stage, options, arrays } of stages.map((stage) => stage.toParts())) {
    const copies: Record<string, StoredArray> = {};
    for (const [name, source] of Object.entries(arrays)) {
      const copy = await copied(source, slices);
      copies[name] = copy;
      transfer.push(copy.buffer as ArrayBuffer);
    }
    sent.push({ stage, options, arrays: copies });
  }
  return { inputSchema, stages: sent };
}

async function copied({ type, length, pieces }: ArraySource, slices: Slices): Promise<StoredArray> {
  const copy = new arrayTypes[type](length);
  let at = 0;
  for (const piece of pieces()) {
    copy.set(piece as never, at);
    at += piece.length;
    if (slices.isDue) await slices.pause();
  }
  return copy;
}
