import { exp, log } from "../numbers.js";
import type { ProblemMemory } from "./problem-memory.js";

/** λn of the epoch that measures how far the data can be trusted. */
export const PILOT_SCALED_L2 = 0.1;
/** The share of its rows, the last visited, that count. */
export const PILOT_SHARE = 0.25;

const SMALLEST = 0.0025;
const LARGEST = 0.5;
/** λn of a pilot that is as sure as it is right. */
const CALIBRATED = 0.008;
/** How steeply ln λn rises with overconfidence. */
const STEEPNESS = 33;
/** Rows without overconfidence that are counted beside those measured: a few rows alone tell little. */
const PRIOR_ROWS = 5;
/** Less than is left by any pilot. */
const LEAST_LEFT = 1e-6;

/** What a pilot epoch has shown of rows that were scored before their own step. */
export interface Pilot {
  /**
   * By how much it was surer than right: the mean of Σ p² − Σ t p, p the probabilities and t the label; −1 … 1. Of calibrated
   * probabilities it is 0.
   */
  readonly overconfidence: number;
  /** Mean KL(t ‖ p), in nats: of labels that are one class the log-loss. */
  readonly divergence: number;
}

/**
 * λn when no `l2` is given: 0.008 · e^(33 o / √r), kept in 0.0025 … 0.5, after one epoch of training at λn = 0.1; o is its
 * overconfidence on the last quarter of the rows visited, r its log-loss there over the entropy of the labels. Who is surer than
 * right wants more regularisation, who is less sure less; √r because one and the same o is more where less is left to doubt.
 * A function of the data alone: the pilot's visiting order does not depend on the seed of the training.
 *
 * Measured by held-out log-loss over 17 sets: see docs/l2.md.
 *
 * @param entropy of the labels less that which soft labels have themselves, in nats
 */
export function defaultScaledL2({ overconfidence, divergence }: Pilot, entropy: number): number {
  const left = Math.max(LEAST_LEFT, divergence / Math.max(LEAST_LEFT, entropy));
  const scaledL2 = CALIBRATED * exp((STEEPNESS * overconfidence) / Math.sqrt(left));
  return Math.min(LARGEST, Math.max(SMALLEST, scaledL2));
}

/**
 * What the last visits of the rows listed have shown, by the weights of the rows; all with q = t before. They leave r = |p − t|²
 * and d = KL(t ‖ p), so Σ p² − Σ t p = r − |t|² (1 − e^−d) where t is on one class; for soft labels about that.
 */
export function pilotOf(memory: ProblemMemory, rows: Uint32Array, hasTargets: boolean): Pilot {
  const { rowCount } = memory;
  const weights = memory.f32("rowWeights", rowCount);
  const residuals = memory.f32("residuals", rowCount);
  const divergences = memory.f32("divergences", rowCount);
  let [excess, divergence, total] = [0, 0, 0];
  for (const row of rows) {
    const weight = weights[row]!;
    const square = hasTargets ? squareOfTarget(memory, row) : 1;
    excess += residuals[row]! - weight * square * (1 - exp(-divergences[row]! / weight));
    divergence += divergences[row]!;
    total += weight;
  }
  return { overconfidence: excess / (total + PRIOR_ROWS), divergence: divergence / total };
}

/** |t|² of a row with a soft label. */
function squareOfTarget({ core, at, columns, classCount }: ProblemMemory, row: number): number {
  const target = new Float32Array(core.memory.buffer, at.targets + 4 * row * columns, columns);
  if (classCount === 2) {
    const [first] = target as unknown as [number];
    return first * first + (1 - first) * (1 - first);
  }
  let sum = 0;
  for (const mass of target) sum += mass * mass;
  return sum;
}

/**
 * −Σ p ln p over the classes, by weight, in nats.
 * @param labels class of each row, 0 … classCount − 1 @param weights of the rows, default all 1
 * @param targets distributions instead of the labels
 */
export function labelEntropy(
  labels: Uint32Array,
  classCount: number,
  weights?: Float32Array,
  targets?: Float32Array,
): number {
  const totals = new Float64Array(classCount);
  labels.forEach((label, row) => {
    const weight = weights?.[row] ?? 1;
    if (!targets) totals[label]! += weight;
    else for (let c = 0; c < classCount; c++) totals[c]! += weight * targets[row * classCount + c]!;
  });
  const all = totals.reduce((sum, total) => sum + total, 0);
  let entropy = 0;
  for (const total of totals) if (total > 0) entropy -= (total / all) * log(total / all);
  return entropy;
}
