import { readFileSync } from "node:fs";
import { strFromU8, unzipSync } from "fflate";
import { beforeAll, describe, expect, test, vi } from "vitest";
import type { Dataset } from "../../src/data/dataset.js";
import { fromRows } from "../../src/data/from-rows.js";
import { embedText } from "../../src/embedding-stages.js";
import type { Moments } from "../../src/model/drift-reference.js";
import type { Model } from "../../src/model/model.js";
import { loadModel, saveModel } from "../../src/model/saved-model.js";
import { Random } from "../../src/random.js";
import {
  concatenate,
  featurizeText,
  mapKeyToValue,
  mapValueToKey,
  sdcaLogisticRegression,
  sdcaMaximumEntropy,
} from "../../src/stages.js";
import { trainClassifier } from "../../src/train-classifier.js";
import { driftReport } from "../../src/transfer/drift-report.js";
import { fineTune } from "../../src/transfer/pipeline-of.js";
import { updateModel } from "../../src/transfer/update-model.js";
import { letterEncoder } from "../helpers/letter-encoder.js";
import { repacked } from "../helpers/small-model.js";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

interface Row {
  readonly label: string;
  readonly text: string;
}
const labels = ["ham", "spam", "bill"];

/** Words of a label's own, of all, and now and then a word that nobody else has, or a label that is wrong. */
function rows(count: number, seed: number, shares: readonly number[] = [1, 1, 1]): Row[] {
  const random = new Random(seed);
  const total = shares.reduce((sum, share) => sum + share, 0);
  return Array.from({ length: count }, () => {
    let rest = random.nextFloat() * total;
    let k = 0;
    while (k < shares.length - 1 && rest >= shares[k]!) rest -= shares[k++]!;
    const words = Array.from({ length: 8 }, () => {
      const draw = random.nextFloat();
      if (draw < 0.3) return `${labels[k]}${random.nextBelow(40)}`;
      return draw < 0.4 ? `rare${random.nextU32()}` : `word${random.nextBelow(200)}`;
    });
    const label = random.nextFloat() < 0.1 ? labels[random.nextBelow(3)]! : labels[k]!;
    return { label, text: words.join(" ") };
  });
}
const textsOf = (list: readonly Row[]) => list.map(({ text }) => text);
const dataOf = (list: readonly Row[]): Dataset<any> =>
  fromRows(list.map(({ label, text }) => ({ Label: label, Text: text })));

let model: Model;
beforeAll(async () => {
  ({ model } = await trainClassifier(rows(1500, 1)));
});

