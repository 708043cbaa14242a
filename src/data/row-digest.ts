import { hashFinal, hashRound } from "../hash.js";
import type { CsrMatrix } from "./csr.js";

/** A fingerprint of rows and their classes in 16 hexadecimal digits: two hashes of 32 bits. Not for security. */
export function rowDigest({ indptr, indices, values }: CsrMatrix, labels: Uint32Array): string {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  // Both hashes in one loop: each waits for its own last round, not for the other's. As signed integers they stay in
  // integer registers.
  let first = 1;
  let second = 2;
  let count = 0;
  for (const part of [indptr, indices, bits, labels]) {
    count += part.length;
    for (let i = 0; i < part.length; i++) {
      const block = part[i]!;
      first = hashRound(first, block) | 0;
      second = hashRound(second, block) | 0;
    }
  }
  const length = (4 * count) >>> 0;
  return hex(hashFinal(first, length)) + hex(hashFinal(second, length));
}

/** Eight hexadecimal digits. */
export function hex(hash: number): string {
  return (hash >>> 0).toString(16).padStart(8, "0");
}
