import { describe, expect, expectTypeOf, test } from "vitest";
import { Dataset } from "../src/data/dataset.js";
import { fromRows } from "../src/data/from-rows.js";
import { loadText } from "../src/data/text-loader.js";
import { evaluate } from "../src/evaluate/evaluate.js";
import type { Prediction } from "../src/model/prediction.js";
import { loadModel, saveModel } from "../src/model/saved-model.js";
import type { Progress } from "../src/stage.js";
import { featurizeText, mapKeyToValue, mapValueToKey, sdcaMaximumEntropy } from "../src/stages.js";
import { trainClassifier } from "../src/train-classifier.js";
import { labelledTexts, rowsOf } from "./helpers/texts.js";

const train = fromRows(rowsOf(labelledTexts(240)));
const other = fromRows(rowsOf(labelledTexts(60, 1000)));
const pipeline = featurizeText("Features", "Text")
  .append(mapValueToKey("Label"))
  .append(sdcaMaximumEntropy({ label: "Label", features: "Features" }))
  .append(mapKeyToValue("PredictedLabel"));

describe("fit", () => {
  test("gives a model that transforms, predicts and evaluates", async () => {
    const model = await pipeline.fit(train);
    const result = model.transform(other);
    expect(result.column("PredictedLabel")).toMatchObject({
      kind: "text",
      values: other.column("Label").values,
    });
    expect(evaluate(result).microAccuracy).toBe(1);
    expect(model.evaluate(other)).toEqual(evaluate(result, { labelValues: other.column("Label") }));
    expect(model.predict("we had rain")).toMatchObject({ label: "weather" });
    expect(model.inputSchema).toEqual({ Text: { kind: "text" }, Label: { kind: "text" } });
  });

  test("one pipeline fitted three times gives three independent models", async () => {
    const models = await Promise.all([train, other, train].map((data) => pipeline.fit(data)));
    const [first, second, third] = models.map((model) => saveModel(model));
    expect(third).toEqual(first);
    expect(second).not.toEqual(first);
  });

  test("the trainer takes ML.NET's positional names", async () => {
    const positional = featurizeText("F", "Text")
      .append(mapValueToKey("L", "Label"))
      .append(sdcaMaximumEntropy("L", "F"));
    const model = await positional.fit(train);
    expect(model.predict("a song").label).toBe("music");
    expect(model.classifier.columns).toMatchObject({ label: "L", features: "F" });
  });

  test("every model records how it came about", async () => {
    const [record] = (await pipeline.fit(train, { seed: 7 })).training;
    expect(record).toMatchObject({
      trainer: "sdcaMaximumEntropy",
      stoppedBecause: "tolerance",
      tolerance: 1e-3,
      seed: 7,
      rowCount: 240,
      skippedRowCount: 0,
      classCount: 3,
    });
    expect(record!.dualityGap).toBe(record!.divergence + record!.drift);
    expect(record!.dualityGap).toBeLessThanOrEqual(1e-3);
    expect(record!.objective).toBeGreaterThan(record!.loss);
    expect(record!.l2).toBeGreaterThan(0);
    expect(record!.epochs).toBeGreaterThan(0);
  });

  test("reports progress of each phase", async () => {
    const seen: Progress[] = [];
    await pipeline.fit(train, { onProgress: (progress) => seen.push(progress) });
    expect(new Set(seen.map(({ phase }) => phase))).toContain("solve");
    for (const { done, total } of seen) expect(done).toBeLessThanOrEqual(total);
    const last = seen.findLast(({ phase }) => phase === "solve")!;
    expect(last.epoch).toBeGreaterThan(0);
    for (const value of [last.loss, last.gap, last.etaMs]) expect(value).toBeGreaterThanOrEqual(0);
  });

  test.each(["before", "during"])("an abort %s rejects with the reason", async (when) => {
    const controller = new AbortController();
    if (when === "before") controller.abort("no more");
    const onProgress = () => controller.abort("no more");
    await expect(pipeline.fit(train, { signal: controller.signal, onProgress })).rejects.toBe("no more");
  });

  test("an abort after it has ended changes nothing", async () => {
    const controller = new AbortController();
    const model = await pipeline.fit(train, { signal: controller.signal });
    controller.abort();
    expect(model.predict("snow").label).toBe("weather");
  });
});