describe("driftReport", () => {
  test("rows like the training rows have not drifted", async () => {
    for (const count of [1, 5, 40, 400]) {
      const report = await driftReport(model, textsOf(rows(count, 2)));
      expect(report.hasDrifted).toBe(false);
      expect(report.rowCount).toBe(count);
    }
  });

  test("other words are unseen, and the model is less sure of texts between its labels", async () => {
    const other = rows(100, 3).map(({ text }, i) =>
      i % 3 === 0 ? `quite other stuff number ${i * 7}` : text,
    );
    const report = await driftReport(model, other);
    expect(report.hasDrifted).toBe(true);
    expect(report.unseen).toMatchObject({ hasDrifted: true });
    expect(report.unseen!.found).toBeGreaterThan(report.unseen!.expected.high);
    expect(report.unseen!.effect).toBeGreaterThan(0.3);
    expect(report.pValue).toBeLessThan(0.01);
    const torn = await driftReport(
      model,
      Array.from({ length: 50 }, (_, i) => `ham${i} spam${i} bill${i}`),
    );
    expect(torn.confidence).toMatchObject({ hasDrifted: true });
    expect(torn.confidence.found).toBeLessThan(torn.confidence.expected.low);
    expect(torn.confidence.effect).toBeLessThan(0);
  });

  test("other shares of classes", async () => {
    const report = await driftReport(model, textsOf(rows(200, 4, [1, 1, 6])));
    expect(report.classes).toMatchObject({ hasDrifted: true });
    const bill = report.classes.labels.find(({ label }) => label === "bill")!;
    expect(bill.found).toBeGreaterThan(bill.expected.high + 0.2);
    expect(report.unseen!.hasDrifted).toBe(false);
    const sum = report.classes.labels.reduce((shares, { found }) => shares + found, 0);
    expect(sum).toBeCloseTo(1, 12);
  });

  test("a wider margin and a smaller significance take an alarm back", async () => {
    const texts = textsOf(rows(200, 4, [1, 1, 3]));
    expect((await driftReport(model, texts, { significance: 0.05 })).hasDrifted).toBe(true);
    expect((await driftReport(model, texts, { margin: 2 })).hasDrifted).toBe(false);
    expect((await driftReport(model, texts, { significance: 1e-30 })).hasDrifted).toBe(false);
  });

  test("takes texts, rows and data with or without labels, and says the same", async () => {
    const some = rows(60, 5);
    const report = await driftReport(model, textsOf(some));
    expect(
      await driftReport(
        model,
        some.map(({ text }) => ({ Text: text })),
      ),
    ).toEqual(report);
    expect(await driftReport(model, dataOf(some))).toEqual(report);
    expect(await driftReport(await loadModel(saveModel(model)), dataOf(some))).toEqual(report);
  });

  test("compares with rows held out, when they are given", async () => {
    const shifted = textsOf(rows(300, 6, [1, 1, 3]));
    expect((await driftReport(model, shifted)).hasDrifted).toBe(true);
    const report = await driftReport(model, shifted, { heldOut: dataOf(rows(300, 7, [1, 1, 3])) });
    expect(report.hasDrifted).toBe(false);
    expect(report.confidence.expected.low).toBe(report.confidence.expected.high);
  });

  test("texts without any features are drift, not an error", async () => {
    const report = await driftReport(
      model,
      ["", " ", "日本"].flatMap((text) => Array<string>(20).fill(text)),
    );
    expect(report.hasDrifted).toBe(true);
  });

  test.each([
    [{ significance: 0 }, "significance is 0; it must be a number above 0 and below 1."],
    [{ significance: Number.NaN }, "significance is NaN; it must be a number above 0 and below 1."],
    [{ margin: -1 }, "margin is -1; it must be a finite number of at least 0."],
  ])("refuses %j", async (options, message) => {
    await expect(driftReport(model, ["a"], options)).rejects.toMatchObject({ code: "bad-option", message });
  });

  test("refuses no rows, and stops at a signal", async () => {
    await expect(driftReport(model, [])).rejects.toMatchObject({ code: "empty-input" });
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(driftReport(model, ["a"], { signal })).rejects.toThrow("enough");
  });
});

