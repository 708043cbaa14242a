import { describe, expect, test } from "vitest";
import { FieldSplitter } from "../../src/data/field-splitter.js";
import type { LoadOptions } from "../../src/data/load-options.js";
import { resolveLoadOptions } from "../../src/data/load-settings.js";

function splitterFor(options: LoadOptions): FieldSplitter {
  return new FieldSplitter(resolveLoadOptions({ lenient: true, separator: ",", ...options }));
}

function fieldsOf(splitter: FieldSplitter, line: string, limit = Number.POSITIVE_INFINITY): string[] {
  const bytes = new TextEncoder().encode(`#${line}#`);
  splitter.split(bytes, 1, bytes.length - 1, limit);
  return Array.from({ length: splitter.count }, (_, field) =>
    new TextDecoder().decode(
      splitter.bytesOf(field).subarray(splitter.startOf(field), splitter.endOf(field)),
    ),
  );
}

const quoting = { quoting: true };
const noClose = "no closing quote";
const textAfter = "text after the closing quote";

describe("FieldSplitter", () => {
  test.each<{ line: string; options?: LoadOptions; fields: string[]; problem?: [number, string] }>([
    { line: '1, "a, b" ,x ', options: quoting, fields: ["1", "a, b", "x "] },
    { line: '1, "a, b" ,x ', fields: ["1", '"a', 'b" ', "x "] },
    { line: '1,"say ""hi""",y', options: quoting, fields: ["1", 'say "hi"', "y"] },
    { line: '1,"abc"d,y', options: quoting, fields: ["1", "", "y"], problem: [1, textAfter] },
    { line: '1,"abc,y', options: quoting, fields: ["1", ""], problem: [1, noClose] },
    { line: '1,a"b"c,y', options: quoting, fields: ["1", 'a"b"c', "y"] },
    { line: '1,"a\\"b\\\\",y', options: { ...quoting, escapeChar: "\\" }, fields: ["1", 'a"b\\\\', "y"] },
    { line: '2,"x\\y",z', options: { ...quoting, escapeChar: "\\" }, fields: ["2", "x\\y", "z"] },
    {
      line: '5,"end\\",e',
      options: { ...quoting, escapeChar: "\\" },
      fields: ["5", ""],
      problem: [1, noClose],
    },
    { line: '"a""","""",""""""', options: quoting, fields: ['a"', '"', '""'] },
    { line: '"",x', options: quoting, fields: ["", "x"] },
    { line: '"', options: quoting, fields: [""], problem: [0, noClose] },
    { line: "1,,", fields: ["1", "", ""] },
    { line: "", fields: [""] },
    { line: "   ", fields: [""] },
    { line: "  lead,  two , three  ", fields: ["lead", "two ", "three  "] },
    { line: "a b  c d", options: { separator: "space" }, fields: ["a", "b", "", "c", "d"] },
    { line: '"x y" z', options: { ...quoting, separator: " " }, fields: ["x y", "z"] },
    { line: 'a,b;c,"d;e"', options: { ...quoting, separator: [",", ";"] }, fields: ["a", "b", "c", "d;e"] },
    { line: "xéyèz", options: { separator: "é" }, fields: ["x", "yèz"] },
    { line: "a、b,c", options: { separator: ["、", ","] }, fields: ["a", "b", "c"] },
    { line: "a,b \t\u00a0\u3000\u0085", options: { trimWhitespace: true }, fields: ["a", "b"] },
    { line: "a\t\t", options: { separator: "tab", trimWhitespace: true }, fields: ["a"] },
    { line: " \u3000", options: { trimWhitespace: true }, fields: [""] },
    { line: "日 ,本é", options: { trimWhitespace: true }, fields: ["日 ", "本é"] },
  ])("$line with $options", ({ line, options = {}, fields, problem }) => {
    const splitter = splitterFor(options);
    expect(fieldsOf(splitter, line)).toEqual(fields);
    expect(splitter.problem).toEqual(problem && { field: problem[0], kind: problem[1] });
  });

  test("stops at the limit and says that there is more", () => {
    const splitter = splitterFor({});
    expect(fieldsOf(splitter, "a,b,c", 2)).toEqual(["a", "b"]);
    expect(splitter.hasMore).toBe(true);
    expect(fieldsOf(splitter, "a,b", 2)).toEqual(["a", "b"]);
    expect(splitter.hasMore).toBe(false);
    expect(fieldsOf(splitter, "a,", 1)).toEqual(["a"]);
    expect(splitter.hasMore).toBe(true);
  });

  test("splits line after line of one array, also one it has split before", () => {
    const splitter = splitterFor({});
    const bytes = new TextEncoder().encode("a,b|cc|d,,e");
    const split = (start: number, end: number) => {
      splitter.split(bytes, start, end, 9);
      return splitter.count;
    };
    expect([split(0, 3), split(4, 6), split(7, 11), split(0, 3), split(4, 6)]).toEqual([2, 1, 3, 2, 1]);
  });

  test("takes any number of fields, with several escaped ones", () => {
    const splitter = splitterFor(quoting);
    const texts = Array.from({ length: 1000 }, (_, i) => `${i}"${"x".repeat(i % 50)}`);
    const line = texts.map((text) => `"${text.replace('"', '""')}"`).join(",");
    expect(fieldsOf(splitter, line)).toEqual(texts);
  });

  test.each([
    {
      line: "3:4,a:1,12:,1234567890:1,:5",
      indices: [3, -1, 12, -1, -1],
      fields: ["4", "a:1", "", "1234567890:1", ":5"],
    },
    { line: '"3:4",4:"x,y"', indices: [-1, 4], fields: ["3:4", "x,y"] },
  ])("finds sparse fields in $line", ({ line, indices, fields }) => {
    const splitter = splitterFor({ ...quoting, sparse: true });
    expect(fieldsOf(splitter, line)).toEqual(fields);
    expect(fields.map((_, field) => splitter.sparseIndex(field))).toEqual(indices);
  });

  test.each([
    { line: "a,b", open: false },
    { line: 'a,"b', open: true },
    { line: 'a,"b"', open: false },
    { line: '"a","b""', open: true },
    { line: '"a"x,"b', open: false },
    { line: 'a" ,"b,', open: true },
    { line: 'b","c', inside: true, open: true },
    { line: 'b",c', inside: true, open: false },
    { line: "", inside: true, open: true },
    { line: '"a","b', escapeChar: "\\", open: false },
    { line: '"a\\"', escapeChar: "\\", open: true },
  ])(
    "$line, inside quotes before: $inside, after: $open",
    ({ line, inside = false, open, escapeChar = '"' }) => {
      const bytes = new TextEncoder().encode(line);
      const splitter = splitterFor({ ...quoting, escapeChar });
      expect(splitter.endsInsideQuotes(bytes, 0, bytes.length, inside)).toBe(open);
    },
  );
});
