import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, expectTypeOf, test } from "vitest";
import type { Dataset } from "../../src/data/dataset.js";
import type { LoadReport } from "../../src/data/load-options.js";
import { DualTextError } from "../../src/errors.js";
import { loadTextFile } from "../../src/node/load-text-file.js";
import type { Progress } from "../../src/stage.js";

const folder = mkdtempSync(join(tmpdir(), "dualtext-load-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const options = { hasHeader: true, columns: { Label: 0, Text: 1 } } as const;
const lines = Array.from({ length: 20_000 }, (_, i) => `l${i % 7}\t${i} é ${"word ".repeat(i % 30)}`);
const content = `Label\tText\n${lines.join("\n")}\n`;
const texts = lines.map((line) => line.split("\t")[1]);

describe("loadTextFile", () => {
  const members = Array.from({ length: 3 }, (_, i) => {
    const size = Math.ceil(content.length / 3);
    return gzipSync(content.slice(i * size, (i + 1) * size));
  });

  test.each([
    { name: "a plain file", path: file("a.tsv", content) },
    { name: "a gzip file", path: file("b.tsv.gz", gzipSync(content)) },
    { name: "gzip members one after the other", path: file("c.tsv.gz", Buffer.concat(members)) },
    { name: "gzip by its bytes, not its name", path: file("d.tsv", gzipSync(content)) },
    { name: "a plain file named like gzip", path: file("e.gz", content) },
  ])("reads $name", async ({ path }) => {
    const data = await loadTextFile(path, options);
    expectTypeOf(data).toEqualTypeOf<Dataset<{ Label: "text"; Text: "text" }>>();
    expect(data.column("Text").values).toEqual(texts);
    expect(new Set(data.column("Label").values).size).toBe(7);
  });

  test("reads several files as one and drops the header of each", async () => {
    const paths = [file("1.tsv", "Label\tText\na\tone\n"), file("2.gz", gzipSync("Label\tText\nb\ttwo"))];
    const reports: LoadReport[] = [];
    const data = await loadTextFile(paths, { ...options, onReport: (report) => reports.push(report) });
    expect(data.column("Text").values).toEqual(["one", "two"]);
    expect(reports).toMatchObject([{ rowCount: 2, lineCount: 4, headerLineCount: 2 }]);
  });

  test("reports progress in bytes on disk", async () => {
    const compressed = gzipSync(content);
    const reports: Progress[] = [];
    await loadTextFile(file("p.gz", compressed), {
      ...options,
      onProgress: (progress) => reports.push(progress),
    });
    expect(reports.at(-1)).toEqual({
      phase: "load",
      done: compressed.length,
      total: compressed.length,
      etaMs: 0,
    });
  });

  test("rejects with the reason of an abort, before and during", async () => {
    const path = file("abort.tsv", content.repeat(20));
    const reason = new Error("enough");
    await expect(loadTextFile(path, { ...options, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    setTimeout(() => controller.abort(reason), 1);
    await expect(
      loadTextFile([path, path, path], { ...options, lenient: true, signal: controller.signal }),
    ).rejects.toBe(reason);
  });
});

describe("bad input", () => {
  const compressed = gzipSync(content);
  const damaged = Uint8Array.from(compressed);
  damaged[damaged.length - 6]! ^= 0xff; // in the checksum

  test.each([
    {
      name: "a missing file",
      path: join(folder, "none.tsv"),
      code: "file-read",
      message: /none\.tsv does not exist\. Check the path/,
    },
    { name: "a folder", path: folder, code: "file-read", message: /is a folder\. Name the file in it/ },
    {
      name: "an empty file",
      path: file("empty.tsv", ""),
      code: "empty-input",
      message: /empty\.tsv is empty/,
    },
    {
      name: "a header alone",
      path: file("header.tsv", "Label\tText\n"),
      code: "empty-input",
      message: /header\.tsv has a header but no rows/,
    },
    {
      name: "a short line",
      path: file("short.tsv", "Label\tText\na\tb\nc\n"),
      code: "bad-line",
      message: /short\.tsv, line 3: the line has 1 field/,
    },
    {
      name: "gzip cut off",
      path: file("cut.gz", compressed.subarray(0, 5000)),
      code: "file-read",
      message: /cut\.gz is gzip cut off/,
    },
    {
      name: "damaged gzip",
      path: file("damaged.gz", damaged),
      code: "file-read",
      message: /damaged\.gz is damaged gzip/,
    },
    { name: "no path", path: [], code: "bad-argument", message: /a list of at least one/ },
    {
      name: "a path that is no string",
      path: 5 as unknown as string,
      code: "bad-argument",
      message: /path must be/,
    },
  ])("$name is an error", async ({ path, code, message }) => {
    const loading = loadTextFile(path, options);
    await expect(loading).rejects.toThrow(DualTextError);
    await expect(loading).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test("the second of two files is named", async () => {
    const paths = [file("good.tsv", "Label\tText\na\tb\n"), file("bad.tsv", "Label\tText\nc\td\n\nx\0\ty\n")];
    await expect(loadTextFile(paths, options)).rejects.toThrow(/bad\.tsv, line 4: .*NUL/);
    await expect(loadTextFile([paths[0]!, join(folder, "none")], options)).rejects.toThrow(
      /none does not exist/,
    );
  });
});
