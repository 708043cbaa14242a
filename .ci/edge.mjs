// dist/edge.js: the library for runtimes that compile no bytes, which imports the modules of the core instead.
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const path = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));

await build({
  entryPoints: [path("src/index.ts")],
  outfile: path("dist/edge.js"),
  bundle: true,
  format: "esm",
  target: "es2022",
  platform: "neutral",
  mainFields: ["module", "main"],
  logLevel: "warning",
  plugins: [
    {
      name: "modules of the core",
      setup({ onResolve }) {
        onResolve({ filter: /\/edge-modules\.js$/ }, () => ({ path: "#core-modules", external: true }));
        onResolve({ filter: /\/core-modules\.js$/ }, () => ({ path: path("src/wasm/core-modules.edge.ts") }));
      },
    },
  ],
});
