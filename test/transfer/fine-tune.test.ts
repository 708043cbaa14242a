import { describe, expect, test } from "vitest";
import { fromRows } from "../../src/data/from-rows.js";
import type { Model } from "../../src/model/model.js";
import { loadModel, saveModel } from "../../src/model/saved-model.js";
import { Random } from "../../src/random.js";
import { featurizeText, mapKeyToValue, mapValueToKey, sdcaMaximumEntropy } from "../../src/stages.js";
import type { SdcaOptions } from "../../src/train/sdca-options.js";
import { labelledTexts, rowsOf } from "../helpers/texts.js";

type TrainerOptions = Omit<SdcaOptions, "label" | "features">;
const pipelineOf = (trainer: TrainerOptions, featurizer = {}) =>
  featurizeText("Features", "Text", featurizer)
    .append(mapValueToKey("Label"))
    .append(sdcaMaximumEntropy({ tolerance: 1e-7, ...trainer }))
    .append(mapKeyToValue("PredictedLabel"));

type Rows = { Label: string; Text: string }[];
const fitted = (rows: Rows, trainer: TrainerOptions = {}): Promise<Model> =>
  pipelineOf(trainer).fit(fromRows(rows));

const old = rowsOf(labelledTexts(90));
const pretrained = await fitted(old, { l2: 0.01 });
const newRows: Rows = [
  { Label: "food", Text: "noodles and stew" },
  { Label: "weather", Text: "fog and hail" },
  { Label: "music", Text: "a cello and a lute" },
];

/** Class probabilities by label. */
function probabilities(model: Model, text: string): Record<string, number> {
  const { top } = model.predict(text, { topK: model.labels.length });
  return Object.fromEntries(top!.map(({ label, probability }) => [label, probability]));
}

function expectClose(a: Record<string, number>, b: Record<string, number>, digits: number): void {
  expect(Object.keys(a).sort()).toEqual(Object.keys(b).sort());
  for (const [label, probability] of Object.entries(a)) expect(probability).toBeCloseTo(b[label]!, digits);
}

describe("fine-tuning", () => {
  test("what is not touched by the new rows keeps the model's weights", async () => {
    const tuned = await fitted(newRows, { startFrom: pretrained, bias: false, l2: 0.01 });
    expect(tuned.training[0]!.dualityGap).toBeLessThanOrEqual(1e-7);
    expect(tuned.predict("fog").label).toBe("weather");
    // No trigram of these occurs in the new rows.
    for (const text of ["drum", "sweet"]) {
      expect(tuned.predict(text).label).toBe(pretrained.predict(text).label);
    }
    const file = await loadModel(saveModel(tuned));
    for (const text of ["fog", "drum", "noodles rain"])
      expect(file.predict(text)).toEqual(tuned.predict(text));
  });

  test("a strong pull leaves the model as it was, a weak one learns the rows", async () => {
    const rigid = await fitted(newRows, { startFrom: pretrained, l2: 1e7 });
    for (const { Text } of [...old.slice(0, 9), ...newRows]) {
      // Words that the model did not know have lengthened the text, so only known texts are the same.
      if (newRows.some((row) => row.Text === Text)) continue;
      expectClose(probabilities(rigid, Text), probabilities(pretrained, Text), 5);
    }
    const loose = await fitted(newRows, { startFrom: pretrained, l2: 1e-3 });
    for (const { Text, Label } of newRows) {
      expect(probabilities(loose, Text)[Label]).toBeGreaterThan(probabilities(rigid, Text)[Label]!);
    }
  });

  test("from the optimum of the same rows it moves as the second pull says, and no further", async () => {
    // P₀'s gradient is 0 at W₀: mean loss falls on, against (λ/2) |W − W₀|², so it ends below and the move is small.
    const again = await fitted(old, { startFrom: pretrained, l2: 0.01 });
    const [record] = again.training;
    expect(record!.loss).toBeLessThan(pretrained.training[0]!.loss);
    expect(record!.objective).toBeLessThan(pretrained.training[0]!.loss);
  });

  test("the same data, options and seed give the same bytes", async () => {
    const [first, second] = await Promise.all([1, 2].map(() => fitted(newRows, { startFrom: pretrained })));
    expect(saveModel(first!)).toEqual(saveModel(second!));
  });

  test("a text in a column of another name, features of another name", async () => {
    const pipeline = featurizeText("F", "Review")
      .append(mapValueToKey("L", "Kind"))
      .append(sdcaMaximumEntropy({ label: "L", features: "F", startFrom: pretrained, l2: 10 }))
      .append(mapKeyToValue("PredictedLabel"));
    const data = fromRows(newRows.map(({ Text, Label }) => ({ Review: Text, Kind: Label })));
    expect((await pipeline.fit(data)).predict("rain and snow").label).toBe("weather");
  });
});