describe("what a model keeps to compare with", () => {
  test("the share of features that a model without the row would not know, exactly", async () => {
    const some = rows(30, 8);
    const { model: small } = await trainClassifier(some);
    const shares: number[] = [];
    for (const [i, { text }] of some.entries()) {
      const others = some.filter((_, row) => row !== i);
      const without: Model = (await trainClassifier(others, { maxEpochs: 1 })).model;
      const report = await driftReport(without, [text]);
      shares.push(report.unseen!.found);
    }
    const { unseen } = small.classifier.reference!;
    expect(unseen.count).toBe(30);
    expect(unseen.mean).toBeCloseTo(shares.reduce((sum, share) => sum + share, 0) / 30, 12);
  }, 60_000);

  test("the doubt of models without the row, between two bounds", async () => {
    const some = rows(60, 9);
    const l2 = 0.002;
    const { model: small } = await trainClassifier(some, { l2, tolerance: 1e-6 });
    let sum = 0;
    for (const [i, { text }] of some.entries()) {
      const others = some.filter((_, row) => row !== i);
      const without = await trainClassifier(others, { l2: (l2 * 60) / 59, tolerance: 1e-5 });
      sum += 1 - without.predict(text).probability;
    }
    const doubts = small.classifier.reference!.outlooks.map(({ doubt }) => doubt) as [Moments, Moments];
    const [low, high] = [
      Math.min(...doubts.map(({ mean }) => mean)),
      Math.max(...doubts.map(({ mean }) => mean)),
    ];
    const trained = some.reduce((all, { text }) => all + 1 - small.predict(text).probability, 0) / 60;
    expect(sum / 60).toBeGreaterThan(low - 0.005);
    expect(sum / 60).toBeLessThan(high + 0.005);
    // In sample the model is far more certain.
    expect(trained).toBeLessThan(low);
  }, 60_000);

  test("is in the file, to the bit", async () => {
    const bytes = saveModel(model);
    const loaded = await loadModel(bytes);
    expect(loaded.classifier.reference).toEqual(model.classifier.reference);
    expect(Buffer.compare(saveModel(loaded), bytes)).toBe(0);
  });

  test("follows updates and fine-tuning, as new rows are known then", async () => {
    const { model: kept } = await trainClassifier(rows(600, 11), { keepState: true });
    const others = rows(400, 12).map(({ label, text }) => ({ label, text: text.replaceAll("word", "term") }));
    const fresh = rows(100, 13).map(({ text }) => text.replaceAll("word", "term"));
    expect((await driftReport(kept, fresh)).hasDrifted).toBe(true);
    const { model: updated } = await updateModel(kept, dataOf(others));
    const mixed = [...fresh.slice(0, 40), ...textsOf(rows(60, 14))];
    expect((await driftReport(updated, mixed)).hasDrifted).toBe(false);
    const tuned = await fineTune(kept, dataOf(others));
    expect((await driftReport(tuned, fresh)).hasDrifted).toBe(false);
    // n-grams of the old model alone are known to the tuned one.
    expect(tuned.classifier.reference!.unseen.mean).toBeLessThan(
      (await trainClassifier(others)).model.classifier.reference!.unseen.mean,
    );
  });

  test("without n-grams there is confidence and classes", async () => {
    const { name, encode } = letterEncoder();
    const encoded = await embedText("Features", { name, encode }, "Text")
      .append(mapValueToKey("Label"))
      .append(sdcaMaximumEntropy({}))
      .append(mapKeyToValue("PredictedLabel"))
      .fit(dataOf(rows(300, 15)));
    const report = await driftReport(encoded, textsOf(rows(50, 16)));
    expect(report.unseen).toBeUndefined();
    expect(report.hasDrifted).toBe(false);
  });

  test("n-grams of several columns, side by side", async () => {
    const both = (list: readonly Row[]): Dataset<any> =>
      fromRows(list.map(({ label, text }) => ({ Label: label, Title: text.slice(0, 12), Body: text })));
    const joined = await featurizeText("A", "Title")
      .append(featurizeText("B", "Body", { chars: false }))
      .append(concatenate("Features", "A", "B"))
      .append(mapValueToKey("Label"))
      .append(sdcaMaximumEntropy({}))
      .fit(both(rows(500, 17)));
    expect((await driftReport(joined, both(rows(100, 18)))).hasDrifted).toBe(false);
    const strange = rows(100, 18).map(({ label, text }) => ({
      label,
      text: text.replaceAll("word", "term"),
    }));
    expect((await driftReport(joined, both(strange))).unseen).toMatchObject({ hasDrifted: true });
  });

  test("two classes of logistic regression", async () => {
    const two = rows(400, 19).filter(({ label }) => label !== "bill");
    const data = fromRows(two.map(({ label, text }) => ({ Label: label === "spam", Text: text })));
    const binary = await featurizeText("Features", "Text")
      .append(sdcaLogisticRegression({}))
      .fit(data as Dataset<any>);
    const fresh = rows(150, 20).filter(({ label }) => label !== "bill");
    expect((await driftReport(binary, textsOf(fresh))).hasDrifted).toBe(false);
    expect((await driftReport(binary, Array<string>(60).fill("spam1 spam2 spam3"))).hasDrifted).toBe(true);
  });

  test("a model from before there was drift says so, and takes rows held out", async () => {
    const golden = await loadModel(readFileSync(new URL("../model/golden/format-1.zip", import.meta.url)));
    const refusal = { code: "bad-argument", message: expect.stringContaining("as heldOut") };
    await expect(driftReport(golden, ["rain"])).rejects.toMatchObject(refusal);
    const heldOut = fromRows([{ Text: "the sun and the rain" }, { Text: "we cook soup" }]);
    expect((await driftReport(golden, ["rain"], { heldOut })).rowCount).toBe(1);
  });

  test.each([
    ["a count that is not that of the classes", (reference: Float64Array) => reference.fill(3, 8, 9)],
    ["no number", (reference: Float64Array) => reference.fill(Number.NaN, 1, 2)],
  ])("a damaged one is refused: %s", async (_, damage) => {
    const bytes = repacked(saveModel(model), (manifest, entries) => {
      const stage = manifest.stages.find(({ stage }: { stage: string }) => stage === "linearClassifier");
      const entry = entries[stage.arrays.driftReference.entry]!;
      const reference = new Float64Array(entry.slice().buffer);
      damage(reference);
      entries[stage.arrays.driftReference.entry] = new Uint8Array(reference.buffer);
    });
    await expect(loadModel(bytes)).rejects.toMatchObject({ code: "bad-model-file" });
  });

  test("takes few bytes", () => {
    const entries = unzipSync(saveModel(model));
    const name = Object.keys(entries).find((entry) => entry.includes("driftReference"))!;
    expect(strFromU8(entries["manifest.json"]!)).toContain(name);
    expect(entries[name]!.length).toBe(8 * (12 + 2 * labels.length));
  });
});
