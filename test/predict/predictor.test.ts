// dualtext/predict beside the library: the same models, the same bits, without WebAssembly.
import { readFileSync } from "node:fs";
import { zipSync } from "fflate";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { TextColumn } from "../../src/data/columns.js";
import { fromRows } from "../../src/data/from-rows.js";
import { loadModel as loadWithCore, saveModel } from "../../src/model/saved-model.js";
import type { Predictor } from "../../src/predict/index.js";
import { loadModel } from "../../src/predict/index.js";
import { Random } from "../../src/random.js";
import { featurizeText, mapKeyToValue, mapValueToKey, sdcaMaximumEntropy } from "../../src/stages.js";
import type { FeaturizeTextOptions } from "../../src/text/featurize-text.js";
import { PIECE_BYTES } from "../../src/text/waiting-texts.js";
import { trainClassifier } from "../../src/train-classifier.js";
import { predictionBits, repacked, smallClassifier } from "../helpers/small-model.js";
import { labelledTexts } from "../helpers/texts.js";

let bytes: Uint8Array;
beforeAll(async () => {
  bytes = (await smallClassifier()).save();
});
afterEach(() => vi.unstubAllGlobals());

/** Texts of all kinds of units: letters with and without diacritics, marks, halves of pairs, spaces, controls, nothing. */
function oddTexts(count: number, seed: number): string[] {
  const random = new Random(seed);
  const ranges = [
    [0x20, 0x7f],
    [0x20, 0x7f],
    [0xc0, 0x180],
    [0x300, 0x310],
    [0x400, 0x460],
    [0xd800, 0xe000],
    [0, 0x20],
    [0x1e00, 0x1f00],
  ] as const;
  return Array.from({ length: count }, () =>
    Array.from({ length: random.nextBelow(60) }, () => {
      const [first, end] = ranges[random.nextBelow(ranges.length)]!;
      return random.nextBelow(5) === 0 ? " " : String.fromCharCode(first + random.nextBelow(end - first));
    }).join(""),
  );
}

const known = labelledTexts(300);
const texts = [...oddTexts(300, 5), ...known.map(({ text }) => text), "a", " ", "", "\u0300", "  a  b "];

/** Predictions that are the same number are the same bits: none is −0 or NaN. */
async function expectSame(file: Uint8Array, inputs: readonly any[], topK: number): Promise<void> {
  const plain = await loadModel(file);
  const model = await loadWithCore(file);
  expect(plain.predictAll(inputs, { topK })).toEqual(model.predictAll(inputs, { topK }));
  expect(plain.predict(inputs[0])).toEqual(model.predict(inputs[0]));
  expect(plain.labels).toEqual(model.labels);
  expect(plain.training).toEqual(model.training[0]);
}

describe("the same bits as the core", () => {
  test("of a model with odd labels", async () => {
    const plain = await loadModel(bytes);
    expect(predictionBits(plain as any)).toEqual(predictionBits((await loadWithCore(bytes)) as any));
  });

  const blocks: FeaturizeTextOptions[] = [{}, { words: false }, { chars: false }];
  const shapes = blocks.flatMap((options) => [2, 3, 5, 8].map((classCount) => ({ options, classCount })));
  test.each(shapes)("of $classCount classes with $options", async ({ options, classCount }) => {
    const rows = [...known.map(({ text }) => text), ...oddTexts(200, 9)].map((text, i) => ({
      Text: text,
      Label: `class ${i % classCount}`,
    }));
    const pipeline = featurizeText("Features", "Text", options)
      .append(mapValueToKey("Label"))
      .append(sdcaMaximumEntropy({ maxEpochs: 3 }))
      .append(mapKeyToValue("PredictedLabel"));
    await expectSame(saveModel(await pipeline.fit(fromRows(rows))), texts, classCount);
  });

  test("of more texts than are counted together", async () => {
    const many = Array.from({ length: 12 }, () => texts).flat();
    expect(many.join("").length).toBeGreaterThan(2 * PIECE_BYTES);
    const file = (await trainClassifier(known, { maxEpochs: 2 })).save();
    await expectSame(file, many, 3);
    const model = await loadWithCore(file);
    expect(model.predictAll(many)).toEqual(many.map((text) => model.predict(text)));
    // The way by datasets.
    const { values } = model
      .transform(fromRows(many.map((Text) => ({ Text }))))
      .column("PredictedLabel") as TextColumn;
    expect(values).toEqual(model.predictAll(many).map(({ label }) => label));
  });

  test("of labels that are numbers or booleans", async () => {
    for (const labelOf of [(i: number) => i % 3, (i: number) => i % 2 === 0]) {
      const rows = known.map(({ text }, i) => ({ text, label: labelOf(i) }));
      await expectSame((await trainClassifier<number | boolean>(rows, { maxEpochs: 2 })).save(), texts, 2);
    }
  });

  test("of rows with two texts", async () => {
    const rows = known.map(({ text, label }, i) => ({
      Title: text.slice(0, i % 20),
      Body: text,
      Label: label,
    }));
    const pipeline = featurizeText("Features", ["Title", "Body"])
      .append(mapValueToKey("Label"))
      .append(sdcaMaximumEntropy({ maxEpochs: 2 }));
    const file = saveModel(await pipeline.fit(fromRows(rows)));
    const odd = oddTexts(200, 3);
    await expectSame(
      file,
      odd.map((Title, i) => ({ Title, Body: texts[i]! })),
      2,
    );
    const plain = await loadModel(file);
    expect(plain.inputs).toEqual(["Title", "Body"]);
    expect(() => plain.predict("one text")).toThrow(/Give a row with a text for "Title", "Body"/);
    expect(() => plain.predict({ Title: "one" })).toThrow(expect.objectContaining({ code: "bad-argument" }));
  });

  test("of the golden files", async () => {
    const golden = (name: string) => readFileSync(new URL(`../model/golden/${name}`, import.meta.url));
    const recorded = JSON.parse(golden("format-1.json").toString("utf8"));
    expect(predictionBits((await loadModel(golden("format-1.zip"))) as any)).toEqual(recorded.predictions);
  });
});

