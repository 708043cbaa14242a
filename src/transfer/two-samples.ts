import { gammaSides, skewedTail } from "../distributions.js";
import type { Moments } from "../model/drift-reference.js";

// Whether two samples can come from one distribution, and if not, whether they differ by more than a margin: a test whose
// null hypothesis is not equality but a difference that does not matter. For all sizes of samples, small ones included.

/** How much a sample differs, in units that do not depend on what is measured, and how probable that is by chance. */
export interface Difference {
  readonly effect: number;
  /** Probability of a difference like this or larger where the true one is within the margin. */
  readonly pValue: number;
}

/**
 * The difference of a mean from one that lies between those of `expected`, in their standard deviations; 0 between them.
 * Tested two-sided, as a mean with the skewness of what is expected.
 */
export function meanDifference(expected: readonly Moments[], found: Moments, margin: number): Difference {
  const sorted = [...expected].sort((a, b) => a.mean - b.mean);
  const [low, high] = [sorted[0]!, sorted.at(-1)!];
  const isBelow = found.mean < low.mean;
  const near = isBelow ? low : high;
  const difference = isBelow ? found.mean - near.mean : Math.max(0, found.mean - near.mean);
  const [n, m] = [near.count, found.count];
  if (n === 0 || m === 0) return { effect: 0, pValue: 1 };
  const variance = (n * near.deviation * near.deviation + m * found.deviation * found.deviation) / (n + m);
  if (difference === 0 || variance === 0) return { effect: 0, pValue: difference === 0 ? 1 : 0 };
  const scale = near.deviation > 0 ? near.deviation : Math.sqrt(variance);
  const error = Math.sqrt(variance * (1 / m + 1 / n));
  const beyond = (Math.abs(difference) - margin * scale) / error;
  // The third moment of a difference of means.
  const cubes = near.skewness * variance * Math.sqrt(variance) * (1 / (m * m) - 1 / (n * n));
  const skewness = (isBelow ? -cubes : cubes) / (error * error * error);
  const pValue = beyond <= 0 ? 1 : Math.min(1, 2 * skewedTail(beyond, skewness));
  return { effect: difference / scale, pValue };
}

/**
 * The difference of counts of classes, as Cohen's w, from the nearest of `expected`: Pearson's χ², with the mean and the
 * variance that it has where the rows of both samples are dealt out anew (Dawson 1954), so that small counts are no matter,
 * and those that a difference of the margin adds (Patnaik 1949), as a gamma distribution.
 */
export function countDifference(
  expected: readonly ArrayLike<number>[],
  found: ArrayLike<number>,
  margin: number,
): Difference {
  const differences = expected.map((counts) => differenceOf(counts, found, margin));
  return differences.reduce((least, one) => (one.pValue > least.pValue ? one : least));
}

function differenceOf(expected: ArrayLike<number>, found: ArrayLike<number>, margin: number): Difference {
  const classes = Array.from(found, (count, c) => ({ count, total: count + expected[c]! })).filter(
    ({ total }) => total > 0,
  );
  const m = classes.reduce((sum, { count }) => sum + count, 0);
  const n = classes.reduce((sum, { count, total }) => sum + total - count, 0);
  const all = n + m;
  const k = classes.length;
  if (n === 0 || m === 0 || k < 2 || all < 4) return { effect: 0, pValue: 1 };
  let chiSquare = 0;
  let inverses = 0;
  for (const { count, total } of classes) {
    const excess = count - (total * m) / all;
    chiSquare += (excess * excess * all * all) / (total * m * n);
    inverses += 1 / total;
  }
  const mean = (all * (k - 1)) / (all - 1);
  const [rowsV, classesV] = [(all - 2) / (all - 1), ((k - 1) * (all - k)) / (all - 1)];
  const rowsW = (all * (1 / m + 1 / n) - 4) / (all - 2);
  const classesW = (all * inverses - k * k) / (all - 2);
  const variance =
    ((2 * all) / (all - 3)) * (rowsV - rowsW) * (classesV - classesW) +
    ((all * all) / (all - 1)) * rowsW * classesW;
  /** χ² for each unit of w². */
  const power = (n * m) / all;
  const shift = margin * margin * power;
  const [marginMean, marginVariance] = [mean + shift, variance + 4 * shift];
  const effect = Math.sqrt(Math.max(0, chiSquare - mean) / power);
  if (!(marginVariance > 0)) return { effect, pValue: 1 };
  const shape = (marginMean * marginMean) / marginVariance;
  return { effect, pValue: gammaSides(shape, (chiSquare * marginMean) / marginVariance).above };
}
