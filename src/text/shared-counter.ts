import type { CsrMatrix } from "../data/csr.js";
import type { Slices } from "../slices.js";
import type { Crew } from "../threads/crew.js";
import type { Call } from "../threads/worker-source.js";
import type { TextCoreExports } from "../wasm/core.js";
import type { TextsToCount } from "./count-ngrams.js";
import { asFound, askFound, type Found, MergedShares } from "./merge-shares.js";
import { type NgramTables, slotCount } from "./ngram-tables.js";
import { ShareRows } from "./share-rows.js";
import { defaultUnitMap } from "./unit-map.js";
import { PIECE_BYTES, plainTexts, type WaitingTexts } from "./waiting-texts.js";

/** The part of the text that one worker counts before the others begin: what it finds they need not find again. */
const SEED = 0.06;
/** Bytes behind the input that may be read. */
const PADDING = 32;
/** Pieces that are with each worker: one that it works on, one that waits for it or for this thread. */
const LANES = 2;

/** Where the rows of the seed end, which belong to the first share, and those of each share. @param units of text in each row */
export function shareEnds(units: Uint32Array, threads: number): { seedEnd: number; ends: number[] } {
  const all = units.reduce((sum, count) => sum + count + 1, 0);
  let row = 0;
  let done = 0;
  const endOf = (until: number) => {
    while (row < units.length && done + (units[row]! + 1) / 2 <= until) done += units[row++]! + 1;
    return row;
  };
  const seedEnd = endOf(SEED * all);
  const left = all - done;
  const seeded = done;
  const ends = Array.from({ length: threads }, (_, thread) =>
    endOf(seeded + (left * (thread + 1)) / threads),
  );
  ends[threads - 1] = units.length;
  return { seedEnd, ends };
}

/**
 * Learns n-grams with a crew of workers and makes the matrix of the rows; the result is that of `NgramCounter`. One worker
 * counts the first rows; all go on from what it has found, each with a share of the rows and tables of its own in a memory
 * that all share. Then these are merged, and what a later share has found after the seed is renumbered in its rows. This
 * thread writes the texts to the memory and copies the entries out of it, piece by piece.
 */
export class SharedCounter {
  readonly #crew: Crew;
  readonly #core: TextCoreExports;
  readonly #data: TextsToCount;
  readonly #slices: Slices;
  /** Room for the texts of the pieces of each worker. */
  readonly #inputs: { readonly input: number; readonly texts: number }[][];
  readonly #texts: WaitingTexts = plainTexts();
  #rowsDone = 0;

