import type { CsrMatrix } from "../data/csr.js";
import { hashFinal, hex } from "../hash.js";
import type { CoreExports } from "../wasm/core.js";
import { ARENA_START } from "../wasm/memory.js";
import { piecesThrough } from "../wasm/pieces-through.js";

/** Words of a block, one for each lane. */
const LANES = 4;

/**
 * A fingerprint of rows and their classes in 16 hexadecimal digits: the first 64 bits of MurmurHash3_x86_128 (Appleby,
 * https://github.com/aappleby/smhasher) with the seed 0 over indptr, indices, values and labels, each filled up with zeros to
 * whole blocks of four words. Not for security. Yields now and then.
 *
 * @param core a fresh one, or one that was used before; its first page is written to
 */
export function* rowDigest(
  core: CoreExports,
  { indptr, indices, values }: CsrMatrix,
  labels: Uint32Array,
): Generator<void, string> {
  let blocks = 0;
  new Uint32Array(core.memory.buffer, ARENA_START, LANES).fill(0);
  for (const part of [indptr, indices, values, labels]) {
    for (const { at, end } of piecesThrough(core, part)) {
      core.hashBlocks(ARENA_START, at, end);
      yield;
    }
    blocks += Math.ceil(part.length / LANES);
  }
  return digestOf(new Int32Array(core.memory.buffer, ARENA_START, LANES), 4 * LANES * blocks);
}

/** The final mix, and of its four words the first two. @param length bytes hashed, modulo 2^32 */
function digestOf(lanes: Int32Array, length: number): string {
  const words = lanes.map((lane) => lane ^ length);
  const addAll = () => {
    words[0]! += words[1]! + words[2]! + words[3]!;
    for (let i = 1; i < LANES; i++) words[i]! += words[0]!;
  };
  addAll();
  words.forEach((word, i) => {
    words[i] = hashFinal(word, 0);
  });
  addAll();
  return hex(words[0]!) + hex(words[1]!);
}
