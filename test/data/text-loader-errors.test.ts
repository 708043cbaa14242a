import { describe, expect, test } from "vitest";
import { loadText } from "../../src/data/text-loader.js";
import { DualTextError } from "../../src/errors.js";

const columns = { Label: 0, Text: 1 } as const;

describe("bad input of loadText", () => {
  const cases: {
    name: string;
    input: string | Uint8Array;
    options?: object;
    code: string;
    message: RegExp;
  }[] = [
    {
      name: "an empty file",
      input: "",
      code: "empty-input",
      message: /^The input is empty\. It must hold a line for each row\.$/,
    },
    { name: "a byte order mark alone", input: "\ufeff", code: "empty-input", message: /is empty/ },
    {
      name: "a header alone",
      input: "Label\tText\n",
      options: { hasHeader: true },
      code: "empty-input",
      message: /a header but no rows\. Add rows, or set hasHeader: false/,
    },
    {
      name: "empty lines alone",
      input: "\n\n",
      code: "empty-input",
      message: /only empty lines and comments, no rows\. It must hold a line for each row/,
    },
    {
      name: "comments alone",
      input: "#a\n\n//b\n",
      code: "empty-input",
      message: /2 lines that begin with \/\/ or #; comments: false keeps them/,
    },
    {
      name: "a short line",
      input: "a\tb\nc\n\nd\te\n",
      code: "bad-line",
      message: /^Line 2: the line has 1 field, but column "Text" is field 1 .*lenient: true/,
    },
    {
      name: "a short line after CR LF",
      input: "a\tb\r\nc\td\r\ne\r\n",
      code: "bad-line",
      message: /^Line 3: /,
    },
    { name: "a line of spaces", input: "a\tb\n  \n", code: "bad-line", message: /^Line 2: / },
    {
      name: "a line that would lose a field",
      input: "Label\tText\na\tb\tc\n",
      options: { hasHeader: true },
      code: "bad-line",
      message: /^Line 2: the line has 3 fields, but the header has 2\. .*quoting: true/,
    },
    {
      name: "more fields than the first row",
      input: "a\tb\na\tb\tc\n",
      code: "bad-line",
      message: /^Line 2: .*the first row has 2/,
    },
    {
      name: "invalid UTF-8",
      input: Uint8Array.of(0x61, 0x09, 0x62, 0x0a, 0x61, 0x09, 0xff, 0x0a),
      code: "bad-line",
      message: /^Line 2: the line is not valid UTF-8\. Convert/,
    },
    {
      name: "half a UTF-8 sequence at the end",
      input: Uint8Array.of(0x61, 0x09, 0xc3),
      code: "bad-line",
      message: /^Line 1: /,
    },
    {
      name: "invalid UTF-16",
      input: Uint8Array.of(0xff, 0xfe, 0x0a, 0x00, 0x00, 0xdc),
      code: "bad-line",
      message: /not valid in the encoding that the byte order mark names/,
    },
    {
      name: "half a surrogate pair in a string",
      input: "a\tb\r\nc\tx\ud800y\n",
      code: "bad-line",
      message: /^Line 2: .*U\+d800/,
    },
    { name: "a NUL", input: "a\tb\na\tx\0y\n", code: "bad-line", message: /^Line 2: .*NUL/ },
    {
      name: "UTF-16 without mark",
      input: Uint8Array.of(0x61, 0, 0x09, 0, 0x62, 0, 0x0a, 0),
      code: "bad-line",
      message: /convert it to UTF-8/,
    },
    {
      name: "an unclosed quote",
      input: 'a\t"b\n',
      options: { quoting: true },
      code: "bad-line",
      message: /^Line 1: field 1 .*no closing quote\. .*quoting: false/,
    },
    {
      name: "text after a quote",
      input: 'a\t"b"c\n',
      options: { quoting: true },
      code: "bad-line",
      message: /text after the closing quote\. Write ""/,
    },
    {
      name: "an open quote at the end of a multi-line file",
      input: 'a\tb\nc\t"d\ne\n',
      options: { quoting: true, multiline: true },
      code: "bad-line",
      message: /^Line 2: .*still open at the end/,
    },
    {
      name: "a number that is none",
      input: "a\t1\nb\t1,5\n",
      options: { columns: { N: { index: 1, type: "number" } } },
      code: "bad-line",
      message: /^Line 2: column "N" is "1,5", which is not a number .*type "text"/,
    },
    {
      name: "an empty number",
      input: "a\t\n",
      options: { columns: { N: { index: 1, type: "single" } } },
      code: "bad-line",
      message: /^Line 1: column "N" is empty .*missingRealsAsNaNs/,
    },
    {
      name: "a number in a range",
      input: "1\tx\n",
      options: { columns: { V: { range: [0, 1], type: "single" } } },
      code: "bad-line",
      message: /column "V" \(field 1\) is "x"/,
    },
    {
      name: "an integer out of range",
      input: "256\n",
      options: { columns: { N: { index: 0, type: "uint8" } } },
      code: "bad-line",
      message: /column "N" is "256", but must be an integer from 0 to 255/,
    },
    {
      name: "an empty boolean",
      input: "\ta\n",
      options: { columns: { B: { index: 0, type: "boolean" } } },
      code: "bad-line",
      message: /column "B" is empty, but must be true, t,/,
    },
    {
      name: "a key out of range",
      input: "5\n",
      options: { columns: { K: { index: 0, type: "key", count: 5 } } },
      code: "bad-line",
      message: /column "K" is "5", which is not a key from 0 to 4/,
    },
    {
      name: "a long bad value, cut in the message",
      input: `${"9".repeat(100_000)}x\n`,
      options: { columns: { N: { index: 0, type: "number" } } },
      code: "bad-line",
      message: /^.{70,160}… \(100001 characters\).{0,200}$/,
    },
    {
      name: "an unknown column name",
      input: "Label\tText\na\tb\n",
      options: { hasHeader: true, columns: { T: { name: "Tekst" } } },
      code: "bad-column",
      message: /The header has no column "Tekst"\. Did you mean "Text"\? It has: "Label", "Text"\./,
    },
    {
      name: "a position beyond the header",
      input: "Label,Text\na,b\n",
      options: { hasHeader: true },
      code: "bad-column",
      message: /Column "Text" is to be field 1, but the header has 1 fields/,
    },
    {
      name: "a name twice in the header",
      input: "a\ta\n1\t2\n",
      options: { hasHeader: true, columns: undefined },
      code: "bad-line",
      message: /the header names "a" twice/,
    },
    {
      name: "a range that starts after the line",
      input: "1\t2\n",
      options: { columns: { V: { range: [2], type: "single" } } },
      code: "bad-line",
      message: /the first row has 2 fields/,
    },
    {
      name: "a shorter line in a range to the end",
      input: "1\t2\n3\n",
      options: { columns: { V: { range: [0], type: "single" } } },
      code: "bad-line",
      message: /^Line 2: the line has 1 fields and the first row 2/,
    },
    {
      name: "a faulty sparse line",
      input: "5\t3:1\t2:1\n",
      options: { sparse: true, columns: { V: { range: [0, 4], type: "single" } } },
      code: "bad-line",
      message: /^Line 1: sparse index 2 follows 3/,
    },
  ];

  test.each(cases)("$name is an error", async ({ input, options, code, message }) => {
    const loading = loadText(input, { columns, ...options });
    await expect(loading).rejects.toThrow(DualTextError);
    await expect(loading).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test("errors name the source", async () => {
    const sourceName = "mails.tsv";
    await expect(loadText("a\n", { columns, sourceName })).rejects.toThrow(/^mails\.tsv, line 1: /);
    await expect(loadText("", { columns, sourceName })).rejects.toThrow(/^mails\.tsv is empty/);
  });
});
