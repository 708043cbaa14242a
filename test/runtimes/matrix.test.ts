// The same data, options and seed give the same bytes in every runtime. Needs the runtimes: DUALTEXT_RUNTIMES, see tools.ts.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Browser, chromium, firefox, webkit } from "./browsers.js";
import { runScript, runWorkerd, versionOf } from "./hosts.js";
import { classCounts } from "./program.js";
import { pageOf, type Site, serve } from "./serve.js";
import { tool, toolFolder } from "./tools.js";

interface TrainedModel {
  readonly classCount: number;
  readonly seconds: number;
  readonly sha256: string;
  readonly loadedSha256: string;
  readonly probability: number;
  readonly thread?: string;
  readonly workerSha256?: string;
}

interface Outcome {
  readonly version: string;
  readonly models: readonly TrainedModel[];
}

let site: Site;
beforeAll(async () => {
  site = await serve();
});
afterAll(() => site?.close());

async function inBrowser(launch: () => Promise<Browser>): Promise<Outcome> {
  const browser = await launch();
  try {
    const path = `/${launch.name}`;
    const body = `
      const [library, worker, { run }] = await Promise.all(
        ["/dist/index.js", "/dist/worker.js", "/test/runtimes/program.js"].map((path) => import(path)));
      return run(library, worker);`;
    const result = site.add(path, pageOf(body));
    await browser.open(site.origin + path);
    return { version: browser.version, models: (await result) as TrainedModel[] };
  } finally {
    await browser.close();
  }
}

async function inScript(command: string, ...args: string[]): Promise<Outcome> {
  return {
    version: await versionOf(command),
    models: (await runScript(command, args)) as TrainedModel[],
  };
}

const runtimes: Readonly<Record<string, () => Promise<Outcome>>> = {
  "Node 20": () => inScript(tool("node-20/bin/node")),
  "Node 22": () => inScript(tool("node-22/bin/node")),
  "Node 24": () => inScript(tool("node-24/bin/node")),
  Chromium: () => inBrowser(chromium),
  Firefox: () => inBrowser(firefox),
  WebKit: () => inBrowser(webkit),
  Deno: () => inScript(tool(".bin/deno"), "run", "--allow-all", "--node-modules-dir=manual"),
  Bun: () => inScript(tool(".bin/bun"), "run"),
  workerd: async () => ({
    version: await versionOf(tool(".bin/workerd")),
    models: (await runWorkerd(tool(".bin/workerd"))) as TrainedModel[],
  }),
};

describe.skipIf(!toolFolder)("runtimes (DUALTEXT_RUNTIMES names a folder that has them)", () => {
  const outcomes = new Map<string, Outcome & { readonly seconds: number }>();

  test.each(Object.keys(runtimes))("%s trains, here and in a worker", { timeout: 120_000 }, async (name) => {
    const start = performance.now();
    const outcome = await runtimes[name]!();
    expect(outcome.models, JSON.stringify(outcome.models)).toHaveLength(classCounts.length);
    outcomes.set(name, { ...outcome, seconds: (performance.now() - start) / 1000 });
    for (const model of outcome.models) {
      expect(model.loadedSha256).toBe(model.sha256);
      // workerd has no workers.
      if (name !== "workerd") {
        expect(model.thread).toBe("worker");
        expect(model.workerSha256).toBe(model.sha256);
      }
    }
  });

  test("all models are the same, byte for byte", () => {
    const rows = [...outcomes].map(([runtime, { version, models, seconds }]) => ({
      runtime,
      version,
      ...Object.fromEntries(
        models.map(({ classCount, sha256 }) => [`${classCount} classes`, sha256.slice(0, 12)]),
      ),
      seconds: +seconds.toFixed(1),
    }));
    console.table(rows);
    expect([...outcomes.keys()]).toEqual(Object.keys(runtimes));
    const [first] = outcomes.values();
    for (const { classCount, sha256 } of first!.models)
      console.log(`${classCount} classes: SHA-256 ${sha256}`);
    for (const [name, { models }] of outcomes) {
      for (const [i, { sha256, probability }] of models.entries())
        expect([sha256, probability], name).toEqual([
          first!.models[i]!.sha256,
          first!.models[i]!.probability,
        ]);
    }
  });
});
