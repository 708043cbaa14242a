import { readFileSync } from "node:fs";
import { strFromU8, strToU8, unzipSync, zipSync } from "fflate";
import { beforeAll, describe, expect, test } from "vitest";
import { DualTextError } from "../../src/errors.js";
import { decodeModel, libraryVersionOf } from "../../src/model/model-file.js";
import { loadModel, saveModel, saveModelBlob } from "../../src/model/saved-model.js";
import { Random } from "../../src/random.js";
import { trainClassifier } from "../../src/train-classifier.js";
import { version } from "../../src/version.js";
import { type Manifest, predictionBits, repacked, smallClassifier } from "../helpers/small-model.js";

let bytes: Uint8Array;
let expected: string[];

beforeAll(async () => {
  const classifier = await smallClassifier();
  bytes = classifier.save();
  expected = predictionBits(classifier);
});

/** The code of the error that decoding ends with. */
async function codeOf(file: Uint8Array): Promise<string> {
  try {
    await decodeModel(file);
  } catch (error) {
    if (error instanceof DualTextError) return error.code;
    throw error;
  }
  return "none";
}

describe("a saved model", () => {
  test("predicts the same bits after loading, and saves to the same bytes", async () => {
    const loaded = await loadModel(bytes);
    expect(predictionBits(loaded as any)).toEqual(expected);
    expect(saveModel(loaded)).toEqual(bytes);
  });

  test("loads from bytes at any address", async () => {
    for (const shift of [1, 2, 3, 4, 8]) {
      const room = new Uint8Array(bytes.length + shift);
      room.set(bytes, shift);
      expect(predictionBits((await loadModel(room.subarray(shift))) as any)).toEqual(expected);
    }
  });

  test("loads when another program has packed it again, stored or compressed", async () => {
    for (const level of [0, 6] as const) {
      const loaded = await loadModel(repacked(bytes, () => {}, level));
      expect(predictionBits(loaded as any)).toEqual(expected);
    }
  });

  test("loads from a buffer, a blob and a response, and is saved as a blob of the same bytes", async () => {
    const blob = saveModelBlob(await loadModel(bytes));
    expect(new Uint8Array(await blob.arrayBuffer())).toEqual(bytes);
    expect(blob.type).toBe("application/zip");
    for (const input of [bytes.slice().buffer, blob, new File([blob], "model.zip"), new Response(blob)]) {
      expect(predictionBits((await loadModel(input)) as any)).toEqual(expected);
    }
  });

  test("an answer that is an error is no model", async () => {
    const answer = new Response("not here", { status: 404, statusText: "Not Found" });
    await expect(loadModel(answer)).rejects.toMatchObject({
      code: "file-read",
      message: expect.stringContaining("404 Not Found"),
    });
  });

  test("says nothing of when, where and how long", () => {
    const manifest = strFromU8(unzipSync(bytes)["manifest.json"]!);
    expect(manifest).not.toMatch(/\d\d:\d\d|20\d\d-|linux|[/\\]home|threads|elapsed/i);
  });
});

describe("damage", () => {
  test("any changed byte is noticed", async () => {
    const file = bytes.slice();
    for (let at = 0; at < file.length; at++) {
      for (const bits of [0x01, 0x80, 0xff]) {
        file[at]! ^= bits;
        expect(await codeOf(file), `byte ${at} ^ ${bits}`).toMatch(/^(bad|newer)-model-file$/);
        file[at]! ^= bits;
      }
    }
    expect(await codeOf(file)).toBe("none");
  }, 60_000);

  test("any shorter file is refused, and one with bytes behind it", async () => {
    for (let length = 0; length < bytes.length; length++) {
      expect(await codeOf(bytes.subarray(0, length)), `${length} bytes`).toBe("bad-model-file");
    }
    const longer = new Uint8Array(bytes.length + 1);
    longer.set(bytes);
    expect(await codeOf(longer)).toBe("bad-model-file");
    longer.fill(0);
    longer.set(bytes, 1);
    expect(await codeOf(longer)).toBe("bad-model-file");
  });

  test("random bytes are refused", async () => {
    const random = new Random(3);
    for (let i = 0; i < 200; i++) {
      const file = Uint8Array.from({ length: random.nextBelow(400) }, () => random.nextBelow(256));
      if (i % 2 === 0 && file.length > 4) file.set([0x50, 0x4b, 0x03, 0x04]);
      expect(await codeOf(file)).toBe("bad-model-file");
    }
  });

  test("what has no bytes is refused", async () => {
    for (const input of ["model.zip", null, undefined, 5, new Uint16Array(9)]) {
      await expect(loadModel(input as unknown as Uint8Array)).rejects.toMatchObject({ code: "bad-argument" });
    }
  });
});

