// Where the runtimes are. .ci/runtimes installs them and names the folder of those that come from npm.
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

/** Folder whose node_modules/ has node-20, node-22, node-24, deno, bun, workerd, puppeteer-core and axe-core. */
export const toolFolder = process.env.DUALTEXT_RUNTIMES;

export const tool = (path: string): string => join(toolFolder!, "node_modules", path);

/** A package of that folder. */
export async function toolModule(name: string): Promise<any> {
  return import(createRequire(join(toolFolder!, "package.json")).resolve(name));
}

/** The first of the files that is there. */
export function firstOf(what: string, paths: readonly string[]): string {
  const found = paths.find((path) => existsSync(path));
  if (found) return found;
  throw new Error(`${what} is not installed: none of ${paths.join(", ")} is there.`);
}

export const chromiumPath = () => firstOf("Chromium", ["/usr/bin/chromium", "/usr/bin/chromium-browser"]);
export const firefoxPath = () => firstOf("Firefox", ["/usr/bin/firefox-esr", "/usr/bin/firefox"]);
