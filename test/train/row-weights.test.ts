import { describe, expect, test } from "vitest";
import type { Dataset } from "../../src/data/dataset.js";
import { evaluate, fromRows, loadModel, saveModel } from "../../src/index.js";
import { Random } from "../../src/random.js";
import { mapValueToKey, sdcaMaximumEntropy } from "../../src/stages.js";
import { Problem } from "../../src/train/problem.js";
import type { SdcaOptions } from "../../src/train/sdca-options.js";
import { trainClassifier } from "../../src/train-classifier.js";
import { expectBoundsUntilOptimum } from "../helpers/certified.js";
import { builds, freshCore } from "../helpers/place.js";
import { randomRows } from "../helpers/rows.js";
import { labelledTexts } from "../helpers/texts.js";
import * as reference from "../reference/max-entropy.js";

/** Weights from 1/8 to 8, with a mean of 1. */
function unevenWeights(rowCount: number): Float32Array {
  const random = new Random(9);
  const weights = Float64Array.from({ length: rowCount }, () => 2 ** (random.nextBelow(7) - 3));
  const mean = weights.reduce((sum, weight) => sum + weight, 0) / rowCount;
  return Float32Array.from(weights, (weight) => weight / mean);
}

describe.each([2, 3, 6])("the weighted objective, %d classes", (classCount) => {
  const shape = { rowCount: 80, featureCount: 30, classCount };
  const { matrix, labels } = randomRows(shape);
  const rowWeights = unevenWeights(shape.rowCount);
  const twin = reference.problemOf(matrix, labels, classCount, 0.3, true, rowWeights);

  test.each(builds)("is certified, and its minimum reached (%s build)", (build) => {
    const input = { matrix, labels, classCount, rowWeights, scaledL2: 0.3, hasBias: true, batchSize: 4 };
    const problem = new Problem(freshCore(build), input);
    const best = reference.optimum(twin, 1e-10);
    const least = reference.primal(twin, best.weights);
    expectBoundsUntilOptimum(problem, least, best.gap);
  });
});

type Extra = Pick<SdcaOptions, "exampleWeight" | "classWeights" | "l2">;

/** Fits the trainer alone on columns of dense features. */
async function fitted(
  rows: readonly { Label: string; Features: number[]; Weight?: number }[],
  extra: Extra = {},
) {
  const pipeline = mapValueToKey("Label").append(
    sdcaMaximumEntropy({ l2: 0.01, tolerance: 1e-7, maxEpochs: 2000, ...extra } as SdcaOptions),
  );
  const model = await pipeline.fit(fromRows(rows as never) as Dataset<any>);
  const [training] = model.training;
  const features = fromRows(rows.map(({ Features }) => ({ Features })));
  const { values } = model.transform(features).column("Score").matrix as { values: Float32Array };
  return { model, training: training!, probabilities: values };
}

const plain = Array.from({ length: 40 }, (_, i) => ({
  Label: ["a", "b", "c"][(i * 7) % 3]!,
  Features: [((i * 5) % 7) / 7, ((i * 7) % 3) / 2 + ((i * 11) % 5) / 5, i % 2],
}));

function closeTo(actual: Float32Array, expected: Float32Array, tolerance: number): void {
  for (const [i, value] of actual.entries())
    expect(Math.abs(value - expected[i]!)).toBeLessThanOrEqual(tolerance);
}

