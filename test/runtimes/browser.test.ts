// What only a browser shows: how long the page's thread is busy, content security policies, files of its user. In Chromium.
import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadText } from "../../src/data/text-loader.js";
import { saveModel } from "../../src/model/saved-model.js";
import * as stages from "../../src/stages.js";
import { updateModel } from "../../src/transfer/update-model.js";
import { repacked } from "../helpers/small-model.js";
import { launchChromium } from "./browsers.js";
import { pipelineOf, trainingSet } from "./program.js";
import { pageOf, type Site, serve } from "./serve.js";
import { toolFolder } from "./tools.js";

/** What counts as a long task in browsers. */
const LONG_TASK_MS = 50;

/** Imports that the bodies of pages begin with. */
const imports = `
  const [library, { createTrainer }, { trainingSet, pipelineOf }] = await Promise.all(
    ["/dist/index.js", "/dist/worker.js", "/test/runtimes/program.js"].map((path) => import(path)));
  const pipeline = pipelineOf(library);
  const load = { hasHeader: true };
  const hex = async (bytes) => Array.from(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)), (b) =>
    b.toString(16).padStart(2, "0")).join("");
  /** The longest task of this thread while something runs, and what it gives. */
  const watched = async (run) => {
    await new Promise((resolve) => setTimeout(resolve, 200));
    let longest = 0;
    const take = (list) => list.forEach(({ duration }) => { longest = Math.max(longest, duration); });
    const observer = new PerformanceObserver((list) => take(list.getEntries()));
    observer.observe({ entryTypes: ["longtask"] });
    const start = performance.now();
    const result = await run();
    const ms = performance.now() - start;
    await new Promise((resolve) => setTimeout(resolve, 200));
    take(observer.takeRecords());
    observer.disconnect();
    return { result, ms, longest };
  };`;

let site: Site;
let browser: any;
let pageCount = 0;
beforeAll(async () => {
  if (!toolFolder) return;
  site = await serve();
  browser = await launchChromium(["--enable-precise-memory-info"]);
}, 60_000);
afterAll(async () => {
  await browser?.close();
  site?.close();
});

/** Runs a body in a page of its own. */
async function inPage(body: string, headers?: Readonly<Record<string, string>>): Promise<any> {
  const path = `/browser-${pageCount++}`;
  const result = site.add(path, pageOf(imports + body, headers));
  const page = await browser.newPage();
  const closed = new Promise((_, reject) => page.once("error", reject));
  try {
    await page.goto(site.origin + path);
    return await Promise.race([result, closed]);
  } finally {
    await page.close();
  }
}

interface Traced {
  readonly longestMs: number;
  /** The part of the time that the thread was in one of the tasks that were seen. */
  readonly busy: number;
}

/**
 * The longest task of a page's own thread while `body` runs, in milliseconds of that thread's processor time: others' load
 * does not count.
 */
async function traced(prepare: string, body: string): Promise<Traced> {
  const path = `/traced-${pageCount++}`;
  const wait = "await new Promise((resolve) => { globalThis.go = resolve; });";
  const timed = `performance.mark("watched"); const start = performance.now(); ${body}; return performance.now() - start;`;
  const result = site.add(path, pageOf(imports + prepare + wait + timed));
  const page = await browser.newPage();
  await page.goto(site.origin + path);
  await page.waitForFunction("globalThis.go");
  await page.tracing.start({ categories: ["disabled-by-default-devtools.timeline", "blink.user_timing"] });
  await page.evaluate("go()");
  const ms = (await result) as number;
  const { traceEvents } = JSON.parse(new TextDecoder().decode(await page.tracing.stop()));
  await page.close();
  expect(ms).toBeTypeOf("number");
  // Chromium keeps another process ready, which has such a thread as well.
  const main = traceEvents.find(({ name }: any) => name === "watched");
  const tasks = traceEvents.filter(
    ({ name, pid, tid, tdur }: any) => name === "RunTask" && tdur > 0 && pid === main.pid && tid === main.tid,
  );
  expect(tasks.length).toBeGreaterThan(0);
  const all = tasks.reduce((sum: number, { dur }: any) => sum + dur, 0) / 1000;
  return { longestMs: Math.max(...tasks.map(({ tdur }: any) => tdur)) / 1000, busy: all / ms };
}

/**
 * The least of three measurements while the page itself works: what others do on the machine only makes tasks longer. A
 * browser that gets little of the processor loses events of its trace; those measurements do not count.
 */
