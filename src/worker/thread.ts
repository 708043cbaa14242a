import { DualTextError } from "../errors.js";
import { threadName } from "../threads/worker-source.js";
import type { FromWorker, ToWorker } from "./messages.js";
import { ThreadStarter } from "./thread-starter.js";
import { workerScript } from "./worker-script.js";

/** A worker, as the caller's thread sees it. */
export interface Thread {
  post(message: ToWorker, transfer?: Transferable[]): void;
  /** Set before the first message can come. Not told what the worker asks for threads. */
  onMessage: (message: FromWorker) => void;
  /** The worker has failed or could not be started; no more messages come. */
  onFailure: (reason: unknown) => void;
  /** Ends it, and the workers that it asked for. */
  end(): void;
}

/** Starts a worker. Throws whatever the host throws. @param url address of its script, instead of the one built in */
export type StartThread = (url: string | URL | undefined) => Thread;

/**
 * Those that have not been ended. Nothing else need hold one while its run waits for threads, and a host may collect a worker
 * that nobody holds.
 */
const running = new Set<Thread>();

/** A worker of browsers, Deno and Bun. */
export const startWebWorker: StartThread = (url) => {
  if (typeof Worker !== "function") throw new DualTextError("no-worker", "This host has no Worker.");
  const made =
    url === undefined
      ? URL.createObjectURL(new Blob([workerScript], { type: "text/javascript" }))
      : undefined;
  const release = () => made !== undefined && URL.revokeObjectURL(made);
  const start = (name: string, onFailure: (reason: string) => void) => {
    const worker = new Worker(made ?? url!, { name });
    worker.onmessageerror = () => onFailure("A message could not be read.");
    worker.onerror = (event) => {
      // The caller hears of it; it is not to be reported as nobody's error besides.
      event.preventDefault();
      onFailure(event.message || "Its script could not be loaded.");
    };
    return worker;
  };
  let worker: Worker;
  try {
    worker = start("dualtext", (reason) => thread.onFailure(new Error(reason)));
  } catch (cause) {
    release();
    throw cause;
  }
  const thread: Thread = {
    post: (message, transfer = []) => worker.postMessage(message, transfer),
    onMessage: () => {},
    onFailure: () => {},
    end: () => {
      running.delete(thread);
      release();
      threads.end();
      worker.terminate();
    },
  };
  const threads = new ThreadStarter((onFailure) => {
    const started = start(threadName, onFailure);
    return {
      post: (port, transfer) => started.postMessage(port, transfer),
      end: () => started.terminate(),
    };
  }, thread.post);
  running.add(thread);
  worker.onmessage = ({ data }: { readonly data: FromWorker }) => {
    if (!threads.did(data)) thread.onMessage(data);
  };
  return thread;
};
