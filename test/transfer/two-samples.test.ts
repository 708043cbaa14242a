import { describe, expect, test, vi } from "vitest";
import { MomentSums, type Moments } from "../../src/model/drift-reference.js";
import { Random } from "../../src/random.js";
import { countDifference, meanDifference } from "../../src/transfer/two-samples.js";

vi.setConfig({ testTimeout: 60_000 });
const random = new Random(5);

function momentsOf(count: number, value: () => number): Moments {
  const sums = new MomentSums();
  for (let i = 0; i < count; i++) sums.add(value());
  return sums.moments;
}

/** Counts of so many rows, whose classes are as frequent as `weights` say. */
function counts(weights: readonly number[], rows: number): Uint32Array {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const result = new Uint32Array(weights.length);
  for (let i = 0; i < rows; i++) {
    let rest = random.nextFloat() * total;
    let c = 0;
    while (c < weights.length - 1 && rest >= weights[c]!) rest -= weights[c++]!;
    result[c]!++;
  }
  return result;
}

const TIMES = 600;
/** Share of p-values below a level: of so many, within four standard deviations of it. */
function expectLevel(pValues: readonly number[], level: number): void {
  const share = pValues.filter((p) => p < level).length / pValues.length;
  expect(share).toBeLessThan(level + 4 * Math.sqrt((level * (1 - level)) / pValues.length));
  expect(share).toBeGreaterThan(level / 4);
}
const pValuesOf = (p: () => number) => Array.from({ length: TIMES }, p);

describe("meanDifference", () => {
  test.each([
    { rows: 3000, more: 5, power: 1 },
    { rows: 3000, more: 20, power: 6 },
    { rows: 500, more: 500, power: 6 },
  ])("raises false alarms as often as it says: $rows rows and $more, x^$power", ({ rows, more, power }) => {
    const value = () => random.nextFloat() ** power;
    const pValues = pValuesOf(
      () => meanDifference([momentsOf(rows, value)], momentsOf(more, value), 0).pValue,
    );
    for (const level of [0.01, 0.05]) expectLevel(pValues, level);
  });

  test("between two expected means there is no difference", () => {
    const [low, high] = [0.2, 0.4].map((mean) => ({ count: 100, mean, deviation: 0.1, skewness: 0 }));
    const at = (mean: number) => meanDifference([high!, low!], { ...low!, mean }, 0);
    expect(at(0.3)).toEqual({ effect: 0, pValue: 1 });
    expect(at(0.1).effect).toBeCloseTo(-1, 12);
    expect(at(0.5).effect).toBeCloseTo(1, 12);
    expect(at(0.1).pValue).toBeLessThan(1e-6);
  });

  test("a difference within the margin is no alarm, however certain; one beyond it is", () => {
    const expected = { count: 1e6, mean: 0.5, deviation: 0.2, skewness: 0 };
    const found = (mean: number) => meanDifference([expected], { ...expected, mean }, 0.1).pValue;
    expect(found(0.515)).toBe(1);
    expect(found(0.525)).toBeLessThan(1e-6);
  });

  test("nothing to compare, and values that are all equal", () => {
    const none = { count: 0, mean: 0, deviation: 0, skewness: 0 };
    const ones = { count: 9, mean: 1, deviation: 0, skewness: 0 };
    expect(meanDifference([ones], none, 0)).toEqual({ effect: 0, pValue: 1 });
    expect(meanDifference([ones], ones, 0)).toEqual({ effect: 0, pValue: 1 });
    expect(meanDifference([ones], { ...ones, mean: 0.5 }, 0).pValue).toBe(0);
  });
});

describe("countDifference", () => {
  test.each([
    { name: "two classes, few rows", weights: [1, 1], rows: 500, more: 20 },
    {
      name: "many rare classes",
      weights: Array.from({ length: 77 }, (_, c) => 1 / (c + 1)),
      rows: 700,
      more: 50,
    },
    { name: "six classes, ten rows", weights: [1, 1, 1, 1, 1, 1], rows: 4000, more: 10 },
  ])("raises false alarms as often as it says: $name", ({ weights, rows, more }) => {
    const pValues = pValuesOf(
      () => countDifference([counts(weights, rows)], counts(weights, more), 0).pValue,
    );
    expectLevel(pValues, 0.05);
    expectLevel(pValues, 0.01 * 1.5);
  });

  test("sees other shares, from the nearest of what is expected", () => {
    const [even, odd] = [counts([1, 1, 1], 900), counts([3, 1, 1], 900)];
    const found = counts([3, 1, 1], 300);
    expect(countDifference([even], found, 0).pValue).toBeLessThan(1e-4);
    expect(countDifference([even, odd], found, 0)).toEqual(countDifference([odd], found, 0));
  });

  test("effect is Cohen's w, and within the margin there is no alarm", () => {
    const [expected, found] = [
      [50_000, 50_000],
      [52_000, 48_000],
    ];
    const { effect, pValue } = countDifference([expected], found, 0);
    expect(effect).toBeCloseTo(0.04, 2);
    expect(pValue).toBeLessThan(1e-10);
    expect(countDifference([expected], found, 0.1).pValue).toBeGreaterThan(0.9);
  });

  test("one class, or nothing", () => {
    expect(countDifference([[5, 0]], [3, 0], 0)).toEqual({ effect: 0, pValue: 1 });
    expect(countDifference([[5, 2]], [0, 0], 0)).toEqual({ effect: 0, pValue: 1 });
  });
});
