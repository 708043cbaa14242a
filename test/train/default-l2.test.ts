import { describe, expect, test } from "vitest";
import { defaultScaledL2, labelEntropy } from "../../src/train/default-l2.js";
import { trainClassifier } from "../../src/train-classifier.js";
import { labelledTexts } from "../helpers/texts.js";

describe("defaultScaledL2", () => {
  test.each([
    [0.09, 1, 0.25 * 0.027],
    [0.5, 2, 0.25 * 0.125],
    [1, 1, 0.25],
    [1.44, 1, 0.25 * 1.728],
  ])("a loss of %d of an entropy of %d nats gives %d", (loss, entropy, expected) => {
    expect(defaultScaledL2(loss, entropy)).toBeCloseTo(expected, 12);
  });

  test("stays in 0.005 … 0.5", () => {
    expect(defaultScaledL2(0, 1)).toBe(0.005);
    expect(defaultScaledL2(50, 0.1)).toBe(0.5);
  });
});

describe("labelEntropy", () => {
  test.each([
    [[0, 1], 2, Math.log(2)],
    [[0, 1, 2, 3], 4, Math.log(4)],
    [[0, 0, 0, 1], 2, -(0.75 * Math.log(0.75) + 0.25 * Math.log(0.25))],
    [[2, 2], 3, 0],
  ])("of %j over %d classes", (labels, classCount, expected) => {
    expect(labelEntropy(Uint32Array.from(labels), classCount)).toBeCloseTo(expected, 12);
  });
});

test("l2 is a function of the data alone, whatever the seed and the tolerance", async () => {
  const l2Of = async (options: object) => (await trainClassifier(labelledTexts(90), options)).training.l2;
  const l2 = await l2Of({});
  expect(await l2Of({ seed: 99 })).toBe(l2);
  expect(await l2Of({ tolerance: 1e-5 })).toBe(l2);
  const other = await trainClassifier([...labelledTexts(90), { text: "odd", label: "food" }]);
  expect(other.training.l2).not.toBe(l2);
});
