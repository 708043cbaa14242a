import type { FromWorker, ToWorker } from "./messages.js";

/** A worker that shares the memory of a trainer's worker. */
export interface ThreadWorker {
  /** Hands it the port through which the trainer's worker tells it what to do. */
  post(port: MessagePort, transfer: [MessagePort]): void;
  end(): void;
}

/** Starts and ends the workers that a trainer's worker asks for. */
export class ThreadStarter {
  readonly #start: (onFailure: (reason: string) => void) => ThreadWorker;
  readonly #tell: (message: ToWorker) => void;
  readonly #workers = new Map<number, ThreadWorker>();

  /** @param tell posts a message to the trainer's worker */
  constructor(
    start: (onFailure: (reason: string) => void) => ThreadWorker,
    tell: (message: ToWorker) => void,
  ) {
    this.#start = start;
    this.#tell = tell;
  }

  /** Does what a message asks for; false if it asks for something else. */
  did(message: FromWorker): boolean {
    if (message.type === "startThread") this.#started(message.thread, message.port);
    else if (message.type === "endThread") this.#ended(message.thread);
    else return false;
    return true;
  }

  #started(thread: number, port: MessagePort): void {
    const failed = (reason: string) => this.#tell({ type: "threadFailed", thread, reason });
    try {
      const worker = this.#start(failed);
      this.#workers.set(thread, worker);
      worker.post(port, [port]);
    } catch (error) {
      failed(String(error));
    }
  }

  #ended(thread: number): void {
    this.#workers.get(thread)?.end();
    this.#workers.delete(thread);
  }

  /** Ends all of them. */
  end(): void {
    for (const thread of [...this.#workers.keys()]) this.#ended(thread);
  }
}
