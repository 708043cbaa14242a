import { describe, expect, test } from "vitest";
import { fromRows } from "../../src/data/from-rows.js";
import type { Model } from "../../src/model/model.js";
import { loadModel, saveModel } from "../../src/model/saved-model.js";
import { loadModel as loadPredictor } from "../../src/predict/index.js";
import {
  featurizeText,
  mapKeyToValue,
  mapValueToKey,
  sdcaLogisticRegression,
  sdcaMaximumEntropy,
} from "../../src/stages.js";
import type { SdcaOptions } from "../../src/train/sdca-options.js";
import { driftReport } from "../../src/transfer/drift-report.js";
import { repacked } from "../helpers/small-model.js";
import { labelledTexts, rowsOf } from "../helpers/texts.js";

const three = rowsOf(labelledTexts(120));
const two = three.filter(({ Label }) => Label !== "music");

const fitted = (rows: typeof three, options: Omit<SdcaOptions, "label" | "features">): Promise<Model> =>
  featurizeText("Features", "Text")
    .append(mapValueToKey("Label"))
    .append(sdcaMaximumEntropy({ l2: 1e-3, tolerance: 1e-6, ...options }))
    .append(mapKeyToValue("PredictedLabel"))
    .fit(fromRows(rows));

const weightsOf = (model: Model) =>
  Array.from(model.classifier.scorer.storedWeights(), (piece) => [...piece]).flat();

describe.each([
  { what: "three classes", rows: three },
  { what: "two classes", rows: two },
])("$what", async ({ rows }) => {
  const dense = await fitted(rows, {});
  const sparse = await fitted(rows, { l1: 3 });
  const { scorer, featureCount } = sparse.classifier;

  test("most weights are exactly 0, and the gap is certified", () => {
    const [record] = sparse.training;
    expect(record!.l1).toBe(3);
    expect(record!.dualityGap).toBeLessThanOrEqual(1e-6);
    expect(featureCount).toBe(dense.classifier.featureCount);
    expect(scorer.lineCount).toBeLessThan(featureCount / 2);
    expect(scorer.lineCount).toBeGreaterThan(0);
    const copies = sparse.labels.length === 2 ? 2 : 1;
    expect(record!.nonZeroWeightCount).toBe(copies * weightsOf(sparse).filter((w) => w !== 0).length);
    // The objective is the loss and both parts of the regulariser.
    const sum = (values: number[]) => copies * values.reduce((total, value) => total + value, 0);
    const squares = sum([...weightsOf(sparse), ...scorer.biases()].map((w) => w * w));
    const absolutes = sum(weightsOf(sparse).map(Math.abs));
    expect(record!.objective).toBeCloseTo(record!.loss + 1e-3 * (squares / 2 + 3 * absolutes), 9);
  });

  test("features without weights are neither in memory nor in the file, and change nothing", async () => {
    const bytes = saveModel(sparse);
    expect(saveModel(dense).length - bytes.length).toBeGreaterThan(2 * (featureCount - scorer.lineCount));
    const loaded = await loadModel(bytes);
    const predictor = await loadPredictor(bytes);
    for (const text of [...rows.slice(0, 20).map(({ Text }) => Text), "never seen", ""]) {
      const expected = sparse.predict(text, { topK: 3 });
      expect(loaded.predict(text, { topK: 3 })).toEqual(expected);
      expect(predictor.predict(text, { topK: 3 })).toEqual(expected);
    }
    expect(saveModel(loaded)).toEqual(bytes);
    expect(sparse.evaluate(fromRows(rows)).microAccuracy).toBeGreaterThan(0.9);
  });

  test("a file whose features with weights are no ascending numbers is refused", async () => {
    const damaged = repacked(saveModel(sparse), ({ stages }) => {
      const part = stages.find(({ arrays }: { arrays: object }) => "lines" in arrays);
      part.options.featureCount = 3;
    });
    await expect(loadModel(damaged)).rejects.toMatchObject({ code: "bad-model-file" });
  });

  test("it can be fine-tuned, without l1", async () => {
    const tuned = await fitted(rows.slice(0, 6), { startFrom: sparse, keepLabels: true, l2: 1e7 });
    const [a, b] = [tuned.predict(rows[0]!.Text), sparse.predict(rows[0]!.Text)];
    expect(a.label).toBe(b.label);
    expect(a.probability).toBeCloseTo(b.probability, 4);
  });

  test("so much of it that nothing is left but the biases", async () => {
    const empty = await fitted(rows, { l1: 1e6 });
    expect(empty.classifier.scorer.lineCount).toBe(0);
    const loaded = await loadModel(saveModel(empty));
    expect(loaded.predict("rain")).toEqual(loaded.predict("drum"));
    expect(empty.training[0]!.dualityGap).toBeLessThanOrEqual(1e-6);
  });
});

