import { describe, expect, test } from "vitest";
import { Random } from "../../src/random.js";
import { atOnce } from "../../src/slices.js";
import { OneThread } from "../../src/train/hands.js";
import { Problem } from "../../src/train/problem.js";
import { Run } from "../../src/train/solve.js";
import { certify, expectBoundsUntilOptimum } from "../helpers/certified.js";
import { builds, freshCore } from "../helpers/place.js";
import { randomRows, withDenseColumns, withFoldableColumns } from "../helpers/rows.js";
import { weightsOf } from "../helpers/weights.js";
import * as reference from "../reference/max-entropy.js";

const shapes = [
  { rowCount: 60, featureCount: 25, classCount: 2, scaledL2: 0.5 },
  { rowCount: 60, featureCount: 25, classCount: 3, scaledL2: 0.5 },
  { rowCount: 50, featureCount: 40, classCount: 4, scaledL2: 0.1 },
  { rowCount: 90, featureCount: 30, classCount: 7, scaledL2: 2 },
  { rowCount: 70, featureCount: 60, classCount: 20, scaledL2: 0.05 },
].flatMap((shape) => [
  { ...shape, columns: "plain" },
  { ...shape, columns: "foldable" },
  { ...shape, columns: "foldable and dense" },
  { ...shape, columns: "dense" },
]);

function posed(
  shape: (typeof shapes)[number],
  hasBias: boolean,
  batchSize: number,
  build: (typeof builds)[number] = "release",
  withOrigin = false,
  l1 = 0,
  isSoft = false,
) {
  const { matrix: plain, labels } = randomRows(shape);
  const foldable = shape.columns.startsWith("foldable") ? withFoldableColumns(plain) : plain;
  const isMixed = shape.columns === "foldable and dense";
  const matrix = shape.columns.endsWith("dense") ? withDenseColumns(foldable, isMixed) : foldable;
  const origin = withOrigin ? randomOrigin(matrix.columnCount, shape.classCount) : undefined;
  const soft = isSoft ? randomTargets(labels, shape.classCount) : undefined;
  const input = {
    ...(soft && { targets: soft.targets }),
    matrix,
    labels,
    classCount: shape.classCount,
    scaledL2: shape.scaledL2,
    hasBias,
    batchSize,
    ...(origin && { origin }),
    ...(l1 > 0 && { l1 }),
  };
  const problem = new Problem(freshCore(build), input);
  const plainTwin = reference.problemOf(matrix, labels, shape.classCount, shape.scaledL2, hasBias);
  const twin = { ...plainTwin, l1: Math.fround(l1), ...(soft && { targets: soft.exact }) };
  return { problem, twin: origin ? { ...twin, origin: weightsAsLines(problem, hasBias) } : twin };
}

/** W₀: lines as in memory, spare lanes 0. */
function randomOrigin(featureCount: number, classCount: number) {
  const random = new Random(9);
  const columns = classCount === 2 ? 1 : Math.ceil(classCount / 4) * 4;
  const weights = Float32Array.from({ length: featureCount * columns }, (_, i) =>
    i % columns < classCount ? 4 * random.nextFloat() - 2 : 0,
  );
  const biases = Float32Array.from({ length: classCount === 2 ? 1 : classCount }, () => random.nextFloat());
  return { weights, biases };
}

/** Distributions whose largest entry is the label's: in single precision, and with the label's entry what the others leave. */
function randomTargets(labels: Uint32Array, classCount: number) {
  const random = new Random(5);
  const targets = new Float32Array(labels.length * classCount);
  const exact = Array.from(labels, (label, row) => {
    const share = 0.9 * random.nextFloat();
    const raw = Array.from({ length: classCount }, (_, c) => (c === label ? 0 : random.nextFloat()));
    const sum = raw.reduce((total, x) => total + x, 0);
    const others = raw.map((x) => Math.fround((share * x) / sum / 2));
    const line = others.map((x, c) => (c === label ? 1 - others.reduce((total, x) => total + x, 0) : x));
    targets.set(line, row * classCount);
    return line;
  });
  return { targets, exact };
}

/** The problem's weights as the reference holds them: a line a feature, the bias last. */
function weightsAsLines(problem: Problem, hasBias: boolean): reference.Weights {
  const { featureCount, classCount } = problem;
  const flat = Array.from(weightsOf(problem));
  const bias = Array.from(problem.biasLine());
  const stride = flat.length / featureCount;
  const lines = Array.from({ length: featureCount }, (_, i) => flat.slice(i * stride, (i + 1) * stride));
  if (hasBias) lines.push(bias);
  return lines.map((line) => (classCount === 2 ? [-line[0]!, line[0]!] : line.slice(0, classCount)));
}

