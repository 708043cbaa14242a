import type { Problem } from "./problem.js";

/** Divergence over the least one at the same λ from which batches are halved. */
const OVERSHOT = 1.25;

/** Sees to it that batches are no larger than the rows bear: those that overshoot drive q and softmax(z) apart. */
export class Overshoot {
  readonly #problem: Problem;
  #least = Number.POSITIVE_INFINITY;

  constructor(problem: Problem) {
    this.#problem = problem;
  }

  /** Halves the batches where they overshoot. @param divergence seen in the epoch that has ended */
  check(divergence: number): void {
    const overshot = divergence > OVERSHOT * this.#least;
    if (overshot) this.#problem.halveBatches();
    this.#least = overshot ? divergence : Math.min(this.#least, divergence);
  }

  /** Another λ has begun. */
  reset(): void {
    this.#least = Number.POSITIVE_INFINITY;
  }
}
