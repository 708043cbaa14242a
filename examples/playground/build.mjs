// Builds the playground as static files, which work from any folder of any web server: build/playground/. With --serve, also
// serves them on this machine.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "tsup";
import { playgroundSets } from "./sets.mjs";

const root = new URL("../../", import.meta.url);
const output = new URL("build/playground/", root);
/** @param {string} name */
const source = (name) => fileURLToPath(new URL(name, import.meta.url));

await build({
  config: false,
  entry: { app: source("app.ts") },
  outDir: fileURLToPath(output),
  outExtension: () => ({ js: ".js" }),
  format: ["esm"],
  target: "es2022",
  platform: "browser",
  minify: true,
  splitting: true,
  clean: true,
  silent: true,
  esbuildOptions: (options) => {
    options.alias = {
      dualtext: fileURLToPath(new URL("dist/index.js", root)),
      "dualtext/worker": fileURLToPath(new URL("dist/worker.js", root)),
    };
  },
});
const styles = [
  fileURLToPath(import.meta.resolve("uplot/dist/uPlot.min.css")),
  source("app.css"),
  source("steps.css"),
];
writeFileSync(new URL("app.css", output), styles.map((file) => readFileSync(file, "utf8")).join("\n"));
writeFileSync(new URL("index.html", output), readFileSync(source("index.html")));
mkdirSync(new URL("sets/", output), { recursive: true });
const sets = playgroundSets();
for (const { file, text } of sets) writeFileSync(new URL(`sets/${file}`, output), text);
writeFileSync(
  new URL("sets/index.json", output),
  JSON.stringify(sets.map(({ file, title }) => ({ file, title }))),
);
console.log(`The playground is in ${fileURLToPath(output)}`);

if (process.argv.includes("--serve")) {
  /** @type {Record<string, string>} */
  const types = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript",
    ".css": "text/css",
    ".json": "application/json",
  };
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://playground").pathname;
    try {
      const file = new URL(`.${path === "/" ? "/index.html" : path}`, output);
      if (!file.pathname.startsWith(output.pathname)) throw new Error("outside");
      response.setHeader("content-type", types[extname(path) || ".html"] ?? "text/plain; charset=utf-8");
      response.end(readFileSync(file));
    } catch {
      response.writeHead(404).end();
    }
  });
  server.listen(Number(process.env.PORT ?? 8080), "127.0.0.1", () => {
    const address = server.address();
    console.log(`Open http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/`);
  });
}
