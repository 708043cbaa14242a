import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { loadModelFile, saveModelFile } from "../../src/node/model-files.js";
import { checkWritable, writeFileAtomically } from "../../src/node/write-file.js";
import type { Classifier } from "../../src/train-classifier.js";
import { predictionBits, smallClassifier } from "../helpers/small-model.js";

let classifier: Classifier;
let folder: string;
const inFolder = (...names: string[]) => join(folder, ...names);

beforeAll(async () => {
  classifier = await smallClassifier();
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dualtext-test-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe("saveModelFile and loadModelFile", () => {
  test("the file holds what saveModel gives, and the loaded model predicts the same bits", async () => {
    await saveModelFile(classifier.model, inFolder("model.zip"));
    expect(Buffer.compare(readFileSync(inFolder("model.zip")), classifier.save())).toBe(0);
    const loaded = await loadModelFile(inFolder("model.zip"));
    expect(predictionBits(loaded as any)).toEqual(predictionBits(classifier));
    expect(readdirSync(folder)).toEqual(["model.zip"]);
  });

  test("an older file is replaced", async () => {
    writeFileSync(inFolder("model.zip"), "old");
    await saveModelFile(classifier.model, inFolder("model.zip"));
    expect((await loadModelFile(inFolder("model.zip"))).classifier.training).toEqual(classifier.training);
  });

  test("many savers of one file leave one whole file and nothing else", async () => {
    await Promise.all(
      Array.from({ length: 8 }, () => saveModelFile(classifier.model, inFolder("model.zip"))),
    );
    expect(Buffer.compare(readFileSync(inFolder("model.zip")), classifier.save())).toBe(0);
    expect(readdirSync(folder)).toEqual(["model.zip"]);
  });

  test.each([
    ["a folder that does not exist", ["none", "model.zip"], /folder does not exist/],
    ["a folder in the file's place", ["taken"], /it is a folder/],
    ["a file in the folder's place", ["plain", "model.zip"], /not a folder/],
  ])("saving to %s is an error that names the path and leaves nothing behind", async (_, names, message) => {
    mkdirSync(inFolder("taken"));
    writeFileSync(inFolder("plain"), "text");
    const path = inFolder(...names);
    await expect(saveModelFile(classifier.model, path)).rejects.toMatchObject({
      code: "file-write",
      message: expect.stringContaining(path),
    });
    await expect(saveModelFile(classifier.model, path)).rejects.toThrow(message);
    const asked = checkWritable(path);
    await expect(asked).rejects.toMatchObject({ code: "file-write", message: expect.stringContaining(path) });
    await expect(asked).rejects.toThrow(message);
    expect(readdirSync(folder).sort()).toEqual(["plain", "taken"]);
    expect(readFileSync(inFolder("plain"), "utf8")).toBe("text");
  });

  test.each(["", undefined])("a path that is %o is an error", async (path) => {
    const error = { code: "file-write", message: expect.stringMatching(/must be the path of a file/) };
    await expect(saveModelFile(classifier.model, path as string)).rejects.toMatchObject(error);
    await expect(checkWritable(path as string)).rejects.toMatchObject(error);
  });

  test("asking whether a path can be written leaves nothing behind", async () => {
    await checkWritable(inFolder("model.zip"));
    expect(readdirSync(folder)).toEqual([]);
  });

  test.each([
    ["a missing file", ["none.zip"], "file-read", /no such file/],
    ["a folder", ["taken"], "file-read", /it is a folder/],
    ["an empty file", ["empty.zip"], "bad-model-file", /empty\.zip.*empty/],
    ["a text file", ["plain"], "bad-model-file", /plain.*not a dualtext model/],
  ])("loading %s is an error that names the path", async (_, names, code, message) => {
    mkdirSync(inFolder("taken"));
    writeFileSync(inFolder("empty.zip"), "");
    writeFileSync(inFolder("plain"), "text");
    const path = inFolder(...names);
    await expect(loadModelFile(path)).rejects.toMatchObject({ code, message: expect.stringContaining(path) });
    await expect(loadModelFile(path)).rejects.toThrow(message);
  });
});

describe("writeFileAtomically", () => {
  test("an error halfway leaves the older file and no temporary one", async () => {
    writeFileSync(inFolder("file"), "old");
    const broken = new Error("no more");
    function* pieces() {
      yield { at: 0, bytes: new Uint8Array(3_000_000) };
      throw broken;
    }
    await expect(writeFileAtomically(inFolder("file"), pieces())).rejects.toBe(broken);
    expect(readFileSync(inFolder("file"), "utf8")).toBe("old");
    expect(readdirSync(folder)).toEqual(["file"]);
  });

  test("an abort, before or while it writes, leaves the older file", async () => {
    writeFileSync(inFolder("file"), "old");
    const reason = new Error("enough");
    await expect(
      writeFileAtomically(inFolder("file"), [{ at: 0, bytes: new Uint8Array(3) }], AbortSignal.abort(reason)),
    ).rejects.toBe(reason);
    const controller = new AbortController();
    function* pieces() {
      yield { at: 0, bytes: new Uint8Array(3_000_000) };
      controller.abort(reason);
      yield { at: 3_000_000, bytes: new Uint8Array(3_000_000) };
    }
    await expect(writeFileAtomically(inFolder("file"), pieces(), controller.signal)).rejects.toBe(reason);
    expect(readFileSync(inFolder("file"), "utf8")).toBe("old");
    expect(readdirSync(folder)).toEqual(["file"]);
  });

  test("what is written is on the disk before it takes the name, and then the folder is", async () => {
    const handle = await open(process.execPath);
    const sync = vi.spyOn(Object.getPrototypeOf(handle), "sync");
    await handle.close();
    const seen: string[][] = [];
    sync.mockImplementation(async () => void seen.push(readdirSync(folder)));
    try {
      await writeFileAtomically(inFolder("file"), [{ at: 0, bytes: new Uint8Array(3) }]);
    } finally {
      sync.mockRestore();
    }
    expect(seen).toEqual([[expect.stringMatching(/^\.file\..*\.tmp$/)], ["file"]]);
  });

  test.each(["write", "datasync"])("a failing %s is told, and leaves the older file", async (name) => {
    writeFileSync(inFolder("file"), "old");
    const handle = await open(process.execPath);
    const failing = vi.spyOn(Object.getPrototypeOf(handle), name);
    await handle.close();
    failing.mockRejectedValue(Object.assign(new Error("full"), { code: "ENOSPC" }));
    try {
      const piece = { at: 0, bytes: new Uint8Array(70_000_000) };
      await expect(writeFileAtomically(inFolder("file"), [piece])).rejects.toThrow("the disk is full");
    } finally {
      failing.mockRestore();
    }
    expect(readdirSync(folder)).toEqual(["file"]);
    expect(readFileSync(inFolder("file"), "utf8")).toBe("old");
  });

  test("pieces of every size arrive in their places, in whatever order", async () => {
    const MB = 1 << 20;
    const sizes = [0, 1, 7, MB - 8, 1, MB, 3, 2_500_000, 40];
    let end = 0;
    const inOrder = sizes.map((size, i) => {
      const piece = { at: end, bytes: new Uint8Array(size).fill(i + 1) };
      end += size;
      return piece;
    });
    const whole = Buffer.concat(inOrder.map(({ bytes }) => bytes));
    const swapped = [1, 0, 3, 2, 5, 4, 7, 6, 8].map((i) => inOrder[i]!);
    // One that begins before what is being gathered and ends in it, and gaps of less and more than that holds.
    const across = [
      { at: 10, bytes: whole.subarray(10, MB + 20) },
      { at: MB + 50, bytes: whole.subarray(MB + 50, MB + 60) },
      { at: MB - 100, bytes: whole.subarray(MB - 100, MB + 50) },
      { at: 3 * MB + 5, bytes: whole.subarray(3 * MB + 5) },
      { at: MB + 60, bytes: whole.subarray(MB + 60, 3 * MB + 5) },
      { at: 0, bytes: whole.subarray(0, 10) },
    ];
    for (const pieces of [inOrder, inOrder.toReversed(), swapped, across]) {
      await writeFileAtomically(inFolder("file"), pieces);
      expect(Buffer.compare(readFileSync(inFolder("file")), whole)).toBe(0);
    }
  });
});
