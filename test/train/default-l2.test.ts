import { describe, expect, test } from "vitest";
import { defaultScaledL2, labelEntropy } from "../../src/train/default-l2.js";
import { Problem } from "../../src/train/problem.js";
import { pilotEpoch, type SolveOptions } from "../../src/train/solve.js";
import { trainClassifier } from "../../src/train-classifier.js";
import { weightColumns } from "../../src/wasm/weight-layout.js";
import { freshCore } from "../helpers/place.js";
import { randomRows } from "../helpers/rows.js";
import { labelledTexts } from "../helpers/texts.js";

describe("defaultScaledL2", () => {
  test.each([
    [0, 0.5, 1, 0.008],
    [0.02, 0.25, 1, 0.008 * Math.exp(33 * 0.04)],
    [0.02, 0.25, 4, 0.008 * Math.exp(33 * 0.08)],
    [-0.01, 0.25, 1, 0.008 * Math.exp(-33 * 0.02)],
  ])("an overconfidence of %d and %d nats of %d left give %d", (overconfidence, divergence, entropy, l2) => {
    expect(defaultScaledL2({ overconfidence, divergence }, entropy)).toBeCloseTo(l2, 12);
  });

  test("stays in 0.0025 … 0.5", () => {
    expect(defaultScaledL2({ overconfidence: -1, divergence: 1 }, 1)).toBe(0.0025);
    expect(defaultScaledL2({ overconfidence: 1, divergence: 1 }, 1)).toBe(0.5);
  });

  test("is a number where nothing is left and where the labels tell nothing", () => {
    expect(defaultScaledL2({ overconfidence: 0, divergence: 0 }, 1)).toBe(0.008);
    expect(defaultScaledL2({ overconfidence: 0.1, divergence: 1 }, 0)).toBeGreaterThan(0.008);
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

describe("overconfidence of a pilot epoch", () => {
  const rowCount = 80;
  const featureCount = 30;
  const run: SolveOptions = { tolerance: 1, maxEpochs: 1, maxMs: 1e9, onAbort: "reject", seed: 1 };

  /** All rows in one batch, so that each is scored with the weights of the origin. */
  function posed(classCount: number, isSoft: boolean) {
    const { matrix, labels } = randomRows({ rowCount, featureCount, classCount, density: 6 });
    const { padded, stored } = weightColumns(classCount);
    const weights = Float32Array.from({ length: featureCount * padded }, (_, i) =>
      i % padded < stored ? ((i * 7919) % 13) / 6 - 1 : 0,
    );
    const rowWeights = Float32Array.from(labels, (_, row) => (row % 4 === 0 ? 2.5 : 0.5));
    // With half of the mass beside the label, and none of it where rows are labelled as hard ones are.
    const targets = Float32Array.from({ length: rowCount * classCount }, (_, i) => {
      const isLabel = i % classCount === labels[Math.floor(i / classCount)];
      return isSoft ? (isLabel ? 0.5 : 0.5 / (classCount - 1)) : isLabel ? 1 : 0;
    });
    const origin = { weights, biases: new Float32Array(stored) };
    const input = { matrix, labels, classCount, rowWeights, origin, scaledL2: 0.1, hasBias: false };
    const problem = new Problem(freshCore(), { ...input, batchSize: rowCount, ...(isSoft && { targets }) });
    const scoresOf = (row: number) => {
      const scores = new Float64Array(classCount);
      for (let k = matrix.indptr[row]!; k < matrix.indptr[row + 1]!; k++) {
        for (let c = 0; c < stored; c++)
          scores[classCount === 2 ? 1 : c]! += matrix.values[k]! * weights[matrix.indices[k]! * padded + c]!;
      }
      if (classCount === 2) scores[0] = -scores[1]!;
      return scores;
    };
    const probabilitiesOf = (row: number) => {
      const powers = scoresOf(row).map(Math.exp);
      const total = powers.reduce((sum, power) => sum + power, 0);
      return powers.map((power) => power / total);
    };
    const excessOf = (row: number) =>
      probabilitiesOf(row).reduce((sum, p, c) => sum + p * p - targets[row * classCount + c]! * p, 0);
    const lossOf = (row: number) => -Math.log(probabilitiesOf(row)[labels[row]!]!);
    return { problem, rowWeights, excessOf, lossOf };
  }

  const cases = [2, 3, 5].flatMap((classCount) => [0.25, 1].map((share) => [classCount, share] as const));
  test.each(cases)(
    "of %d classes: mean of Σ p² − p(label), by weight, over the last %d of the rows and five rows of 0",
    async (classCount, share) => {
      const { problem, rowWeights, excessOf, lossOf } = posed(classCount, false);
      const pilot = await pilotEpoch(problem, share, run, () => undefined);
      const { core } = problem.placed;
      const order = new Uint32Array(core.memory.buffer, problem.orderAddress, rowCount);
      let [excess, loss, total] = [0, 0, 0];
      for (const row of order.slice(-share * rowCount)) {
        excess += rowWeights[row]! * excessOf(row);
        loss += rowWeights[row]! * lossOf(row);
        total += rowWeights[row]!;
      }
      expect(pilot!.overconfidence).toBeCloseTo(excess / (total + 5), 6);
      expect(pilot!.divergence).toBeCloseTo(loss / total, 5);
    },
  );

  test.each([2, 5])("of soft labels over %d classes: nearly that", async (classCount) => {
    const { problem, rowWeights, excessOf } = posed(classCount, true);
    const pilot = await pilotEpoch(problem, 1, run, () => undefined);
    const sum = rowWeights.reduce((all, weight, row) => all + weight * excessOf(row), 0);
    const total = rowWeights.reduce((all, weight) => all + weight, 5);
    expect(Math.abs(pilot!.overconfidence - sum / total)).toBeLessThan(0.1);
  });

  test("is not known of an epoch that was broken off", async () => {
    const { problem } = posed(3, false);
    expect(await pilotEpoch(problem, 1, run, () => "maxMs")).toBeUndefined();
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
