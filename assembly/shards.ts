import { Problem } from "./layout";

// Lines of weights are dealt out to shards like cards, some consecutive ones at a time: line l belongs to shard
// (l / RUN) mod shards, a power of two; plain lines and shared ones apart. So each shard has its part of the lines of
// frequent features, which come first, and of rare ones, and what a row has brought up stays together in memory. Lines are
// numbered anew, those of a shard one after the other: a shard's weights lie together, and so do its entries in a row.

const RUN_LOG: u32 = 5;
const RUN: u32 = 1 << RUN_LOG;

function shardOf(line: u32, shards: u32): u32 {
  return (line >> RUN_LOG) & (shards - 1);
}

/** The new number of a line, of `count`. */
function dealt(line: u32, shards: u32, count: u32): u32 {
  const shard = shardOf(line, shards);
  const log = ctz<u32>(shards);
  // Whole runs, of which the first shards may have one more; then the shard that has the lines left over.
  const runs = count >> RUN_LOG;
  const more = runs & (shards - 1);
  const before = (shard * (runs >> log) + min(shard, more)) * RUN + (shard > more ? count & (RUN - 1) : 0);
  return before + ((line >> (RUN_LOG + log)) << RUN_LOG) + (line & (RUN - 1));
}

/**
 * Brings the entries of rows first … end − 1 into the order of the lines' new numbers, and sets `bounds`. `scratch` has room
 * for the entries of the longest row (u32[nnz][2]).
 */
export function dealRows(problem: usize, scratch: usize, first: u32, end: u32): void {
  const shards = load<u32>(problem, Problem.shards);
  const firstShared = load<u32>(problem, Problem.firstShared);
  const sharedCount = load<u32>(problem, Problem.lineCount) - firstShared;
  const indptr = <usize>load<u32>(problem, Problem.indptr);
  const sharedAt = <usize>load<u32>(problem, Problem.sharedAt);
  let bounds = <usize>load<u32>(problem, Problem.bounds) + ((<usize>first * <usize>shards) << 3);
  for (let row = <usize>first; row < <usize>end; row++) {
    const shared = load<u32>(sharedAt + (row << 2));
    dealEntries(problem, load<u32>(indptr + (row << 2)), shared, 0, firstShared, bounds, scratch);
    bounds += (<usize>shards) << 2;
    const stop = load<u32>(indptr + (row << 2), 4);
    dealEntries(problem, shared, stop, firstShared, sharedCount, bounds, scratch);
    bounds += (<usize>shards) << 2;
  }
  store<u32>(bounds, load<u32>(indptr + ((<usize>end) << 2)));
}

/** Numbers the lines anew, once the rows have been dealt out. `scratch` has room for f32[lineCount − firstShared]. */
export function dealLines(problem: usize, scratch: usize): void {
  const shards = load<u32>(problem, Problem.shards);
  if (shards == 1) return;
  const firstShared = load<u32>(problem, Problem.firstShared);
  const sharedCount = load<u32>(problem, Problem.lineCount) - firstShared;
  const counts = <usize>load<u32>(problem, Problem.counts);
  memory.copy(scratch, counts, (<usize>sharedCount) << 2);
  for (let i: u32 = 0; i < sharedCount; i++) {
    store<u32>(
      counts + ((<usize>dealt(i, shards, sharedCount)) << 2),
      load<u32>(scratch + ((<usize>i) << 2)),
    );
  }
  const lineOf = <usize>load<u32>(problem, Problem.lineOf);
  for (let at = lineOf; at < lineOf + ((<usize>load<u32>(problem, Problem.featureCount)) << 2); at += 4) {
    const line = load<u32>(at);
    if (line < firstShared) store<u32>(at, dealt(line, shards, firstShared));
    else if (line < firstShared + sharedCount) {
      store<u32>(at, firstShared + dealt(line - firstShared, shards, sharedCount));
    }
  }
}

/** Deals out the entries first … end − 1 of a row, on lines from `base` on, of `count`; u32[shards] `starts` of each shard. */
function dealEntries(
  problem: usize,
  first: u32,
  end: u32,
  base: u32,
  count: u32,
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
    const line = load<u32>(indices + k) - base;
    const start = starts + ((<usize>shardOf(line, shards)) << 2);
    const at = scratch + ((<usize>(load<u32>(start) - first)) << 3);
    store<u32>(start, load<u32>(start) + 1);
    store<u32>(at, base + dealt(line, shards, count));
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
