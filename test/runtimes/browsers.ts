// Opens pages in browsers: Chromium and Firefox by puppeteer-core (Firefox over WebDriver BiDi), WebKit by its WebDriver.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { chromiumPath, firefoxPath, firstOf, toolModule } from "./tools.js";

export interface Browser {
  readonly version: string;
  open(url: string): Promise<void>;
  close(): Promise<void>;
}

/** The browser itself, of puppeteer-core, for tests that need more than a page. */
export async function launchChromium(args: readonly string[] = []): Promise<any> {
  const { default: puppeteer } = await toolModule("puppeteer-core");
  // As root, as in a container, Chromium starts only without its sandbox.
  return puppeteer.launch({
    executablePath: chromiumPath(),
    args: ["--no-sandbox", "--disable-dev-shm-usage", ...args],
  });
}

async function launchFirefox(): Promise<any> {
  const { default: puppeteer } = await toolModule("puppeteer-core");
  return puppeteer.launch({ browser: "firefox", executablePath: firefoxPath(), protocol: "webDriverBiDi" });
}

async function ofPuppeteer(browser: any): Promise<Browser> {
  return {
    version: await browser.version(),
    open: async (url) => {
      await (await browser.newPage()).goto(url);
    },
    close: () => browser.close(),
  };
}

export const chromium = async () => ofPuppeteer(await launchChromium());
export const firefox = async () => ofPuppeteer(await launchFirefox());

/** WebKit has no mode without a display, so it gets a virtual one. */
export async function webkit(): Promise<Browser> {
  const binary = firstOf(
    "WebKit's MiniBrowser",
    ["4.1", "6.0", "4.0"].map((version) => `/usr/lib/x86_64-linux-gnu/webkit2gtk-${version}/MiniBrowser`),
  );
  const port = await freePort();
  // Xvfb takes a display that nobody has and writes its number to the pipe.
  const screen = spawn("Xvfb", ["-displayfd", "3", "-screen", "0", "1024x768x24"], {
    stdio: ["ignore", "ignore", "ignore", "pipe"],
  });
  const processes: ChildProcess[] = [screen];
  const end = () => Promise.all(processes.map(ended));
  try {
    const display = await firstLine(screen.stdio[3] as Readable);
    const env = { ...process.env, DISPLAY: `:${display}` };
    processes.push(spawn("WebKitWebDriver", [`--port=${port}`], { stdio: "ignore", env }));
    const call = async (method: string, path: string, body?: object): Promise<any> => {
      const url = `http://127.0.0.1:${port}${path}`;
      const response = await fetch(url, { method, ...(body && { body: JSON.stringify(body) }) });
      const { value } = (await response.json()) as { value: any };
      if (!response.ok) throw new Error(`WebKitWebDriver: ${value?.message ?? response.status}`);
      return value;
    };
    await listening(() => call("GET", "/status"), processes);
    const { sessionId, capabilities } = await call("POST", "/session", {
      capabilities: {
        alwaysMatch: { "webkitgtk:browserOptions": { binary, args: ["--automation"] } },
      },
    });
    return {
      version: `WebKitGTK ${capabilities.browserVersion}`,
      open: (url) => call("POST", `/session/${sessionId}/url`, { url }),
      close: async () => {
        await call("DELETE", `/session/${sessionId}`);
        await end();
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
}

/** A port that nobody listens to. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function firstLine(stream: Readable): Promise<string> {
  for await (const line of createInterface(stream)) return line;
  throw new Error("Xvfb ended before it had a display.");
}

/** Ends a process; resolves when it has ended. */
async function ended(process: ChildProcess): Promise<void> {
  if (process.exitCode !== null || process.signalCode !== null) return;
  process.kill();
  await once(process, "exit");
}

async function listening(answers: () => Promise<unknown>, processes: readonly ChildProcess[]): Promise<void> {
  for (let tries = 0; ; tries++) {
    const failed = processes.find(({ exitCode }) => exitCode !== null);
    if (failed) throw new Error(`${failed.spawnfile} ended with code ${failed.exitCode}.`);
    try {
      await answers();
      return;
    } catch (error) {
      if (tries >= 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
