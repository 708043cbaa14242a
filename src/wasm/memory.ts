import { Layout } from "../../assembly/layout.js";
import { DualTextError } from "../errors.js";
import type { CoreMemory } from "./core.js";

const PAGE_BYTES = 65_536;
const MAX_BYTES = 65_536 * PAGE_BYTES;
/** Address 0 stays free, so that an address of 0 can only be a mistake. */
const ARENA_START = 64;

export interface Plan<Name extends string> {
  /** Address of each block. */
  readonly at: Readonly<Record<Name, number>>;
  /** Bytes from address 0 to the end of the last block. */
  readonly totalBytes: number;
}

/**
 * Places blocks of the given sizes (in bytes) one after another, each aligned to a register.
 * @param start where the first begins: the end of an earlier plan, or the start of the arena
 */
export function planBlocks<Name extends string>(
  sizes: Readonly<Record<Name, number>>,
  start = ARENA_START,
): Plan<Name> {
  const at = {} as Record<Name, number>;
  let end = start;
  for (const name of Object.keys(sizes) as Name[]) {
    at[name] = end;
    end += Math.ceil(sizes[name] / Layout.ALIGN) * Layout.ALIGN;
  }
  return { at, totalBytes: end };
}

/**
 * Grows the memory to `totalBytes`. The only place that grows one: views made after the last call stay valid.
 * Throws `out-of-memory` when a WebAssembly memory cannot be that large or the host refuses.
 */
export function reserve(memory: CoreMemory, totalBytes: number, purpose: string): void {
  const missing = Math.ceil((totalBytes - memory.buffer.byteLength) / PAGE_BYTES);
  if (missing <= 0) return;
  const megabytes = Math.ceil(totalBytes / 1e6);
  if (totalBytes > MAX_BYTES) {
    throw new DualTextError(
      "out-of-memory",
      `${purpose} needs ${megabytes} MB; a WebAssembly memory holds at most ${Math.floor(MAX_BYTES / 1e6)} MB. ` +
        "Use fewer rows, features or classes.",
    );
  }
  try {
    memory.grow(missing);
  } catch (cause) {
    const message = `${purpose} needs ${megabytes} MB, which this host does not give.`;
    throw new DualTextError("out-of-memory", message, { cause });
  }
}
