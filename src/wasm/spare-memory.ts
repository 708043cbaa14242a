import { Spare } from "../spare.js";
import type { CoreMemory } from "./core.js";
import { markUsed } from "./memory.js";

/** Whether threads can share a memory. */
type Kind = "own" | "shared";

const spare: Record<Kind, Spare<CoreMemory>> = { own: new Spare(), shared: new Spare() };

/**
 * Gives away a memory that nobody uses any more, for the next core to begin with.
 * @param usedBytes from address 0 on
 */
export function spareMemory(memory: CoreMemory, usedBytes: number): void {
  markUsed(memory, usedBytes);
  // By its name: WebKit has such memory in pages for which it hides the global SharedArrayBuffer.
  const kind: string = memory.buffer[Symbol.toStringTag];
  const isShared = kind === "SharedArrayBuffer";
  spare[isShared ? "shared" : "own"].give(memory, memory.buffer.byteLength);
}

/**
 * The memory of a kind that was given away last, if it is still there; it is not given twice. It has to be cleared
 * as far as zeros are expected: `reserve` does so, others ask `unclearBytes`. For cores that do not live long: a memory
 * does not shrink.
 */
export function takeSpareMemory(kind: Kind = "own"): CoreMemory | undefined {
  return spare[kind].take();
}
