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
  /** z₁ … z₄. As signed integers of an array they stay clear of numbers on the heap. */
  readonly #state: Int32Array;

  /** @param seed any 32-bit integer; equal seeds give equal sequences. */
  constructor(seed: number) {
    const first = seed >>> 0;
    const second = hashRound(first, first);
    const third = hashRound(second, first);
    this.#state = Int32Array.of(first, second, third, hashRound(third, first));
  }

  /** The state, for a core that goes on with it: i32[4], a view. */
  get state(): Int32Array {
    return this.#state;
  }

  /** An integer from 0 to 2^32 − 1. */
  nextU32(): number {
    const state = this.#state as unknown as [number, number, number, number];
    const z1 = step(state[0], 13, 19, 12, 0xfffffffe);
    const z2 = step(state[1], 2, 25, 4, 0xfffffff8);
    const z3 = step(state[2], 3, 11, 17, 0xfffffff0);
    const z4 = (Math.imul(state[3], 1664525) + 1013904223) | 0;
    state[0] = z1;
    state[1] = z2;
    state[2] = z3;
    state[3] = z4;
    return (z1 ^ z2 ^ z3 ^ z4) >>> 0;
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

  /**
   * Puts the elements of the array in random order, in place, and returns it.
   * @param first @param end to be done in pieces: the first places, then the next
   */
  shuffle(items: Uint32Array, first = 0, end = items.length): Uint32Array {
    for (let i = first; i < end; i++) {
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
