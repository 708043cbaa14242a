import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { nodeWorkerHost } from "../../src/node/worker-host.js";
import { setWorkerHost } from "../../src/threads/worker-host.js";
import { enlist, shardsFor } from "../../src/train/enlist.js";
import { Problem } from "../../src/train/problem.js";
import { type Solved, type SolveOptions, solve } from "../../src/train/solve.js";
import { loadCore } from "../../src/wasm/core.js";
import { paddedClasses, type WeightLines, weightColumns } from "../../src/wasm/weight-layout.js";
import { randomRows, withDenseColumns } from "../helpers/rows.js";
import { weightsOf } from "../helpers/weights.js";

beforeAll(() => setWorkerHost(nodeWorkerHost));
afterAll(() => setWorkerHost(undefined));

const options: SolveOptions = {
  tolerance: 1e-5,
  maxEpochs: 4,
  maxMs: Number.POSITIVE_INFINITY,
  onAbort: "reject",
  seed: 1,
};

interface Shape {
  readonly dense?: "alone" | "beside others";
  readonly rowCount: number;
  readonly featureCount: number;
  readonly classCount: number;
}

interface Kind {
  readonly hasBias: boolean;
  readonly hasOrigin: boolean;
  readonly isWeighted: boolean;
  readonly l1?: number;
  readonly isSoft?: boolean;
}

/** Nine tenths on the label, the rest on all classes. */
function smoothed(labels: Uint32Array, classCount: number): Float32Array {
  const targets = new Float32Array(labels.length * classCount).fill(0.1 / classCount);
  labels.forEach((label, row) => {
    targets[row * classCount + label]! += 0.9;
  });
  return targets;
}

async function solved(shape: Shape, threads: number, kind: Kind) {
  const { hasBias, hasOrigin, isWeighted, l1, isSoft } = kind;
  const { classCount, dense } = shape;
  const plain = randomRows({ ...shape, density: 12 });
  const matrix = dense ? withDenseColumns(plain.matrix, dense === "beside others") : plain.matrix;
  const rows = { ...plain, matrix };
  const featureCount = matrix.columnCount;
  const enlisted = await enlist(threads, (await loadCore())());
  expect(enlisted.threads).toBe(threads);
  const { padded } = weightColumns(classCount);
  const origin: WeightLines = {
    weights: Float32Array.from({ length: featureCount * padded }, (_, i) =>
      i % padded < classCount ? Math.sin(i) / 9 : 0,
    ),
    biases: new Float32Array(classCount === 2 ? 1 : paddedClasses(classCount)),
  };
  const problem = new Problem(enlisted.core, {
    ...rows,
    classCount,
    scaledL2: 0.1,
    hasBias,
    batchSize: 8,
    shards: dense ? 2 : 4,
    threads,
    l1,
    ...(isSoft && { targets: smoothed(rows.labels, classCount) }),
    ...(hasOrigin && { origin }),
    ...(isWeighted && { rowWeights: Float32Array.from(rows.labels, (_, row) => 0.5 + (row % 3) / 2) }),
  });
  let result: Solved;
  try {
    result = await solve(problem, options, undefined, await enlisted.handsOn(problem));
  } finally {
    await enlisted.dismiss();
  }
  const weights = weightsOf(problem);
  const biases = problem.biasLine().slice();
  return { ...result, weights, biases };
}

describe.each([
  { rowCount: 61, featureCount: 50, classCount: 2 },
  { rowCount: 61, featureCount: 50, classCount: 3 },
  { rowCount: 48, featureCount: 49, classCount: 5 },
  { rowCount: 90, featureCount: 133, classCount: 9 },
  { rowCount: 75, featureCount: 260, classCount: 70 },
  { rowCount: 61, featureCount: 50, classCount: 2, dense: "beside others" },
  { rowCount: 48, featureCount: 49, classCount: 5, dense: "alone" },
  { rowCount: 90, featureCount: 133, classCount: 9, dense: "beside others" },
] satisfies Shape[])(
  "$rowCount rows, $featureCount features, $classCount classes, dense: $dense",
  (shape: Shape) => {
    test.each([
      { hasBias: true, hasOrigin: false, isWeighted: false },
      { hasBias: false, hasOrigin: false, isWeighted: true },
      { hasBias: true, hasOrigin: true, isWeighted: false },
      { hasBias: true, hasOrigin: true, isWeighted: true },
      { hasBias: true, hasOrigin: false, isWeighted: false, l1: 0.05 },
      { hasBias: true, hasOrigin: false, isWeighted: false, isSoft: true },
    ])(
      "1, 2, 3, 4 and 8 threads give the same bits (bias $hasBias, origin $hasOrigin, weights $isWeighted, l1 $l1, soft labels $isSoft)",
      async (kind) => {
        const alone = await solved(shape, 1, kind);
        expect(alone.weights.some((weight) => weight !== 0)).toBe(true);
        for (const threads of [2, 3, 4, 8]) {
          expect(await solved(shape, threads, kind), `${threads} threads`).toEqual(alone);
        }
      },
      60_000,
    );
  },
);

test("rows dealt out to shards reach the same optimum as whole ones", async () => {
  const shape = { rowCount: 400, featureCount: 150, classCount: 5 };
  const rows = randomRows({ ...shape, density: 12 });
  const core = await loadCore();
  const runs = [1, 2, 4].map(async (shards) => {
    const input = { ...rows, classCount: 5, scaledL2: 0.1, hasBias: true, batchSize: 4, shards };
    return solve(new Problem(core(), input), { ...options, tolerance: 1e-6, maxEpochs: 500 });
  });
  const objectives = (await Promise.all(runs)).map(({ certificate }) => {
    expect(certificate.gap).toBeLessThanOrEqual(1e-6);
    return certificate.objective;
  });
  expect(Math.max(...objectives) - Math.min(...objectives)).toBeLessThanOrEqual(2e-6);
});

describe("shards", () => {
  const matrixOf = (rowCount: number, entriesARow: number) => ({
    layout: "sparse" as const,
    rowCount,
    columnCount: 10,
    indptr: new Uint32Array(rowCount + 1),
    indices: new Uint32Array(rowCount * entriesARow),
    values: new Float32Array(rowCount * entriesARow),
  });

  test.each([
    { what: "a small problem", rows: 5000, entries: 60, classes: 6, shards: 1 },
    { what: "a large one of short rows", rows: 200_000, entries: 40, classes: 20, shards: 2 },
    { what: "a large one of long rows", rows: 30_000, entries: 80, classes: 77, shards: 4 },
    { what: "a large one of rows nearly empty", rows: 2_000_000, entries: 4, classes: 77, shards: 1 },
  ])("$what has $shards", ({ rows, entries, classes, shards }) => {
    expect(shardsFor(matrixOf(rows, entries), classes)).toBe(shards);
  });
});
