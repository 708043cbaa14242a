// A trainer's worker has threads where the page is isolated from other origins, none elsewhere; the bytes are the same.
import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadText } from "../../src/data/text-loader.js";
import { saveModel } from "../../src/model/saved-model.js";
import * as stages from "../../src/stages.js";
import { threadName } from "../../src/threads/worker-source.js";
import { type Browser, chromium, firefox, webkit } from "./browsers.js";
import { pipelineOf, trainingSet } from "./program.js";
import { pageOf, type Site, serve } from "./serve.js";
import { toolFolder } from "./tools.js";

/** So much work that threads pay; two epochs of it show whether they agree, whatever else the machine does meanwhile. */
const size = [140, 20_000] as const;
/** So much text that with two threads n-grams are counted in memory that both may read, where the host can. */
const largeSize = [140, 75_000] as const;
const options = { maxEpochs: 2 };
const embedder = { "cross-origin-embedder-policy": "require-corp" };
const isolated = { ...embedder, "cross-origin-opener-policy": "same-origin" };
const strict = {
  "content-security-policy":
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'; worker-src 'self'",
};
/** The worker's script on the page's own origin; tells the names of the workers that run it. */
const scriptPath = "/telling-worker-script.js";
const script = `new BroadcastChannel("workers").postMessage(self.name);
  importScripts("/dist/worker-script.js");`;

let site: Site;
/** SHA-256 of the model of each size. */
const expected = new Map<typeof size | typeof largeSize, string>();
beforeAll(async () => {
  if (!toolFolder) return;
  site = await serve();
  const headers = { ...embedder, "content-type": "text/javascript" };
  void site.add(scriptPath, { html: script, headers });
  for (const one of [size, largeSize]) {
    const data = await loadText(trainingSet(one[0], one[1]), { hasHeader: true });
    const model = await pipelineOf(stages as never, options).fit(data, { threads: 1 });
    expected.set(one, createHash("sha256").update(saveModel(model)).digest("hex"));
  }
}, 60_000);
afterAll(() => site?.close());

interface Outcome {
  readonly isolated: boolean;
  readonly thread: string;
  readonly sha256: string;
  readonly ms: number;
  /** Names of the workers that ran the script. */
  readonly names: readonly string[];
  /** Why there was no worker. */
  readonly fallbacks: readonly string[];
}

let pageCount = 0;
async function trained(
  browser: Browser,
  headers: Readonly<Record<string, string>>,
  workerUrl: string | undefined,
  [classCount, rowCount]: typeof size | typeof largeSize,
): Promise<Outcome> {
  const path = `/threads-${pageCount++}`;
  const body = `
    const [{ createTrainer }, library, { trainingSet, pipelineOf }] = await Promise.all(
      ["/dist/worker.js", "/dist/index.js", "/test/runtimes/program.js"].map((path) => import(path)));
    const names = [];
    const channel = new BroadcastChannel("workers");
    channel.onmessage = ({ data }) => names.push(data);
    const fallbacks = [];
    const onFallback = ({ message }) => fallbacks.push(message);
    const start = performance.now();
    const { thread, bytes } = await createTrainer({ ...${JSON.stringify(workerUrl ? { workerUrl } : {})}, onFallback })
      .fit(pipelineOf(library, ${JSON.stringify(options)}), trainingSet(${classCount}, ${rowCount}), { load: { hasHeader: true } });
    const ms = performance.now() - start;
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    const sha256 = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
    channel.close();
    return { isolated: crossOriginIsolated, thread, sha256, ms, names, fallbacks };`;
  const result = site.add(path, pageOf(body, headers));
  await browser.open(site.origin + path);
  return (await result) as Outcome;
}

const pages = [
  ["isolated", isolated, scriptPath, true, size],
  ["isolated, much text", isolated, scriptPath, true, largeSize],
  ["isolated, worker-src 'self'", { ...isolated, ...strict }, scriptPath, true, size],
  ["isolated, script built in", isolated, undefined, true, size],
  ["not isolated", {}, scriptPath, false, size],
] as const;

describe.skipIf(!toolFolder).each([
  ["Chromium", chromium],
  ["Firefox", firefox],
  ["WebKit", webkit],
] as const)("threads of a trainer's worker in %s (DUALTEXT_RUNTIMES)", (name, launch) => {
  let browser: Browser;
  const rows: object[] = [];
  beforeAll(async () => {
    browser = await launch();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    console.log(name, browser?.version);
    console.table(rows);
  });

  // A test for each page: one that waits is known by its name, and has the whole time for itself.
  test.each(pages)("%s", { timeout: 60_000 }, async (page, headers, url, isIsolated, ofSize) => {
    const outcome = await trained(browser, headers, url, ofSize);
    expect(outcome).toMatchObject({
      ...{ isolated: isIsolated, thread: "worker", fallbacks: [] },
      sha256: expected.get(ofSize),
    });
    const threads = outcome.names.filter((name) => name === threadName).length;
    // The built-in script does not tell its workers.
    if (url) expect(threads > 1, String(outcome.names)).toBe(isIsolated);
    rows.push({ page, threads: url ? threads || 1 : "", ms: Math.round(outcome.ms) });
  });
});
