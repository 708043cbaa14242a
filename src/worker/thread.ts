import { DualTextError } from "../errors.js";
import type { FromWorker, ToWorker } from "./messages.js";
import { workerScript } from "./worker-script.js";

/** A worker, as the caller's thread sees it. */
export interface Thread {
  post(message: ToWorker, transfer?: Transferable[]): void;
  /** Set before the first message can come. */
  onMessage: (message: FromWorker) => void;
  /** The worker has failed or could not be started; no more messages come. */
  onFailure: (reason: unknown) => void;
  end(): void;
}

/** Starts a worker. Throws whatever the host throws. @param url address of its script, instead of the one built in */
export type StartThread = (url: string | URL | undefined) => Thread;

/** A worker of browsers, Deno and Bun. */
export const startWebWorker: StartThread = (url) => {
  if (typeof Worker !== "function") throw new DualTextError("no-worker", "This host has no Worker.");
  const made =
    url === undefined
      ? URL.createObjectURL(new Blob([workerScript], { type: "text/javascript" }))
      : undefined;
  const release = () => made !== undefined && URL.revokeObjectURL(made);
  let worker: Worker;
  try {
    worker = new Worker(made ?? url!, { name: "dualtext" });
  } catch (cause) {
    release();
    throw cause;
  }
  const thread: Thread = {
    post: (message, transfer = []) => worker.postMessage(message, transfer),
    onMessage: () => {},
    onFailure: () => {},
    end: () => {
      release();
      worker.terminate();
    },
  };
  worker.onmessage = ({ data }) => thread.onMessage(data as FromWorker);
  worker.onmessageerror = () => thread.onFailure(new Error("A message could not be read."));
  worker.onerror = (event) => {
    // The caller hears of it; it is not to be reported as nobody's error besides.
    event.preventDefault();
    thread.onFailure(new Error(event.message || "Its script could not be loaded."));
  };
  return thread;
};
