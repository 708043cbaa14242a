import { describe, expect, expectTypeOf, test, vi } from "vitest";
import type { TextColumn } from "../../src/data/columns.js";
import type { Dataset } from "../../src/data/dataset.js";
import type { LoadReport } from "../../src/data/load-options.js";
import { loadText } from "../../src/data/text-loader.js";
import type { Progress } from "../../src/stage.js";

const columns = { Label: 0, Text: 1 } as const;
const utf8 = (text: string) => new TextEncoder().encode(text);

function streamOf(bytes: Uint8Array, pieceBytes: number): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(at, at + pieceBytes));
      at += pieceBytes;
    },
  });
}

function rowsOf(data: Dataset, names = data.columnNames): unknown[][] {
  const all = names.map((name) => (data.column(name) as TextColumn).values);
  return Array.from({ length: data.rowCount }, (_, row) => all.map((values) => values[row]));
}

describe("loadText", () => {
  const text = "Label\tText\nham\tsee you at five\r\nspam\t free 日😀é \rham\t\n";
  const expected = [
    ["ham", "see you at five"],
    ["spam", "free 日😀é "],
    ["ham", ""],
  ];

  test.each([
    { name: "a string", input: () => text },
    { name: "bytes", input: () => utf8(text) },
    { name: "a part of an array", input: () => utf8(`xx${text}`).subarray(2) },
    { name: "bytes with a byte order mark", input: () => utf8(`\ufeff${text}`) },
    { name: "a stream", input: () => streamOf(utf8(text), 1000) },
    { name: "a stream of single bytes", input: () => streamOf(utf8(text), 1) },
    { name: "a file without a line end at the end", input: () => `${text.slice(0, -1)}` },
  ])("reads $name", async ({ input }) => {
    const data = await loadText(input(), { hasHeader: true, columns });
    expect(rowsOf(data)).toEqual(expected);
  });

  test("takes every column of the header as text when no columns are given", async () => {
    const data = await loadText(" a ,b\u3000,c\n1,2,3\n", { hasHeader: true, separator: "," });
    expect(data.columnNames).toEqual(["a", "b", "c"]);
    expect(rowsOf(data)).toEqual([["1", "2", "3"]]);
  });

  test("gives the schema of the columns asked for", async () => {
    const data = await loadText("a\t1\t2\ttrue\t0\t7\n", {
      columns: {
        Text: 0,
        Double: { index: 1, type: "number" },
        Single: { index: 1, type: "single" },
        Int: { index: 2, type: "int64" },
        Flag: { index: 3, type: "boolean" },
        Key: { index: 4, type: "key", count: 2 },
        Texts: { range: [0, 1] },
        Vector: { range: [4, 5], type: "single" },
        Untyped: { index: 0 },
      },
    });
    expectTypeOf(data).toEqualTypeOf<
      Dataset<{
        Text: "text";
        Double: "number";
        Single: "number";
        Int: "number";
        Flag: "boolean";
        Key: "key";
        Texts: "texts";
        Vector: "vector";
        Untyped: "text";
      }>
    >();
    expectTypeOf(data.column("Text")).toEqualTypeOf<TextColumn>();
    // @ts-expect-error a column that is not there
    expect(() => data.column("Txt")).toThrow(/Did you mean "Text"/);
    expect(data.columnNames.map((name) => data.typeOf(name as "Text").kind)).toEqual([
      "text",
      "number",
      "number",
      "number",
      "boolean",
      "key",
      "texts",
      "vector",
      "text",
    ]);
  });

  test("leaves the schema open without columns", async () => {
    const data = await loadText("a\tb\nc\td\n", { hasHeader: true });
    expectTypeOf(data).toEqualTypeOf<Dataset<any>>();
    expect(rowsOf(data, ["b"])).toEqual([["d"]]);
  });

  test("reads a line of 10 MB", async () => {
    const long = "word ".repeat(2_000_000);
    const data = await loadText(streamOf(utf8(`ham\t${long}\nspam\tx\n`), 65536), { columns });
    expect(data.column("Text").values.map((value) => value.length)).toEqual([long.length, 1]);
  });

  test("does not keep the bytes it was given", async () => {
    const bytes = utf8("ham\tfive\n");
    const data = await loadText(bytes, { columns });
    bytes.fill(0x78);
    expect(rowsOf(data)).toEqual([["ham", "five"]]);
  });

  test.each([
    { name: "a number", input: 5 },
    { name: "null", input: null },
    { name: "an object", input: {} },
  ])("refuses $name as input", async ({ input }) => {
    await expect(loadText(input as unknown as string, { columns })).rejects.toMatchObject({
      code: "bad-argument",
    });
  });

  test("refuses a stream of strings", async () => {
    const stream = new ReadableStream({
      start(controller) {
        controller.enqueue("ham\tfive\n");
        controller.close();
      },
    });
    await expect(loadText(stream, { columns })).rejects.toThrow(/must be Uint8Array/);
  });

  test("passes the error of a stream on", async () => {
    const reason = new Error("connection lost");
    const stream = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(reason) });
    await expect(loadText(stream, { columns })).rejects.toBe(reason);
  });
});

