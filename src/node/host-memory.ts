import { totalmem } from "node:os";
import type { HostMemory } from "../wasm/host-memory.js";

/** The machine's memory, or what a container allows, and the resident set of this process. */
export function nodeHostMemory(): HostMemory {
  // 0 or absurdly large where there is no limit.
  const allowed = process.constrainedMemory() || Number.POSITIVE_INFINITY;
  return { totalBytes: Math.min(totalmem(), allowed), usedBytes: process.memoryUsage.rss() };
}
