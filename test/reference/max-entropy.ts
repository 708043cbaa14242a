// Multinomial logistic regression and its dual in plain f64, written to be read. Every kernel is measured against it.
//
//   P(W) = (1/n) Σ_i c_i [ lse(z_i) − z_i,y ] + (λ/2) |W − W₀|²,   z_i = W x_i
//   D(q) = (1/n) Σ_i c_i [ H(q_i) − a_i·W₀x_i ] − (λ/2) |V|²,      a_i = e_y − q_i,  V = (1/N) Σ_i c_i a_i x_iᵀ,  N = λ n
//   W(q) = W₀ + V
//
// With an L1 part, for W₀ = 0, P(W) has λ τ |W|₁ more, and W(q) is V with τ taken off the size of each weight:
//
//   W(q) = soft(V, τ),   D(q) = (1/n) Σ_i c_i H(q_i) − (λ/2) |W(q)|²
//
// With soft labels t_i takes the place of e_y, and P has lse(z_i) − t_i·z_i. The biases are without L1. W₀ is 0 unless `origin` says otherwise. A bias is the weight of one more feature, which is 1 in every row.

import type { CsrMatrix } from "../../src/data/csr.js";

export interface Problem {
  /** Rows as lists of [feature, value]; with a bias, each ends in [featureCount, 1]. */
  readonly rows: readonly (readonly (readonly [number, number])[])[];
  readonly labels: ArrayLike<number>;
  /** c, one a row. */
  readonly rowWeights: ArrayLike<number>;
  readonly featureCount: number;
  readonly classCount: number;
  /** N = λ n */
  readonly scaledL2: number;
  /** W₀ */
  readonly origin?: Weights;
  readonly hasBias: boolean;
  /** t[row][class]; default e_label */
  readonly targets?: readonly (readonly number[])[];
  /** τ; default 0 */
  readonly l1?: number;
}

/** W[feature][class] */
export type Weights = number[][];
/** q[row][class] */
export type Duals = number[][];

export function problemOf(
  matrix: CsrMatrix,
  labels: ArrayLike<number>,
  classCount: number,
  scaledL2: number,
  hasBias: boolean,
  rowWeights: ArrayLike<number> = new Array<number>(matrix.rowCount).fill(1),
): Problem {
  const rows = Array.from({ length: matrix.rowCount }, (_, row) => {
    const entries: [number, number][] = [];
    for (let k = matrix.indptr[row]!; k < matrix.indptr[row + 1]!; k++) {
      entries.push([matrix.indices[k]!, matrix.values[k]!]);
    }
    if (hasBias) entries.push([matrix.columnCount, 1]);
    return entries;
  });
  const featureCount = matrix.columnCount + (hasBias ? 1 : 0);
  return { rows, labels, rowWeights, featureCount, classCount, scaledL2, hasBias };
}

/** W₀: where training starts. A copy. */
export function startingWeights({ featureCount, classCount, origin }: Problem): Weights {
  return Array.from({ length: featureCount }, (_, feature) =>
    Array.from({ length: classCount }, (_, c) => origin?.[feature]?.[c] ?? 0),
  );
}

/** t of a row. */
function target({ targets, labels }: Problem, row: number, c: number): number {
  if (targets) return targets[row]![c]!;
  return c === labels[row] ? 1 : 0;
}

/** q = t for every row: where training starts. */
export function startingDuals(problem: Problem): Duals {
  return problem.rows.map((_, row) =>
    Array.from({ length: problem.classCount }, (_, c) => target(problem, row, c)),
  );
}

export function scores(problem: Problem, weights: Weights, row: number): number[] {
  const z = new Array<number>(problem.classCount).fill(0);
  for (const [feature, value] of problem.rows[row]!) {
    for (let c = 0; c < z.length; c++) z[c]! += value * weights[feature]![c]!;
  }
  return z;
}

export function logSumExp(z: readonly number[]): number {
  const largest = Math.max(...z);
  return largest + Math.log(z.reduce((sum, score) => sum + Math.exp(score - largest), 0));
}

export function softmax(z: readonly number[]): number[] {
  const total = logSumExp(z);
  return z.map((score) => Math.exp(score - total));
}

const plogp = (p: number) => (p > 0 ? p * Math.log(p) : 0);

export function entropy(q: readonly number[]): number {
  return -q.reduce((sum, p) => sum + plogp(p), 0);
}

/** KL(q ‖ softmax(z)) */
export function divergence(q: readonly number[], z: readonly number[]): number {
  return q.reduce((sum, p, c) => sum + plogp(p) - p * z[c]!, 0) + logSumExp(z);
}

/** soft(u, τ) for the weights of a feature */
function shrunk(
  { l1 = 0, hasBias, featureCount }: Problem,
  feature: number,
  line: readonly number[],
): number[] {
  if (hasBias && feature === featureCount - 1) return [...line];
  return line.map((u) => Math.sign(u) * Math.max(0, Math.abs(u) - l1));
}

