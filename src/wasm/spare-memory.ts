import type { CoreMemory } from "./core.js";

interface Spare {
  readonly memory: WeakRef<CoreMemory>;
  readonly usedBytes: number;
}

let spare: Spare | undefined;

/**
 * Gives away a memory that nobody uses any more, for the next core to begin with: pages that a host has handed out already
 * cost a fraction of new ones. It is held weakly, so it is freed when nobody asks in time.
 * @param usedBytes from address 0 on; what is behind has never been written
 */
export function spareMemory(memory: CoreMemory, usedBytes: number): void {
  if (typeof WeakRef === "function") spare = { memory: new WeakRef(memory), usedBytes };
}

/**
 * The memory that was given away last, all 0 again, if it is still there and not more than `mostBytes` of it were used; it
 * is not given twice. For cores that do not live long: a memory does not shrink.
 */
export function takeSpareMemory(mostBytes: number): CoreMemory | undefined {
  if (!spare || spare.usedBytes > mostBytes) return undefined;
  const { usedBytes } = spare;
  const memory = spare.memory.deref();
  spare = undefined;
  if (memory) new Uint8Array(memory.buffer, 0, usedBytes).fill(0);
  return memory;
}
