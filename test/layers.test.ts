import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

// Who may import whom. A file belongs to the folder it is in, a file directly in src/ to itself.
const foundations = [
  "errors",
  "bytes",
  "stage",
  "random",
  "hash",
  "sha256",
  "numbers",
  "distributions",
  "slices",
  "spare",
  "version",
  "assembly",
];
const rules: Record<string, readonly string[]> = {
  errors: [],
  bytes: [],
  numbers: [],
  distributions: ["numbers"],
  hash: [],
  version: [],
  sha256: [],
  random: ["hash", "errors"],
  slices: [],
  spare: [],
  stage: ["data", "threads"],
  data: foundations,
  wasm: foundations,
  text: [...foundations, "data", "wasm", "threads"],
  evaluate: [...foundations, "data"],
  model: [...foundations, "data", "text", "wasm", "evaluate"],
  threads: foundations,
  train: [...foundations, "data", "wasm", "model", "threads"],
  pipeline: [...foundations, "data", "model", "threads"],
  "stage-maker": [...foundations, "data", "pipeline"],
  stages: [...foundations, "stage-maker", "data", "text", "train", "pipeline"],
  "embedding-stages": [...foundations, "data", "text", "pipeline", "stage-maker"],
  "train-classifier": [...foundations, "data", "model", "evaluate", "train", "pipeline", "stages"],
  worker: [
    ...foundations,
    "data",
    "text",
    "model",
    "evaluate",
    "train",
    "pipeline",
    "stages",
    "embedding-stages",
    "train-classifier",
    "transfer",
    "threads",
  ],
  transfer: [...foundations, "data", "text", "wasm", "model", "threads", "train", "pipeline", "stages"],
  predict: [...foundations, "data", "text", "model"],
  index: ["*"],
  node: ["*"],
  cli: ["*"],
};
const hosts = ["node", "cli"];

const root = new URL("../src/", import.meta.url);
const files = (readdirSync(root, { recursive: true }) as string[])
  .map((file) => file.replaceAll("\\", "/"))
  .filter((file) => /(?<!\.d)\.ts$/.test(file) && !/(core-bytes|worker-script)\.ts$/.test(file));
const sourceOf = (file: string) => readFileSync(new URL(file, root), "utf8");
const layerOf = (file: string) => (file.includes("/") ? file.split("/")[0]! : file.replace(/\.ts$/, ""));

function importsOf(file: string): string[] {
  return [...sourceOf(file).matchAll(/(?:from|import\()\s*"([^"]+)"/g)].map(([, name]) => name!);
}

/** The layer that a relative import leads to. */
function targetLayer(file: string, name: string): string {
  const path = new URL(name, new URL(file, root)).pathname;
  const inside = path.slice(root.pathname.length);
  return path.startsWith(root.pathname) ? layerOf(inside.replace(/\.js$/, ".ts")) : "assembly";
}

describe("layers", () => {
  test.each(files)("%s imports only what its layer may", (file) => {
    const layer = layerOf(file);
    const allowed = rules[layer];
    expect(allowed, `no rule for the layer "${layer}"`).toBeDefined();
    for (const name of importsOf(file).filter((name) => name.startsWith("."))) {
      const target = targetLayer(file, name);
      if (target === layer || allowed!.includes("*") || allowed!.includes(target)) continue;
      expect.fail(`${file} imports ${name} (${target}), which "${layer}" may not`);
    }
  });

  test("only node/ and cli/ import node:*", () => {
    const users = files.filter((file) => importsOf(file).some((name) => name.startsWith("node:")));
    expect(users.filter((file) => !hosts.includes(layerOf(file)))).toEqual([]);
  });

  test("nobody but cli/ imports node/, nobody imports cli/", () => {
    for (const file of files) {
      const targets = importsOf(file)
        .filter((name) => name.startsWith("."))
        .map((name) => targetLayer(file, name));
      if (!hosts.includes(layerOf(file))) expect(targets, file).not.toContain("node");
      if (layerOf(file) !== "cli") expect(targets, file).not.toContain("cli");
    }
  });

  test("the loader is imported by exactly one file", () => {
    const users = files.filter((file) => importsOf(file).includes("@assemblyscript/loader"));
    expect(users).toEqual(["wasm/loader.ts"]);
  });

  test("nothing that reaches a model or a metric uses the host's text functions or transcendental mathematics", () => {
    const host =
      /\bMath\.(exp|expm1|log|log1p|log2|log10|pow|sin|cos|tan|tanh|cbrt|hypot)\b|toLowerCase|toUpperCase|normalize\(|localeCompare|\bIntl\b|\\p\{/;
    // A power of literals is a constant; any other is the host's.
    const power = /(?<![\dn.]) \*\*|\*\* (?!-?\d)/;
    for (const file of files.filter((name) => !hosts.includes(layerOf(name)))) {
      const code = sourceOf(file).replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
      expect(code.match(host)?.[0] ?? code.match(power)?.[0], file).toBeUndefined();
    }
  });

  test("no file has more than 400 lines", () => {
    const written = ["src", "assembly", "bench", "test", "examples", "docs", ".ci", "."].flatMap((folder) => {
      const names = readdirSync(new URL(`../${folder}/`, import.meta.url), { recursive: folder !== "." });
      return (names as string[]).map((name) => `${folder}/${name.replaceAll("\\", "/")}`);
    });
    const made = /package-lock|results\.json|docs.benchmarks\.md|core-bytes|worker-script\.ts/;
    const byHand = written.filter(
      (file) =>
        /\.(ts|mts|mjs|js|c|cs|py|sh|css|html|md|json)$/.test(file) &&
        !made.test(file) &&
        !/node_modules|measured|CHANGELOG/.test(file),
    );
    expect(byHand.length).toBeGreaterThan(400);
    for (const file of byHand) {
      const lines = readFileSync(new URL(`../${file}`, import.meta.url), "utf8").split("\n").length;
      expect(lines, file).toBeLessThanOrEqual(401);
    }
  });
});
