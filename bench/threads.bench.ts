// Training with 1, 2 and more threads: the whole fit and the solver alone, beside one thread, and the hash of the model,
// which must be the same. Runs of all thread counts take turns, so that whatever else the machine does meets all of them.
import { createHash } from "node:crypto";
import { availableParallelism } from "node:os";
import { saveModel } from "../src/index.js";
import { featurizeText, mapKeyToValue, mapValueToKey, sdcaMaximumEntropy } from "../src/stages.js";
import { type Corpus, corpora } from "./corpus.js";
import { isSmoke, printTable, rounded } from "./report.js";

const names = ["trec6", "banking77", "imdb", "debian_section"];
const rounds = isSmoke ? 1 : 3;

export async function benchThreads(): Promise<void> {
  const most = availableParallelism();
  const counts = [1, 2, 4].filter((threads) => threads <= Math.max(2, most));
  const rows: Record<string, string | number>[] = [];
  for (const set of await corpora(names)) rows.push(...(await measured(set, counts)));
  printTable(`Training with several threads, on ${most} processors; medians of ${rounds} rounds`, rows);
}

interface Taken {
  readonly solveMs: number;
  readonly fitMs: number;
  readonly cpuMs: number;
}

async function measured({ name, data }: Corpus, counts: readonly number[]) {
  const taken = new Map<number, Taken[]>(counts.map((threads) => [threads, []]));
  const hashes = new Map<number, string>();
  for (let round = 0; round < rounds; round++) {
    for (const threads of counts) {
      const { hash, ...times } = await once(data, threads);
      taken.get(threads)!.push(times);
      const known = hashes.get(threads);
      if (known !== undefined && known !== hash)
        throw new Error(`${name}: ${threads} threads gave two models.`);
      hashes.set(threads, hash);
    }
  }
  if (new Set(hashes.values()).size > 1)
    throw new Error(`${name}: the model depends on the number of threads.`);
  const median = (threads: number, what: keyof Taken) =>
    taken
      .get(threads)!
      .map((times) => times[what])
      .sort((a, b) => a - b)[rounds >> 1]!;
  /** Median of the ratios of one round. */
  const ratio = (threads: number, what: keyof Taken) =>
    taken
      .get(threads)!
      .map((times, i) => taken.get(1)![i]![what] / times[what])
      .sort((a, b) => a - b)[rounds >> 1]!;
  return counts.map((threads) => ({
    set: name,
    threads,
    "solve, s": rounded(median(threads, "solveMs") / 1000),
    "solve, ×": rounded(ratio(threads, "solveMs")),
    "fit, s": rounded(median(threads, "fitMs") / 1000),
    "fit, ×": rounded(ratio(threads, "fitMs")),
    "processor, s": rounded(median(threads, "cpuMs") / 1000),
    "sha256 of the model": hashes.get(threads)!.slice(0, 16),
  }));
}

async function once(data: Corpus["data"], threads: number) {
  const before = process.cpuUsage();
  const start = performance.now();
  let solveStart = start;
  const model = await featurizeText("Features", "Text")
    .append(mapValueToKey("Label"))
    .append(sdcaMaximumEntropy(isSmoke ? { maxEpochs: 2 } : {}))
    .append(mapKeyToValue("PredictedLabel"))
    .fit(data, {
      threads,
      onStageFitted: ({ stage }) => {
        if (stage === "mapValueToKey") solveStart = performance.now();
      },
    });
  const end = performance.now();
  const { user, system } = process.cpuUsage(before);
  const hash = createHash("sha256").update(saveModel(model)).digest("hex");
  return { hash, solveMs: end - solveStart, fitMs: end - start, cpuMs: (user + system) / 1000 };
}
