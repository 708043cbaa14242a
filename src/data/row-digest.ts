import { hashFinal } from "../hash.js";
import { type CsrMatrix, ranges } from "./csr.js";

/** Words of a block, one for each lane. */
const LANES = 4;

/**
 * A fingerprint of rows and their classes in 16 hexadecimal digits: the first 64 bits of MurmurHash3_x86_128 (Appleby,
 * https://github.com/aappleby/smhasher) with the seed 0 over indptr, indices, values and labels, each filled up with zeros to
 * whole blocks of four words. Not for security. Yields now and then.
 */
export function* rowDigest(
  { indptr, indices, values }: CsrMatrix,
  labels: Uint32Array,
): Generator<void, string> {
  const lanes = new Int32Array(LANES);
  let blocks = 0;
  for (const numbers of [indptr, indices, values, labels]) {
    const part = new Int32Array(numbers.buffer, numbers.byteOffset, numbers.length);
    const whole = Math.floor(part.length / LANES);
    for (const [first, end] of ranges(whole)) {
      hashInto(lanes, part, LANES * first, LANES * end);
      yield;
    }
    const last = new Int32Array(LANES);
    last.set(part.subarray(LANES * whole));
    if (LANES * whole < part.length) hashInto(lanes, last, 0, LANES);
    blocks += Math.ceil(part.length / LANES);
  }
  return digestOf(lanes, 4 * LANES * blocks);
}

/** Whole blocks. As signed integers the lanes stay in registers; each block reads four words that do not wait for each other. */
function hashInto(lanes: Int32Array, words: Int32Array, first: number, end: number): void {
  let [a, b, c, d] = lanes as unknown as [number, number, number, number];
  for (let i = first; i < end; i += LANES) {
    a ^= mixed(words[i]!, 0x239b961b, 15, 0xab0e9789);
    a = (Math.imul((rotated(a, 19) + b) | 0, 5) + 0x561ccd1b) | 0;
    b ^= mixed(words[i + 1]!, 0xab0e9789, 16, 0x38b34ae5);
    b = (Math.imul((rotated(b, 17) + c) | 0, 5) + 0x0bcaa747) | 0;
    c ^= mixed(words[i + 2]!, 0x38b34ae5, 17, 0xa1e38b93);
    c = (Math.imul((rotated(c, 15) + d) | 0, 5) + 0x96cd1c35) | 0;
    d ^= mixed(words[i + 3]!, 0xa1e38b93, 18, 0x239b961b);
    d = (Math.imul((rotated(d, 13) + a) | 0, 5) + 0x32ac3b17) | 0;
  }
  lanes[0] = a;
  lanes[1] = b;
  lanes[2] = c;
  lanes[3] = d;
}

function rotated(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

function mixed(word: number, before: number, bits: number, after: number): number {
  return Math.imul(rotated(Math.imul(word, before), bits), after);
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

/** Eight hexadecimal digits. */
export function hex(hash: number): string {
  return (hash >>> 0).toString(16).padStart(8, "0");
}
