import { Worker } from "node:worker_threads";
import { portSource } from "../threads/worker-source.js";
import type { FromWorker } from "../worker/messages.js";
import type { StartThread, Thread } from "../worker/thread.js";
import { ThreadStarter } from "../worker/thread-starter.js";
import { type Trainer, type TrainerOptions, trainerOf } from "../worker/trainer.js";
import { workerScript } from "../worker/worker-script.js";
import { nodeWorkerHost, prelude as threadPrelude } from "./worker-host.js";

export * from "../worker/index.js";

/** Gives a worker of Node the globals that the script finds in other hosts. */
const prelude = `
const { parentPort, workerData } = require("node:worker_threads");
globalThis.postMessage = (message, transfer) => parentPort.postMessage(message, transfer);
parentPort.on("message", (data) => globalThis.onmessage({ data }));
globalThis.crossOriginIsolated = true;
Object.defineProperty(globalThis, "navigator", { value: { hardwareConcurrency: workerData.parallelism } });
`;

const startNodeWorker: StartThread = (url) => {
  const options = { name: "dualtext", env: {}, execArgv: [] };
  const worker = new Worker(url ?? prelude + workerScript, {
    ...options,
    eval: url === undefined,
    workerData: { parallelism: nodeWorkerHost.parallelism },
  });
  const thread: Thread = {
    post: (message, transfer = []) => worker.postMessage(message, transfer as never),
    onMessage: () => {},
    onFailure: () => {},
    end: () => {
      threads.end();
      void worker.terminate();
    },
  };
  const threads = new ThreadStarter((onFailure) => {
    const started = new Worker(threadPrelude + portSource, { ...options, eval: true, stdin: false });
    started.on("error", (error) => onFailure(error.message));
    started.on("exit", (code) => onFailure(`It ended with code ${code}.`));
    return {
      post: (port, transfer) => started.postMessage(port, transfer as never),
      end: () => void started.removeAllListeners().terminate(),
    };
  }, thread.post);
  worker.on("message", (message: FromWorker) => {
    if (!threads.did(message)) thread.onMessage(message);
  });
  worker.on("messageerror", (error) => thread.onFailure(error));
  worker.on("error", (error) => thread.onFailure(error));
  worker.on("exit", (code) => thread.onFailure(new Error(`It ended with code ${code}.`)));
  return thread;
};

/** {@link createTrainer} of the other hosts, with workers of Node. */
export function createTrainer(options: TrainerOptions = {}): Trainer {
  return trainerOf(startNodeWorker, options);
}
