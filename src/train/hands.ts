import { Control, type Work } from "../../assembly/layout.js";
import type { StopReason } from "../model/training-record.js";
import { Slices } from "../slices.js";
import type { Crew } from "../threads/crew.js";
import type { Problem } from "./problem.js";

/** Asked again and again: why the run has to end now, if it has to. */
export type Limit = () => StopReason | undefined;

/** Who wants to know how the work goes on. */
export interface Watch {
  /** Aborted, it ends the work; what was begun rejects with its reason. */
  readonly signal: AbortSignal | undefined;
  /** Called while the work goes on. @param visits of the epoch that are made */
  readonly onPause: (visits: number) => void;
}

/** Who works on a problem. The event loop gets its turns meanwhile. Whoever it is, the bits are the same. */
export interface Hands {
  /** An epoch, broken off at the end of a batch when `limit` names a reason: the reason. */
  epoch(limit: Limit, watch: Watch): Promise<StopReason | undefined>;
  /** All blocks of a kind of work. */
  work(work: Work, watch: Watch): Promise<void>;
}

/** This thread, in slices. */
export class OneThread implements Hands {
  readonly #problem: Problem;
  #rowsAPiece: number;

  constructor(problem: Problem) {
    this.#problem = problem;
    this.#rowsAPiece = problem.batchSize;
  }

  async epoch(limit: Limit, { signal, onPause }: Watch): Promise<StopReason | undefined> {
    const problem = this.#problem;
    let visits = 0;
    const slices = new Slices(signal, () => onPause(Math.min(visits, problem.visitCount)));
    signal?.throwIfAborted();
    while (visits < problem.visitCount) {
      const reason = limit();
      if (reason) return reason;
      const more = wholeBatches(this.#rowsAPiece, problem.batchSize);
      const before = performance.now();
      problem.visit(visits, visits + more);
      // Pieces of a few milliseconds: short enough to stop soon, long enough that calling the core costs nothing.
      const tookMs = performance.now() - before;
      if (tookMs < 2) this.#rowsAPiece *= 2;
      else if (tookMs > 8) this.#rowsAPiece = Math.max(1, this.#rowsAPiece >> 1);
      visits += more;
      if (slices.isDue) await slices.pause();
    }
    return undefined;
  }

  async work(work: Work, { signal, onPause }: Watch): Promise<void> {
    const slices = new Slices(signal, () => onPause(0));
    this.#problem.startWork(work);
    while (this.#problem.takeBlocks(work, 1)) {
      if (slices.isDue) await slices.pause();
    }
  }
}

/** Milliseconds between two looks at a crew at work. */
const LOOK_MS = 25;

/** A crew of workers that have the problem's module and memory; this thread only looks on. */
export class ManyThreads implements Hands {
  readonly #problem: Problem;
  readonly #crew: Crew;

  /** @param problem made for as many threads as the crew has */
  constructor(problem: Problem, crew: Crew) {
    this.#problem = problem;
    this.#crew = crew;
  }

  async epoch(limit: Limit, watch: Watch): Promise<StopReason | undefined> {
    watch.signal?.throwIfAborted();
    let reason = limit();
    if (reason) return reason;
    const { visitCount, records, orderAddress } = this.#problem;
    records.startVisits();
    const job = this.#crew.run((thread) => [
      ["visitTogether", records.recordOf(thread), orderAddress, visitCount, thread],
    ]);
    await this.#watched(job, watch, () => {
      watch.onPause(Math.min(records.counter(Control.stepped), visitCount));
      reason ??= limit();
      return reason !== undefined;
    });
    return records.placeReached < visitCount ? reason : undefined;
  }

  async work(work: Work, watch: Watch): Promise<void> {
    watch.signal?.throwIfAborted();
    const { records, scaledL2 } = this.#problem;
    this.#problem.startWork(work);
    const job = this.#crew.run((thread) => [["takeBlocks", records.recordOf(thread), work, 1, scaledL2]]);
    await this.#watched(job, watch, () => {
      watch.onPause(0);
      return false;
    });
  }

  /**
   * Waits for a job, looking at it now and then. When `look` returns true or throws, or the signal is aborted, the crew is
   * told to stop, and has stopped before this rejects.
   */
  async #watched(job: Promise<void>, { signal }: Watch, look: () => boolean): Promise<void> {
    const stop = () => this.#problem.records.setCounter(Control.stop, 1);
    let failure: { readonly error: unknown } | undefined;
    const timer = setInterval(() => {
      try {
        if (look()) stop();
      } catch (error) {
        failure ??= { error };
        stop();
      }
    }, LOOK_MS);
    signal?.addEventListener("abort", stop);
    try {
      await job;
      signal?.throwIfAborted();
      if (failure) throw failure.error;
    } finally {
      clearInterval(timer);
      signal?.removeEventListener("abort", stop);
    }
  }
}

/** Rows of a batch are scored against the same weights, so slices of an epoch must end where batches end. */
function wholeBatches(rows: number, batchSize: number): number {
  return Math.max(1, Math.round(rows / batchSize)) * batchSize;
}
