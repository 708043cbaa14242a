import { ranges, rowRanges } from "../data/csr.js";
import type { ProblemMemory } from "./problem-memory.js";

// Lines of weights are dealt out to shards like cards, hand after hand of HAND consecutive lines; plain lines and shared ones
// apart, and of the dense ones an equal part to each. So each shard has its part of the lines of frequent features, which come
// first, and of rare ones, and what a row has brought up stays together in memory. The first shard gets HELD_BACK lines of a
// hand less than its part, the last one as many more: whoever has the first also takes the steps. Lines are numbered anew, those
// of a shard one after the other: a shard's weights lie together, and so do its entries in a row.

/** Lines that are dealt out at a time; at least as many as there are shards, a power of two as well. */
export const HAND = 128;
/** Lines of a hand that the first shard leaves to the last one. */
export const HELD_BACK = 6;

/** Shard of each line of a hand. */
function shardsOfHand(shards: number): Uint8Array {
  return Uint8Array.from({ length: HAND }, (_, line) =>
    Math.min(Math.floor(((line + HELD_BACK) * shards) / HAND), shards - 1),
  );
}

/**
 * Numbers the lines anew, brings the entries of all rows into the order of the new numbers, and sets `bounds`. Yields now and
 * then.
 */
export function* dealLines(memory: ProblemMemory, shards: number, featureCount: number): Generator<void> {
  const { denseCount, firstShared, lineCount } = memory.folded;
  // They stand where the squares of the lines will, once they are solved.
  const numbers = memory.u32("squares", lineCount);
  if (shards > 1) {
    for (let line = 0; line < denseCount; line++) numbers[line] = line;
    yield* dealNumbers(numbers, denseCount, firstShared, shards);
    yield* dealNumbers(numbers, firstShared, lineCount, shards);
    const counts = memory.f32("counts", lineCount - firstShared);
    const before = counts.slice();
    for (let i = 0; i < counts.length; i++) counts[numbers[firstShared + i]! - firstShared] = before[i]!;
    const lineOf = memory.u32("lineOf", featureCount);
    for (const [first, end] of ranges(featureCount)) {
      for (let feature = first; feature < end; feature++) {
        const line = lineOf[feature]!;
        if (line < lineCount) lineOf[feature] = numbers[line]!;
      }
      yield;
    }
  }
  yield* dealRows(memory, shards, numbers);
}

/** New numbers of lines first … end − 1. Yields now and then. */
function* dealNumbers(numbers: Uint32Array, first: number, end: number, shards: number): Generator<void> {
  const shardOf = shardsOfHand(shards);
  let next = first;
  for (let shard = 0; shard < shards; shard++) {
    for (let line = first; line < end; line++)
      if (shardOf[(line - first) & (HAND - 1)] === shard) numbers[line] = next++;
    yield;
  }
}

function* dealRows(memory: ProblemMemory, shards: number, numbers: Uint32Array): Generator<void> {
  const { rowCount } = memory;
  const { denseCount, firstShared } = memory.folded;
  const indptr = memory.u32("indptr", rowCount + 1);
  const sharedAt = memory.u32("sharedAt", rowCount);
  const bounds = memory.u32("bounds", 2 * shards * rowCount + 1);
  const entries = new EntryDealer(memory, indptr[rowCount]!, shards, numbers);
  let at = 0;
  for (const [first, end] of rowRanges({ rowCount, indptr })) {
    for (let row = first; row < end; row++) {
      entries.deal(denseCount, indptr[row]!, sharedAt[row]!, bounds, at);
      entries.deal(firstShared, sharedAt[row]!, indptr[row + 1]!, bounds, at + shards);
      at += 2 * shards;
    }
    yield;
  }
  bounds[at] = indptr[rowCount]!;
}

class EntryDealer {
  readonly #indices: Uint32Array;
  readonly #values: Float32Array;
  readonly #shards: number;
  /** New numbers of the lines. */
  readonly #numbers: Uint32Array;
  readonly #shardOf: Uint8Array;
  /** Entries of a row by shard, each with room for all, and how many there are. */
  #lines = new Uint32Array(0);
  #parts = new Float32Array(0);
  readonly #counts: Uint32Array;

  constructor(memory: ProblemMemory, count: number, shards: number, numbers: Uint32Array) {
    this.#shards = shards;
    this.#numbers = numbers;
    this.#shardOf = shardsOfHand(shards);
    this.#counts = new Uint32Array(shards);
    this.#indices = memory.u32("indices", count);
    this.#values = memory.f32("values", count);
  }

  /**
   * Brings entries first … end − 1 of a row into order, which are on lines from `base` on, and writes where those of each shard
   * begin to `starts`, from `at` on.
   */
  deal(base: number, first: number, end: number, starts: Uint32Array, at: number): void {
    const shards = this.#shards;
    starts[at] = first;
    if (shards === 1) return;
    const room = end - first;
    if (this.#lines.length < shards * room) {
      this.#lines = new Uint32Array(2 * shards * room);
      this.#parts = new Float32Array(2 * shards * room);
    }
    const [lines, parts, counts] = [this.#lines, this.#parts, this.#counts.fill(0)];
    const [indices, values, numbers, shardOf] = [this.#indices, this.#values, this.#numbers, this.#shardOf];
    for (let k = first; k < end; k++) {
      const line = indices[k]!;
      const shard = shardOf[(line - base) & (HAND - 1)]!;
      const to = shard * room + counts[shard]!++;
      lines[to] = numbers[line]!;
      parts[to] = values[k]!;
    }
    let k = first;
    for (let shard = 0; shard < shards; shard++) {
      starts[at + shard] = k;
      const stop = shard * room + counts[shard]!;
      for (let from = shard * room; from < stop; from++) {
        indices[k] = lines[from]!;
        values[k++] = parts[from]!;
      }
    }
  }
}
