import { Worker } from "node:worker_threads";
import type { FromWorker } from "../worker/messages.js";
import type { StartThread, Thread } from "../worker/thread.js";
import { type Trainer, type TrainerOptions, trainerOf } from "../worker/trainer.js";
import { workerScript } from "../worker/worker-script.js";

export * from "../worker/index.js";

/** Gives a worker of Node the globals that the script finds in other hosts. */
const prelude = `
const { parentPort } = require("node:worker_threads");
globalThis.postMessage = (message, transfer) => parentPort.postMessage(message, transfer);
parentPort.on("message", (data) => globalThis.onmessage({ data }));
`;

const startNodeWorker: StartThread = (url) => {
  const options = { eval: url === undefined, name: "dualtext", env: {}, execArgv: [] };
  const worker = new Worker(url ?? prelude + workerScript, options);
  const thread: Thread = {
    post: (message, transfer = []) => worker.postMessage(message, transfer as never),
    onMessage: () => {},
    onFailure: () => {},
    end: () => void worker.terminate(),
  };
  worker.on("message", (message: FromWorker) => thread.onMessage(message));
  worker.on("messageerror", (error) => thread.onFailure(error));
  worker.on("error", (error) => thread.onFailure(error));
  worker.on("exit", (code) => thread.onFailure(new Error(`It ended with code ${code}.`)));
  return thread;
};

/** {@link createTrainer} of the other hosts, with workers of Node. */
export function createTrainer(options: TrainerOptions = {}): Trainer {
  return trainerOf(startNodeWorker, options);
}
