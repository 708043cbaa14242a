import { Problem } from "./layout";

/**
 * Brings the entries of rows first … end − 1 into the order of the shards that their lines belong to, plain and shared ones apart
 * and those of a shard as they were, and sets `bounds` of these rows: src/train/deal-lines.ts.
 *
 *   dealing  u32[4]           the first plain line of each shard, of four at most; 2³² − 1 where there is none
 *            u32[4]           the same of shared lines
 *            u32[4]           scratch
 *            [entries of the longest row][8 bytes]   scratch
 */
export function dealRows(problem: usize, dealing: usize, first: u32, end: u32): void {
  const indptr = <usize>load<u32>(problem, Problem.indptr);
  const sharedAt = <usize>load<u32>(problem, Problem.sharedAt);
  const indices = <usize>load<u32>(problem, Problem.indices);
  const values = <usize>load<u32>(problem, Problem.values);
  const shards = load<u32>(problem, Problem.shards);
  const cursors = dealing + 32;
  const scratch = dealing + 48;
  let bounds = <usize>load<u32>(problem, Problem.bounds) + ((<usize>(first * shards)) << 3);
  // Of each row its plain entries, then those on shared lines.
  for (let part = first << 1; part < end << 1; part++) {
    const offset = (<usize>(part >> 1)) << 2;
    const middle = load<u32>(sharedAt + offset);
    const isShared = (part & 1) != 0;
    const from = isShared ? middle : load<u32>(indptr + offset);
    const stop = isShared ? load<u32>(indptr + offset, 4) : middle;
    const firstLines = v128.load(dealing + ((<usize>(part & 1)) << 4));
    const size: usize = shards == 1 ? 0 : (<usize>(stop - from)) << 3;
    let beyond = i32x4.splat(0);
    let k = (<usize>from) << 2;
    for (let at: usize = 0; at < size; at += 8) {
      const line = load<u32>(indices + k);
      store<u32>(scratch + at, line);
      store<u32>(scratch + at, load<u32>(values + k), 4);
      beyond = i32x4.sub(beyond, i32x4.ge_u(i32x4.splat(line), firstLines));
      k += 4;
    }
    const begin = i32x4.sub(i32x4.splat(shards == 1 ? from : stop), beyond);
    v128.store(cursors, begin);
    // Of one shard, what is next overwrites the second.
    if (shards == 4) v128.store(bounds, begin);
    else v128.store64_lane(bounds, begin, 0);
    for (let at: usize = 0; at < size; at += 8) {
      const line = load<u32>(scratch + at);
      const begun = popcnt(i32x4.bitmask(i32x4.ge_u(i32x4.splat(line), firstLines)));
      const cursor = cursors + ((<usize>begun - 1) << 2);
      const position = load<u32>(cursor);
      store<u32>(cursor, position + 1);
      store<u32>(indices + ((<usize>position) << 2), line);
      store<u32>(values + ((<usize>position) << 2), load<u32>(scratch + at, 4));
    }
    bounds += (<usize>shards) << 2;
    store<u32>(bounds, stop);
  }
}
