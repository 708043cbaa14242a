import { unzipSync } from "fflate";
import { describe, expect, test } from "vitest";
import type { Dataset } from "../../src/data/dataset.js";
import { fromRows } from "../../src/data/from-rows.js";
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
import type { TextFeaturizer } from "../../src/text/text-featurizer.js";
import type { SdcaOptions } from "../../src/train/sdca-options.js";
import { fineTune } from "../../src/transfer/pipeline-of.js";
import { updateModel } from "../../src/transfer/update-model.js";
import { repacked } from "../helpers/small-model.js";
import { weightDifference } from "../helpers/weight-difference.js";

type Rows = { Label: string; Text: string }[];
type TrainerOptions = Omit<SdcaOptions, "label" | "features">;
const trained = (rows: Rows, trainer: TrainerOptions = {}): Promise<Model> =>
  featurizeText("Features", "Text")
    .append(mapValueToKey("Label"))
    .append(sdcaMaximumEntropy({ tolerance: 1e-6, keepState: true, ...trainer }))
    .append(mapKeyToValue("PredictedLabel"))
    .fit(fromRows(rows));

/** Noisy rows: words of a label's own, of all, and a label that is wrong now and then. */
function noisyRows(count: number, seed: number, labels: readonly string[]): Rows {
  const random = new Random(seed);
  return Array.from({ length: count }, () => {
    const k = random.nextBelow(labels.length);
    const words = Array.from({ length: 6 }, () =>
      random.nextFloat() < 0.4 ? `${labels[k]}${random.nextBelow(30)}` : `word${random.nextBelow(90)}`,
    );
    const label = random.nextFloat() < 0.1 ? labels[random.nextBelow(labels.length)]! : labels[k]!;
    return { Label: label, Text: words.join(" ") };
  });
}

/** Both are as near to the optimum as their gaps say, and so to each other: |ΔW| ≤ Σ √(2 gap / λ). */
function expectSameOptimum(updated: Model, scratch: Model): void {
  const [a, b] = [updated, scratch].map((model) => model.training[0]!) as [
    (typeof updated.training)[0],
    (typeof updated.training)[0],
  ];
  expect(a.rowCount).toBe(b.rowCount);
  expect(a.l2).toBeCloseTo(b.l2, 12);
  expect(a.dualityGap).toBeLessThanOrEqual(1e-6);
  expect(Math.abs(a.objective - b.objective)).toBeLessThanOrEqual(a.dualityGap + b.dualityGap);
  const bound = Math.sqrt((2 * a.dualityGap) / a.l2) + Math.sqrt((2 * b.dualityGap) / b.l2);
  const { squares, unmatched } = weightDifference(updated, scratch);
  expect(unmatched).toBe(0);
  expect(Math.sqrt(squares)).toBeLessThanOrEqual(bound);
}

const labelSets = [2, 3, 5].map((count) => ({ labels: ["ab", "cd", "ef", "gh", "ij"].slice(0, count) }));

describe.each(labelSets)("$labels: the optimum of the rows that are left, as from scratch", ({ labels }) => {
  const old = noisyRows(200, 1, labels);
  const more = noisyRows(30, 2, labels);

  test("rows added", async () => {
    const model = await trained(old, { l2: 0.001 });
    const { model: updated, oldRowsFrom, addedRows } = await updateModel(model, fromRows(more));
    expect([oldRowsFrom, addedRows]).toEqual(["state", 30]);
    const l2 = updated.training[0]!.l2;
    expect(l2).toBeCloseTo((0.001 * 200) / 230, 12);
    expectSameOptimum(updated, await trained([...old, ...more], { l2 }));
  });

  test("a new label, and back to the file in between", async () => {
    const model = await loadModel(saveModel(await trained(old, { l2: 0.001 })));
    const rows = [...more, ...noisyRows(20, 3, ["new"])];
    const { model: updated } = await updateModel(model, fromRows(rows), { l2: 0.002 });
    expect([...updated.labels]).toEqual([...model.labels, "new"]);
    expectSameOptimum(updated, await trained([...old, ...rows], { l2: 0.002 }));
    const again = await updateModel(await loadModel(saveModel(updated)), fromRows(more.slice(0, 5)));
    const l2 = again.model.training[0]!.l2;
    expectSameOptimum(again.model, await trained([...old, ...rows, ...more.slice(0, 5)], { l2 }));
  });

  test("rows removed, some of them relabelled, and their words forgotten", async () => {
    const model = await trained([...old, { Label: labels[0]!, Text: "secret phrase of mine" }], {
      l2: 0.001,
    });
    const gone = [...old.slice(20, 40), { Label: labels[0]!, Text: "secret phrase of mine" }];
    const relabelled = old.slice(50, 60).map(({ Label, Text }) => ({
      Text,
      Label: labels[(labels.indexOf(Label) + 1) % labels.length]!,
    }));
    const update = await updateModel(model, undefined, {
      remove: fromRows(gone),
      relabel: fromRows(relabelled),
    });
    expect(update).toMatchObject({ removedRows: 21, relabelledRows: 10, missingRows: 0, addedRows: 0 });
    const left = [...old.slice(0, 20), ...old.slice(40, 50), ...relabelled, ...old.slice(60)];
    const { l2 } = update.model.training[0]!;
    expectSameOptimum(update.model, await trained(left, { l2 }));
    const [featurizer] = update.model.stages;
    const { units } = (featurizer as TextFeaturizer).tables.words!;
    expect(String.fromCharCode(...units)).not.toContain("secret");
  });

  test("from the old rows where no state was kept", async () => {
    const model = await trained(old, { l2: 0.001, keepState: false });
    const { model: updated, oldRowsFrom } = await updateModel(model, fromRows(more), {
      oldRows: fromRows(old),
    });
    expect(oldRowsFrom).toBe("rows");
    const { l2 } = updated.training[0]!;
    expectSameOptimum(updated, await trained([...old, ...more], { l2 }));
    expect(updated.classifier.state).toBeUndefined();
  });
});

