// Updates begin with the weights of the old model in place of W(q), and threads share their work.
import { describe, expect, test, vi } from "vitest";
import { type CsrMatrix, takeRows } from "../../src/data/csr.js";
import type { Model } from "../../src/model/model.js";
import { readDual } from "../../src/model/training-state.js";
import { fromRows, saveModel, updateModel } from "../../src/node/index.js";
import { Random } from "../../src/random.js";
import { atOnce } from "../../src/slices.js";
import { carryWeights } from "../../src/train/carried-weights.js";
import { shardsFor } from "../../src/train/enlist.js";
import { Problem } from "../../src/train/problem.js";
import { trainClassifier } from "../../src/train-classifier.js";
import { loadCore } from "../../src/wasm/core.js";

vi.setConfig({ testTimeout: 120_000 });

function rows(count: number, labels: number, words: number, seed: number) {
  const random = new Random(seed);
  return Array.from({ length: count }, () => {
    const k = random.nextBelow(labels);
    const text = Array.from({ length: words }, () =>
      random.nextFloat() < 0.3 ? `own${k}x${random.nextBelow(20)}` : `word${random.nextBelow(400)}`,
    );
    return {
      label: `label ${random.nextFloat() < 0.1 ? random.nextBelow(labels) : k}`,
      text: text.join(" "),
    };
  });
}

describe.each([2, 3, 7])("carried weights, %d classes", (labels) => {
  test("are W(q) of the rows that are left, but for rounding", async () => {
    const { model } = await trainClassifier(rows(160, labels, 6, 1), { keepState: true });
    const { classifier } = model;
    const state = classifier.state!;
    const matrix = atOnce(state.matrix());
    const gone = Uint32Array.of(3, 4, 50, 159);
    const left = Uint32Array.from({ length: 160 }, (_, row) => row).filter((row) => !gone.includes(row));
    const core = await loadCore();
    const { l2, rowCount } = classifier.training;
    const problemOf = () => {
      const problem = new Problem(core(), {
        matrix: takeRows(matrix, left) as CsrMatrix,
        labels: left.map((row) => state.labels[row]!),
        classCount: labels,
        scaledL2: l2 * rowCount,
        hasBias: true,
        batchSize: 4,
      });
      const lines = problem.dualLines();
      const q = new Float64Array(labels);
      const width = lines.length / left.length;
      left.forEach((row, i) => {
        readDual(state, row, q);
        if (labels === 2) lines[i] = q[1 - state.labels[row]!]!;
        else lines.set(q, i * width);
      });
      return problem;
    };
    const carried = problemOf();
    atOnce(
      carryWeights(carried, {
        scorer: classifier.scorer,
        features: undefined,
        matrix,
        labels: state.labels,
        gone,
        readDual: (row, q) => readDual(state, row, q),
      }),
    );
    const summed = problemOf();
    atOnce(summed.rebuild());
    const weightsOf = (problem: Problem) => {
      const { core, at, lineCount, columns } = problem.placed;
      return new Float32Array(core.memory.buffer, at.weights, lineCount * columns);
    };
    const [a, b] = [weightsOf(carried), weightsOf(summed)];
    const largest = b.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);
    // Duals are kept in units of 2⁻¹⁶, and N is what divides them.
    const tolerance = 1e-6 * largest + (160 * 2 ** -16) / (l2 * rowCount) / 8;
    a.forEach((weight, i) => {
      if (Math.abs(weight - b[i]!) > tolerance) expect.fail(`${i}: ${weight} and ${b[i]}`);
    });
    expect(largest).toBeGreaterThan(100 * tolerance);
    const biases = (problem: Problem) => Array.from(problem.biasLine().slice(0, labels === 2 ? 1 : labels));
    biases(carried).forEach((bias, c) => {
      expect(Math.abs(bias - biases(summed)[c]!)).toBeLessThan(8 * tolerance);
    });
  });
});

test.each([2, 5])("duals are kept so that their sums over the rows stay, %d classes", async (labels) => {
  const { model } = await trainClassifier(rows(400, labels, 6, 5), { keepState: true });
  const state = model.classifier.state!;
  const { l2, rowCount } = model.classifier.training;
  const q = new Float64Array(labels);
  const sums = new Float64Array(labels);
  for (let row = 0; row < rowCount; row++) {
    readDual(state, row, q);
    for (let c = 0; c < labels; c++) sums[c]! += (state.labels[row] === c ? 1 : 0) - q[c]!;
  }
  // The bias of a class is that sum over N.
  const biases = model.classifier.scorer.biases();
  const unit = 2 ** -16;
  for (let c = labels === 2 ? 1 : 0; c < labels; c++) {
    const sum = biases[labels === 2 ? 0 : c]! * l2 * rowCount;
    expect(Math.abs(sums[c]! - sum)).toBeLessThan(labels * unit + 1e-5);
  }
});

test("an update has the same bytes with any number of threads", async () => {
  const { model } = await trainClassifier(rows(2800, 240, 120, 2), { keepState: true, maxEpochs: 3 });
  const { classifier } = model;
  expect(shardsFor(atOnce(classifier.state!.matrix()), 240)).toBeGreaterThan(1);
  const more = fromRows(rows(100, 240, 120, 3).map(({ label, text }) => ({ Label: label, Text: text })));
  const bytes = async (threads: number): Promise<Uint8Array> => {
    const updated: { model: Model } = await updateModel(model, more, { threads, maxEpochs: 4 });
    return saveModel(updated.model);
  };
  const one = await bytes(1);
  for (const threads of [2, 3]) expect(Buffer.compare(await bytes(threads), one)).toBe(0);
});

test("threads that are no number are refused", async () => {
  const { model } = await trainClassifier(rows(40, 2, 5, 4), { keepState: true });
  const more = fromRows([{ Label: "label 0", Text: "own0x1" }]);
  await expect(updateModel(model, more, { threads: 0 })).rejects.toMatchObject({ code: "bad-option" });
});
