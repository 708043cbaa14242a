import { hashFinal, hashRound } from "../hash.js";
import { type CsrMatrix, ranges } from "./csr.js";

/**
 * A fingerprint of rows and their classes in 16 hexadecimal digits: two hashes of 32 bits. Not for security. Yields now and
 * then.
 */
export function* rowDigest(
  { indptr, indices, values }: CsrMatrix,
  labels: Uint32Array,
): Generator<void, string> {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const hashes = Int32Array.of(1, 2);
  let count = 0;
  for (const part of [indptr, indices, bits, labels]) {
    count += part.length;
    for (const [first, end] of ranges(part.length)) {
      hashInto(hashes, part, first, end);
      yield;
    }
  }
  const length = (4 * count) >>> 0;
  return hex(hashFinal(hashes[0]!, length)) + hex(hashFinal(hashes[1]!, length));
}

/** Both hashes in one loop: each waits for its own last round, not for the other's. As signed integers they stay in registers. */
function hashInto(hashes: Int32Array, blocks: Uint32Array, first: number, end: number): void {
  let [one, other] = hashes as unknown as [number, number];
  for (let i = first; i < end; i++) {
    const block = blocks[i]!;
    one = hashRound(one, block) | 0;
    other = hashRound(other, block) | 0;
  }
  hashes[0] = one;
  hashes[1] = other;
}

/** Eight hexadecimal digits. */
export function hex(hash: number): string {
  return (hash >>> 0).toString(16).padStart(8, "0");
}
