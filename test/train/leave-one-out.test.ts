import { describe, expect, test } from "vitest";
import type { Moments } from "../../src/model/drift-reference.js";
import { referenceOf } from "../../src/train/leave-one-out.js";
import { Problem } from "../../src/train/problem.js";
import { solve } from "../../src/train/solve.js";
import { weightColumns } from "../../src/wasm/weight-layout.js";
import { freshCore } from "../helpers/place.js";
import { randomRows } from "../helpers/rows.js";
import { weightsOf } from "../helpers/weights.js";
import { type LeftOut, leftOut, ownShares } from "../reference/leave-one-out.js";
import { problemOf } from "../reference/max-entropy.js";

const scaledL2 = 0.05;
const options = { tolerance: 1e-8, maxEpochs: 500, maxMs: 1e6, onAbort: "reject", seed: 1 } as const;

/** Lines as in memory, of one column for two classes, as lists of all classes. */
function allClasses(lines: Float32Array, classCount: number, other: (value: number) => number) {
  const { padded } = weightColumns(classCount);
  return Array.from({ length: lines.length / padded }, (_, i) => {
    const line = [...lines.subarray(i * padded, i * padded + Math.min(padded, classCount))];
    return classCount === 2 ? [other(line[0]!), line[0]!] : line;
  });
}

function expectMoments(found: Moments, values: readonly number[]) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  expect(found.count).toBe(values.length);
  expect(found.mean).toBeCloseTo(mean, 5);
  expect(found.deviation).toBeCloseTo(Math.sqrt(squares), 5);
}

describe.each([2, 3, 6])("%d classes", (classCount) => {
  test.each([false, true])("are those of the f64 twin, rows weighted: %s", async (isWeighted) => {
    // Many features that one row alone has, which are folded with more than two classes.
    const { matrix, labels } = randomRows({ rowCount: 120, featureCount: 900, classCount, density: 6 });
    const rowWeights = Float32Array.from({ length: 120 }, (_, row) =>
      isWeighted ? 0.5 + (row % 11) / 10 : 1,
    );
    const input = { matrix, labels, classCount, rowWeights, scaledL2, hasBias: false, batchSize: 4 };
    const problem = new Problem(freshCore(), input);
    await solve(problem, options);
    const found = (await referenceOf(problem, undefined, "tolerance", options))!;

    const twin = problemOf(matrix, labels, classCount, scaledL2, false, rowWeights);
    expectMoments(found.unseen, ownShares(twin));
    const weights = allClasses(weightsOf(problem), classCount, (weight) => -weight);
    // Of the label's entry the others tell; two classes keep that of the wrong one.
    const duals = allClasses(problem.dualLines(), classCount, (mass) => 1 - mass).map((q, row) => {
      const label = labels[row]!;
      if (classCount === 2) return label === 0 ? q : [...q].reverse();
      return q.map((mass, c) =>
        c === label ? 1 - q.reduce((sum, m, k) => sum + (k === label ? 0 : m), 0) : mass,
      );
    });
    // The doubt as it is at least, then at most.
    const compare = (outlook: number, rows: readonly LeftOut[]) => {
      expectMoments(
        found.outlooks[outlook]!.doubt,
        rows.map(({ doubt }) => doubt),
      );
      const classes = Array.from(
        { length: classCount },
        (_, c) => rows.filter((row) => row.predicted === c).length,
      );
      expect([...found.outlooks[outlook]!.classes]).toEqual(classes);
    };
    compare(0, leftOut(twin, weights, duals, 16));
    compare(1, leftOut(twin, weights, duals, 1));
  });
});
