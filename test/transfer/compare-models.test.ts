// What a comparison of two models says, held against what its rows say one by one.
import { expect, test } from "vitest";
import { fromRows } from "../../src/data/from-rows.js";
import type { Model } from "../../src/model/model.js";
import { trainClassifier } from "../../src/train-classifier.js";
import { compareModels } from "../../src/transfer/compare-models.js";

interface Row {
  readonly label: string;
  readonly text: string;
}
const LABELS = ["a", "b", "c", "d"];
/** Ten texts a label, each of a word that no other has. */
const texts = LABELS.flatMap((label) =>
  Array.from({ length: 10 }, (_, i) => ({ label, text: `${label}${i}` })),
);
const learned = async (rows: readonly Row[]): Promise<Model> =>
  (await trainClassifier(rows, { l2: 1e-5 })).model;
/** The texts with another label from `first` on. */
const mislabelled = (label: string, first: number, count: number) =>
  texts.map((row) => {
    const place = Number(row.text.slice(1));
    const isWrong = row.label === label && place >= first && place < first + count;
    return isWrong ? { ...row, label: label === "a" ? "b" : "a" } : row;
  });
const before = await learned(mislabelled("d", 0, 1));
const after = await learned([
  ...mislabelled("b", 0, 7).filter(({ label, text }) => label === "b" || text.startsWith("b")),
  ...mislabelled("c", 0, 1).filter(({ text }) => text.startsWith("c")),
  ...texts.filter(({ text }) => /^[ad]/.test(text)),
]);
const data = (rows: readonly Row[]) =>
  fromRows(rows.map(({ label, text }) => ({ Label: label, Text: text })));
const comparison = compareModels(before, after, data(texts), { name: "all" });
const ofLabel = (label: string) => comparison.perLabel.find((change) => change.label === label)!;

test("accuracy before and after, of all rows and of each label", () => {
  expect(comparison).toMatchObject({ name: "all", rowCount: 40, isTrainedOn: false });
  expect(comparison.accuracy.before).toBe(39 / 40);
  expect(comparison.accuracy.after).toBe(32 / 40);
  expect(comparison.accuracy.change.value).toBeCloseTo(-7 / 40, 15);
  const afterOf = (label: string) => ofLabel(label).accuracy.after;
  expect(LABELS.map(afterOf)).toEqual([1, 0.3, 0.9, 1]);
});

test("intervals of shares are Agresti and Min's for pairs", () => {
  // Lost, gained and rows; half a row more of each of the four kinds.
  for (const [{ accuracy }, lost, gained, rows] of [
    [comparison, 8, 1, 40],
    [ofLabel("b"), 7, 0, 10],
    [ofLabel("c"), 1, 0, 10],
    [ofLabel("a"), 0, 0, 10],
  ] as const) {
    const [b, c, n] = [lost + 0.5, gained + 0.5, rows + 2];
    const margin = (1.959964 * Math.sqrt(b + c - (c - b) ** 2 / n)) / n;
    expect(accuracy.change.low).toBeCloseTo(Math.max(-1, (c - b) / n - margin), 6);
    expect(accuracy.change.high).toBeCloseTo((c - b) / n + margin, 6);
  }
});

test("a label got worse when more rows were lost than chance takes", () => {
  expect(comparison.worseLabels).toEqual(["b"]);
  // Five of five would be chance with probability 1/32, six of six with 1/64.
  for (const [count, isWorse] of [
    [1, false],
    [5, false],
    [6, true],
  ] as const) {
    const rows = texts.filter(({ label, text }) => label === "b" && Number(text.slice(1)) < count);
    const { perLabel, accuracy } = compareModels(before, after, data(rows));
    expect([accuracy.before, accuracy.after]).toEqual([1, 0]);
    expect(perLabel[0]!.isWorse).toBe(isWorse);
    expect(accuracy.change.low).toBeGreaterThanOrEqual(-1);
  }
});

test("log-loss with the interval of Student's distribution, of a label as of all; of two rows nothing is certain", () => {
  const loss = (model: Model, { label, text }: Row) => {
    const { top } = model.predict(text, { topK: 4 });
    return -Math.log(top!.find((one) => one.label === label)!.probability);
  };
  for (const [count, deviations] of [
    [3, 4.3027],
    [10, 2.2622],
    [20, 2.093],
  ] as const) {
    const rows = texts.filter(({ label }) => label === "b" || label === "c").slice(0, count);
    const { logLoss } = compareModels(before, after, data(rows));
    const changes = rows.map((row) => loss(after, row) - loss(before, row));
    const mean = changes.reduce((sum, change) => sum + change, 0) / count;
    const squares = changes.reduce((sum, change) => sum + (change - mean) ** 2, 0);
    const margin = deviations * Math.sqrt(squares / (count - 1) / count);
    expect(logLoss!.change.value).toBeCloseTo(mean, 4);
    const found = (logLoss!.change.high - logLoss!.change.low) / 2;
    expect(Math.abs(found / margin - 1)).toBeLessThan(count === 3 ? 0.035 : 0.002);
  }
  expect(ofLabel("b").logLoss!.change.low).toBeGreaterThan(0);
  const { logLoss } = compareModels(before, after, data(texts.slice(0, 2)));
  expect(logLoss!.change).toMatchObject({ low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY });
});

test("a label that a model does not know is answered wrongly, and has no log-loss", async () => {
  const less = await learned(texts.filter(({ label }) => label !== "d"));
  const rows = texts.filter(({ label }) => label === "d");
  const { accuracy, logLoss, perLabel } = compareModels(before, less, data(rows));
  expect([accuracy.before, accuracy.after]).toEqual([0.9, 0]);
  expect(logLoss).toBeUndefined();
  expect(perLabel).toMatchObject([{ label: "d", rowCount: 10, isWorse: true }]);
  expect(() => compareModels(before, less, data(rows).take(new Uint32Array(0)))).toThrow(
    expect.objectContaining({ code: "empty-input" }),
  );
});
