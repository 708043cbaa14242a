import type { WorkerHost } from "../threads/worker-host.js";
import { threadName } from "../threads/worker-source.js";

/** What a worker's global object has, as far as threads need it. */
interface WorkerScope {
  readonly crossOriginIsolated?: boolean;
  readonly location: { readonly href: string };
  readonly navigator: { readonly hardwareConcurrency?: number };
}

/**
 * Threads for a trainer's worker: workers of its own, which it may share memory with. They run the script that it runs
 * itself, so a policy that let it start lets them start; `worker-script.build.mjs` puts their part in front. Undefined where
 * pages are not isolated from other origins, and so share no memory.
 */
export function webWorkerHost(scope = globalThis as unknown as WorkerScope): WorkerHost | undefined {
  if (scope.crossOriginIsolated !== true || typeof Worker !== "function") return undefined;
  return {
    parallelism: scope.navigator.hardwareConcurrency ?? 1,

    start(_source, { onMessage, onFailure }) {
      const worker = new Worker(scope.location.href, { name: threadName });
      worker.onmessage = ({ data }) => onMessage(data);
      worker.onmessageerror = () => onFailure(new Error("a message could not be read"));
      worker.onerror = (event) => {
        event.preventDefault();
        onFailure(new Error(event.message || "its script could not be loaded"));
      };
      return {
        post: (message) => worker.postMessage(message),
        end: async () => worker.terminate(),
      };
    },
  };
}