describe("foreign files", () => {
  const files: [string, () => Uint8Array, RegExp][] = [
    ["nothing", () => new Uint8Array(0), /empty/],
    ["a text", () => strToU8("Label\tText\nham\thello\n"), /not a dualtext model/],
    ["an empty zip", () => zipSync({}), /no manifest\.json/],
    ["a zip of texts", () => zipSync({ "a.txt": strToU8("a") }), /no manifest\.json/],
    ["another manifest", () => zipSync({ "manifest.json": strToU8('{"format":"x"}') }), /not that of a/],
    ["a manifest that is no JSON", () => zipSync({ "manifest.json": strToU8("{") }), /not JSON/],
    ["a manifest that is a list", () => zipSync({ "manifest.json": strToU8("[]") }), /manifest/],
    ["a model of ML.NET", () => zipSync({ "TransformerChain/Model.key": strToU8("a") }), /ML\.NET/],
    ["a zip cut short", () => zipSync({ "a.txt": strToU8("abc") }).subarray(0, 30), /cut short/],
  ];
  test.each(files)("%s", async (_, make, message) => {
    expect(await codeOf(make())).toBe("bad-model-file");
    await expect(decodeModel(make())).rejects.toThrow(message);
  });

  test("a newer format", async () => {
    const newer = repacked(bytes, (manifest) => {
      manifest.formatVersion = 2;
      manifest.libraryVersion = "9.1.0";
    });
    expect(await codeOf(newer)).toBe("newer-model-file");
    await expect(decodeModel(newer)).rejects.toThrow(/version 2.*dualtext 9\.1\.0.*Install a newer/);
  });
});

test("a file says which version of the library wrote it, and one that does not is of an unknown one", async () => {
  const written = (libraryVersion: string | undefined) =>
    repacked(bytes, (manifest) => {
      if (libraryVersion === undefined) delete manifest.libraryVersion;
      else manifest.libraryVersion = libraryVersion;
    });
  expect(await libraryVersionOf(bytes)).toBe(version);
  expect(await libraryVersionOf(written("0.0.9"))).toBe("0.0.9");
  expect(await libraryVersionOf(written(undefined))).toBe("unknown");
});