  /** @param core an instance on the memory of the crew, for this thread */
  constructor(crew: Crew, core: TextCoreExports, data: TextsToCount, slices: Slices) {
    this.#crew = crew;
    this.#core = core;
    this.#data = data;
    this.#slices = slices;
    // Pages that are read before they are written cost many times as much with several threads: all that must be 0 is written.
    core.startHeap(2 ** 32 - 1, crew.size + 1);
    core.enterHome(crew.size);
    this.#inputs = Array.from({ length: crew.size }, () =>
      Array.from({ length: LANES }, () => ({ input: core.makeBlock(), texts: core.makeBlock() })),
    );
  }

  get rowsDone(): number {
    return this.#rowsDone;
  }

  /**
   * The matrix of all rows and the tables of n-grams; undefined when there might be too many to number.
   * Rejects with `worker-failed`, `out-of-memory`, the reason of the signal. @param units of text in each row
   */
  async count(units: Uint32Array): Promise<{ matrix: CsrMatrix; tables: NgramTables } | undefined> {
    const { chars, words } = this.#data;
    const { seedEnd, ends } = shareEnds(units, this.#crew.size);
    const rows = new ShareRows(ends, units);
    const seeding = this.#join(0).then(() => this.#countRows(0, 0, seedEnd, rows));
    await Promise.all([seeding, ...ends.slice(1).map((_, thread) => this.#join(thread + 1))]);
    const seed = asFound(await this.#ask(0, askFound(chars, words)));
    await Promise.all(ends.slice(1).map((_, thread) => this.#adopt(thread + 1, seed)));
    await Promise.all(
      ends.map((end, thread) =>
        this.#countRows(thread, thread === 0 ? seedEnd : ends[thread - 1]!, end, rows),
      ),
    );
    const merged = await MergedShares.of(this.#crew, this.#core, { chars, words }, seed.counts);
    if (!merged) return undefined;
    const [charCount, wordCount] = [merged.total("trigrams"), merged.total("ngrams")];
    const buffer = this.#buffer;
    const slotsOf = (share: number) => ({
      chars: chars ? merged.slotsOf(share, "trigrams", buffer) : undefined,
      words: words ? merged.slotsOf(share, "ngrams", buffer) : undefined,
    });
    const [tables, matrix] = await Promise.all([
      merged.tables(() => this.#buffer),
      this.#slices.run(rows.matrix(charCount + wordCount, charCount, slotsOf)),
    ]);
    if (slotCount(tables) !== matrix.columnCount) throw new Error("Merged n-grams have been lost.");
    return { matrix, tables };
  }

  /** The memory as large as workers have made it by now. */
  get #buffer(): ArrayBufferLike {
    this.#core.memory.grow(0);
    return this.#core.memory.buffer;
  }

  async #ask(thread: number, questions: readonly Call[]): Promise<number[]> {
    return (await this.#crew.ask(thread, questions)).map((result) => result >>> 0);
  }

  async #join(thread: number): Promise<void> {
    const { chars, words, leavesCounts } = this.#data;
    const join: Call = ["joinText", thread, chars ? 1 : 0, words ? 1 : 0];
    const [map] = await this.#ask(thread, leavesCounts ? [join, ["leaveCounts"]] : [join]);
    new Uint16Array(this.#buffer).set(defaultUnitMap(), map! >>> 1);
  }

  async #adopt(thread: number, { vocabulary }: Found): Promise<void> {
    const { chars, words } = this.#data;
    await this.#ask(thread, [["adopt", vocabulary, chars ? 1 : 0, words ? 1 : 0]]);
  }

  /** Lets a worker count rows of its share. */
  async #countRows(thread: number, first: number, end: number, rows: ShareRows): Promise<void> {
    const texts = this.#texts;
    const waiting: (() => Promise<void>)[] = [];
    for (let row = first, lane = 0; row < end; lane = (lane + 1) % LANES) {
      if (waiting.length === LANES) await waiting.shift()!();
      if (this.#slices.isDue) await this.#slices.pause();
      texts.clear();
      while (row < end && texts.bytes < PIECE_BYTES) texts.add(this.#data.textsOf(row++));
      const { rowCount } = texts;
      const answer = this.#send(thread, lane, texts);
      waiting.push(async () => this.#take(thread, rows, await answer, rowCount));
    }
    for (const settle of waiting) await settle();
  }

  /** Brings rows to a worker, and asks it to count them. */
  #send(thread: number, lane: number, texts: WaitingTexts): Promise<number[]> {
    const { bytes, textCount, rowCount, room } = texts;
    const blocks = this.#inputs[thread]![lane]!;
    const input = this.#core.reserveBlock(blocks.input, bytes + PADDING) >>> 0;
    const textsAt = this.#core.reserveBlock(blocks.texts, 8 * textCount) >>> 0;
    const buffer = this.#buffer;
    new Uint8Array(buffer, input, bytes).set(room.bytes.subarray(0, bytes));
    new Uint32Array(buffer, textsAt, 2 * textCount).set(room.integers.subarray(0, 2 * textCount));
    const answer = this.#ask(thread, [
      ["turn"],
      ["countRowsAt", input, textsAt, textCount, rowCount],
      ["entryIndices"],
      ["entryValues"],
      ["entryRowEnds"],
    ]);
    // Whoever waits for it sees a failure; until somebody does it is not an unhandled one.
    answer.catch(() => {});
    return answer;
  }

  /** Copies rows that a worker has counted. */
  #take(thread: number, rows: ShareRows, answer: readonly number[], rowCount: number): void {
    const [, count, indices, values, ends] = answer;
    const buffer = this.#buffer;
    rows.add(
      thread,
      new Uint32Array(buffer, indices, count),
      new Float32Array(buffer, values, count),
      new Uint32Array(buffer, ends, 2 * rowCount),
    );
    this.#rowsDone += rowCount;
  }
}
