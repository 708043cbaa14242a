import { Layout } from "../../assembly/layout.js";
import { DualTextError } from "../errors.js";
import type { CoreMemory } from "./core.js";

export const PAGE_BYTES = 65_536;
/** Pages that a memory can have at most; the modules of `assembly/` name the same limit. */
export const MAX_PAGES = 65_536;
const MAX_BYTES = MAX_PAGES * PAGE_BYTES;
/**
 * Address 0 stays free, so that an address of 0 can only be a mistake; from 64 on stand the constants of `assembly/vector-math.ts`,
 * which are no part of what is cleared.
 */
export const ARENA_START = 512;

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

/** Of memories that were used before: the bytes that have still to be cleared. */
const unclear = new WeakMap<CoreMemory, { from: number; readonly end: number }>();

/** Says that a memory's first `usedBytes` are not 0 any more. */
export function markUsed(memory: CoreMemory, usedBytes: number): void {
  const end = Math.max(usedBytes, unclear.get(memory)?.end ?? 0);
  unclear.set(memory, { from: ARENA_START, end });
}

/** Bytes from address 0 on that need not be 0, of a memory that was used before. */
export function unclearBytes(memory: CoreMemory): number {
  return unclear.get(memory)?.end ?? 0;
}

/** Bytes that are cleared in a millisecond or two. */
const CLEARED_BYTES = 1 << 23;

/** Sets the bytes up to `end` to 0 that were used before and are not yet clear. Yields now and then. */
export function* clearing(memory: CoreMemory, end: number): Generator<void> {
  const range = unclear.get(memory);
  if (!range) return;
  const last = Math.min(range.end, end);
  while (range.from < last) {
    const to = Math.min(last, range.from + CLEARED_BYTES);
    new Uint8Array(memory.buffer).fill(0, range.from, to);
    range.from = to;
    yield;
  }
  if (range.from >= range.end) unclear.delete(memory);
}

/**
 * Says that what is not yet clear before `end` will be written, every byte of it, before it is read: it is not cleared any more.
 */
export function willBeWritten(memory: CoreMemory, end: number): void {
  const range = unclear.get(memory);
  if (range) range.from = Math.max(range.from, Math.min(range.end, end));
}

/** As `clearing`, at once. */
export function clear(memory: CoreMemory, end: number): void {
  for (const _ of clearing(memory, end));
}

/**
 * Grows the memory to `totalBytes`, all 0 where nothing was written since it was made or taken over. The only place that
 * grows one: views made after the last call stay valid.
 * Throws `out-of-memory` when a WebAssembly memory cannot be that large or the host refuses.
 */
export function reserve(memory: CoreMemory, totalBytes: number, purpose: string): void {
  clear(memory, totalBytes);
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

/** What stands before the limits of the memory that a module imports: its name "memory" and the kind of the import. */
const BEFORE_LIMITS = [6, ...Array.from("memory", (character) => character.charCodeAt(0)), 2];
const HAS_MAXIMUM = 1;
const IS_SHARED = 2;

/** Makes the bytes of a module that imports a memory into those of the same module with shared memory: one bit. */
export function importSharedMemory(bytes: Uint8Array): void {
  const start = bytes.findIndex((_, i) => BEFORE_LIMITS.every((byte, k) => bytes[i + k] === byte));
  const flags = start + BEFORE_LIMITS.length;
  if (start < 0 || bytes[flags] !== HAS_MAXIMUM) throw new Error("The module does not import its memory.");
  bytes[flags] = HAS_MAXIMUM | IS_SHARED;
}
