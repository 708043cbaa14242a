// Training with 1, 2 and more threads: featurizing, solving and the whole fit, beside one thread, and the hash of the model,
// which must be the same. Runs of all thread counts take turns, the first of one round the last of the next, so that whatever
// else the machine does meets all of them, and so does what a run leaves to the next one.
// `npm run bench -- threads --write` puts the table into docs/threads.md.
import { createHash } from "node:crypto";
import { availableParallelism, cpus } from "node:os";
import { saveModel } from "../src/index.js";
import { nodeWorkerHost } from "../src/node/worker-host.js";
import { featurizeText, mapKeyToValue, mapValueToKey, sdcaMaximumEntropy } from "../src/stages.js";
import { setWorkerHost } from "../src/threads/worker-host.js";
import { type Corpus, corpora } from "./corpus.js";
import { isSmoke, printTable, rounded } from "./report.js";
import { markdownTable, writeSection } from "./studies/docs-section.js";

const names = ["sms_spam", "trec6", "stackoverflow20", "banking77", "imdb", "debian_section"];
const rounds = isSmoke ? 1 : 5;

let started = 0;

/** Counts the workers that are started from now on. */
function countWorkers(): void {
  setWorkerHost({
    parallelism: nodeWorkerHost.parallelism,
    start(source, events) {
      started++;
      return nodeWorkerHost.start(source, events);
    },
  });
}

export async function benchThreads(): Promise<void> {
  const most = availableParallelism();
  const counts = [1, 2, 4].filter((threads) => threads <= Math.max(2, most));
  const rows: Record<string, string | number>[] = [];
  const sets = await corpora(names);
  countWorkers();
  for (const set of sets) rows.push(...(await measured(set, counts)));
  const title = `Training with several threads, on ${most} processors; medians of ${rounds} rounds`;
  printTable(title, rows);
  if (!process.argv.includes("--write")) return;
  const where = `Node ${process.versions.node}, ${most} × ${cpus()[0]?.model ?? "unknown processor"}`;
  const when = new Date().toISOString().slice(0, 10);
  writeSection(
    "threads.md",
    "threads",
    `${when}, ${where}; medians of ${rounds} rounds.\n\n${markdownTable(rows)}`,
  );
}

interface Taken {
  readonly workers: number;
  readonly featurizeMs: number;
  readonly solveMs: number;
  readonly fitMs: number;
  readonly cpuMs: number;
}

async function measured({ name, data }: Corpus, counts: readonly number[]) {
  const taken = new Map<number, Taken[]>(counts.map((threads) => [threads, []]));
  const hashes = new Map<number, string>();
  for (let round = 0; round < rounds; round++) {
    for (const threads of round % 2 === 0 ? counts : [...counts].reverse()) {
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
  const columns = (threads: number, what: keyof Taken, label: string) => ({
    [`${label}, s`]: rounded(median(threads, what) / 1000),
    [`${label}, ×`]: rounded(median(1, what) / median(threads, what)),
  });
  return counts.map((threads) => ({
    set: name,
    threads,
    "workers started": median(threads, "workers"),
    ...columns(threads, "featurizeMs", "featurize"),
    ...columns(threads, "solveMs", "solve"),
    ...columns(threads, "fitMs", "whole"),
    "processor, s": rounded(median(threads, "cpuMs") / 1000),
    "sha256 of the model": hashes.get(threads)!.slice(0, 16),
  }));
}

async function once(data: Corpus["data"], threads: number) {
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
