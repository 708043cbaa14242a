import { expect, test } from "vitest";
import { testExcess } from "../../bench/studies/test-excess.js";
import { Random } from "../../src/random.js";

const random = new Random(7);
const noise = (count: number, scale: number) =>
  Float64Array.from({ length: count }, () => scale * random.nextFloat());
const raised = (losses: Float64Array, by: number) => losses.map((loss) => loss + by);

test("a fit that is worse by the same in every row is so however the rows are drawn", () => {
  const best = raised(noise(400, 0.2), 0.9);
  const excess = testExcess(raised(best, 0.1), [best, raised(best, 0.3)]);
  expect(excess.whole).toBeCloseTo(0.1, 2);
  expect(excess.from).toBeGreaterThan(0.09);
  expect(excess.to).toBeLessThan(0.11);
  expect(excess.byHalf).toBe(0);
  expect(excess.aboveMost).toBe(0);
});

test("where a few rows decide, what half of them say does not hold for the others", () => {
  const spoilt = (rows: readonly number[]) => {
    const losses = new Float64Array(400).fill(0.01);
    for (const row of rows) losses[row] = 5;
    return losses;
  };
  const [one, other] = [spoilt([1, 2, 3]), spoilt([4, 5, 6])];
  const excess = testExcess(one, [one, other]);
  expect(excess.whole).toBe(0);
  expect(excess.byHalf).toBeGreaterThan(0.5);
  expect(excess.aboveMost).toBeGreaterThan(0.5);
  expect(excess.to).toBeGreaterThan(0.5);
});
