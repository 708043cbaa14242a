import { describe, expect, expectTypeOf, test } from "vitest";
import type { Dataset } from "../../src/data/dataset.js";
import { fromRows } from "../../src/data/from-rows.js";

describe("fromRows", () => {
  test("makes a column for each key, typed by its values", () => {
    const data = fromRows([
      { Label: "ham", Score: 1.5, Flag: true, Tags: ["a", "b"], V: [1, 2], F: Float32Array.of(3) },
      { Label: "spam", Score: Number.NaN, Flag: false, Tags: [], V: [3, 0.1], F: Float32Array.of(4) },
    ]);
    expectTypeOf(data).toEqualTypeOf<
      Dataset<{ Label: "text"; Score: "number"; Flag: "boolean"; Tags: "texts"; V: "vector"; F: "vector" }>
    >();
    expect(data.column("Label")).toEqual({ kind: "text", values: ["ham", "spam"] });
    expect(data.column("Score")).toEqual({
      kind: "number",
      precision: "double",
      values: Float64Array.of(1.5, Number.NaN),
    });
    expect(data.column("Flag")).toEqual({ kind: "boolean", values: Uint8Array.of(1, 0) });
    expect(data.column("Tags")).toEqual({ kind: "texts", values: [["a", "b"], []] });
    expect(data.column("V")).toEqual({
      kind: "vector",
      size: 2,
      matrix: { layout: "dense", rowCount: 2, columnCount: 2, values: Float32Array.of(1, 2, 3, 0.1) },
    });
    expect(data.column("F").matrix.rowCount).toBe(2);
  });

  test("takes rows of an interface", () => {
    interface Mail {
      readonly Label: string;
      readonly Text: string;
    }
    const mails: readonly Mail[] = [{ Label: "ham", Text: "x" }];
    expectTypeOf(fromRows(mails)).toEqualTypeOf<Dataset<{ Label: "text"; Text: "text" }>>();
    // @ts-expect-error a column that is not there
    expect(() => fromRows(mails).column("Txt")).toThrow(/Did you mean "Text"/);
  });

  test("takes lists that are empty at first", () => {
    expect(fromRows([{ A: [] }, { A: ["x"] }] as { A: string[] }[]).column("A")).toMatchObject({
      kind: "texts",
    });
    expect(fromRows([{ A: [] as string[] }]).column("A")).toEqual({ kind: "texts", values: [[]] });
  });

  test.each<{ name: string; rows: unknown; code?: string; message: RegExp }>([
    { name: "no rows", rows: [], code: "empty-input", message: /no rows/ },
    { name: "no list", rows: { a: 1 }, message: /must be an array/ },
    {
      name: "a row that is no object",
      rows: [{ a: "x" }, "y"],
      message: /^rows\[1\] is "y"; a row is an object/,
    },
    { name: "a row that is null", rows: [null], message: /^rows\[0\] is null/ },
    { name: "rows without keys", rows: [{}], message: /no keys/ },
    {
      name: "a missing key",
      rows: [{ a: "x", b: "y" }, { a: "x" }],
      message: /^rows\[1\] has no "b", which rows\[0\] has/,
    },
    {
      name: "a new key",
      rows: [{ a: "x" }, { a: "x", b: "y" }],
      message: /^rows\[1\] has "b", which rows\[0\] has not/,
    },
    {
      name: "mixed types",
      rows: [{ a: "x" }, { a: 1 }],
      message: /^rows\[1\]\.a is a number, but rows\[0\]\.a is a string/,
    },
    {
      name: "mixed lists",
      rows: [{ a: ["x"] }, { a: [1] }],
      message: /^rows\[1\]\.a is a list of numbers, but rows\[0\]\.a is a list of strings/,
    },
    {
      name: "an empty list where a text is due",
      rows: [{ a: "x" }, { a: [] }],
      message: /^rows\[1\]\.a is an empty list/,
    },
    {
      name: "a text after an empty list",
      rows: [{ a: [] }, { a: "x" }],
      message: /^rows\[0\]\.a is an empty list, but rows\[1\]\.a is a string/,
    },
    {
      name: "undefined",
      rows: [{ a: undefined }],
      message: /^rows\[0\]\.a is undefined; it must be .*Write "" for an empty text/,
    },
    {
      name: "null under a key that is no name",
      rows: [{ "a b": null }],
      message: /^rows\[0\]\["a b"\] is null/,
    },
    { name: "a bigint", rows: [{ a: 1n }], message: /^rows\[0\]\.a is 1; it must be/ },
    { name: "an object", rows: [{ a: {} }], message: /^rows\[0\]\.a is an object/ },
    { name: "a list of both", rows: [{ a: ["x", 1] }], message: /^rows\[0\]\.a\[1\] is 1/ },
    { name: "a list of lists", rows: [{ a: [["x"]] }], message: /^rows\[0\]\.a\[0\] is a list/ },
    {
      name: "vectors of different length",
      rows: [{ a: [1, 2] }, { a: [1] }],
      message: /^rows\[1\]\.a has 1 numbers, but rows\[0\]\.a has 2/,
    },
  ])("refuses $name", ({ rows, code = "bad-argument", message }) => {
    expect(() => fromRows(rows as { a: string }[])).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  });
});
