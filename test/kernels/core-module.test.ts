import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { importSharedMemory, MAX_PAGES } from "../../src/wasm/memory.js";

const modules = [
  { file: "core.wasm", source: "assembly/index.ts", most: 23_552 },
  { file: "text-core.wasm", source: "assembly/text/index.ts", most: 19_456 },
];

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url));

describe.each(modules)("$file", ({ file, source, most }) => {
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

  test("imports its memory and nothing else", () => {
    expect(WebAssembly.Module.imports(module)).toEqual([{ module: "env", name: "memory", kind: "memory" }]);
  });

  test("takes a plain memory, and with one bit changed a shared one", () => {
    const limits = { initial: 1, maximum: MAX_PAGES };
    const start = (module: WebAssembly.Module, memory: WebAssembly.Memory) =>
      new WebAssembly.Instance(module, { env: { memory } });
    const shared = new Uint8Array(bytes);
    importSharedMemory(shared);
    expect(shared.filter((byte, i) => byte !== bytes[i])).toHaveLength(1);
    const [plainMemory, sharedMemory] = [false, true].map(
      (shared) => new WebAssembly.Memory({ ...limits, shared }),
    );
    expect(start(module, plainMemory!).exports.memory).toBe(plainMemory);
    expect(start(new WebAssembly.Module(shared), sharedMemory!).exports.memory).toBe(sharedMemory);
    expect(() => start(module, sharedMemory!)).toThrow(/shared/);
    expect(() => importSharedMemory(shared)).toThrow(/does not import/);
  });

  test(`is at most ${most} bytes`, () => {
    expect(bytes.length).toBeLessThanOrEqual(most);
  });
});
