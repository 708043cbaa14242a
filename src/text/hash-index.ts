/**
 * What the tables of words, word n-grams and character trigrams share. Each keeps the keys of its entries in order of
 * their numbers and finds them by open addressing: a power of two of buckets, linear probing, at most half full. There
 * are two kinds of bucket:
 *
 *   narrow   0, or the number of an entry, from 1 on, with the lowest bits of its hash above it: comparing those bits
 *            first spares most looks at keys that differ
 *   wide     the key itself and the number: one look at memory finds an entry, in four times the memory
 */

const NUMBER_BITS = 25;
/** The part of a bucket that is the entry's number. */
export const NUMBER = 0x1ffffff;

/** A 32-bit hash of two 32-bit integers. */
export function hashOf(first: number, second: number): number {
  const mixed = Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b);
  return Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
}

/** A wide bucket is four integers: two of key, the entry's number or 0 when it is free, and one more. */
const LOG_WIDE = 2;
export const WIDE = 4;

/** Where the first wide bucket to look at lies in its table. */
export function wideBucketOf(first: number, second: number, shift: number): number {
  return (hashOf(first, second) >>> shift) << LOG_WIDE;
}

/** A table of free wide buckets. */
export function wideBuckets(shift: number): Int32Array<ArrayBuffer> {
  return new Int32Array(bucketCount(shift) << LOG_WIDE);
}

/** Takes what {@link touch} read, so that no compiler leaves the reading out. */
const TOUCHED = /* @__PURE__ */ new Int32Array(1);

/**
 * Looks at one element of each of `count` places in a table larger than the caches, so that the memory answers many
 * requests at a time: a loop that does more between two of them has fewer on the way. Four a turn, for the same reason.
 */
export function touch(table: Int32Array, places: Int32Array, count: number): void {
  let a = 0;
  let b = 0;
  let i = 0;
  for (; i + 3 < count; i += 4) {
    a ^= table[places[i]!]! ^ table[places[i + 1]!]!;
    b ^= table[places[i + 2]!]! ^ table[places[i + 3]!]!;
  }
  for (; i < count; i++) a ^= table[places[i]!]!;
  TOUCHED[0] = a ^ b;
}

/** The bucket's content for an entry, from its hash and number. */
export function bucketOf(hash: number, number: number): number {
  return (hash << NUMBER_BITS) | number;
}

/** How far to shift a hash right, so that it becomes the position of one of at least `2 × count` buckets. */
export function bucketShift(count: number): number {
  return Math.min(22, Math.clz32(2 * Math.max(count, 1) - 1));
}

/** The buckets that a shift by 2 … 31 bits leaves. */
export function bucketCount(shift: number): number {
  return 1 << (32 - shift);
}
