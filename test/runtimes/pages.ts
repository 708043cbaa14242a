// Pages of the project's files in a Chromium of their own.
import { launchChromium } from "./browsers.js";
import { pageOf, type Site, serve } from "./serve.js";

/** Imports that the bodies of pages begin with. */
export const imports = `
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

export class Pages {
  #count = 0;

  private constructor(
    readonly site: Site,
    readonly browser: any,
  ) {}

  /** @param args of Chromium */
  static async open(args: readonly string[] = []): Promise<Pages> {
    return new Pages(await serve(), await launchChromium(args));
  }

  async close(): Promise<void> {
    await this.browser.close();
    this.site.close();
  }

  /** A page that is there from now on, and what it leaves. */
  add(body: string, headers?: Readonly<Record<string, string>>): { path: string; result: Promise<any> } {
    const path = `/page-${this.#count++}`;
    return { path: this.site.origin + path, result: this.site.add(path, pageOf(imports + body, headers)) };
  }

  /** Runs a body in a page of its own. */
  async run(body: string, headers?: Readonly<Record<string, string>>): Promise<any> {
    const { path, result } = this.add(body, headers);
    const page = await this.browser.newPage();
    const closed = new Promise((_, reject) => page.once("error", reject));
    try {
      await page.goto(path);
      return await Promise.race([result, closed]);
    } finally {
      await page.close();
    }
  }
}
