// What a program that imports dualtext ships, after a minifying bundler and brotli. `node .ci/sizes.mjs` after a build
// prints the tables of docs/bundlers.md, with `--tried` that of what was tried and left; test/dist.test.ts holds the limits.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { argv } from "node:process";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";
import { build, transform } from "esbuild";
import { minify } from "terser";
import typescript from "typescript";
import { frequentBytes, textOf } from "../assembly/byte-text.mjs";

/** @param {string} name */
const folder = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));
/** @param {string | Uint8Array} bytes */
const brotli = (bytes) => brotliCompressSync(bytes).length;
const options = /** @type {const} */ ({
  bundle: true,
  format: "esm",
  platform: "neutral",
  target: "es2022",
  outdir: "out",
  write: false,
  metafile: true,
  legalComments: "none",
  logLevel: "error",
});

/** Imports that are measured, of the built files. */
export const imports = {
  "dualtext/predict": 'export * from "./predict.js"',
  "trainClassifier, saveModel, loadModel":
    'export { trainClassifier, saveModel, loadModel } from "./index.js"',
  "the pipeline: loadText, trainTestSplit, featurizeText, mapValueToKey, sdcaMaximumEntropy, mapKeyToValue, evaluate, saveModel, loadModel":
    'export { loadText, trainTestSplit, featurizeText, mapValueToKey, sdcaMaximumEntropy, mapKeyToValue, evaluate, saveModel, loadModel } from "./index.js"',
  "all of dualtext": 'export * from "./index.js"',
  "dualtext/worker": 'export * from "./worker.js"',
  "training in a worker, predicting in the page":
    'export { createTrainer } from "./worker.js"; export { loadModel } from "./predict.js"',
};

/**
 * Bytes of an import of the built files: those loaded at once, or all, which are one file where a bundler does not split.
 * @param {string} code
 * @param {"at once" | "all"} of
 */
export async function shippedBytes(code, of) {
  const stdin = { contents: code, resolveDir: folder("dist") };
  const { outputFiles, metafile } = await build({
    ...options,
    stdin,
    minify: true,
    splitting: of === "at once",
  });
  /** @type {Set<string>} */
  const counted = new Set();
  /** @param {string} path */
  const count = (path) => {
    if (counted.has(basename(path))) return;
    counted.add(basename(path));
    for (const { kind, path: other } of /** @type {any} */ (metafile.outputs[path]).imports)
      if (kind === "import-statement" || of === "all") count(other);
  };
  count("out/stdin.js");
  return outputFiles
    .filter(({ path }) => counted.has(basename(path)))
    .reduce((sum, { contents }) => sum + brotli(contents), 0);
}

/**
 * Parts of the library by the files of its sources; the first that fits counts.
 * @type {Record<string, RegExp>}
 */
const parts = {
  "the two WebAssembly cores": /src\/wasm\/core-bytes/,
  "the loader of AssemblyScript": /@assemblyscript\/loader/,
  "tables of Unicode": /unicode-tables/,
  "word vectors and encoders": /embed|encoder|word-vector|async-model/,
  "n-grams, other stages of text": /src\/text\//,
  "loading text, columns, keys": /src\/data\//,
  training: /src\/(train|threads|wasm|slices|random|numbers|assembly)|assembly\/|src\/(hash|sha256)/,
  "models and their files": /src\/model\//,
  metrics: /src\/evaluate\//,
  "updates, fine-tuning, comparing": /src\/transfer\//,
  "pipelines, stages, errors": /./,
};

/**
 * Bytes that would be saved without each part, and without the texts of errors, which are in all of them.
 * @returns {Promise<{ total: number, parts: [string, number][] }>}
 */
