import { createHash } from "node:crypto";
import { saveModel } from "../src/index.js";
import { nodeWorkerHost } from "../src/node/worker-host.js";
import { featurizeText, mapKeyToValue, mapValueToKey, sdcaMaximumEntropy } from "../src/stages.js";
import { setWorkerHost } from "../src/threads/worker-host.js";
import type { Corpus } from "./corpus.js";
import { isSmoke } from "./report.js";

let started = 0;

/** Counts the workers that are started from now on. */
export function countWorkers(): void {
  setWorkerHost({
    parallelism: nodeWorkerHost.parallelism,
    start(source, events) {
      started++;
      return nodeWorkerHost.start(source, events);
    },
  });
}

export interface Taken {
  readonly workers: number;
  readonly featurizeMs: number;
  readonly solveMs: number;
  readonly fitMs: number;
  readonly cpuMs: number;
}

/** A fit by the default settings: what its parts take, and the hash of the model. */
export async function timedFit(
  data: Corpus["data"],
  threads: number,
): Promise<Taken & { readonly hash: string }> {
  started = 0;
  const before = process.cpuUsage();
  const start = performance.now();
  let featurized = start;
  let solveStart = start;
  const model = await featurizeText("Features", "Text")
    .append(mapValueToKey("Label"))
    .append(sdcaMaximumEntropy(isSmoke ? { maxEpochs: 2 } : {}))
    .append(mapKeyToValue("PredictedLabel"))
    .fit(data, {
      threads,
      onStageFitted: ({ stage }) => {
        if (stage === "featurizeText") featurized = performance.now();
        if (stage === "mapValueToKey") solveStart = performance.now();
      },
    });
  const end = performance.now();
  const { user, system } = process.cpuUsage(before);
  const hash = createHash("sha256").update(saveModel(model)).digest("hex");
  return {
    hash,
    workers: started,
    featurizeMs: featurized - start,
    solveMs: end - solveStart,
    fitMs: end - start,
    cpuMs: (user + system) / 1000,
  };
}