const labels = ["ab", "cd", "ef"];
const old = noisyRows(120, 1, labels);

test("n-grams between other features: their places move as the n-grams come and go", async () => {
  const withNumbers = (rows: Rows) =>
    fromRows(
      rows.map((row, i) => ({
        ...row,
        First: Float32Array.of((i % 5) / 5),
        Last: Float32Array.of((row.Text.length % 7) / 7, 1 / 2),
      })),
    );
  const fitted = (rows: Rows, l2: number) =>
    featurizeText("Ngrams", "Text")
      .append(concatenate("Features", "First", "Ngrams", "Last"))
      .append(mapValueToKey("Label"))
      .append(sdcaMaximumEntropy({ tolerance: 1e-6, keepState: true, l2 }))
      .append(mapKeyToValue("PredictedLabel"))
      .fit(withNumbers(rows) as Dataset<any>) as Promise<Model>;
  const secret = { Label: "ab", Text: "secret phrase of mine" };
  const all = [...old, secret, ...noisyRows(30, 6, labels)];
  const model = await fitted([...old, secret], 0.001);
  const { model: more } = await updateModel(model, withNumbers(all).take(range(121, 151)));
  const optimum = async (updated: Model, rows: Rows) => {
    const { l2, objective, dualityGap } = updated.training[0]!;
    const scratch = await fitted(rows, l2);
    const { featureCount, objective: other, dualityGap: gap } = scratch.training[0]!;
    expect(updated.training[0]!.featureCount).toBe(featureCount);
    expect(Math.abs(objective - other)).toBeLessThanOrEqual(dualityGap + gap);
    const test = withNumbers(all);
    const [a, b] = [updated, scratch].map((one) => one.evaluate(test).logLoss);
    expect(Math.abs(a! - b!)).toBeLessThan(1e-3);
  };
  await optimum(more, all);
  const { model: less } = await updateModel(more, undefined, {
    remove: withNumbers(all).take(range(120, 130)),
  });
  const units = (less.stages[0] as TextFeaturizer).tables.words!.units;
  expect(String.fromCharCode(...units)).not.toContain("secret");
  expect(less.training[0]!.rowCount).toBe(141);
});

const range = (first: number, end: number) => Uint32Array.from({ length: end - first }, (_, i) => first + i);

test("a label whose rows are all gone is gone; with one label left there is nothing to learn", async () => {
  const rest = old.filter(({ Label }) => Label !== "ef");
  const model = await trained(old, { l2: 0.001 });
  const gone = fromRows(old.filter(({ Label }) => Label === "ef"));
  const { model: updated } = await updateModel(model, undefined, { remove: gone });
  expect([...updated.labels].sort()).toEqual(["ab", "cd"]);
  const { l2 } = updated.training[0]!;
  expectSameOptimum(updated, await trained(rest, { l2 }));
  const all = fromRows(rest.filter(({ Label }) => Label === "cd"));
  await expect(updateModel(updated, undefined, { remove: all })).rejects.toMatchObject({
    code: "too-few-labels",
  });
});

test("without old rows the old weights are the anchor, and the strength of the pull is measured", async () => {
  const model = await trained(old, { keepState: false });
  const more = noisyRows(40, 9, [...labels, "new"]);
  const oldTest = fromRows(noisyRows(100, 10, labels));
  const update = await updateModel(model, fromRows(more), {
    oldTest,
    newTest: fromRows(noisyRows(100, 11, [...labels, "new"])),
  });
  expect(update.oldRowsFrom).toBe("none");
  expect([...update.model.labels]).toEqual([...model.labels, "new"]);
  const [before, after] = update.forgetting;
  expect([before!.name, after!.name]).toEqual(["oldTest", "newTest"]);
  expect(after!.accuracy.change.value).toBeGreaterThan(0);
  const alone = await trained(more, { keepState: false });
  expect(before!.accuracy.after).toBeGreaterThan(alone.evaluate(oldTest).microAccuracy);
  expect(before!.perLabel.map(({ label }) => label).sort()).toEqual(labels);
});

