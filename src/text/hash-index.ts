/**
 * What the tables of words, word n-grams and character trigrams share. Each keeps the keys of its entries in order of
 * their numbers and finds them by open addressing: a power of two of buckets, linear probing, at most half full.
 *
 *   bucket   0, or the number of an entry, from 1 on, with the lowest bits of its hash above it
 *
 * Comparing those bits first spares most looks at keys that differ.
 */

const NUMBER_BITS = 25;
/** The part of a bucket that is the entry's number. */
export const NUMBER = (1 << NUMBER_BITS) - 1;
/** The most entries that a table can number. */
export const MOST_ENTRIES = NUMBER;

/** A 32-bit hash of two 32-bit integers. */
export function hashOf(first: number, second: number): number {
  const mixed = Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b);
  return Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
}

/** The bucket's content for an entry, from its hash and number. */
export function bucketOf(hash: number, number: number): number {
  return (hash << NUMBER_BITS) | number;
}

/** How far to shift a hash right, so that it becomes the position of one of at least `2 × count` buckets. */
export function bucketShift(count: number): number {
  return Math.min(22, Math.clz32(2 * Math.max(count, 1) - 1));
}

/** Entries to make room for when a table has to grow to `count`: small ones grow fast, so that they grow seldom. */
export function roomFor(count: number): number {
  return count < 1 << 15 ? 8 * count : 2 * count;
}

/** The buckets that a shift by 2 … 31 bits leaves. */
export function bucketCount(shift: number): number {
  return 1 << (32 - shift);
}

/** An array of at least `length` elements that begins as `array` does; grown by at least half. */
export function grown(array: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  if (length <= array.length) return array;
  const larger = new Int32Array(Math.max(length, array.length + (array.length >>> 1)));
  larger.set(array);
  return larger;
}
