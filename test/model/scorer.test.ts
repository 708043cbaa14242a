import { describe, expect, test } from "vitest";
import type { CsrMatrix, DenseMatrix } from "../../src/data/csr.js";
import { plainProbabilities } from "../../src/model/plain-scorer.js";
import { Scorer } from "../../src/model/scorer.js";
import { Random } from "../../src/random.js";
import { atOnce } from "../../src/slices.js";
import { weightColumns } from "../../src/wasm/weight-layout.js";
import { builds, freshCore } from "../helpers/place.js";
import { entriesOf } from "../helpers/rows.js";
import * as reference from "../reference/max-entropy.js";

const featureCount = 200;
const rowCount = 30;

/** Rows of 0, few and many entries; weights so large in some that probabilities underflow. */
function example(classCount: number, scale: number) {
  const random = new Random(classCount);
  const { stored } = weightColumns(classCount);
  const number = () => Math.fround((random.nextFloat() - 0.5) * scale);
  const weights = Float32Array.from({ length: featureCount * stored }, number);
  const biases = Float32Array.from({ length: stored }, number);
  const indptr = new Uint32Array(rowCount + 1);
  const indices: number[] = [];
  const values: number[] = [];
  for (let row = 0; row < rowCount; row++) {
    for (let feature = 0; feature < featureCount; feature++) {
      if (random.nextFloat() >= row / (2 * rowCount)) continue;
      indices.push(feature);
      values.push(random.nextFloat());
    }
    indptr[row + 1] = indices.length;
  }
  const matrix: CsrMatrix = {
    layout: "sparse",
    rowCount,
    columnCount: featureCount,
    indptr,
    indices: Uint32Array.from(indices),
    values: Float32Array.from(values),
  };
  return { classCount, weights, biases, matrix };
}

function scorerOf(
  { classCount, weights, biases }: ReturnType<typeof example>,
  build: (typeof builds)[number] = "release",
) {
  const scorer = Scorer.create(freshCore(build), { featureCount, classCount });
  atOnce(scorer.settingStoredWeights(weights));
  scorer.setBiases(biases);
  return scorer;
}

const classCounts = [2, 3, 4, 5, 6, 8, 9, 20, 57, 100];

describe.each(builds)("%s build", (build) => {
  test.each(classCounts)("%i classes: the bits of the plain scorer", (classCount) => {
    for (const scale of [0.1, 4, 40, 200]) {
      const model = example(classCount, scale);
      const probabilities = scorerOf(model, build).probabilities(model.matrix);
      for (let row = 0; row < rowCount; row++) {
        const scored = probabilities.subarray(row * classCount, (row + 1) * classCount);
        expect(scored).toEqual(plainProbabilities(model, entriesOf(model.matrix, row)));
      }
    }
  });
});

test.each(classCounts)("%i classes: the reference's softmax, and a sum of 1", (classCount) => {
  const model = example(classCount, 4);
  const probabilities = scorerOf(model).probabilities(model.matrix);
  const line = (values: Float32Array, at: number) =>
    classCount === 2
      ? [-values[at]!, values[at]!]
      : Array.from(values.subarray(at * classCount, (at + 1) * classCount));
  for (let row = 0; row < rowCount; row++) {
    const z = line(model.biases, 0);
    for (let k = model.matrix.indptr[row]!; k < model.matrix.indptr[row + 1]!; k++) {
      line(model.weights, model.matrix.indices[k]!).forEach((w, c) => {
        z[c]! += model.matrix.values[k]! * w;
      });
    }
    const scored = probabilities.subarray(row * classCount, (row + 1) * classCount);
    reference.softmax(z).forEach((p, c) => {
      expect(Math.abs(scored[c]! - p)).toBeLessThan(1e-4);
    });
    expect(scored.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5);
  }
});

test("a dense matrix scores like the same values stored sparsely", () => {
  const model = example(5, 4);
  const values = new Float32Array(rowCount * featureCount);
  for (let row = 0; row < rowCount; row++) {
    for (let k = model.matrix.indptr[row]!; k < model.matrix.indptr[row + 1]!; k++) {
      values[row * featureCount + model.matrix.indices[k]!] = model.matrix.values[k]!;
    }
  }
  const dense: DenseMatrix = { layout: "dense", rowCount, columnCount: featureCount, values };
  const scorer = scorerOf(model);
  expect(scorer.probabilities(dense)).toEqual(scorer.probabilities(model.matrix));
});

test("more rows than fit into one call of the core", () => {
  const model = example(3, 4);
  const scorer = scorerOf(model);
  const times = 100;
  const nnz = model.matrix.values.length;
  const repeat = <A extends Uint32Array | Float32Array>(array: A): A => {
    const all = new (array.constructor as new (length: number) => A)(array.length * times);
    for (let i = 0; i < times; i++) all.set(array as never, i * array.length);
    return all;
  };
  const indptr = new Uint32Array(rowCount * times + 1);
  for (let row = 0; row <= rowCount * times; row++) {
    indptr[row] = Math.floor(row / rowCount) * nnz + model.matrix.indptr[row % rowCount]!;
  }
  const { indices, values } = model.matrix;
  const many: CsrMatrix = {
    ...model.matrix,
    rowCount: rowCount * times,
    indptr,
    indices: repeat(indices),
    values: repeat(values),
  };
  expect(scorer.probabilities(many)).toEqual(repeat(scorer.probabilities(model.matrix)));
});

test.each([2, 5])("weights come back as they were given (%i classes)", (classCount) => {
  const model = example(classCount, 4);
  const scorer = scorerOf(model);
  const pieces = Array.from(scorer.storedWeights(), (piece) => Array.from(piece)).flat();
  expect(Float32Array.from(pieces)).toEqual(model.weights);
  expect(scorer.biases()).toEqual(model.biases);
});
