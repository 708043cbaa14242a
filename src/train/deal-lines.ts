import { ranges, rowRanges } from "../data/csr.js";
import type { FoldedCounts } from "./place-rows.js";
import type { ProblemMemory } from "./problem-memory.js";

// Lines of weights are dealt out to shards like cards, hand after hand of HAND consecutive lines; plain lines and shared ones
// apart, and of the dense ones an equal part to each. So each shard has its part of the lines of frequent features, which come
// first, and of rare ones, and what a row has brought up stays together in memory. The first shard gets HELD_BACK lines of a
// hand less than its part, the last one as many more: whoever has the first also takes the steps. Lines of a shard are numbered
// one after the other: a shard's weights lie together, and so do its entries in a row.

/** The most that the core can deal to, and so the most threads that find work. */
export const MOST_SHARDS = 4;

const HAND_BITS = 7;
/** Lines that are dealt out at a time; at least as many as there are shards, a power of two as well. */
export const HAND = 1 << HAND_BITS;
/** Lines of a hand that the first shard leaves to the last one. */
export const HELD_BACK = 6;

/** Where the lines of each shard begin in a hand, and HAND. */
function handStarts(shards: number): number[] {
  const startOf = (_: unknown, shard: number) => Math.max(0, Math.ceil((shard * HAND) / shards) - HELD_BACK);
  return [...Array.from({ length: shards }, startOf), HAND];
}

/** Numbers of lines that are dealt out. */
class DealtLines {
  /** The first number. */
  readonly first: number;
  /** The first number of each shard. */
  readonly starts: readonly number[];
  /** Of each line of a hand: its number in the first hand, and how much greater it is in each further one. */
  readonly #offsets = new Uint32Array(HAND);
  readonly #steps = new Uint32Array(HAND);

  /** Of lines first … end − 1. */
  constructor(first: number, end: number, shards: number) {
    this.first = first;
    const hands = Math.floor((end - first) / HAND);
    const rest = (end - first) % HAND;
    const inHand = handStarts(shards);
    const starts: number[] = [];
    let next = first;
    for (let shard = 0; shard < shards; shard++) {
      const [from, stop] = [inHand[shard]!, inHand[shard + 1]!];
      starts.push(next);
      for (let line = from; line < stop; line++) this.#offsets[line] = next + line - from;
      this.#steps.fill(stop - from, from, stop);
      next += hands * (stop - from) + Math.max(0, Math.min(rest, stop) - from);
    }
    this.starts = starts;
  }

  numberOf(line: number): number {
    const i = line - this.first;
    return this.#offsets[i & (HAND - 1)]! + (i >>> HAND_BITS) * this.#steps[i & (HAND - 1)]!;
  }
}

/**
 * Numbers lines anew, by shards, in `lineOf` and `counts` (src/train/place-rows.ts has both). Returns where the plain lines of each
 * shard begin, then the shared ones of each. Yields now and then.
 */
export function* dealLines(
  lineOf: Uint32Array,
  counts: Float32Array,
  { denseCount, firstShared, lineCount }: FoldedCounts,
  shards: number,
): Generator<void, number[]> {
  const plain = new DealtLines(denseCount, firstShared, shards);
  const shared = new DealtLines(firstShared, lineCount, shards);
  for (const [first, end] of ranges(lineOf.length)) {
    for (let feature = first; feature < end; feature++) {
      const line = lineOf[feature]!;
      if (line < lineCount) lineOf[feature] = (line < firstShared ? plain : shared).numberOf(line);
    }
    yield;
  }
  const before = counts.slice();
  before.forEach((count, i) => {
    counts[shared.numberOf(firstShared + i) - firstShared] = count;
  });
  return [...plain.starts, ...shared.starts];
}

/** In place of the first line of a shard that there is not. */
const NO_LINE = 0xffffffff;

/** Bytes of what the core's `dealRows` needs besides eight for each entry of the longest row. */
export const DEALING_BYTES = 4 * 3 * MOST_SHARDS;

/**
 * Brings the entries of all rows into the order of their lines, and sets `bounds`. Yields now and then.
 * @param starts what `dealLines` returns
 */
export function* dealRows(memory: ProblemMemory, shards: number, starts: readonly number[]): Generator<void> {
  const { core, at, rowCount } = memory;
  const dealing = memory.u32("waiting", 2 * MOST_SHARDS).fill(NO_LINE);
  dealing.set(starts.slice(0, shards));
  dealing.set(starts.slice(shards), MOST_SHARDS);
  for (const [first, end] of rowRanges({ rowCount, indptr: memory.u32("indptr", rowCount + 1) })) {
    core.dealRows(at.record, at.waiting, first, end);
    yield;
  }
}
