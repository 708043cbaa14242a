// What is shipped: the built files.
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { version } from "../src/version.js";
import { labelledTexts } from "./helpers/texts.js";

const dist = new URL("../dist/", import.meta.url);
const read = (name: string) => readFileSync(new URL(name, dist), "utf8");
const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));

/** A file of dist/ and the files there that it imports, by name. */
function closure(name: string, seen = new Set<string>()): Set<string> {
  if (seen.has(name)) return seen;
  seen.add(name);
  for (const [, other] of read(name).matchAll(/(?:from|import\()\s*['"]\.\/([^'"]+)['"]/g))
    closure(other!, seen);
  return seen;
}

const libraryFiles = [...closure("index.js")];

describe("the package", () => {
  test("has no run-time dependencies, and every path that it exports is there", () => {
    expect(manifest.dependencies ?? {}).toEqual({});
    const paths = Object.values(manifest.exports).flatMap((entry) =>
      typeof entry === "string" ? [entry] : Object.values(entry as object),
    );
    for (const path of [...paths, manifest.bin.dualtext]) {
      expect(() => readFileSync(new URL(`../${path}`, import.meta.url)), String(path)).not.toThrow();
    }
  });

  test("version.ts says what package.json says", () => {
    expect(version).toBe(manifest.version);
  });

  test("notices name every package that is bundled", () => {
    const notices = read("NOTICES.txt");
    for (const name of ["fflate", "commander", "cli-progress", "@assemblyscript/loader"])
      expect(notices).toContain(name);
  });

  test("types of both entries are there", () => {
    expect(read("index.d.ts")).toContain("trainClassifier");
    expect(read("node.d.ts")).toContain("loadTextFile");
  });
});

describe("the library entry", () => {
  test("imports nothing but its own files", () => {
    for (const name of libraryFiles) {
      const foreign = [...read(name).matchAll(/(?:from|import\()\s*['"]([^.'"][^'"]*)['"]/g)].map(
        ([, module]) => module,
      );
      expect(foreign, name).toEqual([]);
    }
  });

  test("is small: all of it, both cores included, below 200 KB when compressed, before anyone minifies it", () => {
    const bytes = libraryFiles.reduce((sum, name) => sum + brotliCompressSync(read(name)).length, 0);
    expect(bytes).toBeLessThan(200_000);
  });

  test("trains and predicts in a context without Node's globals", () => {
    const script = fileURLToPath(new URL("helpers/bare-context.mjs", import.meta.url));
    const args = [
      "--experimental-vm-modules",
      "--no-warnings",
      script,
      JSON.stringify(labelledTexts(60)),
      "rain and snow",
    ];
    const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
    expect(stderr).toBe("");
    expect(stdout).toBe("weather");
  });
});

test("the built files of Node work from the file to the model", async () => {
  const { loadText, featurizeText } = await import(fileURLToPath(new URL("node.js", dist)));
  const data = await loadText("Label\tText\na\thello there\n", { hasHeader: true });
  expect(data.column("Text").values).toEqual(["hello there"]);
  expect(featurizeText("Features", "Text")).toBeDefined();
  expect(readdirSync(dist)).toContain("core.wasm");
});
