import { describe, expect, test } from "vitest";
import type { ValueColumn } from "../../src/data/columns.js";
import { readValues, storedTypeOf, storeValues } from "../../src/data/stored-values.js";
import type { StoredArray } from "../../src/stage.js";

function stored(column: ValueColumn): Record<string, StoredArray> {
  return Object.fromEntries(
    Object.entries(storeValues(column, "v")).map(([name, source]) => {
      const [array] = [...source.pieces()];
      expect(array!.length).toBe(source.length);
      return [name, array!];
    }),
  );
}

const columns: ValueColumn[] = [
  { kind: "text", values: ["ham", "", "日😀", "\ud800", "x".repeat(20_000)] },
  { kind: "text", values: [] },
  { kind: "boolean", values: Uint8Array.of(1, 0) },
  { kind: "number", precision: "single", values: Float32Array.of(0.1) },
  { kind: "number", precision: "double", values: Float64Array.of(0.1) },
  { kind: "number", precision: "int32", values: Int32Array.of(-1) },
  { kind: "number", precision: "int64", values: BigInt64Array.of(-1n) },
];

describe("storeValues and readValues", () => {
  test.each(columns)("give back $kind $precision", (column) => {
    expect(readValues(storedTypeOf(column), stored(column), "v")).toEqual(column);
  });

  const good = { vUnits: Uint16Array.of(97, 98), vEnds: Uint32Array.of(1, 2) };
  test.each<{ name: string; type: unknown; arrays: Record<string, StoredArray>; message: RegExp }>([
    { name: "an unknown type", type: "date", arrays: good, message: /unknown type, date/ },
    { name: "a missing array", type: "text", arrays: { vUnits: good.vUnits }, message: /"vEnds" is missing/ },
    {
      name: "an array of another type",
      type: "text",
      arrays: { ...good, vEnds: new Float32Array(2) },
      message: /"vEnds" is no Uint32Array/,
    },
    {
      name: "an inherited name",
      type: "boolean",
      arrays: Object.create({ v: new Uint8Array(1) }),
      message: /"v" is missing/,
    },
    {
      name: "an end beyond the units",
      type: "text",
      arrays: { ...good, vEnds: Uint32Array.of(1, 3) },
      message: /holds 3 after 1/,
    },
    {
      name: "ends that fall",
      type: "text",
      arrays: { ...good, vEnds: Uint32Array.of(2, 1) },
      message: /holds 1 after 2/,
    },
    {
      name: "units of no text",
      type: "text",
      arrays: { ...good, vEnds: Uint32Array.of(1) },
      message: /1 units that belong to no text/,
    },
  ])("refuse $name", ({ type, arrays, message }) => {
    expect(() => readValues(type, arrays, "v")).toThrow(
      expect.objectContaining({ code: "bad-model-file", message: expect.stringMatching(message) }),
    );
  });
});