export async function bytesByPart() {
  const stdin = {
    contents: 'export * from "./src/index.ts"',
    resolveDir: folder("."),
    loader: /** @type {const} */ ("ts"),
  };
  const { outputFiles } = await build({ ...options, stdin, minifySyntax: true, minifyIdentifiers: true });
  const modules = /** @type {any} */ (outputFiles[0]).text.split(
    /^(?=\/\/ (?:src|assembly|node_modules)\/)/m,
  );
  /** @type {string[]} */
  const minified = await Promise.all(
    modules.map(async (/** @type {string} */ code) =>
      /^export \{/m.test(code)
        ? code
        : (await transform(code, { minify: true, minifyIdentifiers: false })).code,
    ),
  );
  const whole = minified.join("");
  /** @param {string} code */
  const partOf = (code) =>
    Object.keys(parts).find((part) =>
      /** @type {RegExp} */ (parts[part]).test(/** @type {string} */ (code.split("\n")[0])),
    );
  /** @type {[string, number][]} */
  const saved = Object.keys(parts).map((part) => {
    const rest = minified.filter((_, i) => partOf(modules[i]) !== part);
    return [part, brotli(whole) - brotli(rest.join(""))];
  });
  return {
    total: brotli(whole),
    parts: [
      ...saved,
      ["texts of errors, in all of these", brotli(whole) - brotli(withoutTexts(whole, isMessage))],
    ],
  };
}

/**
 * Bytes of all that are left by means ever less acceptable, each on top of those before it.
 * @returns {Promise<[string, number][]>}
 */
export async function bytesLeft() {
  const stdin = { contents: 'export * from "./index.js"', resolveDir: folder("dist") };
  const { outputFiles } = await build({ ...options, stdin });
  const code = /** @type {any} */ (outputFiles[0]).text;
  const terser = /** @type {const} */ ({ ecma: 2020, module: true, compress: { passes: 3 } });
  const { code: minified = "" } = await minify(code, terser);
  const { code: mangled = "" } = await minify(code, { ...terser, mangle: { properties: true } });
  const silent = withoutTexts(mangled, isMessage);
  return [
    ["minified by terser, in three passes", brotli(minified)],
    ["and every name of a property short, which breaks the interface", brotli(mangled)],
    ["and without the texts of errors", brotli(silent)],
    ["and without the cores and the tables of Unicode", brotli(withoutTexts(silent, isTable))],
  ];
}

/**
 * Bytes by which all of dualtext would grow, or shrink, by means that were tried and left.
 * @returns {Promise<[string, number][]>}
 */
export async function bytesByTried() {
  const stdin = { contents: 'export * from "./index.js"', resolveDir: folder("dist") };
  const { outputFiles } = await build({ ...options, stdin, minify: true });
  const code = /** @type {any} */ (outputFiles[0]).text;
  const cores = ["core", "text-core"].map((name) => readFileSync(folder(`build/${name}.wasm`)));
  const frequent = frequentBytes(Buffer.concat(cores));
  /** @param {(bytes: Buffer, i: number) => string} asText */
  const withCores = (asText) =>
    brotli(
      cores.reduce((all, bytes, i) => all.replace(textOf(bytes, frequent), () => asText(bytes, i)), code),
    );
  const forSize = ["release", "text"].map(compiledForSize);
  /** @param {string} name */
  const loader = async (name) => {
    const contents = `export { ${name} } from "@assemblyscript/loader"`;
    const built = await build({ ...options, stdin: { contents, resolveDir: folder(".") }, minify: true });
    return brotli(/** @type {any} */ (built.outputFiles[0]).contents);
  };
  return [
    ["the cores in base64", withCores((bytes) => bytes.toString("base64")) - brotli(code)],
    [
      "the cores compiled for size (`--shrinkLevel 2`)",
      withCores((_, i) => textOf(/** @type {Buffer} */ (forSize[i]), frequent)) - brotli(code),
    ],
    [
      "`demangle` of the loader in place of `instantiateSync`",
      (await loader("demangle")) - (await loader("instantiateSync")),
    ],
  ];
}

/** @param {string} target of asconfig.json */
function compiledForSize(target) {
  const entry = target === "text" ? "assembly/text/index.ts" : "assembly/index.ts";
  const place = mkdtempSync(join(tmpdir(), "dualtext-sizes-"));
  const out = join(place, "core.wasm");
  const asc = folder("node_modules/assemblyscript/bin/asc.js");
  const settings = ["--config", "asconfig.json", "--target", target, "--shrinkLevel", "2", "--outFile", out];
  execFileSync(process.execPath, [asc, entry, ...settings], { cwd: folder(".") });
  const bytes = readFileSync(out);
  rmSync(place, { recursive: true });
  return bytes;
}

/** Length from which a text is a core or a table of Unicode. */
const LEAST_TABLE = 3000;
/** @param {string} text */
const isTable = (text) => text.length >= LEAST_TABLE;
/** @param {string} text of several words */
const isMessage = (text) =>
  !isTable(text) && (text.replace(/\$\{[^}]*\}/g, "").match(/[a-z]{2,} /g)?.length ?? 0) > 1;

/**
 * Code whose texts of one kind are empty.
 * @param {string} code
 * @param {(text: string) => boolean} isKind
 */
function withoutTexts(code, isKind) {
  const { createSourceFile, isStringLiteralLike, isTemplateExpression, forEachChild, ScriptTarget } =
    typescript;
  /** @type {[number, number][]} */
  const cuts = [];
  /** @param {import("typescript").Node} node */
  const visit = (node) => {
    if ((isStringLiteralLike(node) || isTemplateExpression(node)) && isKind(node.getText()))
      cuts.push([node.getStart(), node.getEnd()]);
    else forEachChild(node, visit);
  };
  visit(createSourceFile("all.js", code, ScriptTarget.ES2022, true));
  let [result, end] = ["", 0];
  for (const [from, to] of cuts) {
    result += `${code.slice(end, from)}""`;
    end = to;
  }
  return result + code.slice(end);
}

if (argv[1] === fileURLToPath(import.meta.url) && argv.includes("--tried")) {
  console.log("| All of dualtext | KB more |\n| --- | --- |");
  for (const [how, bytes] of await bytesByTried())
    console.log(`| ${how} | ${(bytes / 1024).toFixed(1).replace("-", "−")} |`);
} else if (argv[1] === fileURLToPath(import.meta.url)) {
  console.log("| Import | KB |\n| --- | --- |");
  for (const [what, code] of Object.entries(imports)) {
    // The worker's fallback is loaded only by pages that forbid workers.
    const bytes = await shippedBytes(code, what.includes("worker") ? "at once" : "all");
    console.log(`| ${what} | ${(bytes / 1024).toFixed(1)} |`);
  }
  const { total, parts } = await bytesByPart();
  console.log(`\n| Part of all (${(total / 1024).toFixed(1)} KB) | KB |\n| --- | --- |`);
  for (const [part, bytes] of parts) console.log(`| ${part} | ${(bytes / 1024).toFixed(1)} |`);
  console.log("\n| All of dualtext | KB |\n| --- | --- |");
  for (const [how, bytes] of await bytesLeft()) console.log(`| ${how} | ${(bytes / 1024).toFixed(1)} |`);
}
