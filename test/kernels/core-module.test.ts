import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { coreModule } from "../helpers/place.js";

const indexSource = readFileSync(new URL("../../assembly/index.ts", import.meta.url), "utf8");
const exported = [...indexSource.matchAll(/\{([^}]*)\}/g)].flatMap(([, names]) =>
  names!.split(",").map((name) => name.trim()),
);

describe("the release module", () => {
  test("exports exactly what assembly/index.ts lists, and its memory", () => {
    const names = WebAssembly.Module.exports(coreModule("release")).map((entry) => entry.name);
    expect(names.sort()).toEqual([...exported.filter(Boolean), "memory"].sort());
  });

  test("imports nothing", () => {
    expect(WebAssembly.Module.imports(coreModule("release"))).toEqual([]);
  });

  test("is at most 16 KB", () => {
    expect(readFileSync(new URL("../../build/core.wasm", import.meta.url)).length).toBeLessThanOrEqual(
      16_384,
    );
  });
});
