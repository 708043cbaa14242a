import type { CsrMatrix } from "../data/csr.js";
import type { Scorer } from "../model/scorer.js";
import type { Crew } from "../threads/crew.js";
import { workerHost } from "../threads/worker-host.js";
import { Workforce } from "../threads/workforce.js";
import { type CoreExports, loadSharedCore, type SharedCore } from "../wasm/core.js";
import { spareMemory, takeSpareMemory } from "../wasm/spare-memory.js";
import { weightColumns } from "../wasm/weight-layout.js";
import { MOST_SHARDS } from "./deal-lines.js";
import { type Hands, ManyThreads, OneThread } from "./hands.js";
import type { Problem } from "./problem.js";

/** Entries of a row that a shard has on average, at least: fewer cost more than they help. */
const ENTRIES_A_SHARD = 16;
/**
 * Entries × registers of weights below which one thread is best: what threads wait for each other in every batch, and for
 * whatever else the machine does, takes longer than they save. On two processors two threads gain at 15 times as much
 * (debian_section) and lose at 16 and 25 millions (banking77, imdb).
 */
const LEAST_WORK = 40e6;

/**
 * Shards of the features for threads to share: 1 for problems so small that one thread is best, else a power of two. A
 * function of the matrix and the classes alone, as the order of sums depends on it.
 */
export function shardsFor({ values, rowCount }: CsrMatrix, classCount: number): number {
  const registers = 1 + weightColumns(classCount).padded / 4;
  if (values.length * registers < LEAST_WORK) return 1;
  let shards = 1;
  while (shards < MOST_SHARDS && 2 * shards * ENTRIES_A_SHARD * rowCount <= values.length) shards *= 2;
  return shards;
}

/** Whether weights may wait until they are needed. */
let weightsMayWait = false;

/**
 * From now on the first prediction may lay weights out, at once: entries for a runtime where that is no page standing still call
 * it when they are loaded.
 */
export function letWeightsWait(may = true): void {
  weightsMayWait = may;
}

/** A core, and those who will work in its memory. */
export class Enlisted {
  readonly core: CoreExports;
  /** Threads to make the problem for. */
  readonly threads: number;
  readonly #crew: Crew | undefined;
  readonly #module: WebAssembly.Module | undefined;

  constructor(core: CoreExports, crew?: Crew, module?: WebAssembly.Module) {
    this.core = core;
    this.threads = crew?.size ?? 1;
    this.#crew = crew;
    this.#module = module;
  }

  /** Brings the workers to a problem in the core's memory. If they cannot start, this thread does the work. */
  async handsOn(problem: Problem): Promise<Hands> {
    const crew = this.#crew;
    if (!crew) return new OneThread(problem);
    try {
      await crew.load(this.#module!, this.core.memory);
    } catch {
      await crew.close();
      problem.records.takeAllShards();
      return new OneThread(problem);
    }
    return new ManyThreads(problem, crew);
  }

  /**
   * Gives a scorer the weights of a problem that nobody reads any more, with the workers dismissed, and the memory away. Where
   * they may wait and the problem takes no more memory than the weights of all features will, it stays until they are needed: a
   * model may be saved without them. Yields now and then.
   */
  *handOver(problem: Problem, scorer: Scorer): Generator<void> {
    if (!weightsMayWait || this.core.memory.buffer.byteLength > scorer.weightBytes) {
      yield* problem.intoScorer(scorer);
      this.spareMemory(problem);
      return;
    }
    const { usedBytes } = problem;
    scorer.setBiases(problem.biasLine());
    scorer.setSource(problem.unfolding(), () => this.spareMemory({ usedBytes }));
  }

  /** Gives the memory away, once nobody reads the problem any more and the workers are dismissed. */
  spareMemory({ usedBytes }: Pick<Problem, "usedBytes">): void {
    spareMemory(this.core.memory, usedBytes);
  }

  /** Ends the workers. */
  async dismiss(): Promise<void> {
    await this.#crew?.close();
  }
}

/**
 * Calls for so many threads; the workers come up while the caller goes on. Where there can be none, it is this thread.
 * @param alone the core for it if it is this thread, in memory of its own
 * @param workforce of the run, which may have some already; those that are not needed are ended
 */
export async function enlist(
  threads: number,
  alone: CoreExports,
  workforce: Workforce = new Workforce(),
): Promise<Enlisted> {
  if (threads === 1 || !workerHost()) {
    await workforce.close();
    return new Enlisted(await inLargerMemory(alone));
  }
  let crew: Crew;
  try {
    crew = await workforce.crew(threads);
  } catch {
    return new Enlisted(alone);
  }
  let shared: SharedCore;
  try {
    shared = (await loadSharedCore())(takeSpareMemory("shared"));
  } catch {
    await crew.close();
    return new Enlisted(alone);
  }
  return new Enlisted(shared.exports, crew, shared.module);
}

/** A core, or another in memory that was used before, such as threads could share, where there is more of that. */
async function inLargerMemory(core: CoreExports): Promise<CoreExports> {
  const shared = takeSpareMemory("shared");
  const isLarger = shared && shared.buffer.byteLength > core.memory.buffer.byteLength;
  return isLarger ? (await loadSharedCore())(shared).exports : core;
}
