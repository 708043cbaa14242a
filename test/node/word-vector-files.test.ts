import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import type { VectorColumn } from "../../src/data/columns.js";
import {
  applyWordEmbedding,
  fromRows,
  loadWordVectorsFile,
  tokenizeIntoWords,
} from "../../src/node/index.js";

const folder = mkdtempSync(join(tmpdir(), "dualtext-vectors-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, contents: string | Uint8Array) => {
  const path = join(folder, name);
  writeFileSync(path, contents);
  return path;
};

describe("files of word vectors", () => {
  test("plain and gzip", async () => {
    const text = "2 2\na 1 2\nb 3 4\n";
    for (const path of [file("v.vec", text), file("v.vec.gz", gzipSync(text))]) {
      expect(await loadWordVectorsFile(path)).toMatchObject({ words: ["a", "b"], dimension: 2 });
      const pipeline = tokenizeIntoWords("Words", "Text").append(applyWordEmbedding("Out", path, "Words"));
      // Fitted twice, the file is read twice.
      for (let i = 0; i < 2; i++) {
        const model = await pipeline.fit(fromRows([{ Text: "a b" }]));
        const { matrix } = model.transform(fromRows([{ Text: "a b" }])).column("Out") as VectorColumn;
        expect([...(matrix as { values: Float32Array }).values]).toEqual([1, 2, 2, 3, 3, 4]);
      }
    }
  });

  test("errors name the file and the line", async () => {
    const path = file("ragged.txt", "a 1 2\nb 1 2\nc 1\n");
    await expect(loadWordVectorsFile(path)).rejects.toMatchObject({
      code: "bad-line",
      message: expect.stringContaining(`${path}, line 3`),
    });
    await expect(loadWordVectorsFile(join(folder, "none.txt"))).rejects.toMatchObject({ code: "file-read" });
    await expect(loadWordVectorsFile(folder)).rejects.toMatchObject({ code: "file-read" });
    await expect(loadWordVectorsFile(5 as never)).rejects.toMatchObject({ code: "bad-argument" });
  });
});