describe("row weights", () => {
  test("a row of weight 2 counts as the row twice", async () => {
    const twice = await fitted(plain.flatMap((row, i) => (i < 10 ? [row, row] : [row])));
    const weighted = await fitted(
      plain.map((row, i) => ({ ...row, Weight: i < 10 ? 2 : 1 })),
      { exampleWeight: "Weight" },
    );
    expect(weighted.training.objective).toBeCloseTo(twice.training.objective, 6);
    expect(weighted.training).toMatchObject({ rowCount: 40, weightSum: 50, zeroWeightRowCount: 0 });
    const uniqueOf = (values: Float32Array) => values.filter((_, i) => Math.floor(i / 3) >= 20 || i % 6 < 3);
    closeTo(weighted.probabilities, uniqueOf(twice.probabilities), 1e-3);
  });

  test("their unit does not matter: equal weights give the bits of none", async () => {
    const none = await fitted(plain);
    for (const weight of [1, 0.1, 3e7]) {
      const same = await fitted(
        plain.map((row) => ({ ...row, Weight: weight })),
        { exampleWeight: "Weight" },
      );
      expect(same.probabilities).toEqual(none.probabilities);
    }
  });

  test("rows of weight 0 are left out and counted", async () => {
    const without = await fitted(plain.slice(5));
    const zero = await fitted(
      plain.map((row, i) => ({ ...row, Weight: i < 5 ? 0 : 1 })),
      { exampleWeight: "Weight" },
    );
    expect(zero.training).toMatchObject({ rowCount: 35, skippedRowCount: 5, zeroWeightRowCount: 5 });
    // Keys are numbered by all rows, so classes may stand in another order.
    expect(zero.training.objective).toBeCloseTo(without.training.objective, 6);
  });

  test("the default l2 does not depend on their unit", async () => {
    const l2Of = async (scale: number) => {
      const rows = labelledTexts(60).map((row, i) => ({ ...row, weight: scale * (1 + (i % 3)) }));
      return (await trainClassifier(rows)).training.l2;
    };
    expect(await l2Of(1024)).toBe(await l2Of(1));
  });

  test("a model file keeps what the weights were", async () => {
    const { model, training } = await fitted(
      plain.map((row, i) => ({ ...row, Weight: i % 4 })),
      { exampleWeight: "Weight" },
    );
    const loaded = await loadModel(saveModel(model));
    expect(loaded.training[0]).toEqual(training);
    expect(loaded.inputSchema.Weight).toEqual({ kind: "number", precision: "double" });
    expect(saveModel(loaded)).toEqual(saveModel(model));
  });

  test.each([
    [Number.NaN, "not-finite", "Row 3"],
    [Number.POSITIVE_INFINITY, "not-finite", "Infinity"],
    [-0.5, "bad-argument", "-0.5"],
  ])("a weight of %d is an error", async (bad, code, shown) => {
    const rows = plain.map((row, i) => ({ ...row, Weight: i === 3 ? bad : 1 }));
    const run = fitted(rows, { exampleWeight: "Weight" });
    await expect(run).rejects.toMatchObject({ code, message: expect.stringContaining(shown) });
  });

  test("weights whose sum leaves the numbers are an error", async () => {
    const rows = plain.map((row) => ({ ...row, Weight: 1.7e308 }));
    await expect(fitted(rows, { exampleWeight: "Weight" })).rejects.toMatchObject({ code: "not-finite" });
  });

  test("weights that leave one class, or none, are an error that says so", async () => {
    const only = (label: string) => plain.map((row) => ({ ...row, Weight: row.Label === label ? 1 : 0 }));
    const message = expect.stringMatching(/weigh 0/);
    await expect(fitted(only("b"), { exampleWeight: "Weight" })).rejects.toMatchObject({
      code: "too-few-labels",
      message,
    });
    await expect(fitted(only("none"), { exampleWeight: "Weight" })).rejects.toMatchObject({
      code: "empty-input",
      message,
    });
  });

  test("a weight column of another kind, or none, is an error", async () => {
    await expect(fitted(plain, { exampleWeight: "Label" })).rejects.toMatchObject({ code: "bad-column" });
    await expect(fitted(plain, { exampleWeight: "Wieght" })).rejects.toMatchObject({ code: "bad-column" });
  });
});

