import type { CoreMemory } from "./core.js";
import { markUsed } from "./memory.js";

let spare: WeakRef<CoreMemory> | undefined;

/**
 * Gives away a memory that nobody uses any more, for the next core to begin with: pages that a host has handed out already
 * cost a fraction of new ones. It is held weakly, so it is freed when nobody asks in time.
 * @param usedBytes from address 0 on
 */
export function spareMemory(memory: CoreMemory, usedBytes: number): void {
  if (typeof WeakRef !== "function") return;
  markUsed(memory, usedBytes);
  spare = new WeakRef(memory);
}

/**
 * The memory that was given away last, if it is still there; it is not given twice. It has to be cleared
 * as far as zeros are expected: `reserve` does so, others ask `unclearBytes`. For cores that do not live long: a memory
 * does not shrink.
 */
export function takeSpareMemory(): CoreMemory | undefined {
  const memory = spare?.deref();
  spare = undefined;
  return memory;
}