describe("labels", () => {
  const two = newRows.slice(0, 2);

  test("those that the data lacks go, or stay with keepLabels", async () => {
    const dropped = await fitted(two, { startFrom: pretrained, l2: 1e7 });
    expect([...dropped.labels]).toEqual(["food", "weather"]);
    const kept = await fitted(two, { startFrom: pretrained, l2: 1e7, keepLabels: true });
    expect([...kept.labels]).toEqual([...pretrained.labels]);
    for (const { Text } of old.slice(0, 6)) {
      expectClose(probabilities(kept, Text), probabilities(pretrained, Text), 5);
      // Of two classes, the odds between them stay.
      const [a, b] = [probabilities(dropped, Text), probabilities(pretrained, Text)];
      expect(a.food! / a.weather!).toBeCloseTo(b.food! / b.weather!, 3);
    }
  });

  test("to two classes and back the odds are those of the model", async () => {
    const pair = await fitted(two, { startFrom: pretrained, l2: 1e7 });
    const back = await fitted(newRows, { startFrom: pair, l2: 1e7 });
    expect([...back.labels]).toEqual(["food", "weather", "music"]);
    for (const { Text } of old.slice(0, 6)) {
      const [a, b] = [probabilities(back, Text), probabilities(pair, Text)];
      expect(a.food! / a.weather!).toBeCloseTo(b.food! / b.weather!, 3);
    }
  });

  test("a new label begins at 0; one label alone can be learned beside those that are kept", async () => {
    const rows = [{ Label: "sport", Text: "goal goal keeper" }];
    const tuned = await fitted(rows, { startFrom: pretrained, keepLabels: true, l2: 0.1 });
    expect([...tuned.labels]).toEqual([...pretrained.labels, "sport"]);
    expect(tuned.predict("goal keeper").label).toBe("sport");
    expect(tuned.predict("rain and snow").label).toBe("weather");
    await expect(fitted(rows, { startFrom: pretrained })).rejects.toMatchObject({ code: "too-few-labels" });
  });

  test("names that differ are matched by renameLabels", async () => {
    const rows = [
      { Label: "1", Text: "stew" },
      { Label: "2", Text: "hail" },
    ];
    const renameLabels = { food: "1", weather: "2" };
    const tuned = await fitted(rows, { startFrom: pretrained, l2: 1e7, renameLabels });
    expect(tuned.predict("bread and soup").label).toBe("1");
    expect(tuned.predict("rain and snow").label).toBe("2");
  });

  test("with keepLabels those that stay have their new names, one class each", async () => {
    const rows = [
      { Label: "1", Text: "stew" },
      { Label: "2", Text: "hail" },
    ];
    const renameLabels = { food: "1", weather: "2" };
    const options = { startFrom: pretrained, l2: 1e7, renameLabels, keepLabels: true };
    const tuned = await fitted(rows, options);
    expect([...tuned.labels]).toEqual(
      pretrained.labels.map((label) => renameLabels[label as "food"] ?? label),
    );
    expect(tuned.predict("bread and soup").label).toBe("1");
    expect(tuned.predict("drum and cello").label).toBe("music");
  });

  test("renameLabels that name no label of the model, or make two labels one, are refused", async () => {
    const renaming = (renameLabels: object) =>
      fitted(newRows, { startFrom: pretrained, renameLabels: renameLabels as Record<string, string> });
    await expect(renaming({ fod: "food" })).rejects.toThrow(/"fod", which is no label of the model: /);
    await expect(renaming({ food: "music" })).rejects.toThrow(/two labels of the model "music"/);
    expect(() => renaming({ food: 1 })).toThrow(/renameLabels must be an object/);
    const swapped = await fitted(newRows, {
      startFrom: pretrained,
      renameLabels: { food: "music", music: "food" },
      l2: 1e7,
    });
    expect(swapped.predict("bread and soup").label).toBe("music");
  });

  test("labels with the names of an object's own methods are matched as any", async () => {
    const odd = (rows: Rows) =>
      rows.map((row) => (row.Label === "food" ? { ...row, Label: "toString" } : row));
    const model = await fitted(odd(old), { l2: 0.01 });
    const tuned = await fitted(odd(newRows), { startFrom: model, l2: 1e7 });
    expect(tuned.predict("bread and soup").label).toBe("toString");
  });

  test("labels with nothing in common are refused", async () => {
    const rows = [
      { Label: "x", Text: "stew" },
      { Label: "y", Text: "hail" },
    ];
    const failing = fitted(rows, { startFrom: pretrained });
    await expect(failing).rejects.toMatchObject({ code: "bad-option" });
    await expect(failing).rejects.toThrow(/none of the labels.*weather.*x, y/);
  });
});

