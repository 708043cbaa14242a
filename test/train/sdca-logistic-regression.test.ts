import { describe, expect, test } from "vitest";
import {
  evaluateBinary,
  featurizeText,
  fromRows,
  loadModel,
  mapKeyToValue,
  mapValueToKey,
  saveModel,
  sdcaLogisticRegression,
  sdcaMaximumEntropy,
} from "../../src/index.js";
import { labelledTexts } from "../helpers/texts.js";

const rows = labelledTexts(120).map(({ text, label }, i) => ({
  Text: text,
  Label: i % 9 === 0 ? label !== "food" : label === "food",
}));
const data = fromRows(rows);
const options = { l2: 0.003, tolerance: 1e-7, maxEpochs: 2000 };
const features = featurizeText("Features", "Text");
const fitted = () => features.append(sdcaLogisticRegression(options)).fit(data);

test("adds Score, Probability and PredictedLabel as ML.NET names them", async () => {
  const scored = (await fitted()).transform(data);
  const score = scored.column("Score").values as Float32Array;
  const probability = scored.column("Probability").values as Float32Array;
  expect(scored.typeOf("Score")).toEqual({ kind: "number", precision: "single" });
  expect(scored.typeOf("PredictedLabel")).toEqual({ kind: "boolean" });
  const predicted = scored.column("PredictedLabel").values as Uint8Array;
  score.forEach((z, row) => {
    expect(probability[row]).toBeCloseTo(1 / (1 + Math.exp(-z)), 6);
    expect(predicted[row]).toBe(z > 0 ? 1 : 0);
  });
  const { values } = scored.block("Score", 7, 20);
  expect(values).toEqual(score.slice(7, 20));
});

test("reaches the minimum of mean ln(1 + exp(−y z)) + (λ/2) |v|², found by gradient descent", async () => {
  const points = [
    { Features: [1, 0.5], Label: true },
    { Features: [0.2, -1], Label: false },
    { Features: [0.8, -0.3], Label: true },
    { Features: [-0.5, 0.4], Label: false },
    { Features: [0.1, 0.2], Label: true },
  ];
  const l2 = 0.1;
  const model = await sdcaLogisticRegression({ ...options, l2 }).fit(fromRows(points));
  const v = [0, 0, 0];
  const z = ({ Features: [x0, x1] }: (typeof points)[number]) => v[0]! * x0! + v[1]! * x1! + v[2]!;
  for (let step = 0; step < 20_000; step++) {
    const gradient = v.map((w) => l2 * w);
    for (const point of points) {
      const residual = (1 / (1 + Math.exp(-z(point))) - (point.Label ? 1 : 0)) / points.length;
      [...point.Features, 1].forEach((x, j) => {
        gradient[j]! += residual * x;
      });
    }
    gradient.forEach((g, j) => {
      v[j]! -= 0.5 * g;
    });
  }
  const scores = model.transform(fromRows(points)).column("Score").values as Float32Array;
  points.forEach((point, row) => {
    expect(scores[row]).toBeCloseTo(z(point), 3);
  });
  const loss = points.reduce((sum, p) => sum + Math.log1p(Math.exp(p.Label ? -z(p) : z(p))), 0) / 5;
  const [training] = model.training;
  expect(training).toMatchObject({ trainer: "sdcaLogisticRegression", l2, classCount: 2 });
  expect(training!.objective).toBeCloseTo(loss + (l2 / 2) * v.reduce((sum, w) => sum + w * w, 0), 6);
});

test("is the two-class maximum-entropy model with twice the λ, to the bit", async () => {
  const binary = (await fitted()).transform(data);
  const multi = (
    await features
      .append(mapValueToKey("Label", "Label", { keyOrdinality: "byValue" }))
      .append(sdcaMaximumEntropy({ ...options, l2: 2 * options.l2 }))
      .fit(data)
  ).transform(data);
  const { values } = multi.column("Score").matrix as { values: Float32Array };
  expect(binary.column("Probability").values).toEqual(values.filter((_, i) => i % 2 === 1));
});

describe("the rest of the library reads it", () => {
  test("evaluateBinary", async () => {
    const metrics = evaluateBinary((await fitted()).transform(data));
    expect(metrics.rowCount).toBe(rows.length);
    expect(metrics.accuracy).toBeGreaterThan(0.8);
  });

  test("predict, labels, model.evaluate", async () => {
    const model = await fitted();
    expect(model.labels).toEqual([false, true]);
    const { label, probability, top } = model.predict("we cook rice and soup", { topK: 2 });
    expect(label).toBe(true);
    expect(top!.map(({ label }) => label)).toEqual([true, false]);
    expect(probability + top![1]!.probability).toBeCloseTo(1, 6);
    const metrics = model.evaluate(data);
    expect(metrics.microAccuracy).toBeCloseTo(evaluateBinary(model.transform(data)).accuracy, 12);
    expect(metrics.perClass.map(({ label }) => label)).toEqual(["false", "true"]);
  });

  test("a model file, which gives the same bits", async () => {
    const model = await fitted();
    const loaded = await loadModel(saveModel(model));
    expect(loaded.training).toEqual(model.training);
    for (const column of ["Score", "Probability", "PredictedLabel"]) {
      expect(loaded.transform(data).column(column)).toEqual(model.transform(data).column(column));
    }
    expect(saveModel(loaded)).toEqual(saveModel(model));
  });
});

test("a key of two values gives keys back, the second is positive", async () => {
  const keyed = fromRows(rows.map(({ Text, Label }) => ({ Text, Label: Label ? "yes" : "no" })));
  const model = await features
    .append(mapValueToKey("Label", "Label", { keyOrdinality: "byValue" }))
    .append(sdcaLogisticRegression(options))
    .append(mapKeyToValue("PredictedLabel"))
    .fit(keyed);
  const scored = model.transform(keyed);
  expect((scored.column("PredictedLabel").values as string[])[1]).toMatch(/^(yes|no)$/);
  expect(scored.column("Score").values).toEqual((await fitted()).transform(data).column("Score").values);
  expect(model.evaluate(keyed).perClass.map(({ label }) => label)).toEqual(["no", "yes"]);
});

test('weights and l2 "auto" are those of the solver', async () => {
  const weighted = fromRows(rows.map((row, i) => ({ ...row, Weight: 1 + (i % 2) })));
  const trainer = sdcaLogisticRegression({
    l2: "auto",
    exampleWeight: "Weight",
    classWeights: { true: 2 },
  });
  const [training] = (await features.append(trainer).fit(weighted)).training;
  expect(training!.l2Path!.length).toBeGreaterThan(2);
  expect(training!.l2).toBeLessThanOrEqual(training!.l2Path![0]!.l2);
  expect(training!.weightSum).toBeGreaterThan(rows.length);
});

test("labels of other kinds are an error", async () => {
  const texts = features.append(sdcaLogisticRegression());
  const three = fromRows(labelledTexts(30).map(({ text, label }) => ({ Text: text, Label: label })));
  await expect(texts.fit(three as never)).rejects.toMatchObject({ code: "bad-column" });
  const keyed = features.append(mapValueToKey("Label")).append(sdcaLogisticRegression());
  await expect(keyed.fit(three)).rejects.toMatchObject({
    code: "bad-column",
    message: expect.stringContaining("a key of 3 values"),
  });
  const alike = features.append(sdcaLogisticRegression());
  const run = alike.fit(fromRows(rows.map(({ Text }) => ({ Text, Label: true }))));
  await expect(run).rejects.toMatchObject({ code: "too-few-labels" });
});
