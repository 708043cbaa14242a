import { allocateRecord, Block, LARGE_LOG, newBlock, ownPages, PIECE_BYTES } from "./heap";

// A hash table from keys of 48 bits to numbers of 24, exact, in eight bytes a bucket. The hash is a permutation of the
// 48 bits; its highest bits are the bucket to look at first, the others stand in the bucket ("quotienting": Knuth, The
// Art of Computer Programming 3, exercise 6.4-13), with the distance to that first bucket:
//
//   bits 32 … 63   the hash without its highest `log` bits, so `log` is at least 16
//   bits 24 … 31   buckets from the first one to this one
//   bits  0 … 23   the number, 1 or more; 0 when the bucket is free

export const NUMBER_BITS: u64 = 24;
const NUMBER: u64 = (1 << 24) - 1;
const FARTHEST: u64 = 255;
const HASH_BITS: u32 = 48;
const HASH: u64 = (1 << 48) - 1;
const SMALLEST_LOG: u32 = 16;
/** Tables up to this size grow fourfold. */
const FAST_GROWTH_LOG: u32 = 21;
const FIRST_FACTOR: u64 = 0x9e3779b97f4b;
const SECOND_FACTOR: u64 = 0xc2b2ae3d27d5;

/** Multiplicative inverse of an odd number modulo 2⁶⁴, by Newton's iteration. */
function inverse(odd: u64): u64 {
  let x = odd;
  for (let i = 0; i < 5; i++) x *= 2 - odd * x;
  return x;
}

@unmanaged
export class KeyIndex {
  buckets: Block;
  spare: Block;
  log: u32;
  count: u32;
  /** Odd; another one when keys crowd. */
  factor: u64;
  // While its keys are moved to `spare`: log2 of the buckets there, else 0; the factor there; the buckets that are done.
  private nextLog: u32;
  private moved: usize;
  /** Where pages of `spare` begin that have not been written. */
  private owned: usize;
  private nextFactor: u64;

  @inline
  hash(key: u64): u64 {
    const mixed = (key * this.factor) & HASH;
    return ((mixed ^ (mixed >> 24)) * SECOND_FACTOR) & HASH;
  }

  /** The key that has this hash. */
  private keyOf(hash: u64): u64 {
    const mixed = (hash * inverse(SECOND_FACTOR)) & HASH;
    return ((mixed ^ (mixed >> 24)) * inverse(this.factor)) & HASH;
  }

  /** A hash shifted right by so many bits is the position of the bucket to look at first. */
  @inline
  restBits(): u64 {
    return HASH_BITS - this.log;
  }

  /** Room for so many more keys. @param isLast whether no others come after them */
  reserve(more: u32, isLast: bool): void {
    const log = this.logFor(more, isLast);
    if (log != this.log) this.rebuild(log, this.factor);
  }

  /**
   * Makes room for so many more keys, if the table is a large one, piece by piece. Returns whether there is more to do; until
   * then keys are found, and none may be added.
   */
  growing(more: u32): bool {
    if (this.nextLog == 0) {
      const log = this.logFor(more, false);
      if (log == this.log || this.log + 3 < LARGE_LOG) return false;
      this.startMoving(log, this.factor);
    }
    return this.move();
  }

  /** log2 of the buckets that so many more keys need. */
  private logFor(more: u32, isLast: bool): u32 {
    const needed: u32 = (this.count + more) << 1;
    if (needed <= (<u32>1) << this.log) return this.log;
    const log: u32 = 32 - <u32>clz<u32>(needed);
    return log <= FAST_GROWTH_LOG && !isLast ? log + 1 : log;
  }

  /**
   * The key's number, from its hash. A key that is not there gets the number `next`, or stays out when that is 0; then 0 is
   * returned. `reserve` must have made room.
   */
  find(hash: u64, next: u32): u32 {
    const rest = HASH_BITS - this.log;
    const start = this.buckets.at;
    const mask = ((<usize>1) << (this.log + 3)) - 1;
    let offset = (<usize>(hash >> rest)) << 3;
    let tag = (hash & (((<u64>1) << rest) - 1)) << 8;
    for (;;) {
      const bucket = load<u64>(start + offset);
      const number = bucket ^ (tag << NUMBER_BITS);
      if (number - 1 < NUMBER) return <u32>number;
      if (bucket == 0) break;
      if ((tag & FARTHEST) == FARTHEST) {
        if (next != 0) this.addToCrowd(hash, next);
        return 0;
      }
      tag++;
      offset = (offset + 8) & mask;
    }
    if (next != 0) {
      store<u64>(start + offset, (tag << NUMBER_BITS) | <u64>next);
      this.count++;
    }
    return 0;
  }

