import { describe, expect, test } from "vitest";
import { coinTail, gammaSides, normalTail, skewedTail } from "../src/distributions.js";

/** P(X ≥ x) of the gamma distribution with a whole shape: a Poisson count below it. */
function poissonBelow(shape: number, x: number): number {
  let term = Math.exp(-x);
  let sum = 0;
  for (let k = 0; k < shape; k++) {
    sum += term;
    term *= x / (k + 1);
  }
  return sum;
}

describe("gammaSides", () => {
  test.each([
    [1, 0.001],
    [1, 1],
    [1, 30],
    [3, 0.5],
    [3, 9],
    [40, 20],
    [40, 41],
    [40, 90],
    [200, 260],
  ])("shape %d at %d is what Poisson's counts say", (shape, x) => {
    const { below, above } = gammaSides(shape, x);
    const exact = poissonBelow(shape, x);
    expect(Math.abs(above / exact - 1)).toBeLessThan(1e-11);
    expect(below + above).toBeCloseTo(1, 14);
  });

  test("shapes that are not whole, from DLMF's relation Q(a + 1, x) = Q(a, x) + xᵃ e⁻ˣ / Γ(a + 1)", () => {
    const [x, a] = [2.5, 0.5];
    const step = (x ** a * Math.exp(-x)) / (Math.sqrt(Math.PI) / 2);
    expect(gammaSides(a + 1, x).above - gammaSides(a, x).above).toBeCloseTo(step, 13);
  });

  test("0 and beyond", () => {
    expect(gammaSides(2, 0)).toEqual({ below: 0, above: 1 });
    expect(gammaSides(2, -1)).toEqual({ below: 0, above: 1 });
    expect(gammaSides(2, 1e4).above).toBe(0);
  });
});

test.each([
  [0, 0.5],
  [1.959963984540054, 0.025],
  [-1.959963984540054, 0.975],
  [3, 0.0013498980316300946],
  [8, 6.220960574271785e-16],
])("normalTail(%d)", (z, tail) => expect(Math.abs(normalTail(z) / tail - 1)).toBeLessThan(1e-11));

describe("skewedTail", () => {
  test("of the exponential distribution, whose skewness is 2", () => {
    expect(skewedTail(1, 2)).toBeCloseTo(Math.exp(-2), 13);
    expect(skewedTail(-0.5, 2)).toBeCloseTo(Math.exp(-0.5), 13);
  });

  test("mirrors", () => expect(skewedTail(1.3, -0.7)).toBeCloseTo(1 - skewedTail(-1.3, 0.7), 13));

  test("without skewness is the normal one, and near it", () => {
    expect(skewedTail(2, 0)).toBe(normalTail(2));
    expect(Math.abs(skewedTail(2, 0.011) / normalTail(2) - 1)).toBeLessThan(0.02);
  });
});

describe("coinTail", () => {
  test.each([
    [0, 0, 1],
    [0, 5, 1],
    [5, 5, 1 / 32],
    [6, 6, 1 / 64],
    [4, 5, 6 / 32],
    [3, 5, 1 / 2],
    [8, 10, 56 / 1024],
    [501, 1001, 1 / 2],
  ])("at least %d of %d", (heads, tosses, probability) => {
    expect(coinTail(heads, tosses)).toBeCloseTo(probability, 12);
  });

  test("of many tosses is that of the normal distribution", () => {
    expect(coinTail(10_101, 20_000)).toBeCloseTo(normalTail((10_100.5 - 10_000) / Math.sqrt(5000)), 5);
  });
});
