// The playground in Chromium, as its users go through it: with the keyboard, light and dark, wide and narrow. In the folder that
// DUALTEXT_SCREENSHOTS names, pictures of each step are left.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchChromium } from "./browsers.js";
import { trainingSet } from "./program.js";
import { type Site, serve } from "./serve.js";
import { tool, toolFolder } from "./tools.js";
import { LONG_TASK_MS, traced } from "./traced.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const screenshots = process.env.DUALTEXT_SCREENSHOTS;
/** Any folder of any web server will do. */
const home = "/some/folder/";

let site: Site;
let browser: any;
let folder: string;
beforeAll(async () => {
  if (!toolFolder) return;
  execFileSync(process.execPath, [join(root, "examples/playground/build.mjs")]);
  site = await serve({ [home]: new URL("../../build/playground/", import.meta.url) });
  browser = await launchChromium();
  folder = mkdtempSync(join(tmpdir(), "dualtext-playground-"));
}, 60_000);
afterAll(async () => {
  await browser?.close();
  site?.close();
  if (folder) rmSync(folder, { recursive: true });
});

interface Look {
  readonly scheme: "light" | "dark";
  readonly width: number;
}

/** The page, and what went wrong in it so far. */
async function open(
  { scheme, width }: Look,
  bypassPolicy = false,
): Promise<{ page: any; problems: string[] }> {
  const page = await browser.newPage();
  const problems: string[] = [];
  page.on("pageerror", (error: Error) => problems.push(error.message));
  page.on("console", (message: any) => message.type() === "error" && problems.push(message.text()));
  page.on("request", (request: any) => {
    const url: string = request.url();
    if (!url.startsWith(site.origin + home) && !/^(blob|data):/.test(url)) problems.push(`asked for ${url}`);
  });
  await page.setBypassCSP(bypassPolicy);
  await page.setViewport({ width, height: 900 });
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  await page.goto(site.origin + home, { waitUntil: "networkidle0" });
  return { page, problems };
}

const textOf = (page: any, selector: string): Promise<string> =>
  page.$eval(selector, (element: any) => element.textContent);

async function choose(page: any, set: number): Promise<void> {
  await page.waitForSelector("#sets button");
  await (await page.$$("#sets button"))[set].press("Enter");
  await page.waitForSelector("#train-section:not([inert])");
}

async function train(page: any): Promise<void> {
  await (await page.$("#train")).press("Enter");
  await page.waitForSelector("#code-area:not([hidden])");
}