describe("loading", () => {
  test("takes bytes, buffers, blobs and responses, stored or compressed", async () => {
    const expected = predictionBits((await loadModel(bytes)) as any);
    const inputs = [
      bytes.slice().buffer,
      new Blob([bytes as BlobPart]),
      new Response(bytes as BodyInit),
      repacked(bytes, () => {}, 6),
    ];
    for (const input of inputs) expect(predictionBits((await loadModel(input)) as any)).toEqual(expected);
  });

  test("needs no WebAssembly", async () => {
    vi.stubGlobal("WebAssembly", undefined);
    const model: Predictor = await loadModel(bytes);
    expect(model.predict("rain and wind").label).toBe("weather");
  });

  test("says what needs the whole library", async () => {
    const changed = (change: (manifest: any) => void) => repacked(bytes, change);
    const bad: [Uint8Array, RegExp][] = [
      [
        changed((m) => (m.stages[0].options.hashed = true)),
        /the option hashed of featurizeText.*loadModel of dualtext/,
      ],
      [
        changed((m) => (m.stages[0].options.output = "Other")),
        /features that are no output of featurizeText/,
      ],
      [
        changed((m) => (m.inputSchema.Text = { kind: "texts" })),
        /column "Text", which is no text of the input/,
      ],
      [changed((m) => (m.stages[2].stage = "forest")), /no trainer/],
    ];
    for (const [file, message] of bad) {
      await expect(loadModel(file)).rejects.toMatchObject({
        code: "bad-model-file",
        message: expect.stringMatching(message),
      });
    }
  });

  test("refuses what is damaged, newer, foreign or no file at all", async () => {
    const flipped = bytes.map((byte, i) => (i === bytes.length >> 1 ? byte ^ 1 : byte));
    const newer = repacked(bytes, (manifest) => (manifest.formatVersion = 9));
    const png = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d);
    const twice = repacked(bytes, (_, entries) => {
      entries[Object.keys(entries).find((name) => name.endsWith("trigrams.u16"))!]!.fill(0x61);
    });
    const more = repacked(bytes, (manifest) => {
      const { options, arrays } = manifest.stages[0];
      options.chars = false;
      delete arrays.trigrams;
    });
    const cases: [unknown, string][] = [
      [flipped, "bad-model-file"],
      [newer, "newer-model-file"],
      [zipSync({}), "bad-model-file"],
      [png, "bad-model-file"],
      [new Uint8Array(0), "bad-model-file"],
      [twice, "bad-model-file"],
      [more, "bad-model-file"],
      ["model.zip", "bad-argument"],
      [new Response("", { status: 500 }), "file-read"],
    ];
    for (const [input, code] of cases) {
      await expect(loadModel(input as Uint8Array), code).rejects.toMatchObject({ code });
    }
  });

  test("refuses options that make no sense", async () => {
    const model = await loadModel(bytes);
    expect(() => model.predict("rain", { topK: 0 })).toThrow(expect.objectContaining({ code: "bad-option" }));
    expect(() => model.predict(5 as unknown as string)).toThrow(
      /Give a text, or a row with a text for "Text"/,
    );
  });
});
