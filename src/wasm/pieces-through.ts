import { Layout } from "../../assembly/layout.js";
import type { CoreExports } from "./core.js";
import { ARENA_START, markUsed, PAGE_BYTES } from "./memory.js";

/**
 * Brings an array to a core's functions, as much at a time as the first page of its memory holds. Each piece begins
 * a register after the start of the arena, which is for results, and is filled up with zeros to whole registers.
 */
export function* piecesThrough(
  { memory }: Pick<CoreExports, "memory">,
  words: Uint32Array | Float32Array,
): Generator<{ readonly at: number; readonly end: number }> {
  const at = ARENA_START + Layout.ALIGN;
  const room = new Uint32Array(memory.buffer, at, (PAGE_BYTES - at) / 4);
  markUsed(memory, PAGE_BYTES);
  const bits = new Uint32Array(words.buffer, words.byteOffset, words.length);
  for (let first = 0; first < bits.length; first += room.length) {
    const piece = bits.subarray(first, first + room.length);
    room.set(piece);
    const bytes = Math.ceil((4 * piece.length) / Layout.ALIGN) * Layout.ALIGN;
    room.fill(0, piece.length, bytes / 4);
    yield { at, end: at + bytes };
  }
}
