import { describe, expect, test } from "vitest";
import { Problem as Field } from "../../assembly/layout.js";
import type { CsrMatrix } from "../../src/data/csr.js";
import { Random } from "../../src/random.js";
import { atOnce } from "../../src/slices.js";
import { ABSENT, OWN } from "../../src/train/number-lines.js";
import { placeRows } from "../../src/train/place-rows.js";
import { Problem } from "../../src/train/problem.js";
import { builds, freshCore } from "../helpers/place.js";
import { randomRows, withFoldableColumns } from "../helpers/rows.js";
import { weightsOf } from "../helpers/weights.js";
import { plainFolding } from "../reference/folding.js";

function matrixOf(columnCount: number, rows: readonly Record<number, number>[]): CsrMatrix {
  const entries = rows.map((row) => Object.entries(row).map(([feature, value]) => [Number(feature), value]));
  const ends = entries.map((_, i) => entries.slice(0, i + 1).flat().length);
  return {
    layout: "sparse",
    rowCount: rows.length,
    columnCount,
    indptr: Uint32Array.from([0, ...ends]),
    indices: Uint32Array.from(entries.flat().map(([feature]) => feature!)),
    values: Float32Array.from(entries.flat().map(([, value]) => value!)),
  };
}

/** The rows as they stand in a core. */
function placed(matrix: CsrMatrix, build: (typeof builds)[number] = "release") {
  const core = freshCore(build);
  const { folded, plan } = atOnce(
    placeRows(core, matrix, {
      hasBias: true,
      folds: true,
      purpose: "A test",
      blocks: ({ lineCount }) => ({ weights: 4 * lineCount }),
    }),
  );
  const u32 = (block: keyof typeof plan.at, length: number) => [
    ...new Uint32Array(core.memory.buffer, plan.at[block], length),
  ];
  const f32 = (block: keyof typeof plan.at, length: number) => [
    ...new Float32Array(core.memory.buffer, plan.at[block], length),
  ];
  const indptr = u32("indptr", matrix.rowCount + 1);
  return {
    ...folded,
    lineOf: u32("lineOf", matrix.columnCount),
    counts: f32("counts", folded.lineCount - folded.firstShared),
    indptr,
    sharedAt: u32("sharedAt", matrix.rowCount),
    indices: u32("indices", indptr.at(-1)!),
    values: f32("values", indptr.at(-1)!),
    ownIndptr: u32("ownIndptr", matrix.rowCount + 1),
    ownValues: f32("ownValues", folded.ownCount),
    norms: f32("norms", matrix.rowCount),
    ownNorms: f32("ownNorms", matrix.rowCount),
    weights: f32("weights", folded.lineCount),
  };
}

describe.each(builds)("folded rows, %s build", (build) => {
  // Features 1 and 4 are alike, 2 is in row 0 alone, 3 nowhere, 5 like 1 in its rows but not in its values.
  const matrix = matrixOf(6, [{ 0: 1, 1: 2, 2: 3, 4: 2, 5: 2 }, { 0: 4 }, { 1: 5, 4: 5, 5: 6 }]);
  const rows = placed(matrix, build);

  test("have a line for what differs, and none for what one row alone has", () => {
    expect(rows).toMatchObject({ lineCount: 3, firstShared: 2, ownCount: 1 });
    expect(rows.lineOf).toEqual([0, 2, OWN, ABSENT, 2, 1]);
    expect(rows.counts).toEqual([2]);
  });

  test("have the entries on shared lines last", () => {
    expect(rows.indptr).toEqual([0, 3, 4, 6]);
    expect(rows.sharedAt).toEqual([2, 4, 5]);
    expect(rows.indices).toEqual([0, 1, 2, 0, 1, 2]);
    expect(rows.values).toEqual([1, 2, 2, 4, 6, 5]);
    expect(rows.ownIndptr).toEqual([0, 1, 1, 1]);
    expect(rows.ownValues).toEqual([3]);
    expect(rows.weights).toEqual([0, 0, 0]);
  });

  test("have the length that they had, and 1 for the bias", () => {
    expect(rows.norms).toEqual([1 + 22, 1 + 16, 1 + 86]);
    expect(rows.ownNorms).toEqual([9, 0, 0]);
  });

  test("are as the plain definition says, on many columns", () => {
    const { matrix: plain } = randomRows({ rowCount: 200, featureCount: 300, classCount: 3, density: 5 });
    const many = withFoldableColumns(plain);
    const { lineOf, counts, firstShared, ownValues } = placed(many, build);
    const expected = plainFolding(many);
    expect(expected.own.length).toBeGreaterThan(50);
    expect(counts.length).toBeGreaterThan(50);
    expected.lines.forEach((features, line) => {
      for (const feature of features) expect(lineOf[feature]).toBe(line);
      if (line >= firstShared) expect(counts[line - firstShared]).toBe(features.length);
    });
    const isOwn = new Set(expected.own);
    const own = Array.from(many.indices, (feature, k) => ({ feature, value: many.values[k] })).filter(
      ({ feature }) => isOwn.has(feature),
    );
    expect(own.map(({ feature }) => lineOf[feature])).toEqual(own.map((_, position) => OWN + position));
    expect(ownValues).toEqual(own.map(({ value }) => value));
    for (const feature of expected.absent) expect(lineOf[feature]).toBe(ABSENT);
  });
});

