import { exp, log } from "./numbers.js";

/** Terms of a series or fraction at most; those that are needed grow with √shape. */
const MOST_TERMS = 10_000;
const PRECISION = 1e-15;

/** Both sides of a distribution at a point: P(X < x) and P(X ≥ x). The smaller is right to about 1e-12 relative. */
export interface Sides {
  readonly below: number;
  readonly above: number;
}

/**
 * The gamma distribution with this shape and scale 1: the regularised incomplete gamma functions. Series below the mean,
 * continued fraction above it (DLMF 8.11.4, 8.9.2).
 */
export function gammaSides(shape: number, x: number): Sides {
  if (x <= 0) return { below: 0, above: 1 };
  const front = exp(shape * log(x) - x - logGamma(shape));
  if (x < shape + 1) {
    let term = 1 / shape;
    let sum = term;
    for (let n = 1; n < MOST_TERMS && term > PRECISION * sum; n++) {
      term *= x / (shape + n);
      sum += term;
    }
    const below = Math.min(1, front * sum);
    return { below, above: 1 - below };
  }
  // Lentz's way of evaluating 1 / (x + 1 − s − 1 (1 − s) / (x + 3 − s − 2 (2 − s) / (x + 5 − s − …))).
  let b = x + 1 - shape;
  let c = Number.MAX_VALUE;
  let d = 1 / b;
  let fraction = d;
  for (let n = 1; n < MOST_TERMS; n++) {
    const a = -n * (n - shape);
    b += 2;
    d = 1 / (a * d + b);
    c = b + a / c;
    const factor = c * d;
    fraction *= factor;
    if (Math.abs(factor - 1) < PRECISION) break;
  }
  const above = Math.min(1, front * fraction);
  return { below: 1 - above, above };
}

/** P(Z ≥ z) for Z of the standard normal distribution. */
export function normalTail(z: number): number {
  const { below, above } = gammaSides(0.5, (z * z) / 2);
  return z >= 0 ? above / 2 : (1 + below) / 2;
}

/** Below this skewness a distribution is taken for a normal one. */
const LEAST_SKEWNESS = 0.01;

/** P(Z ≥ z) for Z of mean 0, deviation 1 and this skewness, of the shape of a gamma distribution (Pearson's type III). */
export function skewedTail(z: number, skewness: number): number {
  if (Math.abs(skewness) < LEAST_SKEWNESS) return normalTail(z);
  const root = 2 / Math.abs(skewness);
  const shape = root * root;
  return skewness > 0 ? gammaSides(shape, shape + z * root).above : gammaSides(shape, shape - z * root).below;
}

/** ln Γ(x) for x > 0: Stirling's series (DLMF 5.11.1) from 10 on, Γ(x) = Γ(x + 1) / x below. */
function logGamma(x: number): number {
  let shift = 0;
  let y = x;
  for (; y < 10; y++) shift += log(y);
  const z = 1 / (y * y);
  const series = (1 / 12 - z * (1 / 360 - z * (1 / 1260 - z * (1 / 1680 - z / 1188)))) / y;
  return (y - 0.5) * log(y) - y + LOG_ROOT_TWO_PI + series - shift;
}

/** ln √(2π) */
const LOG_ROOT_TWO_PI = 0.9189385332046728;

/** Probability that of so many tosses of a fair coin at least `heads` fall on one side. */
export function coinTail(heads: number, tosses: number): number {
  // Of all tosses on that side, then of one fewer each time.
  let logTerm = tosses * log(0.5);
  let sum = 0;
  for (let count = tosses; count >= heads; count--) {
    sum += exp(logTerm);
    if (count > 0) logTerm += log(count / (tosses - count + 1));
  }
  return Math.min(1, sum);
}
