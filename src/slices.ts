/** How long a slice of a long computation runs before the event loop gets its turn, in milliseconds. */
const SLICE_MS = 25;

/** Resolves in a new task of the event loop, so that input, timers and aborts are handled; keeps nothing alive. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

/** Breaks a long computation into slices, with a turn of the event loop and a check of the signal between them. */
export class Slices {
  readonly #signal: AbortSignal | undefined;
  readonly #onPause: () => void;
  #sliceStart = performance.now();

  /** @param onPause called before each turn of the event loop: the place to report progress. */
  constructor(signal: AbortSignal | undefined, onPause: () => void) {
    this.#signal = signal;
    this.#onPause = onPause;
  }

  get isDue(): boolean {
    return performance.now() - this.#sliceStart >= SLICE_MS;
  }

  /** Lets the event loop run. Throws `signal.reason` when the signal is aborted before or meanwhile. */
  async pause(): Promise<void> {
    this.#signal?.throwIfAborted();
    this.#onPause();
    await nextTask();
    this.#signal?.throwIfAborted();
    this.#sliceStart = performance.now();
  }
}