test.each([
  {
    name: "values differ",
    rows: [
      { 0: 1, 1: 1 },
      { 0: 2, 1: 3 },
    ],
  },
  { name: "rows differ", rows: [{ 0: 1, 1: 1 }, { 0: 2 }, { 1: 2 }] },
])("a folding is refused where hashes lie: $name", ({ rows }) => {
  const matrix = matrixOf(2, rows);
  const core = freshCore();
  const { plan } = atOnce(
    placeRows(core, matrix, {
      hasBias: false,
      folds: false,
      purpose: "A test",
      blocks: ({ lineCount }) => ({ weights: 4 * lineCount, waiting: 64 }),
    }),
  );
  // As if features 0 and 1 had the same hash.
  const record = new DataView(core.memory.buffer, plan.at.record, Field.BYTES);
  const fields = { [Field.lineCount]: 1, [Field.firstShared]: 0, [Field.sharedEntries]: 2 };
  for (const [field, value] of Object.entries(fields)) record.setUint32(Number(field), value, true);
  new Uint32Array(core.memory.buffer, plan.at.lineOf, 2).set([0, 0]);
  new Uint32Array(core.memory.buffer, plan.at.waiting, 2).fill(0);
  expect(core.foldRows(plan.at.record, plan.at.weights, plan.at.waiting, 0, matrix.rowCount)).toBe(0);
});

test("columns with numbers that are not even equal to themselves are left alone", () => {
  const matrix = matrixOf(2, [
    { 0: Number.NaN, 1: Number.NaN },
    { 0: 1, 1: 1 },
  ]);
  expect(placed(matrix)).toMatchObject({ lineCount: 2, firstShared: 2 });
});

describe.each([3, 9])("%i classes", (classCount) => {
  const { matrix: plain, labels } = randomRows({ rowCount: 120, featureCount: 40, classCount });
  const matrix = withFoldableColumns(plain);
  const trained = (folds: boolean) => {
    const input = { matrix, labels, classCount, scaledL2: 0.2, hasBias: true, batchSize: 4, folds };
    const problem = new Problem(freshCore(), input);
    const random = new Random(5);
    for (let epoch = 0; epoch < 400; epoch++) {
      atOnce(problem.startFullEpoch(random));
      problem.visit(0, problem.rowCount);
    }
    const pass = problem.certify();
    for (;;) {
      const step = pass.next();
      if (step.done) return { weights: weightsOf(problem), certificate: step.value };
    }
  };
  const foldedRun = trained(true);
  const plainRun = trained(false);

  test("folded or not, the optimum is the same", () => {
    expect(plainRun.certificate.gap).toBeLessThan(1e-7);
    expect(foldedRun.certificate.gap).toBeLessThan(1e-7);
    const apart = Math.abs(foldedRun.certificate.objective - plainRun.certificate.objective);
    expect(apart).toBeLessThanOrEqual(foldedRun.certificate.gap + plainRun.certificate.gap);
    // (λ/2) |W − W*|² ≤ gap for both, so they are not farther apart than that allows.
    const l2 = 0.2 / 120;
    const distance = Math.hypot(...foldedRun.weights.map((weight, i) => weight - plainRun.weights[i]!));
    const radius = ({ certificate }: typeof foldedRun) => Math.sqrt((2 * certificate.gap) / l2);
    expect(distance).toBeLessThanOrEqual(radius(foldedRun) + radius(plainRun));
    expect(Math.hypot(...foldedRun.weights)).toBeGreaterThan(1);
  });
});

test.each([
  { classCount: 2, isFolded: false },
  { classCount: 3, isFolded: true },
])("$classCount classes: columns are folded: $isFolded", ({ classCount, isFolded }) => {
  const { matrix, labels } = randomRows({ rowCount: 120, featureCount: 40, classCount });
  const input = { matrix: withFoldableColumns(matrix), labels, classCount, scaledL2: 0.2, hasBias: true };
  const { lineCount, featureCount } = new Problem(freshCore(), { ...input, batchSize: 4 }).placed;
  expect(lineCount < featureCount).toBe(isFolded);
});
