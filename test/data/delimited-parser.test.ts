import { describe, expect, test } from "vitest";
import type { TextColumn } from "../../src/data/columns.js";
import { DelimitedParser } from "../../src/data/delimited-parser.js";
import type { LoadOptions } from "../../src/data/load-options.js";
import { resolveLoadOptions } from "../../src/data/load-settings.js";

const columns = { A: 0, B: 1 };

/** The rows of files read one after the other, in pieces of a size. */
function parse(files: string | readonly string[], options: LoadOptions, pieceBytes = 7): string[][] {
  const parser = new DelimitedParser(resolveLoadOptions({ columns, ...options }));
  for (const [i, file] of [files].flat().entries()) {
    parser.startFile(`file ${i}`);
    const bytes = new TextEncoder().encode(file);
    for (let at = 0; at < bytes.length; at += pieceBytes) parser.push(bytes.slice(at, at + pieceBytes));
    parser.endFile();
  }
  const data = parser.finish("all");
  const all = data.columnNames.map((name) => (data.column(name) as TextColumn).values);
  return Array.from({ length: data.rowCount }, (_, row) => all.map((values) => values[row]!));
}

const csv: LoadOptions = { separator: ",", quoting: true, multiline: true };

describe("DelimitedParser", () => {
  test.each<{ name: string; file: string; options?: LoadOptions; rows: string[][] }>([
    {
      name: "comments: # only before the first kept line, // anywhere",
      file: "#c1\n//c2\n#c3\nH\n#data\n//gone\n //kept\n # kept\n/\n/x\nlast",
      options: { columns: { A: 0 } },
      rows: [["H"], ["#data"], ["//kept"], ["# kept"], ["/"], ["/x"], ["last"]],
    },
    {
      name: "the header after comments and empty lines",
      file: "#c1\n//c2\n\nH\n#data\n//gone\nlast\n",
      options: { columns: { A: 0 }, hasHeader: true },
      rows: [["#data"], ["last"]],
    },
    {
      name: "records of several lines",
      file: 'id,text\n1,"line one\nline two"\n2,"a\r\n\r\n//no comment\n#h\nb"\n4,"x""y\nz"\n#c,d\n//gone\n5,"last\nend"\n',
      options: { ...csv, hasHeader: true },
      rows: [
        ["1", "line one\nline two"],
        ["2", "a\n\n//no comment\n#h\nb"],
        ["4", 'x"y\nz'],
        ["#c", "d"],
        ["5", "last\nend"],
      ],
    },
    {
      name: "records of several lines with CR",
      file: '"a\rb",c\r2,d\r',
      options: csv,
      rows: [
        ["a\nb", "c"],
        ["2", "d"],
      ],
    },
    {
      name: "a header of several lines",
      file: '"a\nb",c\n1,2\n',
      options: { ...csv, hasHeader: true },
      rows: [["1", "2"]],
    },
    {
      name: "empty fields beyond the header",
      file: "a,b\n1,2,,\n",
      options: { separator: ",", hasHeader: true },
      rows: [["1", "2"]],
    },
    {
      name: "fields of the header that are not wanted",
      file: "a,b,c\n1,2,3\n",
      options: { separator: ",", hasHeader: true },
      rows: [["1", "2"]],
    },
    {
      name: "lines shorter than the first, if long enough",
      file: "1,2,3\n4,5\n",
      options: { separator: "," },
      rows: [
        ["1", "2"],
        ["4", "5"],
      ],
    },
    {
      name: "one column from two places",
      file: "1\t2\n",
      options: { columns: { A: 1, B: 1 } },
      rows: [["2", "2"]],
    },
    {
      name: "the name __proto__",
      file: "1\n",
      options: { columns: JSON.parse('{"__proto__": 0}') },
      rows: [["1"]],
    },
  ])("strict: $name", ({ file, options = {}, rows }) => {
    expect(parse(file, options)).toEqual(rows);
    expect(parse(file, options, 1)).toEqual(rows);
  });

  // Rows that ML.NET gives.
  test.each<{ name: string; file: string; options?: LoadOptions; rows: string[][] }>([
    { name: "no rows", file: "", rows: [] },
    { name: "a header alone", file: "A\tB\n", options: { hasHeader: true }, rows: [] },
    {
      name: "short and long lines",
      file: "a\n\tb\t\n  \na\tb\tc\n",
      rows: [
        ["a", ""],
        ["", "b"],
        ["", ""],
        ["a", "b"],
      ],
    },
    { name: "a NUL", file: "a\0b\t\u0001\n", rows: [["a\0b", "\u0001"]] },
    {
      name: "faulty quotes",
      file: '"a"b\tc\nd\t"e\nf\t"g\n',
      options: { quoting: true },
      rows: [
        ["", "c"],
        ["d", ""],
        ["f", ""],
      ],
    },
    {
      name: "a closed quoted field before an open one",
      file: '"a","b\nc"\n2,d\n',
      options: csv,
      rows: [
        ["a", "b\nc"],
        ["2", "d"],
      ],
    },
    {
      name: "the same with an escape character, which is not continued",
      file: '"a","b\nc"\n',
      options: { ...csv, escapeChar: "\\" },
      rows: [
        ["a", ""],
        ['c"', ""],
      ],
    },
    {
      name: "a fault before an open quote, which is not continued",
      file: '"a"b,"c\nd",e\n',
      options: csv,
      rows: [
        ["", ""],
        ['d"', "e"],
      ],
    },
    {
      name: "multiline without quoting, which has no effect",
      file: '"a\tb\nc"\td\n',
      options: { multiline: true },
      rows: [
        ['"a', "b"],
        ['c"', "d"],
      ],
    },
    { name: "a position beyond all lines", file: "a\tb\n", options: { columns: { A: 7 } }, rows: [[""]] },
  ])("lenient: $name", ({ file, options = {}, rows }) => {
    expect(parse(file, { lenient: true, ...options })).toEqual(rows);
  });

  test("drops the header and the comments of each file", () => {
    const files = ["A\tB\n1\tone\n#x\ttwo\n", "#c\nA\tB\n3\tthree"];
    const rows = [
      ["1", "one"],
      ["#x", "two"],
      ["3", "three"],
    ];
    expect(parse(files, { hasHeader: true })).toEqual(rows);
    expect(parse(files, { hasHeader: true, maxRows: 2 })).toEqual(rows.slice(0, 2));
  });

  test("wants the same header in each file, unless lenient", () => {
    const files = ["A\tB\n1\tone\n", "B\tA\nthree\t3\n"];
    expect(() => parse(files, { hasHeader: true })).toThrow(
      /^file 1, line 1: the header is "B, A", but the first file has "A, B"/,
    );
    expect(parse(files, { hasHeader: true, lenient: true })).toHaveLength(2);
  });

  test("counts lines anew in each file", () => {
    expect(() => parse(["a\tb\nc\td\n", "e\tf\ng\n"], {})).toThrow(/^file 1, line 2: /);
  });

  test("counts the lines inside records", () => {
    expect(() => parse('1,"a\nb"\n2\n', csv)).toThrow(/^file 0, line 3: /);
  });
});
