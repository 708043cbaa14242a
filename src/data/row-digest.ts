import { hashFinal, hashRound } from "../hash.js";
import type { CsrMatrix } from "./csr.js";

/** A fingerprint of rows and their classes in 16 hexadecimal digits: two hashes of 32 bits. Not for security. */
export function rowDigest({ indptr, indices, values }: CsrMatrix, labels: Uint32Array): string {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const parts = [indptr, indices, bits, labels];
  return [1, 2].map((seed) => hex(hashOf(seed, parts))).join("");
}

function hashOf(seed: number, parts: readonly Uint32Array[]): number {
  let hash = seed;
  let count = 0;
  for (const part of parts) {
    count += part.length;
    for (let i = 0; i < part.length; i++) hash = hashRound(hash, part[i]!);
  }
  return hashFinal(hash, (4 * count) >>> 0);
}

/** Eight hexadecimal digits. */
export function hex(hash: number): string {
  return (hash >>> 0).toString(16).padStart(8, "0");
}
