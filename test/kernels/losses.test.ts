import { describe, expect, test } from "vitest";
import { Random } from "../../src/random.js";
import { atOnce } from "../../src/slices.js";
import { Problem, type ProblemInput } from "../../src/train/problem.js";
import { builds, freshCore } from "../helpers/place.js";
import { randomRows, withDenseColumns, withFoldableColumns } from "../helpers/rows.js";

const rowCount = 300;

/** Distributions that are not all on the label. */
function softened(labels: Uint32Array, classCount: number): Float32Array {
  const targets = new Float32Array(labels.length * classCount).fill(0.3 / classCount);
  labels.forEach((label, row) => {
    targets[row * classCount + label]! += 0.7;
  });
  return targets;
}

const cases: readonly [
  name: string,
  extra: (labels: Uint32Array, classCount: number) => Partial<ProblemInput>,
][] = [
  ["labels", () => ({})],
  ["soft labels", (labels, classCount) => ({ targets: softened(labels, classCount) })],
  ["weights of rows", () => ({ rowWeights: Float32Array.from({ length: rowCount }, (_, i) => (i % 5) / 2) })],
  ["an L1 part", () => ({ l1: 0.05 })],
  ["batches of one row", () => ({ batchSize: 1 })],
  ["four shards", () => ({ shards: 4 })],
  ["four shards, two threads", () => ({ shards: 4, threads: 2 })],
];

describe.each(builds)("%s build", (build) => {
  describe.each([2, 3, 24])("%i classes", (classCount) => {
    const { matrix: plain, labels } = randomRows({ rowCount, featureCount: 60, classCount });
    const matrices = { folded: withFoldableColumns(plain), dense: withDenseColumns(plain) };
    describe.each(Object.entries(matrices))("%s columns", (_, matrix) => {
      test.each(cases)("losses with %s are those of the certificate", (_, extra) => {
        const problem = new Problem(freshCore(build), {
          ...{ matrix, labels, classCount, scaledL2: 0.2, hasBias: true, batchSize: 8 },
          ...extra(labels, classCount),
        });
        atOnce(problem.startFullEpoch(new Random(3)));
        if (!extra(labels, classCount).threads) problem.visit(0, rowCount);
        const { loss } = atOnce(problem.certify());
        const rows = Uint32Array.from({ length: rowCount }, (_, i) => rowCount - 1 - i);
        const mean = atOnce(problem.meanLossOf(rows));
        expect(Math.abs(mean - loss)).toBeLessThan(1e-6);
        // Of some rows, and without a trace.
        const halves = [rows.subarray(0, 150), rows.subarray(150)];
        const weightOf = (half: Uint32Array) => {
          const { rowWeights } = extra(labels, classCount);
          return rowWeights ? half.reduce((sum, row) => sum + rowWeights[row]!, 0) : half.length;
        };
        const sum = halves.reduce((all, half) => all + weightOf(half) * atOnce(problem.meanLossOf(half)), 0);
        expect(sum / weightOf(rows)).toBeCloseTo(mean, 10);
        expect(atOnce(problem.certify()).loss).toBe(loss);
      });
    });
  });
});
