// Memory for tables that grow. Blocks have sizes of powers of two; a block that is given back is used again, by the thread that
// gave it back. Threads that share a memory have a home each, at its beginning, and take new blocks from what follows.
//
//   home of thread 0   TOP, UNCLEAR; then as of every thread
//   home               u32[32] FREE

/** log2 of the smallest block. */
const SMALLEST_LOG: u32 = 12;
/** u32[32]: by log2 of its size the first free block, which begins with the address of the next; 0 ends a list. */
const FREE: usize = 64;

/** Bytes below which an array grows eightfold at least. */
const FAST_GROWTH: usize = 1 << 22;
/** log2 of the size from which on arrays and tables may grow in pieces, and bytes that are moved in one. */
export const LARGE_LOG: u32 = 20;
export const PIECE_BYTES: usize = 1 << 20;
/** Bytes of a page as most systems have them. */
const SYSTEM_PAGE: usize = 4096;
/** Pages asked for at a time: as many as there are, between 8 and 32 MB. */
const LEAST_AHEAD: i64 = 128;
const MOST_AHEAD: i64 = 512;

const HOME_BYTES: usize = 256;
/** u32: where the first new block begins. */
const TOP: usize = 8;
/** u32: bytes from address 0 on in which anything may stand from an earlier use of the memory. */
const UNCLEAR: usize = 12;

/** Where this thread's home is. */
let home: usize = 0;
let refused: f64 = 0;

/** Begins with no block and so many homes, in a memory whose first `unclearBytes` need not be 0. For one of the threads. */
export function startHeap(unclearBytes: usize, homes: u32): void {
  const start = <usize>homes * HOME_BYTES;
  memory.fill(0, 0, start);
  store<u32>(UNCLEAR, <u32>unclearBytes);
  atomic.store<u32>(TOP, <u32>start);
}

/** From now on this thread's home is this one. */
export function enterHome(number: u32): void {
  home = <usize>number * HOME_BYTES;
}

/** Bytes of memory that the host has refused, before the trap that followed; else 0. */
export function refusedBytes(): f64 {
  return refused;
}

/** Bytes of memory, from address 0 on, that may have been written. */
export function usedBytes(): usize {
  return <usize>atomic.load<u32>(TOP);
}

function logOf(bytes: usize): u32 {
  return max(SMALLEST_LOG, 32 - <u32>clz<u32>(max(<u32>bytes, 1) - 1));
}

/** A block of at least so many bytes, whatever is in it or all 0. Traps when the host has no more. */
function allocate(log: u32, zeroed: bool): usize {
  const list = home + FREE + ((<usize>log) << 2);
  const free = <usize>load<u32>(list);
  if (free != 0) {
    store<u32>(list, load<u32>(free));
    if (zeroed) memory.fill(free, 0, (<usize>1) << log);
    return free;
  }
  for (;;) {
    const block = atomic.load<u32>(TOP);
    const end = <u64>block + ((<u64>1) << log);
    reserveMemory(end);
    if (atomic.cmpxchg<u32>(TOP, block, <u32>end) != block) continue;
    const unclear = load<u32>(UNCLEAR);
    if (zeroed && block < unclear) memory.fill(<usize>block, 0, <usize>(min(<u32>end, unclear) - block));
    return <usize>block;
  }
}

/** Makes the memory reach to `end`. */
function reserveMemory(end: u64): void {
  const pages = <i64>((end + 0xffff) >> 16);
  const size = <i64>memory.size();
  const missing = pages - size;
  // Pages never touched cost nothing, asking for some does: so more than now needed, if the host has them.
  if (missing <= 0 || memory.grow(<i32>max(missing, min(max(size, LEAST_AHEAD), MOST_AHEAD))) >= 0) return;
  // Another thread may have got some meanwhile.
  while (end <= 0xffff0000) {
    const stillMissing = pages - <i64>memory.size();
    if (stillMissing <= 0 || memory.grow(<i32>stillMissing) >= 0) return;
    if (pages - <i64>memory.size() == stillMissing) break;
  }
  refused = <f64>end;
  unreachable();
}

function release(block: usize, log: u32): void {
  const list = home + FREE + ((<usize>log) << 2);
  store<u32>(block, load<u32>(list));
  store<u32>(list, <u32>block);
}

/** A small record, all 0, that is never given back. */
export function allocateRecord(bytes: usize): usize {
  return allocate(logOf(bytes), true);
}

/** An array that grows. Its record must be all 0 at first. */
@unmanaged
export class Block {
  at: usize;
  log: u32;
  // While it grows in pieces: the larger array, and the bytes that are there already.
  private largerLog: u32;
  private larger: usize;
  private moved: usize;