describe.skipIf(!toolFolder)("the playground (DUALTEXT_RUNTIMES)", { timeout: 120_000 }, () => {
  const looks: [number, Look][] = [
    [0, { scheme: "light", width: 1200 }],
    [1, { scheme: "dark", width: 400 }],
  ];

  test.each(looks)("set %i, %o: from data to predictions with the keyboard", async (set, look) => {
    const { page, problems } = await open(look);
    await choose(page, set);
    await train(page);
    expect(await textOf(page, "#train-status")).toMatch(/^Done after \d+ epochs/);
    const tiles = await textOf(page, ".tiles");
    const shares = [...tiles.matchAll(/(Accuracy|Baseline)([\d.]+)%/g)].map(([, , share]) => Number(share));
    expect(shares[0]).toBeGreaterThan(shares[1]! + 40);

    const first = await page.$(".heat button[tabindex='0']");
    await first.focus();
    await page.keyboard.press("ArrowDown");
    expect(await page.evaluate("document.activeElement.closest('.heat') !== null")).toBe(true);
    await page.keyboard.press("Enter");
    await page.waitForSelector(".cell-rows li");
    const pressed = await page.$eval(
      ".heat button[aria-pressed='true']",
      (button: any) => button.textContent,
    );
    expect((await page.$$(".cell-rows li")).length).toBe(Number(pressed));

    expect((await page.$$(".ngrams li")).length).toBeGreaterThan(5);
    const before = await textOf(page, "#try-labels");
    await (await page.$("#try-text")).type("the battery");
    expect(await textOf(page, "#try-labels")).not.toBe(before);
    expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
    expect(problems).toEqual([]);
    await page.close();
  });

  test.each(looks)("set %i, %o: axe finds nothing at any step", async (set, look) => {
    const axe = readFileSync(tool("axe-core/axe.min.js"), "utf8");
    const { page } = await open(look, true);
    const found: Record<string, string[]> = {};
    const inspect = async (step: string) => {
      await page.evaluate(axe);
      const { violations, passes } = await page.evaluate("axe.run(document)");
      expect(passes.length).toBeGreaterThan(10);
      found[step] = violations.map(({ id, nodes }: any) => `${id}: ${nodes[0].html}`);
      if (!screenshots) return;
      const name = `set-${set}-${look.scheme}-${look.width}-${Object.keys(found).length}-${step}.png`;
      await page.screenshot({ path: join(screenshots, name), fullPage: true });
    };
    await inspect("start");
    await choose(page, set);
    await inspect("data");
    await train(page);
    await inspect("trained");
    await (await page.$(".heat button")).click();
    await page.waitForSelector(".cell-rows li");
    await inspect("cell");
    await (await page.$("#try-text")).type(" and the battery");
    await inspect("typed");
    writeFileSync(join(folder, "broken.zip"), "no model");
    await (await page.$("#model-file")).uploadFile(join(folder, "broken.zip"));
    await page.waitForSelector("#keep-status.problem");
    await inspect("refused");
    await page.close();
    expect(found).toEqual(Object.fromEntries(Object.keys(found).map((step) => [step, []])));
    expect(Object.keys(found)).toHaveLength(6);
  });

  test("the model downloaded is that of its code in Node, and can be loaded again", async () => {
    const { page, problems } = await open(looks[0]![1]);
    await choose(page, 1);
    await train(page);
    const client = await page.createCDPSession();
    await client.send("Browser.setDownloadBehavior", { behavior: "allow", downloadPath: folder });
    await (await page.$("#download")).press("Enter");
    const name = "help-desk-model.zip";
    await expect.poll(() => readdirSync(folder), { timeout: 20_000 }).toContain(name);

    const code = await textOf(page, "#code");
    writeFileSync(
      join(folder, "help-desk.csv"),
      readFileSync(join(root, "build/playground/sets/help-desk.csv")),
    );
    writeFileSync(
      join(folder, "program.mjs"),
      code.replace('"dualtext/node"', JSON.stringify(join(root, "dist/node.js"))),
    );
    const printed = execFileSync(process.execPath, ["program.mjs"], { cwd: folder, encoding: "utf8" });
    const hash = (file: string) =>
      createHash("sha256")
        .update(readFileSync(join(folder, file)))
        .digest("hex");
    expect(hash("model.zip")).toBe(hash(name));
    const shown = Number((await textOf(page, ".tiles")).match(/Accuracy([\d.]+)%/)![1]);
    expect(Math.abs(Number(printed) * 100 - shown)).toBeLessThan(0.06);

    await page.reload({ waitUntil: "networkidle0" });
    await (await page.$("#model-file")).uploadFile(join(folder, name));
    await page.waitForSelector("#try-section:not([hidden])");
    await (await page.$("#try-text")).type("my parcel is damaged");
    expect(await textOf(page, "#try-labels li:first-child span")).toBe("Delivery");
    writeFileSync(join(folder, "half.zip"), readFileSync(join(folder, name)).subarray(0, 20_000));
    await (await page.$("#model-file")).uploadFile(join(folder, "half.zip"));
    await page.waitForSelector("#keep-status.problem");
    expect(problems).toEqual([]);
    await page.close();
  });

  /** The page where it may start no worker. */
  async function openWithoutWorkers(): Promise<any> {
    const html = readFileSync(join(root, "build/playground/index.html"), "utf8");
    const blocked = html.replace("worker-src blob:", "worker-src 'none'");
    expect(blocked).not.toBe(html);
    const page = await browser.newPage();
    await page.setRequestInterception(true);
    page.on("request", (request: any) => {
      if (request.url() !== site.origin + home) return request.continue();
      return request.respond({ contentType: "text/html; charset=utf-8", body: blocked });
    });
    await page.goto(site.origin + home, { waitUntil: "networkidle0" });
    return page;
  }

  test("where no worker may start it trains in the page and says so", async () => {
    const page = await openWithoutWorkers();
    await choose(page, 0);
    // Counts the turns that the page gets while it trains.
    await page.evaluate("globalThis.turns = 0; setInterval(() => globalThis.turns++, 10)");
    await train(page);
    expect(await textOf(page, "#train-status")).toContain(
      "in this page's own thread, as no worker could be started",
    );
    expect(await page.evaluate("turns")).toBeGreaterThan(5);
    await page.close();
  });

  test.each([
    ["with a worker", async () => (await open(looks[0]![1])).page],
    ["without a worker", openWithoutWorkers],
  ] as const)("from the button to the results the page has no long task, %s", async (how, openPage) => {
    // The least of three: what others do on the machine only makes tasks longer.
    const longest: number[] = [];
    for (let i = 0; i < 3; i++) {
      const page = await openPage();
      await choose(page, 0);
      longest.push((await traced(page, () => train(page))).longestMs);
      await page.close();
    }
    const least = Math.min(...longest);
    console.log(`${how}: the page's longest task takes ${least.toFixed(0)} ms of processor time`);
    expect(least).toBeLessThanOrEqual(LONG_TASK_MS);
  });

  test("a large file of one's own: stop ends the run, what is not text is refused", async () => {
    const { page, problems } = await open(looks[0]![1]);
    const large = join(folder, "large.tsv");
    writeFileSync(large, trainingSet(30, 120_000));
    await (await page.$("#file")).uploadFile(large);
    await page.waitForSelector("#train-section:not([inert])");
    await (await page.$("#train")).press("Enter");
    await page.waitForSelector("#loss-curve[aria-label*='after']", { timeout: 60_000 });
    await (await page.$("#stop")).press("Enter");
    await page.waitForSelector("#stop[disabled]", { timeout: 60_000 });
    expect(await textOf(page, "#train-status")).toMatch(/^Ended after \d+ epochs|^Done after/);

    writeFileSync(join(folder, "picture.csv"), Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 13]));
    await (await page.$("#file")).uploadFile(join(folder, "picture.csv"));
    await page.waitForSelector("#data-status.problem");
    expect(await textOf(page, "#data-status")).toContain("picture.csv is not text");
    expect(problems).toEqual([]);
    await page.close();
  });
});