async function longestTaskOfPage(prepare: string, body: string): Promise<number> {
  const whole: number[] = [];
  const shares: number[] = [];
  while (whole.length < 3 && shares.length < 8) {
    const { longestMs, busy } = await traced(prepare, body);
    shares.push(busy);
    if (busy > 0.7) whole.push(longestMs);
  }
  expect(whole.length, `only parts of the work were seen: ${shares}`).toBeGreaterThan(0);
  return Math.min(...whole);
}

const policy = (rules: string) => ({ "content-security-policy": rules });

describe.skipIf(!toolFolder)("in Chromium (DUALTEXT_RUNTIMES)", () => {
  test("the page's thread has no long task while a worker trains", async () => {
    const prepare = `const file = new File([trainingSet(20, 20_000)], "data.tsv");`;
    const { longestMs: worker } = await traced(
      prepare,
      "await createTrainer().fit(pipeline, file, { load })",
    );
    const page = await longestTaskOfPage(prepare, "await pipeline.fit(await library.loadText(file, load))");
    const { longestMs: rows } = await traced(
      "const rows = Array.from({ length: 50_000 }, (_, i) => ({ Label: 'c' + (i % 5), Text: 'word' + (i % 977) + ' and ' + i }));",
      "await createTrainer().fit(pipeline, rows)",
    );
    console.log(
      `longest task of the page's thread, ms of processor time: ${worker.toFixed(0)} with a worker, ` +
        `${rows.toFixed(0)} when rows are sent to it, ${page.toFixed(0)} without a worker`,
    );
    expect(worker).toBeLessThanOrEqual(LONG_TASK_MS);
    expect(rows).toBeLessThanOrEqual(LONG_TASK_MS);
    expect(page).toBeLessThanOrEqual(LONG_TASK_MS);
  }, 120_000);

  describe("nor with more than a million n-grams, in the page itself", () => {
    // Of `rows` rows with eighty words, of which many are new.
    const prepare = `
      let state = 1;
      const random = (below) => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) % below;
      const fileOf = (rows) => new File(["Label\\tText\\n", ...Array.from({ length: rows }, (_, i) =>
        "c" + (i % 3) + "\\t" + Array.from({ length: 80 }, () => "w" + random(random(7) < 4 ? 3000 : 1e6)).join(" ") + "\\n")], "large.tsv");
      const file = fileOf(12_000);
      const large = pipelineOf(library, { maxEpochs: 2, l2: 1e-4, keepState: true });
      const checked = (model) => {
        if (model.classifier.featureCount < 2 ** 20) throw new Error("only " + model.classifier.featureCount);
        return model;
      };`;
    const trained = `${prepare} const model = checked(await large.fit(await library.loadText(file, load)));`;
    const saved = `${trained} const bytes = library.saveModel(model);`;
    const added = `const rows = await library.loadText(fileOf(1000), load);`;

    test.each([
      [
        "are learned, whose tables double now and then",
        prepare,
        "checked(await large.fit(await library.loadText(file, load)))",
      ],
      ["of a model are loaded", saved, "checked(await library.loadModel(bytes))"],
      [
        "of a model get rows added, from its training state",
        trained + added,
        "await library.updateModel(model, rows)",
      ],
      [
        "of a model get rows added, beside the old ones",
        `${trained} ${added} const oldRows = await library.loadText(file, load);`,
        "await library.updateModel(model, rows, { oldRows })",
      ],
    ])("%s", { timeout: 180_000 }, async (what, prepare, body) => {
      const longest = await longestTaskOfPage(prepare, body);
      console.log(`longest task while a million n-grams ${what}: ${longest.toFixed(0)} ms of processor time`);
      expect(longest).toBeLessThanOrEqual(LONG_TASK_MS);
    });
  });

  test("training takes as long as in Node", async () => {
    const text = trainingSet(20, 10_000);
    const node = async () => {
      const start = performance.now();
      await pipelineOf(stages as never).fit(await loadText(text, { hasHeader: true }));
      return performance.now() - start;
    };
    const path = `/browser-${pageCount++}`;
    const ready = site.add(
      path,
      pageOf(`${imports}
      const text = trainingSet(20, 10_000);
      globalThis.fitOnce = async () => {
        const start = performance.now();
        await pipeline.fit(await library.loadText(text, load));
        return performance.now() - start;
      };
      return "ready";`),
    );
    const page = await browser.newPage();
    // In turn, so that what else the machine does meets both; the first fit of each also compiles.
    const taken: { node: number; chromium: number }[] = [];
    try {
      await page.goto(site.origin + path);
      await ready;
      while (taken.length < 12)
        taken.push({ node: await node(), chromium: await page.evaluate("fitOnce()") });
    } finally {
      await page.close();
    }
    const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1]!;
    const [first, ...others] = taken;
    const ratio = median(others.map((each) => each.chromium / each.node));
    const ms = (each: { node: number; chromium: number }) =>
      `Node ${Math.round(each.node)} ms, Chromium ${Math.round(each.chromium)} ms`;
    const medians = {
      node: median(others.map((each) => each.node)),
      chromium: median(others.map((each) => each.chromium)),
    };
    console.log(
      `first ${ms(first!)}; then, medians, ${ms(medians)}, ratio of Chromium to Node ${ratio.toFixed(2)}`,
    );
    // The goal is 1.15; more leeway than that is for machines that do other things at the same time.
    expect(ratio).toBeLessThan(1.5);
  }, 120_000);

  test("a policy that forbids blob workers: training goes on in the page, and says so", async () => {
    const rules =
      "default-src 'self'; script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'; worker-src 'self'";
    const outcome = await inPage(
      `
      const reasons = [];
      const run = (options) => createTrainer({ ...options, onFallback: ({ code }) => reasons.push(code) })
        .fit(pipeline, trainingSet(3), { load });
      const blocked = await run({});
      const ownScript = await run({ workerUrl: "/dist/worker-script.js" });
      return { reasons, threads: [blocked.thread, ownScript.thread], same: await hex(blocked.bytes) === await hex(ownScript.bytes) };`,
      policy(rules),
    );
    expect(outcome).toEqual({ reasons: ["no-worker"], threads: ["caller", "worker"], same: true });
  }, 60_000);

  test("files that are no text, or a model from a newer version, are refused by name", async () => {
    const model = await pipelineOf(stages as never).fit(await loadText(trainingSet(2), { hasHeader: true }));
    const newer = repacked(saveModel(model), (manifest) => {
      manifest.formatVersion = 99;
    });
    const messages = await inPage(`
      const picture = new File([Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13)], "cat.png");
      const model = new File([Uint8Array.from(atob("${Buffer.from(newer).toString("base64")}"), (unit) => unit.charCodeAt(0))], "model.zip");
      const of = (run) => run.then(() => "done", ({ code, message }) => code + ": " + message);
      const predict = await import("/dist/predict.js");
      return [
        await of(createTrainer().fit(pipeline, picture, { load })),
        await of(library.loadText(picture, load)),
        await of(library.loadModel(model)),
        await of(predict.loadModel(model)),
      ];`);
    for (const message of messages.slice(0, 2)) expect(message).toMatch(/^bad-[a-z]+: cat\.png/);
    for (const message of messages.slice(2)) expect(message).toMatch(/^newer-model-file: .*version 99/);
  }, 60_000);

  test("without WebAssembly training says so, and dualtext/predict predicts", async () => {
    const model = await pipelineOf(stages as never).fit(await loadText(trainingSet(3), { hasHeader: true }));
    const saved = Buffer.from(saveModel(model)).toString("base64");
    const poor = await launchChromium(["--js-flags=--jitless"]);
    try {
      const path = "/without-wasm";
      const result = site.add(
        path,
        pageOf(`${imports}
          const of = (run) => run.then(() => "trained", ({ code }) => code);
          const { loadModel } = await import("/dist/predict.js");
          const bytes = Uint8Array.from(atob("${saved}"), (unit) => unit.charCodeAt(0));
          const { label } = (await loadModel(bytes)).predict("rain7 topic1");
          return [
            typeof WebAssembly,
            await of(library.loadText(trainingSet(3), load).then((data) => pipeline.fit(data))),
            await of(createTrainer().fit(pipeline, trainingSet(3), { load })),
            label,
          ];`),
      );
      await (await poor.newPage()).goto(site.origin + path);
      expect(await result).toEqual(["undefined", "no-wasm-simd", "no-wasm-simd", "class 1"]);
    } finally {
      await poor.close();
    }
  }, 60_000);

  test("memory that the browser does not give is an error with a code, in a worker and in the page", async () => {
    const codes = await inPage(`
      // Twenty thousand classes: the duals of the rows alone are more than a WebAssembly memory holds.
      const lines = Array.from({ length: 60_000 }, (_, i) =>
        "c" + (i % 20_000) + "\\t" + Array.from({ length: 10 }, (_, k) => "w" + (i * 10 + k)).join(" "));
      const text = "Label\\tText\\n" + lines.join("\\n") + "\\n";
      const codeOf = (run) => run.then(() => "trained", ({ code, message }) => code + ": " + message);
      return [
        await codeOf(createTrainer().fit(pipeline, text, { load })),
        await codeOf(library.loadText(text, load).then((data) => pipeline.fit(data))),
      ];`);
    for (const code of codes)
      expect(code).toMatch(
        /^out-of-memory: Training on 60000 rows, \d+ features, 20000 classes needs \d+ MB/,
      );
  }, 120_000);

  test("a file of 200 MB is read and trained on in a worker, while the page answers", async () => {
    const { longest, ms, rowCount, seen } = await inPage(`
      const part = new Blob([trainingSet(5, 20_000).slice("Label\\tText\\n".length)]);
      const file = new File(["Label\\tText\\n", ...new Array(Math.ceil(200e6 / part.size)).fill(part)], "big.tsv");
      const seen = {};
      const short = library.featurizeText("Features", "Text", { chars: false })
        .append(library.mapValueToKey("Label"))
        .append(library.sdcaMaximumEntropy({ maxEpochs: 1, l2: 1e-4 }));
      const { result, ms, longest } = await watched(() => createTrainer().fit(short, file, {
        load,
        onProgress: ({ phase }) => { seen[phase] = (seen[phase] ?? 0) + 1; },
      }));
      return { longest, ms, rowCount: result.rowCount, seen, size: file.size };`);
    console.log(
      `200 MB, ${rowCount} rows, read and trained on for one epoch in ${Math.round(ms / 1000)} s; longest task of the page ${longest} ms; reports ${JSON.stringify(seen)}`,
    );
    // Waits for a processor that others use count here.
    expect(longest).toBeLessThan(500);
    for (const phase of ["load", "featurize", "solve"]) expect(seen[phase], phase).toBeGreaterThan(0);
  }, 300_000);

  test("a tab closed in mid-run leaves nothing that looks like a model", async () => {
    const path = "/closed";
    const started = site.add(
      path,
      pageOf(`${imports}
        const root = await navigator.storage.getDirectory();
        const started = new Promise((resolve) => {
          createTrainer().fit(pipeline, trainingSet(5, 50_000), { load, onProgress: ({ phase }) => phase === "solve" && resolve() })
            .then(async ({ bytes }) => {
              const file = await (await root.getFileHandle("model.zip", { create: true })).createWritable();
              await file.write(bytes);
              await file.close();
            });
        });
        await started;
        return "started";`),
    );
    const page = await browser.newPage();
    await page.goto(site.origin + path);
    expect(await started).toBe("started");
    await page.close();
    const names = await inPage(`
      const names = [];
      for await (const name of (await navigator.storage.getDirectory()).keys()) names.push(name);
      return names;`);
    expect(names).toEqual([]);
  }, 60_000);

  test("the bytes are those of Node", async () => {
    const here = await pipelineOf(stages as never).fit(await loadText(trainingSet(3), { hasHeader: true }));
    const base64 = await inPage(`
      const { bytes } = await createTrainer().fit(pipeline, trainingSet(3), { load });
      return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));`);
    expect(Buffer.from(base64, "base64").equals(Buffer.from(saveModel(here)))).toBe(true);
  }, 60_000);

  test("an update in a worker gives the bytes of updateModel in Node, and the page answers", async () => {
    const rows = trainingSet(3).trim().split("\n").slice(1);
    const [old, added] = [rows.slice(0, 900), rows.slice(900)].map(
      (part) => `Label\tText\n${part.join("\n")}\n`,
    );
    const options = { keepState: true, tolerance: 1e-4 };
    const load = { hasHeader: true };
    const kept = await pipelineOf(stages as never, options).fit(await loadText(old!, load));
    const expected = await updateModel(kept, await loadText(added!, load), { source: "page" });
    const { sha256, oldRowsFrom, thread, longest } = await inPage(`
      const [old, added] = ${JSON.stringify([old, added])};
      const trainer = createTrainer();
      const { bytes: kept } = await trainer.fit(pipelineOf(library, ${JSON.stringify(options)}), old, { load });
      const { result, longest } = await watched(() =>
        trainer.updateModel(new Blob([kept]), new File([added], "new.tsv"), { load, source: "page" }));
      return { ...result, bytes: undefined, sha256: await hex(result.bytes), longest };`);
    expect({ oldRowsFrom, thread }).toEqual({ oldRowsFrom: "state", thread: "worker" });
    expect(sha256).toBe(createHash("sha256").update(saveModel(expected.model)).digest("hex"));
    expect(longest).toBeLessThan(LONG_TASK_MS);
  }, 60_000);
});