test("the old model stays as it is, and equal updates give equal bytes", async () => {
  const model = await trained(old);
  const bytes = saveModel(model);
  const more = fromRows(noisyRows(10, 4, labels));
  const [first, second] = [await updateModel(model, more), await updateModel(await loadModel(bytes), more)];
  expect(saveModel(model)).toEqual(bytes);
  expect(saveModel(first.model)).toEqual(saveModel(second.model));
});

test("without keepState a file has nothing of the rows; a damaged state is refused", async () => {
  const kept = saveModel(await trained(old));
  expect(saveModel(await trained(old, { keepState: false })).length).toBeLessThan(kept.length);
  const damaged = repacked(kept, ({ stages }) => {
    stages[2].options.state.rowCount++;
  });
  await expect(loadModel(damaged)).rejects.toMatchObject({ code: "bad-model-file" });
});

test("the training state of other rows, put into a model's file, is refused by an update", async () => {
  const bytes = saveModel(await trained(old));
  // As many rows, n-grams and labels; one label is another.
  const last = old.at(-1)!;
  const other = old.find(({ Label }) => Label !== last.Label)!.Label;
  const foreign = unzipSync(saveModel(await trained([...old.slice(0, -1), { ...last, Label: other }])));
  const swapped = repacked(bytes, (_, entries) => {
    for (const name of Object.keys(entries)) if (/state/.test(name)) entries[name] = foreign[name]!;
  });
  const more = fromRows(noisyRows(3, 4, labels));
  const model = await loadModel(swapped);
  await expect(updateModel(model, more)).rejects.toMatchObject({ code: "bad-model-file" });
  await expect(updateModel(await loadModel(bytes), more)).resolves.toMatchObject({ oldRowsFrom: "state" });
});

describe("bad input", () => {
  const more = fromRows(noisyRows(3, 4, labels));

  test.each([
    ["nothing to do", undefined, {}, "empty-input"],
    ["removal without old rows", undefined, { remove: more }, "bad-option"],
    ["a state without old rows", more, { keepState: true }, "bad-option"],
  ])("%s", async (_, rows, options, code) => {
    const model = await trained(old, { keepState: false });
    await expect(updateModel(model, rows, options)).rejects.toMatchObject({ code });
  });

  test.each([
    { l2: 0 },
    { l2: -1 },
    { l2: Number.NaN },
    { l2: "auto" as never },
    { tolerance: 0 },
    { tolerance: Number.NaN },
    { maxEpochs: 0 },
    { maxEpochs: Number.POSITIVE_INFINITY },
    { seed: Number.NaN },
    { keepState: "yes" as never },
  ])("options out of their range: %o", async (options) => {
    const model = await trained(old, { tolerance: 1e-2 });
    await expect(updateModel(model, more, options)).rejects.toMatchObject({ code: "bad-option" });
  });

  test("rows that are not there are counted", async () => {
    const model = await trained(old);
    const update = await updateModel(model, undefined, {
      remove: fromRows([{ Label: "ab", Text: "never seen" }]),
    });
    expect(update).toMatchObject({ removedRows: 0, missingRows: 1 });
  });

  test("labels of another type, columns that are missing", async () => {
    const model = await trained(old);
    await expect(updateModel(model, fromRows([{ Label: 1, Text: "a" }]))).rejects.toMatchObject({
      code: "bad-option",
    });
    await expect(updateModel(model, fromRows([{ Text: "a" }]))).rejects.toMatchObject({ code: "bad-column" });
  });

  test("an abort rejects with its reason", async () => {
    const model = await trained(old);
    await expect(updateModel(model, more, { signal: AbortSignal.abort("stop") })).rejects.toBe("stop");
  });

  test("a model of weighted rows: with the old rows refused, without them an anchor as any", async () => {
    const weighted = await trained(old, { keepState: false, classWeights: "balanced" });
    await expect(updateModel(weighted, more, { oldRows: fromRows(old) })).rejects.toMatchObject({
      code: "bad-option",
      message: expect.stringContaining("weighted rows"),
    });
    expect((await updateModel(weighted, more)).oldRowsFrom).toBe("none");
    expect(() => sdcaMaximumEntropy({ keepState: true, classWeights: "balanced" })).toThrow(/weights/);
    expect(() => sdcaMaximumEntropy({ keepState: true, exampleWeight: "W" })).toThrow(/weights/);
  });

  test("a model of sdcaLogisticRegression is refused", async () => {
    const rows = fromRows(old.map(({ Text }, i) => ({ Text, Label: i % 2 === 0 })));
    const pipeline = featurizeText("Features", "Text").append(sdcaLogisticRegression());
    const model = (await pipeline.fit(rows)) as Model;
    await expect(updateModel(model, rows)).rejects.toMatchObject({ code: "bad-option" });
    await expect(fineTune(model, rows)).rejects.toMatchObject({ code: "bad-option" });
  });

  test("keepState with startFrom", async () => {
    const model = await trained(old);
    expect(() => sdcaMaximumEntropy({ startFrom: model, keepState: true })).toThrow(/exclude each other/);
  });
});
