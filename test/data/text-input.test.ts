// What a browser has at hand in place of a path: files, responses, streams, gzip.
import { createContext, runInContext } from "node:vm";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { TextInput } from "../../src/data/byte-source.js";
import { loadText } from "../../src/data/text-loader.js";
import type { Progress } from "../../src/stage.js";

const columns = { Label: 0, Text: 1 } as const;
const text = "ham\tsee you at five\nspam\twin a prize – now\n";
const utf8 = new TextEncoder().encode(text);
const gzip = new Uint8Array(gzipSync(utf8));
const streamOf = (bytes: Uint8Array, pieceBytes = 7) =>
  new ReadableStream<Uint8Array>({
    start(controller) {
      for (let at = 0; at < bytes.length; at += pieceBytes)
        controller.enqueue(bytes.slice(at, at + pieceBytes));
      controller.close();
    },
  });
const foreignRealm = createContext({ utf8: Array.from(utf8) });

const inputs: readonly { name: string; input: () => TextInput }[] = [
  { name: "an ArrayBuffer", input: () => utf8.slice().buffer },
  { name: "a Buffer", input: () => Buffer.from(utf8) },
  { name: "a Blob", input: () => new Blob([utf8]) },
  { name: "a File", input: () => new File([utf8], "mail.tsv") },
  { name: "a Response", input: () => new Response(utf8) },
  {
    name: "a Response with its length",
    input: () => new Response(utf8, { headers: { "content-length": `${utf8.length}` } }),
  },
  { name: "a stream", input: () => streamOf(utf8) },
  { name: "gzip in bytes", input: () => gzip },
  { name: "gzip in a File", input: () => new File([gzip], "mail.tsv.gz") },
  { name: "gzip in a Response", input: () => new Response(gzip) },
  { name: "gzip in a stream, byte by byte", input: () => streamOf(gzip, 1) },
  { name: "bytes of another realm", input: () => runInContext("Uint8Array.from(utf8)", foreignRealm) },
  {
    name: "a buffer of another realm",
    input: () => runInContext("Uint8Array.from(utf8).buffer", foreignRealm),
  },
];

describe("loadText", () => {
  test.each(inputs)("takes $name", async ({ input }) => {
    const data = await loadText(input(), { columns });
    expect(data.column("Text").values).toEqual(["see you at five", "win a prize – now"]);
  });

  test("gives the same rows from gzip of many pieces", async () => {
    const lines = Array.from(
      { length: 40_000 },
      (_, i) => `label ${i % 7}\ttext number ${i} ${"ab".repeat(i % 30)}\n`,
    );
    const plain = new TextEncoder().encode(lines.join(""));
    const [one, other] = await Promise.all(
      [plain, new Blob([new Uint8Array(gzipSync(plain))])].map((input) => loadText(input, { columns })),
    );
    expect(other!.column("Text").values).toEqual(one!.column("Text").values);
  });

  test("counts progress of gzip in the bytes of the file", async () => {
    const reports: Progress[] = [];
    await loadText(new Blob([gzip]), { columns, onProgress: (progress) => reports.push(progress) });
    expect(reports.at(-1)).toMatchObject({ phase: "load", done: gzip.length, total: gzip.length });
  });

  test("names the file in errors, unless told another name", async () => {
    const file = () => new File(["ham\tfive\nspam\n"], "mail.tsv");
    await expect(loadText(file(), { columns })).rejects.toThrow(/^mail\.tsv, line 2/);
    await expect(loadText(file(), { columns, sourceName: "inbox" })).rejects.toThrow(/^inbox, line 2/);
  });

  const bad: readonly { name: string; input: () => TextInput; code: string; message: RegExp }[] = [
    {
      name: "a response that is an error",
      input: () => new Response("no such page", { status: 404, statusText: "Not Found" }),
      code: "file-read",
      message: /The response was answered with 404 Not Found/,
    },
    {
      name: "a response without a body",
      input: () => new Response(null),
      code: "empty-input",
      message: /is empty/,
    },
    {
      name: "gzip cut off",
      input: () => new File([gzip.slice(0, -9)], "mail.tsv.gz"),
      code: "file-read",
      message: /^mail\.tsv\.gz is gzip that is damaged or cut off/,
    },
    {
      name: "gzip with a flipped bit",
      input: () => new Blob([gzip.map((byte, i) => (i === gzip.length - 6 ? byte ^ 4 : byte))]),
      code: "file-read",
      message: /damaged or cut off/,
    },
    {
      name: "an image",
      input: () => new File([Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13)], "cat.png"),
      code: "bad-line",
      message: /^cat\.png, line 1: /,
    },
    {
      name: "a date",
      input: () => new Date() as unknown as Blob,
      code: "bad-argument",
      message: /must be a string/,
    },
  ];
  test.each(bad)("refuses $name", async ({ input, code, message }) => {
    await expect(loadText(input(), { columns })).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  test("refuses a response that was read", async () => {
    const response = new Response(utf8);
    await response.text();
    await expect(loadText(response, { columns })).rejects.toMatchObject({
      code: "file-read",
      message: expect.stringMatching(/read already/),
    });
  });

  test("passes on what broke the stream that the gzip came from", async () => {
    const reason = new TypeError("network error");
    const broken = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(gzip.slice(0, 12)),
      pull: (controller) => controller.error(reason),
    });
    await expect(loadText(broken, { columns })).rejects.toBe(reason);
  });

  test("an abort ends the wait for more gzip", async () => {
    const controller = new AbortController();
    const silent = new ReadableStream<Uint8Array>({ start: (stream) => stream.enqueue(gzip.slice(0, 12)) });
    setTimeout(() => controller.abort("enough"), 10);
    await expect(loadText(silent, { columns, signal: controller.signal })).rejects.toBe("enough");
  });

  test("stops reading gzip that goes on for ever when it has the rows asked for", async () => {
    const block = new Uint8Array(gzipSync(new TextEncoder().encode(text.repeat(100_000))));
    let cancelled = false;
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(block),
      cancel: () => {
        cancelled = true;
      },
    });
    const data = await loadText(stream, { columns, maxRows: 3 });
    expect(data.rowCount).toBe(3);
    expect(cancelled).toBe(true);
  });
});
