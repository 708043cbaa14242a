import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

const modules = [
  { file: "core.wasm", source: "assembly/index.ts" },
  { file: "text-core.wasm", source: "assembly/text/index.ts" },
];

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url));

describe.each(modules)("$file", ({ file, source }) => {
  const bytes = read(`build/${file}`);
  const module = new WebAssembly.Module(bytes);
  const listed = [
    ...read(source)
      .toString("utf8")
      .matchAll(/\{([^}]*)\}/g),
  ].flatMap(([, names]) => names!.split(",").map((name) => name.trim()));

  test(`exports exactly what ${source} lists, and its memory`, () => {
    const names = WebAssembly.Module.exports(module).map((entry) => entry.name);
    expect(names.sort()).toEqual([...listed.filter(Boolean), "memory"].sort());
  });

  test("imports nothing", () => {
    expect(WebAssembly.Module.imports(module)).toEqual([]);
  });

  test("is at most 16 KB", () => {
    expect(bytes.length).toBeLessThanOrEqual(16_384);
  });
});