  /** Puts a key in its first bucket, which is free. @param rest the lowest `restBits` of its hash */
  @inline
  putFirst(bucket: usize, rest: u64, number: u32): void {
    store<u64>(bucket, (rest << 32) | <u64>number);
    this.count++;
  }

  /** Becomes another one's equal. */
  adopt(other: KeyIndex): void {
    this.log = other.log;
    this.count = other.count;
    this.factor = other.factor;
    this.buckets.copyFrom(other.buckets.at, (<usize>8) << other.log);
  }

  /** Puts in a key for which there is no bucket near enough: in order of another hash. */
  private addToCrowd(hash: u64, number: u32): void {
    const key = this.keyOf(hash);
    do {
      this.rebuild(this.log, this.factor * SECOND_FACTOR);
    } while (!this.put(this.buckets, this.log, this.hash(key), number));
    this.count++;
  }

  /** Puts in what is not there yet. Returns false when no bucket is near enough. */
  private put(buckets: Block, log: u32, hash: u64, number: u64): bool {
    const rest = HASH_BITS - log;
    const mask = ((<usize>1) << (log + 3)) - 1;
    let offset = (<usize>(hash >> rest)) << 3;
    let tag = (hash & (((<u64>1) << rest) - 1)) << 8;
    while (load<u64>(buckets.at + offset) != 0) {
      if ((tag & FARTHEST) == FARTHEST) return false;
      tag++;
      offset = (offset + 8) & mask;
    }
    store<u64>(buckets.at + offset, (tag << NUMBER_BITS) | number);
    return true;
  }

  /** The same keys in another number of buckets, or in the order of another hash. */
  private rebuild(log: u32, factor: u64): void {
    this.startMoving(log, factor);
    while (this.move()) {}
  }

  private startMoving(log: u32, factor: u64): void {
    this.nextLog = log;
    this.nextFactor = factor;
    this.moved = 0;
    this.spare.reserveZeroed((<usize>8) << log);
    this.owned = this.spare.at;
  }

  /** Moves some of the keys to `spare`, which takes their place after the last. Returns whether there are more. */
  private move(): bool {
    const log = this.nextLog;
    const last = this.spare.at + ((<usize>8) << log);
    if (this.owned < last) {
      this.owned = ownPages(this.owned, last);
      return true;
    }
    const end = this.moved + (PIECE_BYTES >> 4);
    if (!this.fill(this.spare, log, this.nextFactor, this.moved, end)) {
      memory.fill(this.spare.at, 0, (<usize>8) << log);
      this.startMoving(log, this.nextFactor * SECOND_FACTOR);
      return true;
    }
    this.moved = end;
    if (end < (<usize>1) << this.log) return true;
    this.buckets.replace(this.spare);
    this.log = log;
    this.factor = this.nextFactor;
    this.nextLog = 0;
    return false;
  }

  /**
   * Puts in the keys of the buckets first … end − 1, in their old order, which is nearly the new one while the hash stays, so
   * that memory streams. Returns false when no bucket is near enough for one of them.
   */
  private fill(target: Block, log: u32, factor: u64, first: usize, end: usize): bool {
    const mask = ((<u64>1) << this.log) - 1;
    const rest = HASH_BITS - this.log;
    const before = this.factor;
    for (let i = first; i < end; i++) {
      const bucket = load<u64>(this.buckets.at + (i << 3));
      if (bucket == 0) continue;
      let hash = (((<u64>i - ((bucket >> NUMBER_BITS) & FARTHEST)) & mask) << rest) | (bucket >> 32);
      if (factor != before) {
        const key = this.keyOf(hash);
        const mixed = (key * factor) & HASH;
        hash = ((mixed ^ (mixed >> 24)) * SECOND_FACTOR) & HASH;
      }
      if (!this.put(target, log, hash, bucket & NUMBER)) return false;
    }
    return true;
  }
}

export function newKeyIndex(): KeyIndex {
  const index = changetype<KeyIndex>(allocateRecord(offsetof<KeyIndex>()));
  index.buckets = newBlock();
  index.spare = newBlock();
  index.log = SMALLEST_LOG;
  index.factor = FIRST_FACTOR;
  index.buckets.reserveZeroed((<usize>8) << SMALLEST_LOG);
  return index;
}
