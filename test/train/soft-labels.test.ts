import { describe, expect, test } from "vitest";
import { fromRows } from "../../src/data/from-rows.js";
import type { Model } from "../../src/model/model.js";
import { loadModel, saveModel } from "../../src/model/saved-model.js";
import { loadModel as loadPredictor } from "../../src/predict/index.js";
import { featurizeText, mapKeyToValue, sdcaMaximumEntropy } from "../../src/stages.js";
import { trainClassifier } from "../../src/train-classifier.js";
import { updateModel } from "../../src/transfer/update-model.js";
import { labelledTexts } from "../helpers/texts.js";

const hard = labelledTexts(90);
const labels = ["weather", "food", "music"] as const;
/** A judge who is seldom sure. */
const soft = hard.map(({ text, label }, i) => ({
  text,
  label: Object.fromEntries(labels.map((name) => [name, name === label ? 1 + (i % 4) : 0.5])),
}));
const options = { l2: 1e-3, tolerance: 1e-6 };

test("probabilities become those that rows are labelled with, as far as the regulariser lets them", async () => {
  const rows = [
    { text: "grey sky", label: { rain: 0.75, sun: 0.25 } },
    { text: "blue sky", label: { rain: 0.125, sun: 0.875 } },
  ];
  const { predict, training } = await trainClassifier(rows, { l2: 1e-5, tolerance: 1e-6, maxEpochs: 2000 });
  expect(predict("grey sky")).toMatchObject({ label: "rain", probability: expect.closeTo(0.75, 1) });
  expect(predict("blue sky")).toMatchObject({ label: "sun", probability: expect.closeTo(0.875, 1) });
  expect(training.loss).toBeGreaterThanOrEqual(training.targetEntropy!);
  expect(training.loss - training.targetEntropy!).toBeLessThan(1e-3);
});

describe.each([
  { what: "three classes", rows: soft, names: labels },
  {
    what: "two classes",
    rows: soft.map(({ text, label }) => ({ text, label: { food: label.food!, music: label.music! } })),
    names: ["food", "music"] as const,
  },
])("$what", ({ rows, names }) => {
  test("the optimum is that of the rows once for each class, weighted by what belongs to it", async () => {
    const first = await trainClassifier(rows, options);
    const copies = rows.flatMap(({ text, label }) => {
      const sum = Object.values(label).reduce((total, mass) => total + mass, 0);
      return names.map((name) => ({ text, label: name as string, weight: (label as any)[name] / sum }));
    });
    const second = await trainClassifier(copies, options);
    expect(first.training.rowCount).toBe(90);
    expect(second.training.rowCount).toBe(90 * names.length);
    expect(first.training.dualityGap).toBeLessThanOrEqual(1e-6);
    expect(Math.abs(first.training.objective - second.training.objective)).toBeLessThanOrEqual(2.1e-6);
    for (const { text } of rows.slice(0, 9)) {
      const [a, b] = [first.predict(text), second.predict(text)];
      expect(a.probability).toBeCloseTo(b.probability, 2);
    }
  });

  test("a file, and prediction without WebAssembly, give the same bits", async () => {
    const trained = await trainClassifier(rows, options);
    const bytes = trained.save();
    const [loaded, predictor] = [await loadModel(bytes), await loadPredictor(bytes)];
    expect(loaded.training[0]).toEqual(trained.training);
    for (const { text } of rows.slice(0, 9)) {
      expect(loaded.predict(text, { topK: 3 })).toEqual(trained.predict(text, { topK: 3 }));
      expect(predictor.predict(text, { topK: 3 })).toEqual(trained.predict(text, { topK: 3 }));
    }
    expect(saveModel(loaded)).toEqual(bytes);
  });
});

test("all on one class is that label", async () => {
  const certain = hard.map(({ text, label }) => ({ text, label: { [label]: 2 } }));
  const [a, b] = [await trainClassifier(certain, options), await trainClassifier(hard, options)];
  expect(a.training.targetEntropy).toBe(0);
  expect(Math.abs(a.training.objective - b.training.objective)).toBeLessThanOrEqual(2e-6);
  // One label beside soft ones is all on it.
  const mixed = [...certain.slice(0, 50), ...hard.slice(50)];
  expect((await trainClassifier(mixed, options)).training).toEqual(a.training);
});

test("votes are as good as shares", async () => {
  const shares = soft.map(({ text }, i) => ({
    text,
    label: { food: i % 2 ? 0.75 : 0.5, music: i % 2 ? 0.25 : 0.5 },
  }));
  const votes = soft.map(({ text }, i) => ({ text, label: { food: i % 2 ? 3 : 2, music: i % 2 ? 1 : 2 } }));
  const [a, b] = [await trainClassifier(shares, options), await trainClassifier(votes, options)];
  expect(a.save()).toEqual(b.save());
});

