import type { CoreMemory } from "./core.js";
import { markUsed } from "./memory.js";

/** Whether threads can share a memory. */
type Kind = "own" | "shared";

const spare: Partial<Record<Kind, WeakRef<CoreMemory> | undefined>> = {};

/**
 * Gives away a memory that nobody uses any more, for the next core to begin with: pages that a host has handed out already
 * cost a fraction of new ones. It is held weakly, so it is freed when nobody asks in time.
 * @param usedBytes from address 0 on
 */
export function spareMemory(memory: CoreMemory, usedBytes: number): void {
  if (typeof WeakRef !== "function") return;
  markUsed(memory, usedBytes);
  const isShared = typeof SharedArrayBuffer === "function" && memory.buffer instanceof SharedArrayBuffer;
  spare[isShared ? "shared" : "own"] = new WeakRef(memory);
}

/**
 * The memory of a kind that was given away last, if it is still there; it is not given twice. It has to be cleared
 * as far as zeros are expected: `reserve` does so, others ask `unclearBytes`. For cores that do not live long: a memory
 * does not shrink.
 */
export function takeSpareMemory(kind: Kind = "own"): CoreMemory | undefined {
  const memory = spare[kind]?.deref();
  spare[kind] = undefined;
  return memory;
}
