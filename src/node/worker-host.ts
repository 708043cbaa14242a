import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { WorkerEvents, WorkerHandle, WorkerHost } from "../threads/worker-host.js";

/** The globals of a web worker, for a script that runs in one of Node's. */
export const prelude = `
const { parentPort } = require("node:worker_threads");
globalThis.postMessage = (message) => parentPort.postMessage(message);
parentPort.on("message", (data) => globalThis.onmessage({ data }));
`;

/** Threads of Node, from `node:worker_threads`. */
export const nodeWorkerHost: WorkerHost = {
  get parallelism() {
    return availableParallelism();
  },

  start(source: string, { onMessage, onFailure }: WorkerEvents): WorkerHandle {
    // Flags of the parent, such as --input-type or a loader, are none of the worker's business.
    const worker = new Worker(prelude + source, { eval: true, execArgv: [], stdin: false, env: {} });
    let ended = false;
    const fail = (reason: unknown) => {
      if (!ended) onFailure(reason);
      ended = true;
    };
    worker.on("message", onMessage);
    worker.on("error", fail);
    worker.on("exit", (code) => fail(new Error(`it ended with exit code ${code}`)));
    return {
      post: (message) => worker.postMessage(message),
      end: async () => {
        ended = true;
        await worker.terminate();
      },
    };
  },
};
