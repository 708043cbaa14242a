import { allocateRecord, Block, LARGE_LOG, newBlock, ownPages, PIECE_BYTES } from "./heap";
import { hashOf } from "./word-keys";

// A hash table of words:
//
//   buckets  [2^log] { u64 key or 0 when free, u32 number, u32 the slot of the word alone + 1, or 0 when it has none yet }
//
// The highest bits of a key's hash are the bucket to look at first; long words with one key are in buckets of their own.

export const BUCKET_LOG: u32 = 4;
export const BUCKET_NUMBER: usize = 8;
export const BUCKET_SLOT: usize = 12;
const SMALLEST_LOG: u32 = 12;

@unmanaged
export class WordBuckets {
  buckets: Block;
  spare: Block;
  log: u32;
  // While words are moved to `spare`: log2 of the buckets there, else 0; the buckets that are done.
  private nextLog: u32;
  private moved: usize;
  /** Where pages of `spare` begin that have not been written. */
  private owned: usize;

  @inline
  get at(): usize {
    return this.buckets.at;
  }

  /** Room for so many words; if there is none, at least `bucketCount` buckets. */
  reserve(words: u32, bucketCount: u32): void {
    if (this.hasRoom(words)) return;
    this.startMoving(bucketCount);
    while (this.move()) {}
  }

  /** The same, if the table is a large one, piece by piece. Returns whether there is more to do; until then no words may be added. */
  growing(words: u32, bucketCount: u32): bool {
    if (this.nextLog == 0) {
      if (this.log + BUCKET_LOG < LARGE_LOG || this.hasRoom(words)) return false;
      this.startMoving(bucketCount);
    }
    return this.move();
  }

  /** Becomes the equal of another one with so many buckets at this address. */
  adopt(at: usize, log: u32): void {
    this.log = log;
    this.buckets.copyFrom(at, (<usize>1) << (log + BUCKET_LOG));
  }

  private hasRoom(words: u32): bool {
    return words << 1 <= (<u32>1) << this.log;
  }

  private startMoving(bucketCount: u32): void {
    this.nextLog = 32 - <u32>clz<u32>(bucketCount);
    this.moved = 0;
    this.spare.reserveZeroed((<usize>1) << (this.nextLog + BUCKET_LOG));
    this.owned = this.spare.at;
  }

  /**
   * Moves some of the words to `spare`, which takes the place of `buckets` after the last: in their old order, which is nearly
   * the new one, so that memory streams. Returns whether there are more.
   */
  private move(): bool {
    const log = this.nextLog;
    const home = this.spare.at;
    const last = home + ((<usize>1) << (log + BUCKET_LOG));
    if (this.owned < last) {
      this.owned = ownPages(this.owned, last);
      return true;
    }
    const size = (<usize>1) << (this.log + BUCKET_LOG);
    const end = min(this.moved + (PIECE_BYTES >> 1), size);
    const to = this.buckets.at + end;
    for (let from = this.buckets.at + this.moved; from < to; from += 1 << BUCKET_LOG) {
      const key = load<u64>(from);
      if (key == 0) continue;
      let bucket = home + ((<usize>(hashOf(key) >> (64 - log))) << BUCKET_LOG);
      while (load<u64>(bucket) != 0) {
        bucket += 1 << BUCKET_LOG;
        if (bucket == last) bucket = home;
      }
      v128.store(bucket, v128.load(from));
    }
    this.moved = end;
    if (end < size) return true;
    this.buckets.replace(this.spare);
    this.log = log;
    this.nextLog = 0;
    return false;
  }
}

export function newWordBuckets(): WordBuckets {
  const made = changetype<WordBuckets>(allocateRecord(offsetof<WordBuckets>()));
  made.buckets = newBlock();
  made.spare = newBlock();
  made.log = SMALLEST_LOG;
  made.buckets.reserveZeroed((<usize>1) << (SMALLEST_LOG + BUCKET_LOG));
  return made;
}
