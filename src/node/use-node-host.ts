import { setImmediate } from "node:timers";
import { setNextTask } from "../slices.js";
import { setCountTogether } from "../text/count-ngrams.js";
import { countTogether } from "../text/count-together.js";
import { setWorkerHost } from "../threads/worker-host.js";
import { letWeightsWait } from "../train/enlist.js";
import { setHostMemory } from "../wasm/host-memory.js";
import { nodeHostMemory } from "./host-memory.js";
import { nodeWorkerHost } from "./worker-host.js";

/** Lets the library have what Node offers: threads, figures of the machine's memory, pauses that cost little, weights laid out late. */
export function useNodeHost(): void {
  setWorkerHost(nodeWorkerHost);
  setCountTogether(countTogether);
  setHostMemory(nodeHostMemory);
  setNextTask((done) => setImmediate(done));
  letWeightsWait();
}

/** A function whose calls first tell the library of Node. */
export function inNode<F extends (...args: never[]) => unknown>(named: F): F {
  const told = (...args: Parameters<F>) => {
    useNodeHost();
    return named(...args);
  };
  return told as F;
}
