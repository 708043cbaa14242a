/** Tables of pairs of 32-bit integers by open addressing: a power of two of buckets, linear probing, at most half full. */

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

/** How far to shift a hash right, so that it becomes the position of one of at least `2 × count` buckets. */
export function bucketShift(count: number): number {
  return Math.min(22, Math.clz32(2 * Math.max(count, 1) - 1));
}

/** The buckets that a shift by 2 … 31 bits leaves. */
export function bucketCount(shift: number): number {
  return 1 << (32 - shift);
}