describe("bad input", () => {
  test("a model with other features is refused", async () => {
    const words = await pipelineOf({ l2: 0.1 }, { chars: false }).fit(fromRows(old));
    const failing = fitted(newRows, { startFrom: words });
    await expect(failing).rejects.toMatchObject({ code: "bad-option" });
    await expect(failing).rejects.toThrow(
      /featurizeText of words, this pipeline by featurizeText of chars and words/,
    );
  });

  test("a vector column of another size is refused, of the same size taken slot by slot", async () => {
    const vectors = (size: number) =>
      fromRows(
        old.slice(0, 12).map(({ Label }, i) => ({
          Label,
          Features: Array.from({ length: size }, (_, k) => +(k === i % size)),
        })),
      );
    const trained = await mapValueToKey("Label")
      .append(sdcaMaximumEntropy({ l2: 0.1 }))
      .fit(vectors(4));
    const pipeline = mapValueToKey("Label").append(sdcaMaximumEntropy({ startFrom: trained, l2: 1 }));
    await expect(pipeline.fit(vectors(5))).rejects.toMatchObject({ code: "bad-option" });
    expect((await pipeline.fit(vectors(4))).training[0]!.stoppedBecause).toBe("tolerance");
  });

  test("startFrom that is no model, keepLabels that is no truth value", () => {
    expect(() => sdcaMaximumEntropy({ startFrom: {} as Model })).toThrow(/startFrom/);
    expect(() => sdcaMaximumEntropy({ keepLabels: 1 as never })).toThrow(/keepLabels/);
  });
});

describe('l2: "auto" finds how far to move', () => {
  const random = new Random(3);
  const names = ["food", "weather", "music"];
  const nameOf = () => names[random.nextBelow(3)]!;
  const texts = rowsOf(labelledTexts(60, 300));
  /** A third of the labels are drawn. */
  const related = texts.map((row, i) => (i % 3 === 0 ? { ...row, Label: nameOf() } : row));
  /** Words and labels that have nothing to do with each other. */
  const noise = Array.from({ length: 300 }, () => ({
    Text: Array.from({ length: 6 }, () => `word${random.nextBelow(60)}`).join(" "),
    Label: nameOf(),
  }));
  const held = rowsOf(labelledTexts(60, 600));
  const logLoss = (model: Model) => model.evaluate(fromRows(held)).logLoss;

  test("a model of the same task is kept close to", async () => {
    const tuned = await fitted(related, { startFrom: pretrained, l2: "auto", tolerance: 1e-4 });
    expect(tuned.training[0]!.pulledTo).toBe("model");
    const scratch = await fitted(related, { l2: "auto", tolerance: 1e-4 });
    expect(logLoss(tuned)).toBeLessThan(logLoss(scratch));
    expect(scratch.training[0]!.pulledTo).toBeUndefined();
    expect((await loadModel(saveModel(tuned))).training[0]).toEqual(tuned.training[0]);
  });

  test("where the rows have nothing to teach, the model stays as it is", async () => {
    const flat = await fitted(noise, { l2: 1e4 });
    const tuned = await fitted(noise, { startFrom: flat, l2: "auto", tolerance: 1e-4 });
    const [record] = tuned.training;
    expect(record!.pulledTo).toBe("model");
    expect(record!.l2 * record!.rowCount).toBeGreaterThan(10);
    for (const { Text } of noise.slice(0, 6)) {
      for (const probability of Object.values(probabilities(tuned, Text))) {
        expect(Math.abs(probability - 1 / 3)).toBeLessThan(0.15);
      }
    }
  });

  test("a model that is of no use is left behind, also where no row touches it", async () => {
    const others: Record<string, string> = { food: "weather", weather: "music", music: "food" };
    const wrong = await fitted(
      old.map(({ Text, Label }) => ({ Text, Label: others[Label]! })),
      { l2: 1e-4 },
    );
    const tuned = await fitted(old, { startFrom: wrong, l2: "auto", tolerance: 1e-5 });
    const [record] = tuned.training;
    expect(record!.pulledTo).toBe("zero");
    const scratch = await fitted(old, { l2: record!.l2, tolerance: 1e-5 });
    expect(Math.abs(record!.objective - scratch.training[0]!.objective)).toBeLessThanOrEqual(2e-5);
    for (const { Text } of held.slice(0, 6)) {
      expectClose(probabilities(tuned, Text), probabilities(scratch, Text), 2);
    }
  });
});
