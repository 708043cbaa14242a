import { Worker } from "node:worker_threads";
import { workerSource } from "../threads/worker-source.js";
import type { FromWorker } from "../worker/messages.js";
import type { StartThread, Thread } from "../worker/thread.js";
import { type Trainer, type TrainerOptions, trainerOf } from "../worker/trainer.js";
import { workerScript } from "../worker/worker-script.js";
import { nodeWorkerHost, prelude as threadPrelude } from "./worker-host.js";

export * from "../worker/index.js";

/**
 * Gives a worker of Node the globals that the script finds in other hosts, with workers of its own for threads. Those run
 * the `threadSource` they are given with it.
 */
const prelude = `
const { parentPort, workerData, Worker: NodeWorker } = require("node:worker_threads");
globalThis.postMessage = (message, transfer) => parentPort.postMessage(message, transfer);
parentPort.on("message", (data) => globalThis.onmessage({ data }));
globalThis.crossOriginIsolated = true;
globalThis.location = { href: "" };
Object.defineProperty(globalThis, "navigator", { value: { hardwareConcurrency: workerData.parallelism } });
globalThis.Worker = class {
  #worker = new NodeWorker(workerData.threadSource, { eval: true, stdin: false });
  constructor() {
    const failed = (message) => this.onerror({ message, preventDefault() {} });
    this.#worker.on("message", (data) => this.onmessage({ data }));
    this.#worker.on("error", (error) => failed(error.message));
    this.#worker.on("exit", (code) => failed("it ended with exit code " + code));
  }
  postMessage(message) { this.#worker.postMessage(message); }
  terminate() {
    this.onerror = () => {};
    void this.#worker.terminate();
  }
};
`;

const startNodeWorker: StartThread = (url) => {
  const options = {
    eval: url === undefined,
    name: "dualtext",
    env: {},
    execArgv: [],
    workerData: { parallelism: nodeWorkerHost.parallelism, threadSource: threadPrelude + workerSource },
  };
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
