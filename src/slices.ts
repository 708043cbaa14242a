/** How long a slice of a long computation runs before the event loop gets its turn, in milliseconds. */
const SLICE_MS = 25;

/** Calls back in a new task of the event loop, so that input, timers and aborts are handled; keeps nothing alive. */
type NextTask = (done: () => void) => void;

let nextTask: NextTask = (done) => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    done();
  };
  port2.postMessage(null);
};

/** From now on pauses end as this says. Entries for a runtime that has a cheaper way call it when they are loaded. */
export function setNextTask(next: NextTask): void {
  nextTask = next;
}

/** When the event loop last had its turn, as far as it is known here; whose pause it was does not matter. */
let turnStart = Number.NEGATIVE_INFINITY;

/** What a computation that yields returns, without a pause. */
export function atOnce<Result>(pieces: Generator<unknown, Result>): Result {
  for (;;) {
    const step = pieces.next();
    if (step.done) return step.value;
  }
}

/** Breaks a long computation into slices, with a turn of the event loop and a check of the signal between them. */
export class Slices {
  readonly #signal: AbortSignal | undefined;
  readonly #onPause: () => void;

  /** @param onPause called before each turn of the event loop: the place to report progress. */
  constructor(signal: AbortSignal | undefined, onPause: () => void) {
    this.#signal = signal;
    this.#onPause = onPause;
  }

  /** Whether to pause now. At once in a first slice: how long the program was busy before it, nobody knows. */
  get isDue(): boolean {
    return performance.now() - turnStart >= SLICE_MS;
  }

  /** Does a computation that yields every few milliseconds, with pauses where they are due. */
  async run<Result>(pieces: Generator<void, Result>): Promise<Result> {
    for (;;) {
      const step = pieces.next();
      if (step.done) return step.value;
      if (this.isDue) await this.pause();
    }
  }

  /** Lets the event loop run. Throws `signal.reason` when the signal is aborted before or meanwhile. */
  async pause(): Promise<void> {
    this.#signal?.throwIfAborted();
    this.#onPause();
    await new Promise<void>((resolve) => nextTask(resolve));
    turnStart = performance.now();
    this.#signal?.throwIfAborted();
  }
}
