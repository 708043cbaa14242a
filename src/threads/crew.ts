import { DualTextError } from "../errors.js";
import type { WorkerHandle, WorkerHost } from "./worker-host.js";
import { type Answer, type Call, type Task, workerSource } from "./worker-source.js";

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: DualTextError) => void;
}

/** Workers that do calls of a WebAssembly module on a memory they share. Must be closed, whatever happens. */
export class Crew {
  readonly size: number;
  readonly #workers: WorkerHandle[] = [];
  readonly #waiting: (Waiting | undefined)[] = [];
  #failure: DualTextError | undefined;

  /** Starts workers, which come up while the caller goes on. Throws what the host throws when it starts none. */
  constructor(host: WorkerHost, size: number) {
    this.size = size;
    try {
      for (let thread = 0; thread < size; thread++) {
        const onFailure = (reason: unknown) => this.#fail(thread, reason);
        const onMessage = (message: unknown) => this.#settle(thread, message as Answer);
        this.#workers.push(host.start(workerSource, { onMessage, onFailure }));
      }
    } catch (error) {
      void this.close();
      throw error;
    }
  }

  /** Makes an instance of the module on the memory in each worker. Rejects with `worker-failed`. */
  async load(module: WebAssembly.Module, memory: WebAssembly.Memory): Promise<void> {
    await this.#each(() => ({ module, memory, calls: [] }));
  }

  /**
   * Lets each worker do its calls; resolves when all have. No worker may be busy. Rejects with `worker-failed` as soon as
   * one of them fails; the others may still be at work then, and none is usable.
   */
  run(callsOf: (thread: number) => readonly Call[]): Promise<void> {
    return this.#each((thread) => ({ calls: callsOf(thread) }));
  }

  async #each(taskOf: (thread: number) => Task): Promise<void> {
    await Promise.all(
      this.#workers.map(
        (worker, thread) =>
          new Promise<void>((resolve, reject) => {
            if (this.#failure) return reject(this.#failure);
            this.#waiting[thread] = { resolve, reject };
            worker.post(taskOf(thread));
          }),
      ),
    );
  }

  #settle(thread: number, answer: Answer): void {
    if (answer.error !== undefined) {
      this.#fail(thread, answer.error);
      return;
    }
    const waiting = this.#waiting[thread];
    this.#waiting[thread] = undefined;
    waiting?.resolve();
  }

  #fail(thread: number, cause: unknown): void {
    const reason = cause instanceof Error ? cause.message : String(cause);
    this.#failure ??= new DualTextError(
      "worker-failed",
      `Worker ${thread + 1} of ${this.size} failed: ${reason}. Use fewer threads, or less memory.`,
      { cause },
    );
    this.#rejectAll(this.#failure);
  }

  #rejectAll(failure: DualTextError): void {
    for (const waiting of this.#waiting.splice(0)) waiting?.reject(failure);
  }

  /** Ends all workers, busy or not; resolves when they are gone. What they were to do rejects. */
  async close(): Promise<void> {
    this.#failure ??= new DualTextError("worker-failed", "The workers have been ended.");
    this.#rejectAll(this.#failure);
    await Promise.all(this.#workers.splice(0).map((worker) => worker.end()));
  }
}
