// Opens pages in browsers: Chromium and Firefox by puppeteer-core (Firefox over WebDriver BiDi), WebKit by its WebDriver.
import { type ChildProcess, spawn } from "node:child_process";
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
  const display = `:${100 + (process.pid % 800)}`;
  const port = 20_000 + (process.pid % 20_000);
  const screen = spawn("Xvfb", [display, "-screen", "0", "1024x768x24"], { stdio: "ignore" });
  const driver = spawn("WebKitWebDriver", [`--port=${port}`], {
    stdio: "ignore",
    env: { ...process.env, DISPLAY: display },
  });
  const call = async (method: string, path: string, body?: object): Promise<any> => {
    const url = `http://127.0.0.1:${port}${path}`;
    const response = await fetch(url, { method, ...(body && { body: JSON.stringify(body) }) });
    const { value } = (await response.json()) as { value: any };
    if (!response.ok) throw new Error(`WebKitWebDriver: ${value?.message ?? response.status}`);
    return value;
  };
  try {
    await listening(() => call("GET", "/status"), [screen, driver]);
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
        driver.kill();
        screen.kill();
      },
    };
  } catch (error) {
    driver.kill();
    screen.kill();
    throw error;
  }
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
