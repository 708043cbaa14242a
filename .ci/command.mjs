// dist/cli.cjs, the command: a few lines that run dist/command.cjs, which is everything as one script, and what the engine
// at hand has compiled of it.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** @param {string} name */
const path = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));
/**
 * What the engine at hand is told before it runs the command, if it knows it: to optimise a function of JavaScript only after
 * fifteen times the usual work. A command ends soon, its loops are WebAssembly, and until then compiling takes the processor
 * from it.
 */
const flags = "--interrupt-budget=1000000";
const isKnown = spawnSync(process.execPath, [flags, "--eval", ""]).status === 0;
const options = /** @type {const} */ ({
  bundle: true,
  platform: "node",
  target: "es2022",
  format: "cjs",
  define: { "import.meta.dirname": "__dirname", ENGINE_FLAGS: JSON.stringify(isKnown ? flags : "") },
  logLevel: "warning",
});

await build({
  ...options,
  entryPoints: [path("src/cli/start.ts")],
  outfile: path("dist/cli.cjs"),
});
await build({
  ...options,
  entryPoints: [path("src/cli/main.ts")],
  outfile: path("dist/command.cjs"),
  // Less to read, and nothing beyond ASCII; names stay, for stack traces.
  minifyWhitespace: true,
  lineLimit: 120,
  legalComments: "none",
  // Scripts that are run with what was compiled before have no import().
  supported: { "dynamic-import": false },
  plugins: [
    {
      name: "what Node has itself",
      setup({ onResolve }) {
        for (const [filter, name] of /** @type {const} */ ([
          [/\/core-modules\.js$/, "core-modules"],
          [/\/crc32\.js$/, "crc32"],
          [/\/sha256\.js$/, "sha256"],
        ]))
          onResolve({ filter }, () => ({ path: path(`src/node/${name}.ts`) }));
      },
    },
    {
      name: "what dependencies seldom or never use of Node, loaded when it is",
      setup({ onResolve, onLoad }) {
        const namespace = "late";
        onResolve({ filter: /^(node:child_process|readline)$/ }, ({ path: name, namespace: from }) =>
          from === namespace ? { path: name, external: true } : { path: name, namespace },
        );
        onLoad({ filter: /./, namespace }, ({ path: name }) => ({
          contents: `module.exports = new Proxy({}, { get: (_, key) => require("${name}")[key] });`,
        }));
      },
    },
  ],
});
// In a process of its own, whose output nobody needs.
const { status } = spawnSync(process.execPath, [path(".ci/compile-command.mjs")], {
  stdio: ["ignore", "ignore", "inherit"],
});
if (status !== 0) throw new Error("The command that was built does not work.");