describe("class weights", () => {
  const uneven = plain.filter(({ Label }, i) => Label !== "a" || i % 4 === 0);

  test("balanced: all classes weigh the same in total", async () => {
    const counts = { a: 0, b: 0, c: 0 };
    for (const { Label } of uneven) counts[Label as "a"]++;
    const rows = uneven.map((row) => ({ ...row, Weight: 1 / counts[row.Label as "a"] }));
    const byHand = await fitted(rows, { exampleWeight: "Weight" });
    const balanced = await fitted(uneven, { classWeights: "balanced" });
    closeTo(balanced.probabilities, byHand.probabilities, 1e-5);
    expect(balanced.training.weightSum).toBeCloseTo(uneven.length, 9);
    // Balanced twice is balanced once: the weights of the rows count.
    const twice = await fitted(rows, { exampleWeight: "Weight", classWeights: "balanced" });
    closeTo(twice.probabilities, byHand.probabilities, 1e-5);
  });

  test("a map multiplies the rows' weights; labels not named keep them", async () => {
    const rows = uneven.map((row, i) => ({ ...row, Weight: 1 + (i % 2) }));
    const mapped = await fitted(rows, { exampleWeight: "Weight", classWeights: { a: 3, c: 0.5 } });
    const byHand = await fitted(
      rows.map((row) => ({ ...row, Weight: row.Weight * ({ a: 3, c: 0.5 }[row.Label] ?? 1) })),
      { exampleWeight: "Weight" },
    );
    expect(mapped.probabilities).toEqual(byHand.probabilities);
  });

  test("labels that are booleans or numbers are named as they are written", async () => {
    const rows = labelledTexts(60).map(({ text, label }, i) => ({
      text,
      label: label === "food",
      weight: i,
    }));
    const classifier = await trainClassifier(rows, { classWeights: { true: 0.25 } });
    expect(classifier.training.weightSum).toBe(
      rows.reduce((sum, { label, weight }) => sum + weight * (label ? 0.25 : 1), 0),
    );
  });

  test("balanced raises the recall of a rare class", async () => {
    const rows = labelledTexts(240).filter(({ label }, i) => label !== "music" || i % 20 === 2);
    const noisy = rows.map((row, i) => (i % 7 === 0 ? { ...row, label: "food" } : row));
    const recall = async (options: object) => {
      const { perClass } = (await trainClassifier(noisy, { l2: 0.1, ...options })).evaluate(rows);
      return perClass.find(({ label }) => label === "music")!.recall;
    };
    expect(await recall({ classWeights: "balanced" })).toBeGreaterThan(await recall({}));
  });

  test("a class of weight 0 is left out", async () => {
    const { training } = await fitted(plain, { classWeights: { b: 0 } });
    const count = plain.filter(({ Label }) => Label === "b").length;
    expect(training).toMatchObject({ rowCount: 40 - count, zeroWeightRowCount: count });
    const run = fitted(plain, { classWeights: { b: 0, a: 0 } });
    await expect(run).rejects.toMatchObject({ code: "too-few-labels" });
  });

  test("a name that is no label is an error with the nearest one", async () => {
    const run = trainClassifier(labelledTexts(30), { classWeights: { foot: 2 } });
    await expect(run).rejects.toMatchObject({
      code: "unknown-label",
      message: expect.stringContaining('"food"'),
    });
  });

  test.each([{ a: -1 }, { a: Number.NaN }, { a: "2" }, "balance", null, [1, 2]])(
    "%j is refused when the stage is made",
    (classWeights) => {
      expect(() => sdcaMaximumEntropy({ classWeights } as never)).toThrow(
        expect.objectContaining({ code: "bad-option" }),
      );
    },
  );
});

test("evaluation counts rows as they are, whatever they weighed", async () => {
  const rows = plain.map((row, i) => ({ ...row, Weight: i % 3 }));
  const { model } = await fitted(rows, { exampleWeight: "Weight" });
  expect(evaluate(model.transform(fromRows(rows))).rowCount).toBe(rows.length);
});
