import { describe, expect, test } from "vitest";
import { paddedClasses } from "../../src/wasm/weight-layout.js";
import { builds, place } from "../helpers/place.js";

const featureCount = 12;
const cases = [
  { name: "an empty row changes nothing", classCount: 3, row: {} },
  { name: "one feature", classCount: 3, row: { 2: 0.5 } },
  { name: "classes fill one register", classCount: 4, row: { 0: 1, 3: -2, 7: 0.25 } },
  { name: "classes spill into a second register", classCount: 5, row: { 1: 0.6, 6: 0.8 } },
  { name: "two registers full", classCount: 8, row: { 1: 0.6, 6: 0.8, 11: -0.1 } },
  { name: "three registers, four features at a time", classCount: 9, row: { 0: 1e-3, 3: 2, 5: -1, 7: 1e3 } },
  { name: "five features: four and a rest", classCount: 20, row: { 0: 1, 2: 2, 4: 3, 6: -4, 11: 5 } },
  {
    name: "seven features: a rest of three",
    classCount: 21,
    row: { 0: 1, 2: 2, 4: 3, 6: -4, 8: 5, 9: 0.1, 11: 7 },
  },
  { name: "four registers at a time, then two", classCount: 24, row: { 1: 0.6, 6: 0.8, 11: -0.1 } },
  { name: "four, four, four and one", classCount: 50, row: { 0: 1, 2: 2, 4: 3, 6: -4, 11: 5 } },
];

const f = Math.fround;

function arrays(classCount: number, row: object) {
  const stride = paddedClasses(classCount);
  const indices = Uint32Array.from(Object.keys(row), Number);
  const values = Float32Array.from(Object.values(row) as number[]);
  const weights = Float32Array.from({ length: featureCount * stride }, (_, i) =>
    i % stride < classCount ? Math.sin(i + 1) : 0,
  );
  const line = Float32Array.from({ length: stride }, (_, c) => (c < classCount ? Math.cos(c) : 0));
  return { stride, indices, values, weights, line };
}

describe.each(builds)("%s build", (build) => {
  test.each(cases)("addRowScores: $name", ({ classCount, row }) => {
    const { stride, indices, values, weights, line } = arrays(classCount, row);
    const { core, at, read } = place({ line, indices, values, weights }, build);
    core.addRowScores(at.line, at.indices, at.values, indices.length, at.weights, stride);
    // Each score is summed in the order of the row's features, in single precision: the same bits.
    const expected = line.map((score, c) =>
      indices.reduce((sum, feature, k) => f(sum + f(values[k]! * weights[feature * stride + c]!)), score),
    );
    expect(read("line")).toEqual(expected);
  });

  test.each(cases)("addRowUpdate: $name", ({ classCount, row }) => {
    const { stride, indices, values, weights, line } = arrays(classCount, row);
    const { core, at, read } = place({ line, indices, values, weights }, build);
    core.addRowUpdate(at.weights, at.indices, at.values, indices.length, at.line, stride);
    const expected = weights.slice();
    indices.forEach((feature, k) => {
      for (let c = 0; c < stride; c++) {
        expected[feature * stride + c] = f(expected[feature * stride + c]! + f(values[k]! * line[c]!));
      }
    });
    expect(read("weights")).toEqual(expected);
  });

  const counts = [0, 1, 2, 3, 4, 5, 6, 7, 8, 11];
  const placings = [
    { where: "side by side", places: (nnz: number) => Array.from({ length: nnz }, (_, k) => k + 3) },
    { where: "apart", places: (nnz: number) => Array.from({ length: nnz }, (_, k) => 2 * k + (k >> 2)) },
  ];

  describe.each(placings)("features $where", ({ places }) => {
    test.each(counts)("rowMargin of %i, and its update", (nnz) => {
      const indices = Uint32Array.from(places(nnz));
      const values = Float32Array.from({ length: nnz }, (_, k) => Math.sin(k + 1));
      const weights = Float32Array.from({ length: 2 * featureCount }, (_, i) => Math.cos(i));
      const { core, at, read } = place({ indices, values, weights }, build);
      const sums = [0, 0, 0, 0];
      values.forEach((value, k) => {
        sums[k % 4] = f(sums[k % 4]! + f(value * weights[indices[k]!]!));
      });
      expect(core.rowMargin(at.indices, at.values, nnz, at.weights)).toBe(
        f(f(sums[0]! + sums[1]!) + f(sums[2]! + sums[3]!)),
      );
      core.addRowMarginUpdate(at.weights, at.indices, at.values, nnz, 0.25);
      const expected = weights.slice();
      indices.forEach((feature, k) => {
        expected[feature] = f(expected[feature]! + f(values[k]! * 0.25));
      });
      expect(read("weights")).toEqual(expected);
    });
  });

  test("addSquares: in double precision, rounded once", () => {
    const squares = Float32Array.from({ length: featureCount }, (_, i) => i / 3);
    const indices = Uint32Array.of(0, 3, 3, 11);
    const values = Float32Array.of(0.1, -0.7, 1e-3, 1e10);
    const { core, at, read } = place({ squares, indices, values }, build);
    core.addSquares(at.squares, at.indices, at.values, indices.length);
    indices.forEach((feature, k) => {
      squares[feature]! += values[k]! * values[k]!;
    });
    expect(read("squares")).toEqual(squares);
  });
});
