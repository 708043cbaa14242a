import { describe, expect, test } from "vitest";
import { type BinaryRows, probabilityMetrics, rankingMetrics } from "../../src/evaluate/binary-metrics.js";
import { Random } from "../../src/random.js";

const labels = ["positive", "negative"];
const names = { labels, printedLabels: labels };

const rowsOf = (
  positive: readonly number[],
  scores: readonly number[],
  probabilities = scores,
): BinaryRows => ({
  scores: Float32Array.from(scores),
  positive: Uint8Array.from(positive),
  probabilities: Float32Array.from(probabilities),
});

describe("rankingMetrics", () => {
  const random = new Random(3);
  const positive = Array.from({ length: 300 }, () => random.nextBelow(2));
  const scores = positive.map((one) => random.nextBelow(7) - 3 + one);
  const metrics = rankingMetrics(rowsOf(positive, scores), names);

  test("counts the pairs that are in order for the area under the ROC curve, ties half", () => {
    let pairs = 0;
    let inOrder = 0;
    positive.forEach((one, i) => {
      positive.forEach((other, j) => {
        if (!one || other) return;
        pairs++;
        inOrder += scores[i]! > scores[j]! ? 1 : scores[i] === scores[j] ? 0.5 : 0;
      });
    });
    expect(metrics.areaUnderRocCurve).toBe(inOrder / pairs);
  });

  test("takes a row for positive when its score is above 0", () => {
    const right = positive.filter((one, row) => Boolean(one) === scores[row]! > 0).length;
    expect(metrics.accuracy).toBe(right / positive.length);
  });

  test.each<[string, number[], number[], number]>([
    ["all positives first", [1, 1, 0, 0], [4, 3, 2, 1], 1],
    ["a negative first", [0, 1], [2, 1], 0.25],
    ["ties in row order", [1, 0, 1], [1, 1, 1], 0.5 + 0.5 * ((0.5 + 2 / 3) / 2)],
  ])("adds trapezoids under the precision-recall curve: %s", (_, given, ranked, area) => {
    expect(rankingMetrics(rowsOf(given, ranked), names).areaUnderPrecisionRecallCurve).toBeCloseTo(area, 15);
  });

  test.each([
    [[1, 1], "negative"],
    [[0, 0], "positive"],
  ])("refuses rows %o: none is %s", (given, missing) => {
    expect(() => rankingMetrics(rowsOf(given, [1, 2]), names)).toThrow(
      expect.objectContaining({ code: "too-few-labels", message: expect.stringContaining(`is ${missing}`) }),
    );
  });
});

describe("probabilityMetrics", () => {
  test.each<[string, number[], number[], { logLoss: number; logLossReduction: number; entropy: number }]>([
    ["half a bit of loss", [1, 0], [0.5, 0], { logLoss: 0.5, logLossReduction: 0.5, entropy: 1 }],
    ["certain and wrong", [1, 0], [0, 0], { logLoss: Infinity, logLossReduction: -Infinity, entropy: 1 }],
    ["certain and right", [1, 0], [1, 0], { logLoss: 0, logLossReduction: 1, entropy: 1 }],
    ["a NaN", [1, 0], [Number.NaN, 0], { logLoss: Number.NaN, logLossReduction: Number.NaN, entropy: 1 }],
  ])("%s", (_, positive, probabilities, expected) => {
    expect(probabilityMetrics(rowsOf(positive, probabilities, probabilities))).toEqual(expected);
  });
});
