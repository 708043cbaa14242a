import { describe, expect, test } from "vitest";
import type { Column } from "../../src/data/columns.js";
import type { ColumnOption, LoadOptions } from "../../src/data/load-options.js";
import { loadText } from "../../src/data/text-loader.js";

async function columnOf(
  lines: readonly string[],
  option: ColumnOption,
  options: LoadOptions = {},
): Promise<Column> {
  const data = await loadText(`${lines.join("\n")}\n`, { columns: { C: option }, ...options });
  return data.column("C");
}

const lenient = { lenient: true };

describe("columns by type", () => {
  test.each<{ name: string; lines: string[]; option: ColumnOption; options?: LoadOptions; column: Column }>([
    { name: "text", lines: ["a", "b "], option: 0, column: { kind: "text", values: ["a", "b "] } },
    {
      name: "number",
      lines: ["1.5", " -2e3", "NaN", "0.1"],
      option: { index: 0, type: "number" },
      column: { kind: "number", precision: "double", values: Float64Array.of(1.5, -2000, Number.NaN, 0.1) },
    },
    {
      name: "single",
      lines: ["0.1", "∞"],
      option: { index: 0, type: "single" },
      column: { kind: "number", precision: "single", values: Float32Array.of(0.1, Number.POSITIVE_INFINITY) },
    },
    {
      name: "number with a decimal comma",
      lines: ["1,5"],
      option: { index: 0, type: "number" },
      options: { decimalMarker: "," },
      column: { kind: "number", precision: "double", values: Float64Array.of(1.5) },
    },
    {
      name: "int32",
      lines: ["-2147483648", "007"],
      option: { index: 0, type: "int32" },
      column: { kind: "number", precision: "int32", values: Int32Array.of(-2147483648, 7) },
    },
    {
      name: "int64",
      lines: ["9223372036854775807"],
      option: { index: 0, type: "int64" },
      column: { kind: "number", precision: "int64", values: BigInt64Array.of(9223372036854775807n) },
    },
    {
      name: "uint32",
      lines: ["4294967295"],
      option: { index: 0, type: "uint32" },
      column: { kind: "number", precision: "int64", values: BigInt64Array.of(4294967295n) },
    },
    {
      name: "boolean",
      lines: ["Yes", "-1"],
      option: { index: 0, type: "boolean" },
      column: { kind: "boolean", values: Uint8Array.of(1, 0) },
    },
    {
      name: "key",
      lines: ["0\t", "4\t", "\t", "?\t"],
      option: { index: 0, type: "key", count: 5 },
      column: { kind: "key", count: 5, keys: Uint32Array.of(1, 5, 0, 0) },
    },
    {
      name: "a range of texts",
      lines: ["a\tb\tc"],
      option: { range: [1, 2] },
      column: { kind: "texts", size: 2, values: [["b", "c"]] },
    },
    {
      name: "a range of one",
      lines: ["a\tb"],
      option: { range: [1, 1] },
      column: { kind: "texts", size: 1, values: [["b"]] },
    },
    {
      name: "a range to the end",
      lines: ["a\tb\tc"],
      option: { range: [1] },
      column: { kind: "texts", size: 2, values: [["b", "c"]] },
    },
    {
      name: "listed positions",
      lines: ["a\tb\tc"],
      option: { indices: [2, 0] },
      column: { kind: "texts", size: 2, values: [["c", "a"]] },
    },
    {
      name: "a range of singles",
      lines: ["1\t2", "3\t4"],
      option: { range: [0, 1], type: "single" },
      column: {
        kind: "vector",
        size: 2,
        matrix: { layout: "dense", rowCount: 2, columnCount: 2, values: Float32Array.of(1, 2, 3, 4) },
      },
    },
    {
      name: "missing numbers as NaN",
      lines: ["1\t\t", "2\t5\t"],
      option: { range: [0, 2], type: "number" },
      options: { missingRealsAsNaNs: true },
      column: {
        kind: "vector",
        size: 3,
        matrix: {
          layout: "dense",
          rowCount: 2,
          columnCount: 3,
          values: Float32Array.of(1, Number.NaN, Number.NaN, 2, 5, Number.NaN),
        },
      },
    },
    {
      name: "sparse lines",
      lines: ["3\t2:7", "1\t2\t3"],
      option: { range: [0, 2], type: "single" },
      options: { sparse: true },
      column: {
        kind: "vector",
        size: 3,
        matrix: { layout: "dense", rowCount: 2, columnCount: 3, values: Float32Array.of(0, 0, 7, 1, 2, 3) },
      },
    },
    {
      name: "absent and bad numbers, lenient",
      lines: ["\ta", "x\tb"],
      option: { index: 0, type: "number" },
      options: lenient,
      column: { kind: "number", precision: "double", values: Float64Array.of(0, Number.NaN) },
    },
    {
      name: "absent integers, lenient",
      lines: ["\ta"],
      option: { index: 0, type: "int8" },
      options: lenient,
      column: { kind: "number", precision: "int32", values: Int32Array.of(0) },
    },
    {
      name: "absent booleans, lenient",
      lines: ["\ta"],
      option: { index: 0, type: "boolean" },
      options: lenient,
      column: { kind: "boolean", values: Uint8Array.of(0) },
    },
    {
      name: "bad keys, lenient",
      lines: ["5", "x", "1.0"],
      option: { index: 0, type: "key", count: 5 },
      options: lenient,
      column: { kind: "key", count: 5, keys: Uint32Array.of(0, 0, 0) },
    },
  ])("$name", async ({ lines, option, options, column }) => {
    expect(await columnOf(lines, option, options)).toEqual(column);
  });

  test("grow with the file", async () => {
    const lines = Array.from({ length: 5000 }, (_, i) => String(i));
    const column = await columnOf(lines, { index: 0, type: "number" });
    expect(column).toMatchObject({ values: Float64Array.from(lines, Number) });
  });

  test("what ML.NET refuses, lenient loading refuses when the column is read", async () => {
    const data = await loadText("x\tok\n", {
      lenient: true,
      columns: { I: { index: 0, type: "int32" }, T: 1 },
    });
    expect(data.column("T").values).toEqual(["ok"]);
    expect(data.typeOf("I")).toEqual({ kind: "number", precision: "int32" });
    expect(() => data.column("I")).toThrow(
      expect.objectContaining({
        code: "bad-line",
        message: expect.stringMatching(/^Line 1: column "I" is "x"/),
      }),
    );
    const unsigned = {
      lenient: true,
      missingRealsAsNaNs: true,
      columns: { U: { index: 0, type: "uint8" } },
    } as const;
    const empty = await loadText("\tb\n", unsigned);
    expect(() => empty.column("U")).toThrow(/column "U" is empty/);
  });
});
