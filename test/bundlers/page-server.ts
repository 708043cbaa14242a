import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join, normalize } from "node:path";

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".wasm": "application/wasm",
  ".zip": "application/zip",
  ".json": "application/json",
};

/** How long a page may take from the start of the browser to its report. */
const PAGE_MS = 60_000;

/** Serves a folder on this machine alone; pages report by a POST to /report. */
export class PageServer {
  readonly #folder: string;
  readonly #server: Server;
  /** Headers of all answers, by the first part of the path. */
  readonly headers = new Map<string, Record<string, string>>();
  #report: ((text: string) => void) | undefined;

  constructor(folder: string) {
    this.#folder = folder;
    this.#server = createServer((request, response) => {
      const path = normalize(new URL(request.url!, "http://localhost").pathname);
      if (request.method === "POST") {
        const chunks: Buffer[] = [];
        request.on("data", (chunk: Buffer) => chunks.push(chunk));
        request.on("end", () => {
          response.end();
          this.#report?.(Buffer.concat(chunks).toString("utf8"));
        });
        return;
      }
      const headers = this.headers.get(path.split("/")[1]!) ?? {};
      try {
        const file = join(this.#folder, path);
        const bytes = readFileSync(statSync(file).isDirectory() ? join(file, "index.html") : file);
        const type = types[path.endsWith("/") ? ".html" : extname(path)] ?? "application/octet-stream";
        response.writeHead(200, { "content-type": type, ...headers });
        response.end(bytes);
      } catch {
        response.writeHead(404).end();
      }
    });
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Opens a page in a Chromium of its own and gives what it reports. */
  async visit(chromium: string, path: string): Promise<any> {
    const profile = mkdtempSync(join(tmpdir(), "dualtext-chromium-"));
    const { port } = this.#server.address() as AddressInfo;
    const browser = spawn(
      chromium,
      [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--no-first-run",
        `--user-data-dir=${profile}`,
        `http://127.0.0.1:${port}${path}`,
      ],
      { stdio: "ignore", detached: true },
    );
    let timer: NodeJS.Timeout | undefined;
    try {
      const text = await new Promise<string>((resolve, reject) => {
        this.#report = resolve;
        browser.once("error", reject);
        browser.once("exit", (code) =>
          reject(new Error(`Chromium ended with ${code} before ${path} reported.`)),
        );
        timer = setTimeout(() => reject(new Error(`${path} reported nothing in ${PAGE_MS} ms.`)), PAGE_MS);
      });
      return JSON.parse(text);
    } finally {
      clearTimeout(timer);
      this.#report = undefined;
      const ended = new Promise((resolve) => browser.once("exit", resolve));
      // The browser and the processes that it started.
      if (browser.pid !== undefined && browser.exitCode === null) {
        process.kill(-browser.pid, "SIGKILL");
        await ended;
      }
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    }
  }
}