describe("predict", () => {
  test("lists the top k, best first, and the probabilities of all classes sum to 1", async () => {
    const model = await pipeline.fit(train);
    const { label, probability, top } = model.predict("the soup", { topK: 3 });
    expect(top!.map((entry) => entry.label).sort()).toEqual(["food", "music", "weather"]);
    expect(top![0]).toEqual({ label, probability });
    expect(top![0]!.probability).toBeGreaterThan(top![1]!.probability);
    expect(top!.reduce((sum, entry) => sum + entry.probability, 0)).toBeCloseTo(1, 5);
    expect(model.predict("the soup", { topK: 99 }).top).toHaveLength(3);
  });

  test("takes a text or a row, and many of them", async () => {
    const model = await pipeline.fit(train);
    expect(model.predict({ Text: "loud drum" })).toEqual(model.predict("loud drum"));
    const inputs = ["cold wind", "sweet rice", "a tune"];
    expect(model.predictAll(inputs)).toEqual(inputs.map((text) => model.predict(text)));
    expect(model.predictAll([])).toEqual([]);
  });

  test("empty text and text of only unseen words get a prediction by the biases", async () => {
    const model = await pipeline.fit(train);
    for (const text of ["", "   ", "ζζζζ ξξξξ"]) {
      const { probability } = model.predict(text);
      expect(probability).toBeGreaterThan(0.2);
      expect(probability).toBeLessThan(0.8);
    }
    expect(model.predict("")).toEqual(model.predict("ζζζζ"));
  });

  test("says what is wrong with its input", async () => {
    const model = await pipeline.fit(train);
    expect(() => model.predict("x", { topK: 0 })).toThrow(expect.objectContaining({ code: "bad-option" }));
    expect(() => model.predict({ Txt: "x" })).toThrow(expect.objectContaining({ code: "bad-argument" }));
    expect(() => model.predict({ Text: 3 })).toThrow(/"Text".*number.*string/);
    for (const nothing of [undefined, null]) {
      const missing = expect.objectContaining({
        code: "bad-argument",
        message: expect.stringMatching(/missing/),
      });
      expect(() => model.predict(nothing as never)).toThrow(missing);
    }
    expect(() => model.predictAll("cold wind" as never)).toThrow(
      expect.objectContaining({ code: "bad-argument", message: expect.stringMatching(/array/) }),
    );
  });
});

describe("transform", () => {
  test("needs no label", async () => {
    const model = await pipeline.fit(train);
    const unlabelled = fromRows([{ Text: "storm and rain" }]);
    expect(model.transform(unlabelled).column("PredictedLabel").values).toEqual(["weather"]);
  });

  test("names the column that is missing and its nearest relative", async () => {
    const model = await pipeline.fit(train);
    expect(() => model.transform(fromRows([{ Texts: "storm" }]))).toThrow(/"Text".*"Texts"/);
  });
});

describe("labels unseen in training", () => {
  const data = fromRows([
    ...rowsOf(labelledTexts(9)),
    { Label: "sport", Text: "a ball" },
    { Label: "sport", Text: "goal" },
  ]);

  test("are skipped, counted and named", async () => {
    const metrics = (await pipeline.fit(train)).evaluate(data);
    expect(metrics).toMatchObject({
      rowCount: 11,
      skippedRowCount: 2,
      unknownLabels: [{ label: "sport", rowCount: 2 }],
    });
  });

  test("are an error when strict", async () => {
    const model = await pipeline.fit(train);
    expect(() => model.evaluate(data, { strict: true })).toThrow(
      expect.objectContaining({ code: "unknown-label" }),
    );
  });
});

