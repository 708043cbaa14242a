import { describe, expect, test } from "vitest";
import type { ValueColumn } from "../../src/data/columns.js";
import { KeyMap, type MappableColumn, valuesOfKeys } from "../../src/data/key-map.js";

const rules = { keyOrdinality: "byOccurrence", maximumNumberOfKeys: 1_000_000, asText: false } as const;
const texts = (...values: string[]): MappableColumn => ({ kind: "text", values });
const singles = (...values: number[]): MappableColumn => ({
  kind: "number",
  precision: "single",
  values: Float32Array.from(values),
});

describe("KeyMap.learn", () => {
  test.each<{ name: string; column: MappableColumn; byOccurrence: number[]; byValue: number[] }>([
    {
      name: "texts, in the order of UTF-16 units",
      column: texts("b", "a", "", "b", "C", "\uff21", "😀"),
      byOccurrence: [1, 2, 0, 1, 3, 4, 5],
      byValue: [3, 2, 0, 3, 1, 5, 4],
    },
    {
      name: "reals: NaN has no key, 0 and −0 are one",
      column: singles(3, Number.NaN, 0, -0, -1, 10, Number.NEGATIVE_INFINITY),
      byOccurrence: [1, 0, 2, 2, 3, 4, 5],
      byValue: [4, 0, 3, 3, 2, 5, 1],
    },
    {
      name: "integers: 0 has a key",
      column: { kind: "number", precision: "int32", values: Int32Array.of(7, 0, 7, -5) },
      byOccurrence: [1, 2, 1, 3],
      byValue: [3, 2, 3, 1],
    },
    {
      name: "64-bit integers",
      column: {
        kind: "number",
        precision: "int64",
        values: BigInt64Array.of(9007199254740993n, 9007199254740992n),
      },
      byOccurrence: [1, 2],
      byValue: [2, 1],
    },
    {
      name: "booleans: false first by value",
      column: { kind: "boolean", values: Uint8Array.of(1, 0, 1) },
      byOccurrence: [1, 2, 1],
      byValue: [2, 1, 2],
    },
    {
      name: "keys: 0 stays missing",
      column: { kind: "key", count: 5, keys: Uint32Array.of(3, 1, 0, 3, 5) },
      byOccurrence: [1, 2, 0, 1, 3],
      byValue: [2, 1, 0, 2, 3],
    },
  ])("$name", ({ column, byOccurrence, byValue }) => {
    expect([...KeyMap.learn(column, rules).keysOf(column)]).toEqual(byOccurrence);
    expect([...KeyMap.learn(column, { ...rules, keyOrdinality: "byValue" }).keysOf(column)]).toEqual(byValue);
  });

  test("sorts after the maximum number of keys has cut", () => {
    const column = texts("b", "a", "C");
    const map = KeyMap.learn(column, { ...rules, keyOrdinality: "byValue", maximumNumberOfKeys: 2 });
    expect(map.names).toEqual(texts("a", "b"));
    expect([...map.keysOf(column)]).toEqual([2, 1, 0]);
  });

  test("gives unknown values key 0", () => {
    expect([...KeyMap.learn(texts("a"), rules).keysOf(texts("A", "a", ""))]).toEqual([0, 1, 0]);
  });

  test("of nothing has one key and no names", () => {
    const map = KeyMap.learn(texts("", ""), rules);
    expect({ count: map.count, names: map.names }).toEqual({ count: 1, names: undefined });
  });

  test.each<{ column: MappableColumn; names: string[] }>([
    { column: { kind: "boolean", values: Uint8Array.of(1, 0) }, names: ["1", "0"] },
    { column: singles(0.1, 1e-45), names: ["0.1", "1E-45"] },
    {
      column: { kind: "number", precision: "double", values: Float64Array.of(0.1) },
      names: ["0.10000000000000001"],
    },
    { column: { kind: "number", precision: "int64", values: BigInt64Array.of(-1n) }, names: ["-1"] },
    { column: texts("a"), names: ["a"] },
  ])("as text: $names", ({ column, names }) => {
    expect(KeyMap.learn(column, { ...rules, asText: true }).names).toEqual(texts(...names));
  });

  test("carries the names of keys over", () => {
    const names = texts("c", "a", "b") as ValueColumn;
    const column: MappableColumn = { kind: "key", count: 3, keys: Uint32Array.of(3, 1), names };
    expect(KeyMap.learn(column, rules).names).toEqual(texts("b", "c"));
  });
});

describe("valuesOfKeys", () => {
  const keys = Uint32Array.of(2, 0, 1, 9);
  test.each<{ names: ValueColumn; values: unknown[] }>([
    { names: { kind: "text", values: ["x", "y"] }, values: ["y", "", "x", ""] },
    { names: { kind: "boolean", values: Uint8Array.of(1, 1) }, values: [1, 0, 1, 0] },
    {
      names: { kind: "number", precision: "single", values: Float32Array.of(5, 6) },
      values: [6, Number.NaN, 5, Number.NaN],
    },
    {
      names: { kind: "number", precision: "double", values: Float64Array.of(5, 6) },
      values: [6, Number.NaN, 5, Number.NaN],
    },
    { names: { kind: "number", precision: "int32", values: Int32Array.of(5, 6) }, values: [6, 0, 5, 0] },
    {
      names: { kind: "number", precision: "int64", values: BigInt64Array.of(5n, 6n) },
      values: [6n, 0n, 5n, 0n],
    },
  ])("of $names.kind names", ({ names, values }) => {
    const column = valuesOfKeys(keys, names);
    expect(column.kind).toBe(names.kind);
    expect([...column.values]).toEqual(values);
  });
});
