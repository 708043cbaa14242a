import { expect } from "vitest";
import { Random } from "../../src/random.js";
import { atOnce } from "../../src/slices.js";
import type { Certificate, Problem } from "../../src/train/problem.js";

export function certify(problem: Problem): Certificate {
  return atOnce(problem.certify());
}

/**
 * Trains to a gap of 1e-6 at most and expects of each certificate on the way that it bounds how far the objective is above
 * its minimum. @param least a lower bound of the minimum, at most `slack` below it
 */
export function expectBoundsUntilOptimum(problem: Problem, least: number, slack: number): void {
  const random = new Random(1);
  let certificate = certify(problem);
  for (let epoch = 0; epoch < 400 && certificate.gap > 1e-6; epoch++) {
    atOnce(problem.startFullEpoch(random));
    problem.visit(0, problem.rowCount);
    certificate = certify(problem);
    expect(certificate.objective - least).toBeGreaterThanOrEqual(-1e-9);
    expect(certificate.objective - least - slack).toBeLessThanOrEqual(certificate.gap + 1e-9);
  }
  expect(certificate.gap).toBeLessThanOrEqual(1e-6);
}