describe("trainClassifier", () => {
  test("is the standard pipeline in one call", async () => {
    const classifier = await trainClassifier(labelledTexts(240));
    const model = await pipeline.fit(train);
    expect(classifier.save()).toEqual(saveModel(model));
    expect(classifier.predict("snow")).toEqual(model.predict("snow"));
    expect(classifier.evaluate(labelledTexts(30)).microAccuracy).toBe(1);
    expect(classifier.training).toEqual(model.training[0]);
  });

  test("labels keep their type", async () => {
    const texts = labelledTexts(120);
    const words = await trainClassifier(texts);
    expectTypeOf(words.predict("")).toEqualTypeOf<Prediction<"weather" | "food" | "music">>();
    const booleans = await trainClassifier(
      texts.map(({ text, label }) => ({ text, label: label === "food" })),
    );
    expect(booleans.predict("bread and cheese").label).toBe(true);
    expectTypeOf(booleans.predict("").label).toEqualTypeOf<boolean>();
    const numbers = await trainClassifier(texts.map(({ text, label }) => ({ text, label: label.length })));
    expect(numbers.predict("bread and cheese").label).toBe(4);
  });

  test("its saved bytes load as the same model", async () => {
    const classifier = await trainClassifier(labelledTexts(240));
    const model = await loadModel(classifier.save());
    for (const text of ["snow", "a very loud choir", "", "ζ"]) {
      expect(model.predict(text, { topK: 3 })).toEqual(classifier.predict(text, { topK: 3 }));
    }
    expect(model.training).toEqual([classifier.training]);
    expect(model.inputSchema).toEqual(classifier.model.inputSchema);
    expect(saveModel(model)).toEqual(classifier.save());
  });
});

describe("hard inputs", () => {
  test.each([
    {
      name: "one label only",
      rows: [1, 2, 3].map((i) => ({ label: "a", text: `t${i}` })),
      code: "too-few-labels",
    },
    { name: "no rows", rows: [], code: "empty-input" },
    { name: "only empty texts", rows: ["a", "b"].map((label) => ({ label, text: "" })), code: "no-features" },
  ])("$name: a clear error", async ({ rows, code }) => {
    await expect(trainClassifier(rows)).rejects.toMatchObject({ name: "DualTextError", code });
  });

  test.each([undefined, null, "data.txt"])("rows that are %s: a clear error", async (rows) => {
    const error = { code: "bad-argument", message: expect.stringMatching(/must be an array of/) };
    await expect(trainClassifier(rows as never)).rejects.toMatchObject(error);
  });

  test("what is no model is not saved", async () => {
    const classifier = await trainClassifier(labelledTexts(30));
    for (const given of [classifier, undefined, {}]) {
      const error = { code: "bad-argument", message: expect.stringMatching(/the model of a classifier/) };
      expect(() => saveModel(given as never)).toThrow(expect.objectContaining(error));
    }
  });

  test("one row a class", async () => {
    const texts = Array.from({ length: 50 }, (_, i) => ({
      label: `class ${i}`,
      text: `word${i} thing${i * 7}`,
    }));
    const classifier = await trainClassifier(texts);
    expect(classifier.evaluate(texts).microAccuracy).toBe(1);
  });

  test("a thousand classes", async () => {
    const texts = Array.from({ length: 2000 }, (_, i) => ({
      label: `c${i % 1000}`,
      text: `w${i % 1000} x${i % 7}`,
    }));
    const classifier = await trainClassifier(texts, { maxEpochs: 10 });
    expect(classifier.training.classCount).toBe(1000);
    expect(classifier.evaluate(texts).microAccuracy).toBeGreaterThan(0.95);
  });

  test("duplicated rows, also with different labels", async () => {
    const texts = [
      ...labelledTexts(30),
      ...labelledTexts(30),
      { label: "food", text: "rain sun" },
      { label: "music", text: "rain sun" },
    ];
    const classifier = await trainClassifier(texts);
    expect(classifier.training.stoppedBecause).toBe("tolerance");
  });

  test("one feature", async () => {
    const data = fromRows(
      [1, 2, 3, 4].map((i) => ({ Label: i > 2 ? "high" : "low", Features: [i > 2 ? 1 : -1] })),
    );
    const model = await mapValueToKey("Label").append(sdcaMaximumEntropy()).fit(data);
    expect(model.transform(data).column("PredictedLabel").keys).toEqual(Uint32Array.of(1, 1, 2, 2));
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])("a feature that is %d names its row", async (bad) => {
    const data = fromRows([
      { Label: "a", Features: [1, 2] },
      { Label: "b", Features: [1, bad] },
    ]);
    const run = mapValueToKey("Label").append(sdcaMaximumEntropy()).fit(data);
    await expect(run).rejects.toMatchObject({
      code: "not-finite",
      message: expect.stringContaining("Row 1"),
    });
  });

  test("rows without a label are left out and counted", async () => {
    const rows = [...rowsOf(labelledTexts(30)), { Label: "", Text: "no label" }];
    const model = await pipeline.fit(fromRows(rows));
    expect(model.training[0]).toMatchObject({ rowCount: 30, skippedRowCount: 1 });
  });
});

