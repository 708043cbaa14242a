import { Problem, Shards } from "./layout";

// Lines of weights are dealt out to shards like cards, hand after hand of HAND consecutive lines; plain lines and shared ones
// apart. So each shard has its part of the lines of frequent features, which come first, and of rare ones, and what a row has
// brought up stays together in memory. The first shard gets HELD_BACK lines of a hand less than its part, the last one as many
// more: whoever has the first also takes the steps. Lines are numbered anew, those of a shard one after the other: a shard's
// weights lie together, and so do its entries in a row.

function shardOf(line: u32, shards: u32): u32 {
  return min<u32>((((line & (Shards.HAND - 1)) + Shards.HELD_BACK) * shards) / Shards.HAND, shards - 1);
}

/** New numbers, from `base` on, of lines base … base + count − 1, to `numbers` (u32[count]). */
function dealNumbers(numbers: usize, base: u32, count: u32, shards: u32): void {
  let next = base;
  for (let shard: u32 = 0; shard < shards; shard++) {
    for (let line: u32 = 0; line < count; line++) {
      if (shardOf(line, shards) == shard) store<u32>(numbers + ((<usize>line) << 2), next++);
    }
  }
}

/**
 * Numbers the lines anew: writes each one's new number to `numbers` (u32[lineCount]), for the rows, which are dealt out
 * next. `scratch` has room for f32[lineCount − firstShared].
 */
export function dealLines(problem: usize, numbers: usize, scratch: usize): void {
  const shards = load<u32>(problem, Problem.shards);
  if (shards == 1) return;
  const lineCount = load<u32>(problem, Problem.lineCount);
  const firstShared = load<u32>(problem, Problem.firstShared);
  const sharedBytes = (<usize>(lineCount - firstShared)) << 2;
  const shared = numbers + ((<usize>firstShared) << 2);
  dealNumbers(numbers, 0, firstShared, shards);
  dealNumbers(shared, firstShared, lineCount - firstShared, shards);
  const counts = <usize>load<u32>(problem, Problem.counts);
  memory.copy(scratch, counts, sharedBytes);
  for (let i: usize = 0; i < sharedBytes; i += 4) {
    store<u32>(counts + ((<usize>(load<u32>(shared + i) - firstShared)) << 2), load<u32>(scratch + i));
  }
  const lineOf = <usize>load<u32>(problem, Problem.lineOf);
  for (let at = lineOf; at < lineOf + ((<usize>load<u32>(problem, Problem.featureCount)) << 2); at += 4) {
    const line = load<u32>(at);
    if (line < lineCount) store<u32>(at, load<u32>(numbers + ((<usize>line) << 2)));
  }
}

/**
 * Brings the entries of rows first … end − 1 into the order of the lines' new numbers, and sets `bounds`. `scratch` has room
 * for the entries of the longest row (u32[nnz][2]).
 */
export function dealRows(problem: usize, numbers: usize, scratch: usize, first: u32, end: u32): void {
  const shards = load<u32>(problem, Problem.shards);
  const firstShared = load<u32>(problem, Problem.firstShared);
  const indptr = <usize>load<u32>(problem, Problem.indptr);
  const sharedAt = <usize>load<u32>(problem, Problem.sharedAt);
  let bounds = <usize>load<u32>(problem, Problem.bounds) + ((<usize>first * <usize>shards) << 3);
  for (let row = <usize>first; row < <usize>end; row++) {
    const shared = load<u32>(sharedAt + (row << 2));
    dealEntries(problem, numbers, load<u32>(indptr + (row << 2)), shared, 0, bounds, scratch);
    bounds += (<usize>shards) << 2;
    const stop = load<u32>(indptr + (row << 2), 4);
    dealEntries(problem, numbers, shared, stop, firstShared, bounds, scratch);
    bounds += (<usize>shards) << 2;
  }
  store<u32>(bounds, load<u32>(indptr + ((<usize>end) << 2)));
}

/** Deals out the entries first … end − 1 of a row, on lines from `base` on; u32[shards] `starts` of each shard. */
function dealEntries(
  problem: usize,
  numbers: usize,
  first: u32,
  end: u32,
  base: u32,
  starts: usize,
  scratch: usize,
): void {
  const shards = load<u32>(problem, Problem.shards);
  store<u32>(starts, first);
  if (shards == 1) return;
  const indices = <usize>load<u32>(problem, Problem.indices);
  const values = <usize>load<u32>(problem, Problem.values);
  const startsBytes = (<usize>shards) << 2;
  memory.fill(starts, 0, startsBytes);
  for (let k = (<usize>first) << 2; k < (<usize>end) << 2; k += 4) {
    const size = starts + ((<usize>shardOf(load<u32>(indices + k) - base, shards)) << 2);
    store<u32>(size, load<u32>(size) + 1);
  }
  let next = first;
  for (let start = starts; start < starts + startsBytes; start += 4) {
    const size = load<u32>(start);
    store<u32>(start, next);
    next += size;
  }
  for (let k = (<usize>first) << 2; k < (<usize>end) << 2; k += 4) {
    const line = load<u32>(indices + k);
    const start = starts + ((<usize>shardOf(line - base, shards)) << 2);
    const at = scratch + ((<usize>(load<u32>(start) - first)) << 3);
    store<u32>(start, load<u32>(start) + 1);
    store<u32>(at, load<u32>(numbers + ((<usize>line) << 2)));
    store<u32>(at, load<u32>(values + k), 4);
  }
  // Each start has become the end of its shard, which is the start of the next one.
  for (let shard = startsBytes - 4; shard > 0; shard -= 4) {
    store<u32>(starts + shard, load<u32>(starts + shard - 4));
  }
  store<u32>(starts, first);
  for (let k: usize = 0; k < <usize>(end - first); k++) {
    store<u32>(indices + ((<usize>first + k) << 2), load<u32>(scratch + (k << 3)));
    store<u32>(values + ((<usize>first + k) << 2), load<u32>(scratch + (k << 3), 4));
  }
}
