import { DualTextError } from "../errors.js";
import type { WorkerHandle, WorkerHost } from "./worker-host.js";
import { type Answer, type Call, type Task, workerSource } from "./worker-source.js";

const megabytes = (bytes: number) => `${Math.ceil(bytes / 1e6)} MB`;

interface Waiting {
  readonly resolve: (results: readonly number[]) => void;
  readonly reject: (error: DualTextError) => void;
}

/** Milliseconds for workers to come up. A host may run so many already that it lets others wait for their end. */
const START_MS = 10_000;

/** Workers that do calls of a WebAssembly module on a memory they share. Must be closed, whatever happens. */
export class Crew {
  readonly #host: WorkerHost;
  readonly #workers: WorkerHandle[] = [];
  /** Of each worker, what it has not answered yet, in order. */
  readonly #waiting: Waiting[][] = [];
  #size = 0;
  #failure: DualTextError | undefined;

  /** Starts workers, which come up while the caller goes on. Throws what the host throws when it starts none. */
  constructor(host: WorkerHost, size: number) {
    this.#host = host;
    this.#start(size);
  }

  get size(): number {
    return this.#size;
  }

  /** Whether no worker has failed and it has not been closed. */
  get isUsable(): boolean {
    return this.#failure === undefined;
  }

  #start(size: number): void {
    this.#size = size;
    try {
      for (let thread = this.#workers.length; thread < size; thread++) {
        const onFailure = (reason: unknown) => this.#fail(thread, reason);
        const onMessage = (message: unknown) => this.#settle(thread, message as Answer);
        this.#waiting[thread] = [];
        this.#workers.push(this.#host.start(workerSource, { onMessage, onFailure }));
      }
    } catch (error) {
      void this.close();
      throw error;
    }
  }

  /** Ends workers or starts some. All must be idle. Throws as the constructor does. */
  async resize(size: number): Promise<void> {
    await Promise.all(this.#workers.splice(size).map((worker) => worker.end()));
    this.#start(size);
  }

  /**
   * Makes an instance of the module on the memory in each worker. Rejects with `worker-failed`, as it does, and is closed,
   * when they do not come up in time. The types are those of what the package declares, which has to do without a host's.
   * @param module a WebAssembly.Module @param memory a WebAssembly.Memory
   */
  async load(module: object, memory: object): Promise<void> {
    // Closing makes it reject what it has not done yet.
    const late = setTimeout(() => void this.close(), START_MS);
    try {
      await this.#each(() => ({ module, memory, calls: [] }));
    } finally {
      clearTimeout(late);
    }
  }

  /**
   * Lets each worker do its calls; resolves when all have. No worker may be busy. Rejects with `worker-failed` as soon as
   * one of them fails; the others may still be at work then, and none is usable.
   */
  run(callsOf: (thread: number) => readonly Call[]): Promise<void> {
    return this.#each((thread) => ({ calls: callsOf(thread) }));
  }

  /**
   * Lets one worker do calls, once each, when it has done what it was asked before; resolves with what they return. Rejects
   * as `run` does.
   */
  ask(thread: number, questions: readonly Call[]): Promise<readonly number[]> {
    return this.#post(thread, { calls: [], questions });
  }

  async #each(taskOf: (thread: number) => Task): Promise<void> {
    await Promise.all(this.#workers.map((_, thread) => this.#post(thread, taskOf(thread))));
  }

  #post(thread: number, task: Task): Promise<readonly number[]> {
    return new Promise((resolve, reject) => {
      if (this.#failure) return reject(this.#failure);
      this.#waiting[thread]!.push({ resolve, reject });
      this.#workers[thread]!.post(task);
    });
  }

  #settle(thread: number, { results = [], error, refusedBytes = 0 }: Answer): void {
    if (refusedBytes > 0) {
      const message = `${megabytes(refusedBytes)} of memory are needed, which this host does not give`;
      this.#failWith(
        new DualTextError("out-of-memory", `${message}. Use fewer rows, or fewer threads.`, { cause: error }),
      );
    } else if (error !== undefined) this.#fail(thread, error);
    else this.#waiting[thread]!.shift()?.resolve(results);
  }

  #fail(thread: number, cause: unknown): void {
    const reason = cause instanceof Error ? cause.message : String(cause);
    this.#failWith(
      new DualTextError(
        "worker-failed",
        `Worker ${thread + 1} of ${this.size} failed: ${reason}. Use fewer threads, or less memory.`,
        { cause },
      ),
    );
  }

  /** The first failure is that of all. */
  #failWith(failure: DualTextError): void {
    this.#failure ??= failure;
    for (const queue of this.#waiting) for (const { reject } of queue.splice(0)) reject(this.#failure);
  }

  /** Ends all workers, busy or not; resolves when they are gone. What they were to do rejects. */
  async close(): Promise<void> {
    this.#failWith(new DualTextError("worker-failed", "The workers have been ended."));
    await Promise.all(this.#workers.splice(0).map((worker) => worker.end()));
  }
}