test("evaluation takes labels, or distributions, whose most probable class counts", async () => {
  const trained = await trainClassifier(soft, options);
  const byLabel = trained.evaluate([...hard, { text: "rain", label: "sport" as never }]);
  expect(byLabel).toMatchObject({ rowCount: 91, skippedRowCount: 1 });
  expect(byLabel.microAccuracy).toBeGreaterThan(0.9);
  expect(trained.evaluate(soft).confusion.counts).toEqual(byLabel.confusion.counts);
});

test("λ is found for them too, from the data and by rows held out", async () => {
  const estimated = await trainClassifier(soft);
  expect(estimated.training.l2).toBeGreaterThan(0);
  const found = await trainClassifier(soft, { l2: "auto" });
  const { l2, l2Path } = found.training;
  expect(l2Path!.length).toBeGreaterThan(2);
  const given = await trainClassifier(soft, { l2 });
  expect(given.predict("rain", { topK: 3 })).toEqual(found.predict("rain", { topK: 3 }));
});

describe("a pipeline", () => {
  const pipeline = (more: object = {}) =>
    featurizeText("Features", "Text")
      .append(sdcaMaximumEntropy({ label: "Judgement", ...options, ...more }))
      .append(mapKeyToValue("PredictedLabel"));
  const rowOf = (text: string, Judgement: Record<string, number>) => ({ Text: text, Judgement });
  const data = fromRows(soft.map(({ text, label }) => rowOf(text, label)));

  test("reads a vector column, named or not; rows of zeros are left out", async () => {
    const zeros = fromRows([...soft.map(({ text, label }) => rowOf(text, label)), rowOf("fog", { food: 0 })]);
    const model: Model = await pipeline().fit(zeros);
    expect(model.training[0]).toMatchObject({ rowCount: 90, skippedRowCount: 1 });
    expect([...model.labels].sort()).toEqual([...labels].sort());
    const unnamed = fromRows(
      soft.map(({ text, label }) => ({ Text: text, Judgement: Object.values(label) })),
    );
    const other: Model = await featurizeText("Features", "Text")
      .append(sdcaMaximumEntropy({ label: "Judgement", ...options }))
      .fit(unnamed);
    expect(other.labels).toEqual([1, 2, 3]);
  });

  test("can start from a model of single labels, matched by name", async () => {
    const { model } = await trainClassifier(hard, options);
    const tuned: Model = await pipeline({ startFrom: model, l2: 1e7 }).fit(data);
    const [a, b] = [tuned.predict("rain and snow"), model.predict("rain and snow")];
    expect(a.label).toBe(b.label);
    expect(a.probability).toBeCloseTo(b.probability, 3);
  });

  test.each([
    ["below 0", { food: -1, music: 1 }, "bad-argument"],
    ["not a number", { food: Number.NaN, music: 1 }, "not-finite"],
    ["infinite", { food: Number.POSITIVE_INFINITY, music: 1 }, "not-finite"],
    ["of one class", { food: 1 }, "too-few-labels"],
  ])("numbers %s are an error that names the row", async (_, judgement, code) => {
    const run = pipeline().fit(fromRows([rowOf("stew", judgement)]));
    await expect(run).rejects.toMatchObject({ code, message: expect.stringContaining('"Judgement"') });
  });

  test("what goes by single labels is refused", async () => {
    for (const more of [{ keepState: true }, { classWeights: "balanced" as const }]) {
      await expect(pipeline(more).fit(data)).rejects.toMatchObject({ code: "bad-option" });
    }
    const model: Model = await pipeline().fit(data);
    await expect(updateModel(model, data, { oldRows: data })).rejects.toMatchObject({ code: "bad-option" });
    const numbers = fromRows(soft.map(({ text }) => ({ Text: text, Judgement: 1 })));
    expect(() => model.evaluate(numbers)).toThrow(expect.objectContaining({ code: "bad-column" }));
  });
});

test("rows in memory: numbers by name are a vector with these names", () => {
  const data = fromRows([{ V: { a: 1, b: 2 } }, { V: { c: 3 } }]);
  const column = data.column("V");
  expect([0, 1, 2].map((slot) => column.slotNames!.at(slot))).toEqual(["a", "b", "c"]);
  expect([...column.matrix.values]).toEqual([1, 2, 0, 0, 0, 3]);
  expect(() => fromRows([{ V: { a: "1" } }] as never)).toThrow(/rows\[0\]\.V\["a"\] is "1"/);
  expect(() => fromRows([{ V: {} }])).toThrow(expect.objectContaining({ code: "bad-argument" }));
});