describe("contents that contradict each other, with checksums that are right", () => {
  const [featurizer, keys, classifier] = [0, 1, 2];
  type Change = (manifest: Manifest, entries: Record<string, Uint8Array>) => void;
  const array = (manifest: Manifest, stage: number, name: string) => manifest.stages[stage].arrays[name];
  const named = (entries: Record<string, Uint8Array>, name: string) =>
    Object.keys(entries).find((entry) => entry.endsWith(name))!;
  const changes: [string, Change][] = [
    ["a huge array", (m) => (array(m, classifier, "weights").length = 2 ** 40)],
    ["a negative length", (m) => (array(m, classifier, "weights").length = -1)],
    ["a fractional length", (m) => (array(m, classifier, "weights").length += 0.5)],
    ["a length that is no number", (m) => (array(m, classifier, "weights").length = "9")],
    ["another type of array", (m) => (array(m, classifier, "weights").type = "i32")],
    ["an unknown type of array", (m) => (array(m, classifier, "weights").type = "__proto__")],
    [
      "two arrays in one entry",
      (m) => (array(m, keys, "valuesEnds").entry = array(m, keys, "valuesUnits").entry),
    ],
    ["an entry that is missing", (m) => (array(m, keys, "valuesEnds").entry = "nowhere")],
    ["an entry too many", (_, entries) => (entries["extra.u8"] = new Uint8Array(3))],
    ["no stages", (m) => delete m.stages],
    ["a stage that is a number", (m) => (m.stages[0] = 3)],
    ["an unknown stage", (m) => (m.stages[0].stage = "constructor")],
    ["no options", (m) => (m.stages[classifier].options = null)],
    ["no options of the featurizer", (m) => (m.stages[featurizer].options = null)],
    ["no options of the keys", (m) => (m.stages[keys].options = null)],
    ["no blocks", (m) => Object.assign(m.stages[featurizer].options, { chars: false, words: false })],
    ["more features than weights", (m) => m.stages[classifier].options.featureCount++],
    ["features without end", (m) => (m.stages[classifier].options.featureCount = 2 ** 31)],
    ["one class", (m) => (m.stages[classifier].options.classCount = 1)],
    ["a class too many", (m) => (m.stages[classifier].options.classCount = 5)],
    ["no column of labels", (m) => delete m.stages[classifier].options.columns.label],
    ["no training record", (m) => delete m.stages[classifier].options.training],
    ["a gap that is a text", (m) => (m.stages[classifier].options.training.dualityGap = "0")],
    ["no reason of stopping", (m) => delete m.stages[classifier].options.training.stoppedBecause],
    ["a lineage of nothing", (m) => (m.stages[classifier].options.training.lineage = { parent: "x" })],
    ["no input schema", (m) => delete m.inputSchema],
    ["a column of unknown kind", (m) => (m.inputSchema.Text = { kind: "toString" })],
    ["word ends that go back", (_, entries) => entries[named(entries, "wordEnds.u32")]!.reverse()],
    [
      "n-grams of words that are not there",
      (_, entries) => entries[named(entries, "wordNgrams.i32")]!.fill(0x7f),
    ],
    ["a trigram twice", (_, entries) => entries[named(entries, "trigrams.u16")]!.fill(0x61)],
  ];
  test.each(changes)("%s", async (_, change) => {
    await expect(loadModel(repacked(bytes, change as Change))).rejects.toMatchObject({
      code: "bad-model-file",
    });
  });
});

describe("golden files", () => {
  const folder = new URL("golden/", import.meta.url);
  const names = ["format-1", "format-1-lineage", "format-1-lines"];
  test.each(names)("%s still loads and predicts the same bits", async (name) => {
    const file = readFileSync(new URL(`${name}.zip`, folder));
    const recorded = JSON.parse(readFileSync(new URL(`${name}.json`, folder), "utf8"));
    const loaded = await loadModel(file);
    expect(predictionBits(loaded as any)).toEqual(recorded.predictions);
    expect(loaded.classifier.training.dualityGap).toBe(recorded.dualityGap);
  });

  test("training on the same rows gives the recorded bits", async () => {
    const recorded = JSON.parse(readFileSync(new URL("trained.json", folder), "utf8"));
    const loaded = await loadModel(bytes);
    expect(predictionBits(loaded as any)).toEqual(recorded.predictions);
    expect(loaded.classifier.training.dualityGap).toBe(recorded.dualityGap);
  });
});

test("the manifest that docs/model-format.md prints has the shape of the one that is written", async () => {
  const page = readFileSync(new URL("../../docs/model-format.md", import.meta.url), "utf8");
  const printed = JSON.parse(/```json\n([\s\S]*?)```/.exec(page)![1]!);
  const two = [
    { text: "see you at five", label: "ham" },
    { text: "win a prize now", label: "spam" },
  ];
  const written = JSON.parse(strFromU8(unzipSync((await trainClassifier(two)).save())["manifest.json"]!));
  const shapeOf = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(shapeOf);
    if (typeof value !== "object" || value === null) return typeof value;
    return Object.entries(value).map(([key, inner]) => [key, shapeOf(inner)]);
  };
  expect(shapeOf(printed)).toEqual(shapeOf(written));
  expect(printed.stages.map(({ arrays }: Manifest) => arrays)).toEqual(
    written.stages.map(({ arrays }: Manifest) => arrays),
  );
});
