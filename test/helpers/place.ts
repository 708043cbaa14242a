import { readFileSync } from "node:fs";
import { instantiateSync } from "@assemblyscript/loader";
import type { CoreExports } from "../../src/wasm/core.js";
import { MAX_PAGES, planBlocks, reserve } from "../../src/wasm/memory.js";

/** Both builds of the core: kernels are tested on the one with assertions and on the one that ships. */
export const builds = ["release", "debug"] as const;
export type Build = (typeof builds)[number];

const modules = Object.fromEntries(
  builds.map((build) => {
    const file = build === "release" ? "core.wasm" : "core.debug.wasm";
    return [build, new WebAssembly.Module(readFileSync(new URL(`../../build/${file}`, import.meta.url)))];
  }),
) as Record<Build, WebAssembly.Module>;

export function coreModule(build: Build): WebAssembly.Module {
  return modules[build];
}

export function freshCore(build: Build = "release"): CoreExports {
  return coreIn(new WebAssembly.Memory({ initial: 1, maximum: MAX_PAGES }), build);
}

export function coreIn(memory: WebAssembly.Memory, build: Build = "release"): CoreExports {
  return instantiateSync(modules[build], { env: { memory } }).exports as unknown as CoreExports;
}

type Arrays = Record<string, Float32Array | Uint32Array | Float64Array>;

/** A fresh core with copies of the arrays in its memory: their addresses, and a way to read them back. */
export function place<A extends Arrays>(arrays: A, build: Build = "release") {
  const core = freshCore(build);
  const sizes = Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, array.byteLength]));
  const { at, totalBytes } = planBlocks(sizes as Record<keyof A & string, number>);
  reserve(core.memory, totalBytes, "A test");
  const view = <N extends keyof A & string>(name: N): A[N] => {
    const array = arrays[name]!;
    const make = array.constructor as new (buffer: ArrayBuffer, offset: number, length: number) => A[N];
    return new make(core.memory.buffer, at[name], array.length);
  };
  for (const name of Object.keys(arrays)) view(name).set(arrays[name] as never);
  return { core, at, read: <N extends keyof A & string>(name: N) => view(name).slice() as A[N] };
}
