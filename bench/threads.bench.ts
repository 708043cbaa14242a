// Training with 1, 2 and more threads: featurizing, solving and the whole fit, beside one thread, and the hash of the model,
// which must be the same. Runs of all thread counts take turns, the first of one round the last of the next, so that whatever
// else the machine does meets all of them, and so does what a run leaves to the next one.
// "1 + 1": two processes fit at once, on one thread each, and "×" is what both get done in the time of one alone: what the
// machine has for two threads that need not wait for each other.
// `npm run bench -- threads --write` puts the table into docs/threads.md.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { availableParallelism, cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { type Corpus, corpora } from "./corpus.js";
import { isSmoke, printTable, rounded } from "./report.js";
import { median } from "./rivals/commands.js";
import { markdownTable, writeSection } from "./studies/docs-section.js";
import { countWorkers, type Taken, timedFit } from "./timed-fit.js";

const names = ["sms_spam", "trec6", "stackoverflow20", "banking77", "imdb", "debian_section"];
const rounds = isSmoke ? 1 : 5;

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

async function measured({ name, data }: Corpus, counts: readonly number[]) {
  const taken = new Map<number, Taken[]>(counts.map((threads) => [threads, []]));
  const hashes = new Map<number, string>();
  const apart: Taken[] = [];
  const pair = await startedPair(name);
  for (let round = 0; round < rounds; round++) {
    for (const threads of round % 2 === 0 ? counts : [...counts].reverse()) {
      const { hash, ...times } = await timedFit(data, threads);
      taken.get(threads)!.push(times);
      const known = hashes.get(threads);
      if (known !== undefined && known !== hash)
        throw new Error(`${name}: ${threads} threads gave two models.`);
      hashes.set(threads, hash);
    }
    apart.push(...(await Promise.all(pair.map(fitted))));
  }
  for (const one of pair) one.disconnect();
  if (new Set(hashes.values()).size > 1)
    throw new Error(`${name}: the model depends on the number of threads.`);
  const medianOf = (runs: readonly Taken[], what: keyof Taken) => median(runs.map((times) => times[what]));
  const columns = (runs: readonly Taken[], what: keyof Taken, label: string, fits = 1) => ({
    [`${label}, s`]: rounded(medianOf(runs, what) / 1000),
    [`${label}, ×`]: rounded((fits * medianOf(taken.get(1)!, what)) / medianOf(runs, what)),
  });
  const row = (threads: string | number, runs: readonly Taken[], hash: string, fits = 1) => ({
    set: name,
    threads,
    "workers started": medianOf(runs, "workers"),
    ...columns(runs, "featurizeMs", "featurize", fits),
    ...columns(runs, "solveMs", "solve", fits),
    ...columns(runs, "fitMs", "whole", fits),
    "processor, s": rounded((fits * medianOf(runs, "cpuMs")) / 1000),
    "sha256 of the model": hash,
  });
  return [
    ...counts.map((threads) => row(threads, taken.get(threads)!, hashes.get(threads)!.slice(0, 16))),
    row("1 + 1", apart, "", 2),
  ];
}

/** Two processes that fit the set when they are told to, warmed up by a fit each. */
async function startedPair(name: string): Promise<ChildProcess[]> {
  const script = fileURLToPath(new URL("one-of-two.ts", import.meta.url));
  const pair = [0, 1].map(() =>
    fork(script, [name, ...(isSmoke ? ["--smoke"] : [])], { execArgv: process.execArgv }),
  );
  await Promise.all(pair.map(answerOf));
  await Promise.all(pair.map(fitted));
  return pair;
}

function fitted(one: ChildProcess): Promise<Taken> {
  one.send("fit");
  return answerOf(one);
}

async function answerOf<T>(one: ChildProcess): Promise<T> {
  const answered = new AbortController();
  const { signal } = answered;
  const ended = once(one, "exit", { signal }).then(
    ([code]) => {
      throw new Error(`A process that was to fit a set ended with ${code}.`);
    },
    () => [],
  );
  const [answer] = await Promise.race([once(one, "message", { signal }), ended]);
  answered.abort();
  return answer;
}