export function weightsOf(problem: Problem, duals: Duals): Weights {
  const weights = startingWeights(problem);
  problem.rows.forEach((entries, row) => {
    for (const [feature, value] of entries) {
      for (let c = 0; c < problem.classCount; c++) {
        const a = target(problem, row, c) - duals[row]![c]!;
        weights[feature]![c]! += (problem.rowWeights[row]! * value * a) / problem.scaledL2;
      }
    }
  });
  return problem.l1 ? weights.map((line, feature) => shrunk(problem, feature, line)) : weights;
}

/** λ τ |W|₁ */
function l1Penalty(problem: Problem, weights: Weights): number {
  const { l1 = 0, scaledL2, rows, hasBias } = problem;
  const penalised = hasBias ? weights.slice(0, -1) : weights;
  return (scaledL2 / rows.length) * l1 * penalised.flat().reduce((sum, w) => sum + Math.abs(w), 0);
}

/** |W − W₀|² */
function squaredMove(problem: Problem, weights: Weights): number {
  const origin = startingWeights(problem).flat();
  return weights.flat().reduce((sum, w, i) => sum + (w - origin[i]!) ** 2, 0);
}

export function loss(problem: Problem, weights: Weights): number {
  const losses = problem.rows.map((_, row) => {
    const z = scores(problem, weights, row);
    const likelihood = z.reduce((sum, score, c) => sum + target(problem, row, c) * score, 0);
    return problem.rowWeights[row]! * (logSumExp(z) - likelihood);
  });
  return losses.reduce((sum, value) => sum + value, 0) / problem.rows.length;
}

/** P(W) */
export function primal(problem: Problem, weights: Weights): number {
  return (
    loss(problem, weights) +
    (problem.scaledL2 / problem.rows.length / 2) * squaredMove(problem, weights) +
    l1Penalty(problem, weights)
  );
}

/** D(q) */
export function dual(problem: Problem, duals: Duals): number {
  const origin = startingWeights(problem);
  const terms = duals.map((q, row) => {
    const pull = scores(problem, origin, row).reduce(
      (sum, z, c) => sum + (target(problem, row, c) - q[c]!) * z,
      0,
    );
    return problem.rowWeights[row]! * (entropy(q) - pull);
  });
  const mean = terms.reduce((sum, term) => sum + term, 0) / problem.rows.length;
  const move = squaredMove(problem, weightsOf(problem, duals));
  return mean - (problem.scaledL2 / problem.rows.length / 2) * move;
}

/** The dual gain of moving one row from q to q + γ (p − q), up to a constant: H(q') + q'·z − (s/2) |q' − q|² */
export function gain(q: readonly number[], z: readonly number[], s: number, length: number): number {
  const p = softmax(z);
  const moved = q.map((mass, c) => mass + length * (p[c]! - mass));
  const linear = moved.reduce((sum, mass, c) => sum + mass * z[c]!, 0);
  const squares = moved.reduce((sum, mass, c) => sum + (mass - q[c]!) ** 2, 0);
  return entropy(moved) + linear - (s / 2) * squares;
}

/** The length in [0, 1] that gains most, by bisection of the derivative of {@link gain}. */
export function bestLength(q: readonly number[], z: readonly number[], s: number): number {
  const p = softmax(z);
  const d = q.map((mass, c) => p[c]! - mass);
  const squares = d.reduce((sum, x) => sum + x * x, 0);
  const slope = (length: number) =>
    d.reduce((sum, x, c) => (x === 0 ? sum : sum - x * (Math.log(q[c]! + length * x) - z[c]!)), 0) -
    s * length * squares;
  let [low, high] = [0, 1];
  for (let i = 0; i < 100; i++) {
    const middle = (low + high) / 2;
    if (slope(middle) > 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Dual coordinate ascent in row order until the gap is at most `tolerance`: the optimum, as far as f64 goes. */
export function optimum(
  problem: Problem,
  tolerance: number,
): { weights: Weights; duals: Duals; gap: number } {
  const duals = startingDuals(problem);
  const sums = startingWeights(problem);
  const weights = startingWeights(problem);
  const order = problem.rows.map((_, row) => row);
  for (let epoch = 0; ; epoch++) {
    // A fixed but changing order: cyclic orders converge far more slowly.
    for (let i = order.length - 1; i > 0; i--) {
      const j = (i * 7919 + epoch * 104_729) % (i + 1);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    for (const row of order) {
      const z = scores(problem, weights, row);
      const q = duals[row]!;
      const norm = problem.rows[row]!.reduce((sum, [, value]) => sum + value * value, 0);
      const weight = problem.rowWeights[row]!;
      const length = bestLength(q, z, (weight * norm) / problem.scaledL2);
      const p = softmax(z);
      for (let c = 0; c < q.length; c++) {
        const change = length * (p[c]! - q[c]!);
        q[c]! += change;
        for (const [feature, value] of problem.rows[row]!) {
          sums[feature]![c]! -= (weight * value * change) / problem.scaledL2;
        }
      }
      for (const [feature] of problem.rows[row]!) weights[feature] = shrunk(problem, feature, sums[feature]!);
    }
    const exact = weightsOf(problem, duals);
    const gap = primal(problem, exact) - dual(problem, duals);
    if (gap <= tolerance) return { weights: exact, duals, gap };
    if (epoch > 5000) throw new Error(`No convergence: gap ${gap}`);
  }
}