describe("options", () => {
  test.each([
    { l2: 0 },
    { l2: -1 },
    { l2: Number.NaN },
    { l2: Number.POSITIVE_INFINITY },
    { tolerance: 0 },
    { tolerance: Number.NaN },
    { tolerance: Number.POSITIVE_INFINITY },
    { maxEpochs: 0 },
    { maxEpochs: 1.5 },
    { maxMs: 0 },
    { maxMs: Number.NaN },
    { seed: 0.5 },
    { seed: Number.NaN },
    { seed: Number.NEGATIVE_INFINITY },
    { onAbort: "explode" as "keep" },
    { bias: "no" as never },
    { requireTolerance: 1 as never },
  ])("%o is refused when the stage is made", (options) => {
    expect(() => sdcaMaximumEntropy(options)).toThrow(expect.objectContaining({ code: "bad-option" }));
  });

  test.each([
    {
      name: "the trainer",
      call: () => sdcaMaximumEntropy({ tolerence: 1e-4 } as object),
      says: "tolerence. Did you mean tolerance?",
    },
    {
      name: "featurizeText",
      call: () => featurizeText("F", "T", { norm: "L1" } as object),
      says: "norm. It has: words, chars.",
    },
    {
      name: "mapValueToKey",
      call: () => mapValueToKey("L", "L", { keyordinality: "byValue" } as object),
      says: "keyOrdinality?",
    },
    {
      name: "loadText",
      call: () => loadText("a\tb\n", { columns: { A: 0 }, seperator: "," } as object),
      says: "Did you mean separator?",
    },
    {
      name: "trainClassifier",
      call: () => trainClassifier(labelledTexts(9), { epochs: 3 } as object),
      says: "no option epochs.",
    },
  ])("$name refuses an option that it does not have", async ({ call, says }) => {
    const error = { code: "bad-option", message: expect.stringContaining(says) };
    await expect((async () => call())()).rejects.toMatchObject(error);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, 0.5, "1"])(
    "a seed of %s is refused by fit",
    async (seed) => {
      const error = { code: "bad-option", message: expect.stringContaining(`seed is ${seed}`) };
      await expect(pipeline.fit(train, { seed: seed as number })).rejects.toMatchObject(error);
      await expect(trainClassifier(labelledTexts(9), { seed: seed as number })).rejects.toMatchObject(error);
    },
  );

  test("requireTolerance makes ending early an error", async () => {
    const strict = { tolerance: 1e-12, maxEpochs: 2, requireTolerance: true };
    await expect(trainClassifier(labelledTexts(60), strict)).rejects.toMatchObject({ code: "stopped" });
  });

  test("maxMs and an aborted run that keeps what it has end with a certified model", async () => {
    const quick = await trainClassifier(labelledTexts(60), { tolerance: 1e-12, maxMs: 1 });
    expect(quick.training).toMatchObject({ stoppedBecause: "maxMs" });
    const controller = new AbortController();
    const onProgress = ({ phase, epoch }: Progress) => phase === "solve" && epoch === 2 && controller.abort();
    const options = { tolerance: 1e-12, onAbort: "keep", signal: controller.signal, onProgress } as const;
    const kept = await trainClassifier(labelledTexts(60), options);
    expect(kept.training).toMatchObject({ stoppedBecause: "signal", epochs: 2 });
    expect(kept.training.dualityGap).toBeGreaterThan(0);
  });

  test("a limit reached before the first epoch leaves a certified model that has learned nothing", async () => {
    const none = await trainClassifier(labelledTexts(60), { maxMs: 1e-6 });
    expect(none.training).toMatchObject({ stoppedBecause: "maxMs", epochs: 0 });
    expect(none.training.dualityGap).toBeCloseTo(none.training.loss, 6);
  });
});

test("columns are checked at the level of types where the schema is known", () => {
  // Never run: only tsc reads it.
  const typesOnly = () => {
    // @ts-expect-error there is no column "Texts"
    featurizeText("Features", "Texts").fit(train);
    // @ts-expect-error the label is not yet a key
    sdcaMaximumEntropy("Label", "Features").fit(fromRows([{ Label: "a", Features: [1] }]));
    // @ts-expect-error the trainer makes no column "Predicted"
    pipeline.append(mapKeyToValue("Predicted")).fit(train);
    pipeline.fit(train);
    pipeline.fit(Dataset.of({}));
  };
  expect(typesOnly).toBeTypeOf("function");
});
