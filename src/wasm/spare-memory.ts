import type { CoreMemory } from "./core.js";
import { clear, markUsed } from "./memory.js";

interface Spare {
  readonly memory: WeakRef<CoreMemory>;
  readonly usedBytes: number;
}

let spare: Spare | undefined;

/**
 * Gives away a memory that nobody uses any more, for the next core to begin with: pages that a host has handed out already
 * cost a fraction of new ones. It is held weakly, so it is freed when nobody asks in time.
 * @param usedBytes from address 0 on
 */
export function spareMemory(memory: CoreMemory, usedBytes: number): void {
  if (typeof WeakRef !== "function") return;
  spare = { memory: new WeakRef(memory), usedBytes: markUsed(memory, usedBytes) };
}

/**
 * The memory that was given away last, if it is still there; it is not given twice. `reserve` clears as much of it as is
 * asked for. For cores that do not live long: a memory does not shrink.
 */
export function takeSpareMemory(): CoreMemory | undefined {
  const memory = spare?.memory.deref();
  spare = undefined;
  return memory;
}

/** The same, all 0, if not more than `mostBytes` of it have to be cleared. */
export function takeClearMemory(mostBytes: number): CoreMemory | undefined {
  if (!spare || spare.usedBytes > mostBytes) return undefined;
  const memory = takeSpareMemory();
  if (memory) clear(memory, Number.POSITIVE_INFINITY);
  return memory;
}
