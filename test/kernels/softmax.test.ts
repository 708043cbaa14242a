import { describe, expect, test } from "vitest";
import { expF32 } from "../../src/model/plain-scorer.js";
import { paddedClasses, SPARE_SCORE } from "../../src/wasm/weight-layout.js";
import { builds, place } from "../helpers/place.js";
import * as reference from "../reference/max-entropy.js";

const cases = [
  { name: "equal scores", scores: [0, 0, 0] },
  { name: "a full register", scores: [1, -1, 0.5, 2] },
  { name: "large scores do not overflow", scores: [1000, 999, 998, -1000, 1001] },
  { name: "a score far below the largest has probability 0", scores: [0, -200, -86, 3, 1, 2] },
  { name: "seventy-seven classes", scores: Array.from({ length: 77 }, (_, c) => 5 * Math.sin(c)) },
];

describe.each(builds)("%s build", (build) => {
  test.each(cases)("softmax: $name", ({ scores }) => {
    const stride = paddedClasses(scores.length);
    const padded = new Float32Array(stride).fill(SPARE_SCORE);
    padded.set(scores);
    const { core, at, read } = place({ scores: padded, probabilities: new Float32Array(stride) }, build);
    core.softmax(at.probabilities, at.scores, stride);
    const probabilities = read("probabilities");
    const largest = Math.max(...scores);
    reference.softmax(Array.from(padded.subarray(0, scores.length))).forEach((expected, c) => {
      // Relative: exp, scale and product 4 · 2⁻²⁴, one a register of the sum, and the rounding of score − largest.
      const tolerance = 2 ** -24 * (4 + stride / 4 + largest - scores[c]!);
      expect(Math.abs(probabilities[c]! - expected)).toBeLessThanOrEqual(tolerance * expected + 1e-37);
    });
    expect(probabilities.subarray(scores.length).every((p) => p === 0)).toBe(true);
  });
});

test("exp in single precision is within two units in the last place over its range", () => {
  for (let x = -87; x <= 0; x += 0.0137) {
    const single = Math.fround(x);
    const expected = Math.exp(single);
    expect(Math.abs(expF32(single) - expected)).toBeLessThanOrEqual(2 * 2 ** -24 * 2 * expected);
  }
  expect(expF32(0)).toBe(1);
  expect(expF32(-87.1)).toBe(0);
  expect(expF32(Number.NEGATIVE_INFINITY)).toBe(0);
});
