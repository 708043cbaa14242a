import { describe, expect, test } from "vitest";
import { checkTopK, MulticlassTally } from "../../src/evaluate/multiclass-metrics.js";

const labels = ["a", "b", "c"];

function tallied(rows: readonly (readonly [label: number, ...scores: number[]])[]): MulticlassTally {
  const tally = new MulticlassTally(labels.length);
  for (const [label, ...scores] of rows) expect(tally.add(label, Float32Array.from(scores), 0)).toBe(true);
  return tally;
}

describe("MulticlassTally", () => {
  test("reads a row's scores from their place on", () => {
    const tally = new MulticlassTally(3);
    tally.add(1, Float32Array.of(1, 0, 0, 0, 1, 0), 3);
    expect(tally.metrics(labels, 0).microAccuracy).toBe(1);
  });

  test.each<[string, [number, ...number[]], number[], number]>([
    ["the first of equal scores is assigned and ranks first", [0, 0.5, 0.5, 0], [1, 1, 1], 0],
    ["a later one of equal scores ranks behind", [1, 0.5, 0.5, 0], [0, 1, 1], 0],
    ["all scores 0", [2, 0, 0, 0], [0, 0, 1], 0],
    ["the highest of negative scores is assigned", [2, -3, -1, -2], [0, 1, 1], 1],
  ])("%s", (_, row, topK, assigned) => {
    const metrics = tallied([row]).metrics(labels, 3);
    expect(metrics.topKAccuracyForAllK).toEqual(topK);
    expect(metrics.confusion.counts[row[0]]!.indexOf(1)).toBe(assigned);
  });

  test.each([
    [0, 34.53877639128319],
    [-1, 34.53877639128319],
    [1e-20, 34.53877639128319],
    [1, 0],
    [3.5, 0],
  ])("a score of %d for the row's class loses %d nats", (score, loss) => {
    const { logLoss, perClassLogLoss } = tallied([[1, 0, score, 0]]).metrics(labels, 0);
    expect(logLoss).toBe(loss);
    expect(perClassLogLoss).toEqual([0, loss, 0]);
  });

  test("an unknown class ranks behind the scores that are not negative, and is in no matrix", () => {
    const metrics = tallied([[7, 0.5, -1, 0]]).metrics(labels, 4);
    expect(metrics.topKAccuracyForAllK).toEqual([0, 0, 1, 1]);
    expect(metrics.confusion.counts.flat().every((count) => count === 0)).toBe(true);
    expect(metrics.logLoss).toBe(34.53877639128319);
  });

  test("an unknown class without a rank is not added", () => {
    const tally = new MulticlassTally(3);
    expect(tally.add(3, Float32Array.of(-1, -2, -3), 0)).toBe(false);
    expect(tally.metrics(labels, 1)).toEqual(new MulticlassTally(3).metrics(labels, 1));
  });

  test.each<[string, [number, ...number[]][], number]>([
    ["is infinite when all rows are of one class", [[0, 0.5, 0.5, 0]], Number.POSITIVE_INFINITY],
    ["is NaN when besides nothing is lost", [[0, 1, 0, 0]], Number.NaN],
    ["is NaN without rows", [], Number.NaN],
  ])("the log-loss reduction %s", (_, rows, expected) => {
    expect(tallied(rows).metrics(labels, 0).logLossReduction).toBe(expected);
  });

  test("without rows, top-k accuracies are NaN and the others 0", () => {
    expect(new MulticlassTally(3).metrics(labels, 2)).toMatchObject({
      microAccuracy: 0,
      macroAccuracy: 0,
      logLoss: 0,
      perClassLogLoss: [0, 0, 0],
      topKAccuracy: Number.NaN,
      topKAccuracyForAllK: [Number.NaN, Number.NaN],
    });
  });

  test("macro accuracy is over the classes that have rows", () => {
    const tally = tallied([
      [0, 1, 0, 0],
      [0, 0, 1, 0],
      [2, 0, 0, 1],
    ]);
    expect(tally.metrics(labels, 0).macroAccuracy).toBe(0.75);
  });
});

describe("checkTopK", () => {
  test.each([0, 1, 3, 4])("allows %d of 3 classes", (topK) => {
    expect(() => checkTopK(topK, 3)).not.toThrow();
  });

  test.each([-1, 5, 0.5, Number.NaN, Number.POSITIVE_INFINITY])("refuses %d of 3 classes", (topK) => {
    expect(() => checkTopK(topK, 3)).toThrow(expect.objectContaining({ code: "bad-option" }));
  });
});
