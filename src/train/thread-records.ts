import { Control, Problem as Field } from "../../assembly/layout.js";
import type { CoreExports } from "../wasm/core.js";
import type { Plan } from "../wasm/memory.js";
import { planBlocks } from "../wasm/memory.js";
import { HAND, HELD_BACK } from "./deal-lines.js";

const ownFields = { wide: Field.wide, cursors: Field.cursors, sums: Field.sums } as const;
export type OwnBlock = "record" | keyof typeof ownFields;

/** How a problem is shared. */
export interface Sharing {
  readonly threads: number;
  /** Groups of lines, a power of two. */
  readonly shards: number;
  /** What a step costs, in shards of an average row that are scored and updated. */
  readonly stepShards: number;
}

/** What a step costs, in entries of the row that are scored and updated. */
const STEP_ENTRIES = 20;

export function sharingOf(threads: number, shards: number, entriesARow: number): Sharing {
  return { threads, shards, stepShards: (shards * STEP_ENTRIES) / Math.max(1, entriesARow) };
}

/** Bytes of what the threads after the first have for themselves. @param own sizes of the first thread's */
export function othersBytes(threads: number, own: Record<OwnBlock, number>): number {
  return threads === 1 ? 0 : (threads - 1) * planBlocks(own).totalBytes;
}

/** The records that describe one problem to each of its threads, and the counters by which these share the work. */
export class ThreadRecords {
  readonly #memory: WebAssembly.Memory;
  readonly #at: Plan<OwnBlock | "others" | "control" | "ready">["at"];
  readonly #own: Plan<OwnBlock>;
  readonly #sharing: Sharing;
  readonly #slots: number;

  /** @param at of the blocks; the first thread's record is written already @param own their sizes for one thread */
  constructor(
    memory: WebAssembly.Memory,
    at: Plan<OwnBlock | "others" | "control" | "ready">["at"],
    own: Record<OwnBlock, number>,
    sharing: Sharing,
    batchSize: number,
  ) {
    this.#memory = memory;
    this.#at = at;
    this.#own = planBlocks(own);
    this.#sharing = sharing;
    this.#slots = 2 * batchSize;
    const first = new Uint8Array(memory.buffer, this.recordOf(0), Field.BYTES);
    for (let thread = 0; thread < sharing.threads; thread++) {
      if (thread > 0) new Uint8Array(memory.buffer, this.recordOf(thread), Field.BYTES).set(first);
      const record = this.#record(thread);
      for (const [block, field] of Object.entries(ownFields))
        record.setUint32(field, this.#address(thread, block as OwnBlock), true);
      const { from, end } = shardsOf(thread, sharing);
      record.setUint32(Field.firstShard, from, true);
      record.setUint32(Field.endShard, end, true);
    }
  }

  /** Address of a thread's record. */
  recordOf(thread: number): number {
    return this.#address(thread, "record");
  }

  #address(thread: number, block: OwnBlock): number {
    if (thread === 0) return this.#at[block];
    return this.#at.others + (thread - 1) * this.#own.totalBytes + this.#own.at[block];
  }

  #record(thread: number): DataView {
    return new DataView(this.#memory.buffer, this.recordOf(thread), Field.BYTES);
  }

  setCount(field: Field, value: number): void {
    for (let thread = 0; thread < this.#sharing.threads; thread++) {
      this.#record(thread).setUint32(field, value, true);
    }
  }

  setNumber(field: Field, value: number): void {
    for (let thread = 0; thread < this.#sharing.threads; thread++) {
      this.#record(thread).setFloat32(field, value, true);
    }
  }

  /** Sets the cursors of all threads, so that no block is begun. */
  resetCursors(core: CoreExports): void {
    for (let thread = 0; thread < this.#sharing.threads; thread++) core.resetCursors(this.recordOf(thread));
  }

  /** Gives all shards to the first thread, which does everything from now on. */
  takeAllShards(): void {
    this.#record(0).setUint32(Field.firstShard, 0, true);
    this.#record(0).setUint32(Field.endShard, this.#sharing.shards, true);
  }

  /** To be called before several threads visit all rows, see `assembly/together.ts`. */
  startVisits(): void {
    this.#counters().fill(0);
    this.setCounter(Control.opened, 2);
    new Uint32Array(this.#memory.buffer, this.#at.ready, this.#slots).fill(0);
    this.setCount(Field.place, 0);
  }

  /** How far the threads have come in the epoch's order. */
  get placeReached(): number {
    return this.#record(0).getUint32(Field.place, true);
  }

  #counters(): Uint32Array {
    return new Uint32Array(this.#memory.buffer, this.#at.control, Control.BYTES / 4);
  }

  counter(counter: Exclude<Control, Control.BYTES>): number {
    return Atomics.load(this.#counters(), counter / 4);
  }

  setCounter(counter: Exclude<Control, Control.BYTES>, value: number): void {
    Atomics.store(this.#counters(), counter / 4, value);
  }
}

/**
 * The shards that a thread has for its own: all threads have the same work to do, but for thread 0, which also takes the
 * steps and so has fewer.
 */
function shardsOf(thread: number, { threads, shards, stepShards }: Sharing) {
  const own = Math.max(0, (shards + stepShards) / threads - stepShards);
  const startOf = (thread: number) =>
    thread === 0 ? 0 : shardAt(own + ((thread - 1) * (shards - own)) / (threads - 1), shards);
  return { from: startOf(thread), end: thread + 1 === threads ? shards : startOf(thread + 1) };
}

/** The shard that begins nearest to where so many of average size end; `deal-lines.ts` says how large they are. */
function shardAt(size: number, shards: number): number {
  const first = 1 - (HELD_BACK / HAND) * shards;
  return size < first / 2 ? 0 : Math.min(shards, Math.round(size + 1 - first));
}
