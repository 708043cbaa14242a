import type { WorkerEvents, WorkerHost } from "../threads/worker-host.js";
import type { FromWorker } from "./messages.js";

/** What a worker's global object has, as far as threads need it. */
interface WorkerScope {
  readonly crossOriginIsolated?: boolean;
  readonly navigator: { readonly hardwareConcurrency?: number };
}

export interface WebWorkerHost extends WorkerHost {
  /** To be told when the page says that a worker has ended or could not start. */
  threadFailed(thread: number, reason: string): void;
}

/**
 * Threads for a trainer's worker, which it may share memory with. The page starts them and hands them a port to this
 * worker. (Firefox, seen in 153: a worker that starts another may wait for ever, as two threads sleep on one condition of
 * which one is woken.) They run the script that this worker runs, so a policy that let it start lets them start;
 * `worker-script.build.mjs` puts their part in front. Undefined where pages are not isolated from other origins, and so share
 * no memory.
 */
export function webWorkerHost(
  tellPage: (message: FromWorker, transfer?: Transferable[]) => void,
  scope = globalThis as unknown as WorkerScope,
): WebWorkerHost | undefined {
  if (scope.crossOriginIsolated !== true) return undefined;
  const failures: WorkerEvents["onFailure"][] = [];
  return {
    parallelism: scope.navigator.hardwareConcurrency ?? 1,

    start(_source, { onMessage, onFailure }) {
      const { port1, port2 } = new MessageChannel();
      const thread = failures.push(onFailure) - 1;
      port1.onmessage = ({ data }) => onMessage(data);
      port1.onmessageerror = () => onFailure(new Error("a message could not be read"));
      tellPage({ type: "startThread", thread, port: port2 }, [port2]);
      return {
        post: (message) => port1.postMessage(message),
        end: async () => {
          failures[thread] = () => {};
          port1.close();
          tellPage({ type: "endThread", thread });
        },
      };
    },

    threadFailed: (thread, reason) => failures[thread]!(new Error(reason)),
  };
}
