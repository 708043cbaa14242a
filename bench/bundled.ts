import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

/**
 * The library as users have it, bundled. The runner of TypeScript gives each function its name whenever it is made, which
 * takes longer than a prediction does.
 */
export async function bundledLibrary(): Promise<typeof import("../src/index.js")> {
  const root = fileURLToPath(new URL("../", import.meta.url));
  const outfile = join(root, "build/bench/index.mjs");
  await build({
    absWorkingDir: root,
    entryPoints: ["src/index.ts"],
    bundle: true,
    format: "esm",
    platform: "node",
    outfile,
  });
  return import(pathToFileURL(outfile).href);
}