test("where most features have weights, all keep their lines", async () => {
  const model = await fitted(three, { l1: 0.01 });
  expect(model.classifier.scorer.lines).toBeUndefined();
  expect(weightsOf(model).some((w) => w === 0)).toBe(true);
  expect(await loadModel(saveModel(model)).then(saveModel)).toEqual(saveModel(model));
});

test("a drift report needs rows to compare with, as the model keeps no reference", async () => {
  const model = await fitted(three, { l1: 1 });
  const texts = fromRows(three.map(({ Text }) => ({ Text })));
  await expect(driftReport(model, texts)).rejects.toThrow(/l1.*heldOut/s);
  expect(await driftReport(model, texts, { heldOut: texts })).toBeDefined();
});

test("l1 of 0 is no l1, to the byte", async () => {
  expect(saveModel(await fitted(three, { l1: 0 }))).toEqual(saveModel(await fitted(three, {})));
});

test('with l2 "auto" the path says how many weights are left', async () => {
  const { training } = await fitted(three, { l1: 0.2, l2: "auto" });
  const counts = training[0]!.l2Path!.map(({ nonZeroWeightCount }) => nonZeroWeightCount!);
  expect(counts.at(-1)!).toBeGreaterThan(counts[0]!);
  const given = await fitted(three, { l1: 0.2, l2: training[0]!.l2 });
  expect(given.training[0]!.objective).toBe(training[0]!.objective);
});

test("logistic regression has l1 in its own weights, twice those of the solver", async () => {
  const labels = two.map(({ Text, Label }) => ({ Text, Label: Label === two[0]!.Label }));
  const options = { l2: 1e-3, l1: 0.5, tolerance: 1e-6 };
  const pipeline = featurizeText("Features", "Text").append(sdcaLogisticRegression(options));
  const model = (await pipeline.fit(fromRows(labels))) as Model;
  const [record] = model.training;
  const weights = weightsOf(model).map((w) => 2 * w);
  expect(record!.nonZeroWeightCount).toBe(weights.filter((w) => w !== 0).length);
  const bias = 2 * model.classifier.scorer.biases()[0]!;
  const squares = weights.reduce((sum, w) => sum + w * w, bias * bias);
  const absolutes = weights.reduce((sum, w) => sum + Math.abs(w), 0);
  expect(record!.objective).toBeCloseTo(record!.loss + 1e-3 * (squares / 2 + 0.5 * absolutes), 9);
});

describe("bad options", () => {
  test.each([-1, Number.NaN, Number.POSITIVE_INFINITY, 1e39, "1"])("l1 %s", (l1) => {
    expect(() => sdcaMaximumEntropy({ l1 } as never)).toThrow(
      expect.objectContaining({ code: "bad-option" }),
    );
  });

  test("l1 with keepState or startFrom", async () => {
    expect(() => sdcaMaximumEntropy({ l1: 1, keepState: true })).toThrow(/l1/);
    const startFrom = await fitted(three, {});
    expect(() => sdcaMaximumEntropy({ l1: 1, startFrom })).toThrow(/l1/);
  });
});
