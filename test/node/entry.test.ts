import { describe, expect, test } from "vitest";
import * as entry from "../../src/node/index.js";
import * as named from "../../src/node/interface.js";
import { workerHost } from "../../src/threads/worker-host.js";

const isFunction = (value: unknown) => typeof value === "function" && !/^class\b/.test(String(value));
const offered: Readonly<Record<string, unknown>> = named;
const own: Readonly<Record<string, unknown>> = entry;

describe("dualtext/node", () => {
  test("has every name of its interface, with the same type", () => {
    const typed: typeof named = entry;
    const back: typeof entry = named;
    expect(Object.keys(typed).sort()).toEqual(Object.keys(back).sort());
  });

  test.each(Object.keys(offered))(
    "%s is its own where it is a function, the library's where it is not",
    (name) => {
      expect(own[name] !== offered[name]).toBe(isFunction(offered[name]));
    },
  );

  test("says nothing to the library until one of its functions is called", () => {
    expect(workerHost()).toBeUndefined();
    entry.fromRows([{ Text: "a" }]);
    expect(workerHost()).toBeDefined();
  });
});
