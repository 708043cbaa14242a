import { describe, expect, test } from "vitest";
import { Random } from "../src/random.js";

// First floats by seed, as ML.NET draws them.
const firstFloats = [
  { seed: 42, floats: [0.595641375, 0.58837676, 0.753678203, 0.967485666, 0.929597497, 0.171681881] },
  { seed: 0, floats: [0.841627955, 0.35449636, 0.882323027, 0.690079212] },
  { seed: 1, floats: [0.813777566, 0.803759098, 0.14511466, 0.458601236] },
];

describe("Random", () => {
  test.each(firstFloats)("draws ML.NET's floats for seed $seed", ({ seed, floats }) => {
    const random = new Random(seed);
    for (const float of floats) expect(random.nextFloat()).toBeCloseTo(float, 8);
  });

  test("draws ML.NET's permutation", () => {
    const order = new Random(1734803685).permutation(300);
    expect([...order.slice(0, 6)]).toEqual([139, 30, 22, 105, 287, 170]);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 300 }, (_, i) => i));
  });

  test("takes a negative seed as the unsigned integer with the same bits", () => {
    expect(new Random(-3).nextU32()).toBe(new Random(2 ** 32 - 3).nextU32());
  });

  test.each([1, 2, 7, 2 ** 21 + 1, 2 ** 31, 2 ** 32])(
    "nextBelow(%d) is the upper word of the product",
    (bound) => {
      const [words, random] = [new Random(5), new Random(5)];
      for (let i = 0; i < 1000; i++) {
        const expected = (BigInt(words.nextU32()) * BigInt(bound)) >> 32n;
        expect(random.nextBelow(bound)).toBe(Number(expected));
      }
    },
  );

  test("shuffles an array in place", () => {
    const items = Uint32Array.of(7, 8, 9);
    expect(new Random(1).shuffle(items)).toBe(items);
    expect([...items].sort()).toEqual([7, 8, 9]);
  });
});
