import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, expect, test, vi } from "vitest";
import { corpora, corporaOf } from "../../bench/corpus.js";

const folder = mkdtempSync(join(tmpdir(), "dualtext-corpora-"));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());
const namesOf = (sets: readonly { name: string }[]) => sets.map(({ name }) => name);

test("what is measured: the usual sets of the folder, else all that it has, else the declarations", async () => {
  vi.stubEnv("DUALTEXT_DATA", "");
  expect(namesOf(await corpora(["trec6"]))).toEqual(["udhr"]);
  vi.stubEnv("DUALTEXT_DATA", folder);
  await expect(corpora(["trec6"])).rejects.toThrow(/holds neither NAME\/train\.tsv nor/);
  mkdirSync(join(folder, "large"));
  writeFileSync(join(folder, "large", "train.tsv"), "Label\tText\na\tmuch text\nb\tand more of it\n");
  writeFileSync(join(folder, "small.tsv.gz"), gzipSync("Label\tText\na\tü\n"));
  const all = await corpora(["trec6"]);
  expect(namesOf(all)).toEqual(["small", "large"]);
  expect(all[0]).toMatchObject({ bytes: 2, data: { rowCount: 1 } });
  expect(namesOf(await corpora(["trec6", "large"]))).toEqual(["large"]);
  expect(await corporaOf(["trec6"])).toEqual([]);
});
