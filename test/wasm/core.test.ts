import { readFileSync } from "node:fs";
import { afterEach, describe, expect, test, vi } from "vitest";
import { coreModule } from "../helpers/place.js";

/** The module under test, loaded anew: it keeps what it has compiled. */
async function freshLoadCore() {
  vi.resetModules();
  return (await import("../../src/wasm/core.js")).loadCore;
}

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("loadCore", () => {
  test("compiles once and gives instances with memories of their own", async () => {
    const loadCore = await freshLoadCore();
    const core = await loadCore();
    expect(await loadCore()).toBe(core);
    expect(core().memory).not.toBe(core().memory);
  });

  test.each([
    ["without SIMD", { ...WebAssembly, validate: () => false }],
    ["without WebAssembly", undefined],
  ])("an engine %s is told what is needed, and may try again", async (_, engine) => {
    const loadCore = await freshLoadCore();
    vi.stubGlobal("WebAssembly", engine);
    const error = {
      code: "no-wasm-simd",
      message: expect.stringMatching(/no WebAssembly.*Node 16\.4.*Safari 16\.4.*dualtext\/predict/),
    };
    await expect(loadCore()).rejects.toMatchObject(error);
    vi.unstubAllGlobals();
    expect((await loadCore())().memory).toBeInstanceOf(WebAssembly.Memory);
  });

  test.each([
    [
      "a policy",
      new WebAssembly.CompileError("refused"),
      "wasm-blocked",
      /'wasm-unsafe-eval'.*dualtext\/predict/,
    ],
    ["a host without memory", new RangeError("no room"), "out-of-memory", /no room/],
  ])("%s that forbids compiling is told of", async (_, cause, code, message) => {
    const loadCore = await freshLoadCore();
    const { validate } = WebAssembly;
    vi.stubGlobal("WebAssembly", { validate, compile: () => Promise.reject(cause) });
    await expect(loadCore()).rejects.toMatchObject({ code, cause, message: expect.stringMatching(message) });
  });

  test("a timer goes off while an engine compiles, which may not wake by itself, and none after", async () => {
    const loadCore = await freshLoadCore();
    const { validate } = WebAssembly;
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    let refuse!: (cause: Error) => void;
    const compile = () => new Promise((_, reject) => (refuse = reject));
    vi.stubGlobal("WebAssembly", { validate, compile });
    const loading = loadCore();
    expect(vi.getTimerCount()).toBe(1);
    refuse(new Error("refused"));
    await expect(loading).rejects.toMatchObject({ code: "wasm-blocked" });
    expect(vi.getTimerCount()).toBe(0);
  });

  test("the probe that tells engines with SIMD is a valid module where there is SIMD", () => {
    const [, probe] = /simdProbe = Uint8Array\.of\(([\s\S]*?)\n\);/.exec(
      readFileSync(new URL("../../src/wasm/compile-module.ts", import.meta.url), "utf8"),
    )!;
    const bytes = [...probe!.matchAll(/\d+/g)].map(([digits]) => Number(digits));
    expect(WebAssembly.validate(Uint8Array.from(bytes))).toBe(true);
    expect(bytes).toContain(0xfd);
  });
});

test("CoreExports names what the core exports, no more and no less", () => {
  const source = readFileSync(new URL("../../src/wasm/core.ts", import.meta.url), "utf8");
  const [body] = /interface CoreExports \{[\s\S]*?\n\}/.exec(source)!;
  const named = [...body.matchAll(/^ {2}(?:readonly )?(\w+)[(:]/gm)].map(([, name]) => name!);
  const exported = WebAssembly.Module.exports(coreModule("release")).map(({ name }) => name);
  expect(named.sort()).toEqual(exported.sort());
});