  /**
   * Makes room for so many bytes, if the array is a large one, piece by piece. Returns whether there is more to do; until
   * then it is as it was, and may not be written to.
   */
  growing(bytes: usize): bool {
    const size = (<usize>1) << this.log;
    if (this.larger == 0) {
      if (this.log < LARGE_LOG || bytes <= size) return false;
      this.largerLog = logOf(bytes);
      this.larger = allocate(this.largerLog, false);
    }
    const piece = min(PIECE_BYTES, size - this.moved);
    memory.copy(this.larger + this.moved, this.at + this.moved, piece);
    this.moved += piece;
    if (this.moved < size) return true;
    release(this.at, this.log);
    this.at = this.larger;
    this.log = this.largerLog;
    this.larger = 0;
    this.moved = 0;
    return false;
  }

  /** Room for so many bytes; what was in it stays. Small ones grow fast, so that they grow seldom. */
  reserve(bytes: usize): void {
    if (this.log != 0 && bytes <= (<usize>1) << this.log) return;
    const log = logOf(bytes < FAST_GROWTH && this.log != 0 ? bytes << 2 : bytes);
    const larger = allocate(log, false);
    if (this.log != 0) {
      memory.copy(larger, this.at, (<usize>1) << this.log);
      release(this.at, this.log);
    }
    this.at = larger;
    this.log = log;
  }

  /** Room for so many bytes: as it is, or larger and all 0. Returns whether it is a new one. */
  reserveZeroed(bytes: usize): bool {
    if (this.log != 0 && bytes <= (<usize>1) << this.log) return false;
    if (this.log != 0) release(this.at, this.log);
    this.log = logOf(bytes);
    this.at = allocate(this.log, true);
    return true;
  }

  /** Room for so many bytes, which are copied. */
  copyFrom(from: usize, bytes: usize): void {
    this.reserve(bytes);
    memory.copy(this.at, from, bytes);
  }

  /** Takes the place of another, which is given back. */
  replace(other: Block): void {
    if (this.log != 0) release(this.at, this.log);
    this.at = other.at;
    this.log = other.log;
    other.at = 0;
    other.log = 0;
  }
}

/** An empty array, by its address. */
export function makeBlock(): usize {
  return allocateRecord(offsetof<Block>());
}

/** Room for so many bytes in an array; returns where it begins. What was in it stays. */
export function reserveBlock(block: usize, bytes: usize): usize {
  changetype<Block>(block).reserve(bytes);
  return changetype<Block>(block).at;
}

/** An empty array. */
export function newBlock(): Block {
  return changetype<Block>(allocateRecord(offsetof<Block>()));
}

/**
 * Writes a 0 to each page of a piece of what is all 0, and returns where the next piece begins: a new page that is read before
 * it is written is given twice, first one of zeros for all to share.
 */
export function ownPages(at: usize, end: usize): usize {
  const last = min(at + PIECE_BYTES, end);
  for (; at < last; at += SYSTEM_PAGE) store<u32>(at, 0);
  return last;
}

/**
 * Copies eight bytes from each of `count` addresses, so that the memory answers many requests at a time: a loop that does
 * more between two of them has fewer on the way.
 */
export function gather(addresses: usize, count: u32, to: usize): void {
  const end = addresses + ((<usize>count) << 2);
  for (; addresses + 32 <= end; addresses += 32, to += 64) {
    store<u64>(to, load<u64>(<usize>load<u32>(addresses)));
    store<u64>(to, load<u64>(<usize>load<u32>(addresses, 4)), 8);
    store<u64>(to, load<u64>(<usize>load<u32>(addresses, 8)), 16);
    store<u64>(to, load<u64>(<usize>load<u32>(addresses, 12)), 24);
    store<u64>(to, load<u64>(<usize>load<u32>(addresses, 16)), 32);
    store<u64>(to, load<u64>(<usize>load<u32>(addresses, 20)), 40);
    store<u64>(to, load<u64>(<usize>load<u32>(addresses, 24)), 48);
    store<u64>(to, load<u64>(<usize>load<u32>(addresses, 28)), 56);
  }
  for (; addresses < end; addresses += 4, to += 8) store<u64>(to, load<u64>(<usize>load<u32>(addresses)));
}

/** The same of sixteen bytes. */
export function gatherPairs(addresses: usize, count: u32, to: usize): void {
  const end = addresses + ((<usize>count) << 2);
  for (; addresses + 32 <= end; addresses += 32, to += 128) {
    v128.store(to, v128.load(<usize>load<u32>(addresses)));
    v128.store(to, v128.load(<usize>load<u32>(addresses, 4)), 16);
    v128.store(to, v128.load(<usize>load<u32>(addresses, 8)), 32);
    v128.store(to, v128.load(<usize>load<u32>(addresses, 12)), 48);
    v128.store(to, v128.load(<usize>load<u32>(addresses, 16)), 64);
    v128.store(to, v128.load(<usize>load<u32>(addresses, 20)), 80);
    v128.store(to, v128.load(<usize>load<u32>(addresses, 24)), 96);
    v128.store(to, v128.load(<usize>load<u32>(addresses, 28)), 112);
  }
  for (; addresses < end; addresses += 4, to += 16) v128.store(to, v128.load(<usize>load<u32>(addresses)));
}
