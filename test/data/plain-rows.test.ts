// Rows that are read many at once are read as the others: a text that comes byte by byte is never whole, so each of its lines goes
// the long way.
import { describe, expect, test, vi } from "vitest";
import type { LoadOptions } from "../../src/data/load-options.js";
import { loadText } from "../../src/data/text-loader.js";
import { Random } from "../../src/random.js";

const byteByByte = (bytes: Uint8Array) =>
  new ReadableStream<Uint8Array>({
    start(controller) {
      for (let at = 0; at < bytes.length; at++) controller.enqueue(bytes.slice(at, at + 1));
      controller.close();
    },
  });

/** The columns and the report, or the error. */
async function loaded(input: Uint8Array | ReadableStream<Uint8Array>, options: LoadOptions) {
  let report: unknown;
  try {
    const data = await loadText(input, {
      ...options,
      onReport: (seen) => {
        report = seen;
      },
    });
    return { report, columns: data.columnNames.map((name) => data.column(name)) };
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return { code, message };
  }
}

async function expectSame(bytes: Uint8Array, options: LoadOptions) {
  const whole = await loaded(bytes, options);
  expect(whole).toEqual(await loaded(byteByByte(bytes), options));
  return whole;
}

const encoder = new TextEncoder();
const two: LoadOptions = { hasHeader: true, columns: { Label: 0, Text: 1 } };

describe("a line among plain ones", () => {
  test.each([
    ["plain", "a\tb"],
    ["with spaces before its fields and after", "  a \t  b  "],
    ["with an empty field", "\tb"],
    ["with empty fields", "\t"],
    ["empty", ""],
    ["of spaces", "   "],
    ["a comment", "// a\tb"],
    ["that begins with #", "# a\tb"],
    ["with a field more, empty", "a\tb\t"],
    ["with a field more", "a\tb\tc"],
    ["with a field less", "a"],
    ["with quotes", '"a\tb"\t"c ""d"""'],
    ["with an open quote", '"a\tb'],
    ["with a lone CR", "a\tb\rc\td"],
    ["that ends in two CR", "a\tb\r\r"],
    ["in other letters", "ä\t猫 🐈"],
    ["with a byte order mark", "\ufeffa\t\ufeffb"],
    ["with a NUL", "a\tb\0"],
  ])("%s", async (_, line) => {
    const plain = (from: number) => Array.from({ length: 40 }, (_, i) => `l${(from + i) % 7}\ttext ${i}`);
    for (const [end, ...options] of [
      ["\n", two],
      ["\r\n", two],
      ["\n", { ...two, quoting: true }],
      ["\r\n", { ...two, quoting: true, multiline: true }],
      ["\n", { ...two, comments: false }],
      ["\n", { ...two, maxRows: 40 }],
      ["\n", { ...two, maxRows: 41 }],
      ["\n", { ...two, lenient: true }],
      ["\n", { ...two, trimWhitespace: true }],
    ] as [string, LoadOptions][]) {
      const lines = ["Label\tText", ...plain(0), line, ...plain(3)];
      await expectSame(encoder.encode(lines.join(end)), options[0]!);
    }
  });

  test("with invalid UTF-8: the error names the line", async () => {
    const bytes = encoder.encode("Label\tText\na\tb\na\t?\na\tb\n");
    bytes[bytes.indexOf(0x3f)] = 0xff;
    expect(await expectSame(bytes, two)).toMatchObject({
      code: "bad-line",
      message: expect.stringContaining("Line 3"),
    });
  });
});

test("texts of all kinds", async () => {
  const random = new Random(5);
  const parts = ["\t", "\t", "\n", "\n", "\r\n", " ", "a", "b", '"', "/", "//", "é", ","];
  for (let i = 0; i < 300; i++) {
    const some = Array.from({ length: 60 }, () => parts[Math.floor(random.nextFloat() * parts.length)]);
    const text = `x\ty\n${some.join("")}`;
    const options = { columns: { First: 0, Second: 1 }, quoting: i % 2 === 0, multiline: i % 4 === 0 };
    await expectSame(encoder.encode(text), options);
    // Only the first column, so that rows of one field are plain.
    await expectSame(encoder.encode(text.replaceAll("\t", "")), { columns: { First: 0 } });
  }
});

test.each([
  ["plain", (i: number) => `a\ttext ${i}\n`],
  ["quoted", (i: number) => `"a"\t"text ${i}"\n`],
  ["quoted in part", (i: number) => `a\t"text ${i}"\n`],
  ["comments", (i: number) => `// text\na\ttext ${i}\n`],
  ["ended by a lone CR", (i: number) => `a\ttext ${i}\r`],
  ["ended by CR LF", (i: number) => `"a"\ttext ${i}\r\n`],
])("bytes are searched a few times, not once for each line: %s", async (_, line) => {
  const bytes = encoder.encode(`Label\tText\n${Array.from({ length: 2000 }, (_, i) => line(i)).join("")}`);
  let searched = 0;
  const { indexOf } = Uint8Array.prototype;
  const counting = vi.spyOn(Uint8Array.prototype, "indexOf").mockImplementation(function (
    this: Uint8Array,
    byte,
    from = 0,
  ) {
    const at = indexOf.call(this, byte, from);
    searched += (at < 0 ? this.length : at + 1) - from;
    return at;
  });
  try {
    await loadText(bytes, { ...two, quoting: true });
  } finally {
    counting.mockRestore();
  }
  expect(searched).toBeGreaterThan(bytes.length);
  expect(searched).toBeLessThan(8 * bytes.length);
});
