import { DualTextError } from "./errors.js";
import { hashRound } from "./hash.js";

/** Throws `bad-option` unless it is a whole number, or left out. */
export function checkSeed(seed: number | undefined): void {
  if (seed === undefined || Number.isSafeInteger(seed)) return;
  throw new DualTextError("bad-option", `seed is ${seed}; it must be a whole number.`);
}

/**
 * ML.NET's seeded generator: three linear feedback shift registers and a linear congruential generator, combined by
 * exclusive or (a hybrid Tausworthe generator, L'Ecuyer 1996; Howes & Thomas, GPU Gems 3, chapter 37).
 */
export class Random {
  #z1: number;
  #z2: number;
  #z3: number;
  #z4: number;

  /** @param seed any 32-bit integer; equal seeds give equal sequences. */
  constructor(seed: number) {
    this.#z1 = seed >>> 0;
    this.#z2 = hashRound(this.#z1, this.#z1);
    this.#z3 = hashRound(this.#z2, this.#z1);
    this.#z4 = hashRound(this.#z3, this.#z1);
  }

  /** An integer from 0 to 2^32 − 1. */
  nextU32(): number {
    this.#z1 = step(this.#z1, 13, 19, 12, 0xfffffffe);
    this.#z2 = step(this.#z2, 2, 25, 4, 0xfffffff8);
    this.#z3 = step(this.#z3, 3, 11, 17, 0xfffffff0);
    this.#z4 = Math.imul(this.#z4, 1664525) + 1013904223;
    return (this.#z1 ^ this.#z2 ^ this.#z3 ^ this.#z4) >>> 0;
  }

  /** A multiple of 2^-23 in [0, 1), exact in single precision. */
  nextFloat(): number {
    return (this.nextU32() >>> 9) / 0x800000;
  }

  /** An integer from 0 to `bound` − 1: the upper word of the 64-bit product. @param bound from 1 to 2^32. */
  nextBelow(bound: number): number {
    const word = this.nextU32();
    const lower = Math.floor(((word & 0xffff) * bound) / 0x10000);
    return Math.floor(((word >>> 16) * bound + lower) / 0x10000);
  }

  /** Puts the elements of the array in random order, in place, and returns it. */
  shuffle(items: Uint32Array): Uint32Array {
    for (let i = 0; i < items.length; i++) {
      const other = i + this.nextBelow(items.length - i);
      const item = items[i]!;
      items[i] = items[other]!;
      items[other] = item;
    }
    return items;
  }

  /** The numbers 0 … count − 1 in random order. */
  permutation(count: number): Uint32Array {
    return this.shuffle(Uint32Array.from({ length: count }, (_, i) => i));
  }
}

function step(z: number, a: number, b: number, c: number, mask: number): number {
  return ((z & mask) << c) ^ (((z << a) ^ z) >>> b);
}