describe("report", () => {
  async function reportOn(input: string, options: object): Promise<LoadReport> {
    const reports: LoadReport[] = [];
    await loadText(input, { columns, ...options, onReport: (report: LoadReport) => reports.push(report) });
    expect(reports).toHaveLength(1);
    return reports[0]!;
  }

  test("counts what was dropped", async () => {
    const input = "#c1\n//c2\n\nLabel\tText\n#data\tkept\n//gone\tgone\n\nb\tc\n";
    expect(await reportOn(input, { hasHeader: true })).toEqual({
      rowCount: 2,
      lineCount: 8,
      headerLineCount: 1,
      commentLineCount: 3,
      emptyLineCount: 2,
      badFieldCount: 0,
      badFields: [],
    });
  });

  test("comments: false keeps them", async () => {
    const report = await reportOn("#a\tb\n//c\td\n", { comments: false });
    expect(report).toMatchObject({ rowCount: 2, commentLineCount: 0 });
  });

  test("counts what lenient loading could not read", async () => {
    const input = `${"x\n".repeat(12)}1\n`;
    const report = await reportOn(input, { lenient: true, columns: { N: { index: 0, type: "number" } } });
    expect(report.badFieldCount).toBe(12);
    expect(report.badFields).toHaveLength(10);
    expect(report.badFields[1]).toBe(
      'Line 2: column "N" is "x", which is not a number with decimal marker ".".',
    );
  });
});

describe("progress and abort", () => {
  const row = `ham\t${"word ".repeat(200)}\n`;
  const big = utf8(row.repeat(20_000));

  test("reports between pieces that take their time, and at the end", async () => {
    const reports: Progress[] = [];
    let nowMs = performance.now();
    const clock = vi.spyOn(performance, "now").mockImplementation(() => {
      nowMs += 60;
      return nowMs;
    });
    try {
      const pieces = streamOf(big.subarray(0, 1_000_000), 100_000);
      await loadText(pieces, { columns, onProgress: (progress) => reports.push(progress) });
    } finally {
      clock.mockRestore();
    }
    const done = Array.from({ length: 10 }, (_, i) => i * 100_000);
    expect(reports.slice(0, -1).map((report) => report.done)).toEqual(done);
    expect(reports[0]).toEqual({ phase: "load", done: 0, total: Number.POSITIVE_INFINITY });
    expect(reports.at(-1)).toEqual({ phase: "load", done: 1_000_000, total: 1_000_000, etaMs: 0 });
  });

  test("tells the total of bytes, and how long it will take", async () => {
    const reports: Progress[] = [];
    await loadText(big, { columns, onProgress: (progress) => reports.push(progress) });
    for (const { phase, done, total, etaMs } of reports) {
      expect({ phase, total }).toEqual({ phase: "load", total: big.length });
      if (done > 0) expect(etaMs).toBeGreaterThanOrEqual(0);
    }
  });

  test("an abort before the start rejects with its reason", async () => {
    const reason = new Error("not now");
    await expect(loadText(big, { columns, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  test("an abort while loading rejects with its reason", async () => {
    const controller = new AbortController();
    const reason = { why: "enough" };
    const endless = new ReadableStream<Uint8Array>({ pull: (stream) => stream.enqueue(utf8(row)) });
    setTimeout(() => controller.abort(reason), 20);
    await expect(loadText(endless, { columns, signal: controller.signal })).rejects.toBe(reason);
  });

  test("an abort ends the wait for a stream that gives nothing", async () => {
    const controller = new AbortController();
    let cancelled: unknown;
    const silent = new ReadableStream<Uint8Array>({
      cancel: (reason) => {
        cancelled = reason;
      },
    });
    setTimeout(() => controller.abort("enough"), 10);
    await expect(loadText(silent, { columns, signal: controller.signal })).rejects.toBe("enough");
    expect(cancelled).toBe("enough");
  });

  test("maxRows stops reading a stream that never ends", async () => {
    const endless = new ReadableStream<Uint8Array>({ pull: (stream) => stream.enqueue(utf8("a\tb\n")) });
    const data = await loadText(endless, { columns, maxRows: 3 });
    expect(data.rowCount).toBe(3);
  });
});