describe.each(shapes)(
  "$rowCount rows, $featureCount features, $classCount classes, N = $scaledL2, columns: $columns",
  (shape) => {
    test.each([
      [true, false, 0, "hard"],
      [false, false, 0, "hard"],
      [true, true, 0, "hard"],
      [true, false, 0.3, "hard"],
      [false, false, 0.1, "hard"],
      [true, false, 0, "soft"],
      [true, true, 0, "soft"],
    ])(
      "the certificate equals the reference's primal at the weights (bias: %s, with an origin: %s, l1: %s, labels: %s)",
      (hasBias, withOrigin, l1, labels) => {
        const { problem, twin } = posed(shape, hasBias, 4, "release", withOrigin, l1, labels === "soft");
        const random = new Random(3);
        for (let epoch = 0; epoch < 3; epoch++) {
          atOnce(problem.startFullEpoch(random));
          problem.visit(0, shape.rowCount);
          const certificate = certify(problem);
          const weights = weightsAsLines(problem, hasBias);
          expect(certificate.objective).toBeCloseTo(reference.primal(twin, weights), 11);
          expect(certificate.loss).toBeCloseTo(reference.loss(twin, weights), 11);
          expect(certificate.gap).toBe(certificate.divergence + certificate.drift);
          expect(certificate.drift).toBeLessThan(1e-12);
        }
      },
    );

    test.each([
      ["0", false, 0, false],
      ["another origin", true, 0, false],
      ["0 with an L1 part", false, 0.2, false],
      ["0 with soft labels", false, 0, true],
      ["0 with soft labels and an L1 part", false, 0.1, true],
    ])(
      "from %s: the gap bounds the distance to the optimum, and training closes it",
      (_, withOrigin, l1, isSoft) => {
        const { problem, twin } = posed(shape, true, 2, "release", withOrigin, l1, isSoft);
        const best = reference.optimum(twin, 1e-10);
        const least = reference.primal(twin, best.weights) - best.gap;
        expectBoundsUntilOptimum(problem, least, best.gap);
      },
    );

    test("both builds give the same bits", () => {
      const weights = builds.map((build) => {
        const { problem } = posed(shape, true, 4, build);
        atOnce(problem.startFullEpoch(new Random(1)));
        problem.visit(0, shape.rowCount);
        return weightsOf(problem);
      });
      expect(weights[0]).toEqual(weights[1]);
    });

    test("slices that end where batches end do not change the bits", () => {
      const runs = [shape.rowCount, 4, 12].map((rows) => {
        const { problem } = posed(shape, true, 4);
        atOnce(problem.startFullEpoch(new Random(1)));
        for (let row = 0; row < shape.rowCount; row += rows) problem.visit(row, row + rows);
        return weightsOf(problem);
      });
      expect(runs[1]).toEqual(runs[0]);
      expect(runs[2]).toEqual(runs[0]);
    });
  },
);

test("dense columns have the first lines, and the weights that updates have added up are those that follow from the duals", () => {
  for (const shape of shapes.filter(({ columns }) => columns.endsWith("dense"))) {
    for (const [batchSize, l1] of [
      [1, 0],
      [2, 0],
      [8, 0],
      [4, 0.1],
    ] as const) {
      const { problem } = posed(shape, true, batchSize, "release", false, l1);
      expect(problem.placed).toMatchObject({ denseCount: 48, paddingCount: 13 });
      atOnce(problem.startFullEpoch(new Random(2)));
      problem.visit(0, shape.rowCount);
      const updated = weightsOf(problem);
      certify(problem);
      const certified = weightsOf(problem);
      expect(updated.some((weight) => weight !== 0)).toBe(true);
      updated.forEach((weight, i) => {
        expect(Math.abs(weight - certified[i]!)).toBeLessThan(
          (2e-6 * (1 + Math.abs(weight))) / shape.scaledL2,
        );
      });
    }
  }
});

test("the dual objective follows from the entropies of the duals and the gain of the weights, with an origin as without", () => {
  for (const shape of shapes) {
    for (const withOrigin of [false, true]) {
      const { problem, twin } = posed(shape, true, 1, "release", withOrigin);
      const random = new Random(1);
      for (let epoch = 0; epoch < 40; epoch++) {
        atOnce(problem.startFullEpoch(random));
        problem.visit(0, shape.rowCount);
      }
      const certificate = certify(problem);
      const dual =
        meanEntropy(problem) - (shape.scaledL2 / shape.rowCount / 2) * problem.squaredWeightsGained();
      expect(Math.abs(dual - (certificate.objective - certificate.gap))).toBeLessThan(1e-5);
      expect(dual).toBeLessThan(reference.primal(twin, reference.startingWeights(twin)));
    }
  }
});

/** (1/n) Σ H(q) */
function meanEntropy(problem: Problem): number {
  const { rowCount, classCount } = problem;
  const lines = problem.dualLines();
  const columns = lines.length / rowCount;
  let sum = 0;
  for (let row = 0; row < rowCount; row++) {
    const masses =
      columns === 1
        ? [lines[row]!, 1 - lines[row]!]
        : [...lines.subarray(row * columns, row * columns + classCount)];
    for (const mass of masses) if (mass > 0) sum -= mass * Math.log(mass);
  }
  return sum / rowCount;
}

test("the estimate of the gap is the mean over all rows where they are few, and near it or on its side of the limit where they are many", async () => {
  for (const [rowCount, error] of [
    [shapes[1]!.rowCount, 1e-6],
    [9000, 0.2],
  ] as const) {
    const { problem } = posed({ ...shapes[1]!, rowCount }, true, 1);
    const random = new Random(1);
    for (let epoch = 0; epoch < 6; epoch++) {
      atOnce(problem.startEpoch(random));
      problem.visit(0, rowCount);
    }
    const limits = { tolerance: 1e-3, maxEpochs: 1, maxMs: Number.POSITIVE_INFINITY };
    const run = new Run(new OneThread(problem), problem, { ...limits, onAbort: "reject", seed: 1 });
    const seen = problem.seen();
    const estimate = (limit: number) => run.do(problem.estimateGap(seen, limit));
    const nearZero = await estimate(0);
    const { gap } = certify(problem);
    expect(Math.abs(nearZero / gap - 1)).toBeLessThan(error);
    for (const factor of [0.5, 0.9, 1.1, 2])
      expect((await estimate(factor * gap)) > factor * gap, `at ${factor}`).toBe(factor < 1);
  }
});
