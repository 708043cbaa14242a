// What a page has at hand goes in, in the page and in a worker, and a model comes out and goes in again: the same bytes in each form.
import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadText } from "../../src/data/text-loader.js";
import { saveModel } from "../../src/model/saved-model.js";
import * as stages from "../../src/stages.js";
import { type Browser, chromium, firefox, webkit } from "./browsers.js";
import { imports } from "./pages.js";
import { pipelineOf, trainingSet } from "./program.js";
import { pageOf, type Site, serve } from "./serve.js";
import { toolFolder } from "./tools.js";

const body = `
  const text = trainingSet(3);
  const bytes = new TextEncoder().encode(text);
  const gzip = new Uint8Array(await new Response(
    new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"))).arrayBuffer());
  if (gzip[0] !== 0x1f || gzip.length > bytes.length / 2) throw new Error("no gzip");
  const inputs = {
    "a string": () => text,
    "a Uint8Array": () => bytes,
    "an ArrayBuffer": () => bytes.slice().buffer,
    "a File": () => new File([bytes], "rows.tsv"),
    "a Blob": () => new Blob([bytes]),
    "a Response": () => new Response(bytes),
    "a ReadableStream": () => new Blob([bytes]).stream(),
    "a File of gzip": () => new File([gzip], "rows.tsv.gz"),
    "a Response of gzip": () => new Response(gzip),
    "a ReadableStream of gzip": () => new Blob([gzip]).stream(),
  };
  const hashes = {};
  let model;
  for (const [name, make] of Object.entries(inputs)) {
    model = await pipeline.fit(await library.loadText(make(), load));
    const worked = await createTrainer().fit(pipeline, make(), { load });
    hashes[name] = await hex(library.saveModel(model));
    hashes[name + ", in a " + worked.thread] = await hex(worked.bytes);
  }
  const blob = library.saveModelBlob(model);
  const saved = await blob.arrayBuffer();
  hashes["out: a Blob"] = await hex(saved);
  for (const [name, form] of Object.entries({ "a Blob": blob, "a File": new File([blob], "model.zip"), "a Response": new Response(blob), "an ArrayBuffer": saved }))
    hashes["a model in: " + name] = await hex(library.saveModel(await library.loadModel(form)));
  return { type: blob.type, hashes };`;

let site: Site;
let expected: string;
beforeAll(async () => {
  if (!toolFolder) return;
  site = await serve();
  const model = await pipelineOf(stages as never).fit(await loadText(trainingSet(3), { hasHeader: true }));
  expected = createHash("sha256").update(saveModel(model)).digest("hex");
}, 60_000);
afterAll(() => site?.close());

describe.skipIf(!toolFolder)("what goes in and out (DUALTEXT_RUNTIMES)", () => {
  test.each([
    ["Chromium", chromium],
    ["Firefox", firefox],
    ["WebKit", webkit],
  ] as const)("%s", { timeout: 120_000 }, async (name, launch) => {
    const browser: Browser = await launch();
    try {
      const result = site.add(`/${name}`, pageOf(imports + body));
      await browser.open(`${site.origin}/${name}`);
      const outcome = (await result) as { type: string; hashes: Record<string, string> };
      expect(outcome).toMatchObject({ type: "application/zip" });
      const forms = Object.keys(outcome.hashes);
      expect(forms.filter((form) => form.endsWith(", in a worker"))).toHaveLength(10);
      expect(outcome.hashes).toEqual(Object.fromEntries(forms.map((form) => [form, expected])));
      console.log(`${name} ${browser.version}: ${forms.length} forms, all ${expected.slice(0, 12)}`);
    } finally {
      await browser.close();
    }
  });
});
