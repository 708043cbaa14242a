import { describe, expect, test } from "vitest";
import type { Column, ValueColumn } from "../../src/data/columns.js";
import { Dataset } from "../../src/data/dataset.js";
import { evaluateBinary, evaluateBinaryNonCalibrated } from "../../src/evaluate/evaluate-binary.js";

const singles = (values: readonly number[]): Column => ({
  kind: "number",
  precision: "single",
  values: Float32Array.from(values),
});
const booleans = (values: readonly number[]): ValueColumn => ({
  kind: "boolean",
  values: Uint8Array.from(values),
});

function data(label: Column, score: readonly number[], probability = score.map(() => 0.5)): Dataset {
  return Dataset.of({
    Label: label,
    Score: singles(score),
    Probability: singles(probability),
    PredictedLabel: booleans(score.map((value) => Number(value > 0))),
  });
}

const scores = [0.9, 0.8, 0.7, -0.1];
const probabilities = [0.75, 0.5, 0.5, 0.25];

describe("evaluateBinary", () => {
  test("gives the figures of a worked example", () => {
    const metrics = evaluateBinary(data(booleans([1, 0, 1, 0]), scores, probabilities));
    expect(metrics).toMatchObject({
      rowCount: 4,
      skippedRowCount: 0,
      accuracy: 0.75,
      positivePrecision: 2 / 3,
      positiveRecall: 1,
      negativePrecision: 1,
      negativeRecall: 0.5,
      f1Score: 0.8,
      areaUnderRocCurve: 0.75,
      entropy: 1,
      confusion: {
        labels: ["positive", "negative"],
        counts: [
          [2, 0],
          [1, 1],
        ],
      },
    });
    expect(metrics.areaUnderPrecisionRecallCurve).toBeCloseTo(0.5 + 0.5 * ((0.5 + 2 / 3) / 2), 15);
    // −log2 of 3/4, 1/2, 1/2, 3/4.
    expect(metrics.logLoss).toBeCloseTo((2 - 2 * Math.log2(0.75)) / 4, 14);
    expect(metrics.logLossReduction).toBeCloseTo(1 - metrics.logLoss, 14);
  });

  test.each<[string, Column]>([
    ["a single", singles([1, 0, 2.5, -1])],
    ["a double", { kind: "number", precision: "double", values: Float64Array.of(1, 0, 1e-300, -3) }],
    ["a key of two", { kind: "key", count: 2, keys: Uint32Array.of(2, 1, 2, 1) }],
  ])("takes %s as label", (_, label) => {
    const expected = evaluateBinary(data(booleans([1, 0, 1, 0]), scores, probabilities));
    expect(evaluateBinary(data(label, scores, probabilities))).toEqual(expected);
  });

  test("names the rows after the texts of a key label, and prints ML.NET's names beside", () => {
    const names: ValueColumn = { kind: "text", values: ["no", "yes"] };
    const label: Column = { kind: "key", count: 2, keys: Uint32Array.of(2, 1, 2, 1), names };
    const { confusion } = evaluateBinary(data(label, scores, probabilities));
    expect(confusion.labels).toEqual(["yes", "no"]);
    expect(confusion.counts).toEqual([
      [2, 0],
      [1, 1],
    ]);
    expect(confusion.printedLabels).toEqual(["no", "yes"]);
  });

  test.each<[string, Column, number[]]>([
    ["a missing label", singles([1, Number.NaN, 1, 0]), scores],
    ["key 0", { kind: "key", count: 2, keys: Uint32Array.of(2, 0, 2, 1) }, scores],
    ["a score that is NaN", booleans([1, 0, 1, 0]), [0.9, Number.NaN, 0.7, -0.1]],
    ["an infinite score", booleans([1, 0, 1, 0]), [0.9, Number.POSITIVE_INFINITY, 0.7, -0.1]],
  ])("leaves out a row with %s", (_, label, score) => {
    const metrics = evaluateBinary(data(label, score, probabilities));
    const { rowCount, skippedRowCount, ...rest } = metrics;
    expect([rowCount, skippedRowCount]).toEqual([4, 1]);
    const kept = evaluateBinary(data(booleans([1, 1, 0]), [0.9, 0.7, -0.1], [0.75, 0.5, 0.25]));
    expect({ ...rest, rowCount: 3, skippedRowCount: 0 }).toEqual(kept);
  });

  test.each<[string, () => unknown, string, RegExp]>([
    [
      "one class",
      () => evaluateBinary(data(booleans([1, 1]), [1, 2])),
      "too-few-labels",
      /None of the 2 rows.*negative/,
    ],
    [
      "no rows",
      () => evaluateBinary(data(booleans([]), [])),
      "too-few-labels",
      /None of the 0 rows.*positive/,
    ],
    [
      "a text label",
      () => evaluateBinary(data({ kind: "text", values: ["a"] }, [1])),
      "bad-column",
      /"Label" is text/,
    ],
    [
      "a key of three",
      () => evaluateBinary(data({ kind: "key", count: 3, keys: Uint32Array.of(1) }, [1])),
      "bad-column",
      /key of 3 values/,
    ],
    [
      "a missing column",
      () => evaluateBinary(data(booleans([1]), [1]), { probability: "P" }),
      "bad-column",
      /"P"/,
    ],
    [
      "a score of text",
      () => evaluateBinary(data(booleans([1]), [1]), { score: "Label" }),
      "bad-column",
      /boolean/,
    ],
  ])("refuses %s", (_, call, code, message) => {
    expect(call).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
  });
});

describe("evaluateBinaryNonCalibrated", () => {
  test("does not need probabilities and gives no log-loss", () => {
    const { Label, Score, PredictedLabel } = {
      Label: booleans([1, 0]),
      Score: singles([1, -1]),
      PredictedLabel: booleans([1, 0]),
    };
    const found = evaluateBinaryNonCalibrated(Dataset.of({ Label, Score, PredictedLabel }));
    expect(found).toMatchObject({ accuracy: 1, areaUnderRocCurve: 1, areaUnderPrecisionRecallCurve: 1 });
    expect(found).not.toHaveProperty("logLoss");
  });
});
