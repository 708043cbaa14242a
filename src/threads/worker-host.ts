/** One worker, as its host has started it. */
export interface WorkerHandle {
  post(message: unknown): void;
  /** Ends it whatever it does; resolves when it is gone. */
  end(): Promise<void>;
}

/** What a host does with what a worker says. */
export interface WorkerEvents {
  readonly onMessage: (message: unknown) => void;
  /** The worker has ended, or could not start: not called after `end`. */
  readonly onFailure: (reason: unknown) => void;
}

/** What a runtime must offer for training with several threads. */
export interface WorkerHost {
  /** Threads that the machine runs at the same time. */
  readonly parallelism: number;
  /**
   * Starts a worker that runs `source`, a classic script with the globals of a web worker: it assigns `onmessage` and
   * calls `postMessage`. WebAssembly modules and shared memories must come through messages.
   */
  start(source: string, events: WorkerEvents): WorkerHandle;
}

let current: WorkerHost | undefined;

/** From now on several threads come from this host. Entries for a runtime call it when they are loaded. */
export function setWorkerHost(host: WorkerHost | undefined): void {
  current = host;
}

/** The host of workers, if an entry for this runtime has named one. */
export function workerHost(): WorkerHost | undefined {
  return current;
}
