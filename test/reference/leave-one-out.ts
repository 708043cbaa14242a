// What predictions of rows by weights without them look like, in plain f64, written to be read: src/train/leave-one-out.ts says
// what is computed.
import type { Duals, Problem, Weights } from "./max-entropy.js";

/** Of a row: 1 − its largest probability without itself, and the class that has it. */
export interface LeftOut {
  readonly doubt: number;
  readonly predicted: number;
}

/** The share of each row's features that no other row has. */
export function ownShares({ rows }: Problem): number[] {
  const rowsWith = new Map<number, number>();
  for (const [feature] of rows.flat()) rowsWith.set(feature, (rowsWith.get(feature) ?? 0) + 1);
  return rows.map((row) => row.filter(([feature]) => rowsWith.get(feature) === 1).length / row.length);
}

/** @param problem without a bias among its features @param company ρ */
export function leftOut(
  { rows, labels, rowWeights, classCount, scaledL2 }: Problem,
  weights: Weights,
  duals: Duals,
  company: number,
): LeftOut[] {
  const curvatures = Array.from({ length: classCount }, (_, label) => {
    const sum = duals.reduce((total, q) => total + q[label]! * (1 - q[label]!), 0);
    return ((classCount === 2 ? 2 : 1) * sum) / rows.length;
  });
  const squares = new Map<number, number>();
  for (const [feature, value] of rows.flat())
    squares.set(feature, (squares.get(feature) ?? 0) + value * value);
  return rows.map((row, i) => {
    const label = labels[i]!;
    const response = row.reduce((sum, [feature, value]) => {
      const others = Math.max(0, squares.get(feature)! - value * value);
      return sum + (value * value) / (scaledL2 + company * curvatures[label]! * others);
    }, 0);
    const scores = Array.from({ length: classCount }, (_, c) => {
      const residual = rowWeights[i]! * ((c === label ? 1 : 0) - duals[i]![c]!);
      const score = row.reduce((sum, [feature, value]) => sum + value * weights[feature]![c]!, 0);
      return score - response * residual;
    });
    const largest = Math.max(...scores);
    const total = scores.reduce((sum, score) => sum + Math.exp(score - largest), 0);
    return { doubt: 1 - 1 / total, predicted: scores.indexOf(largest) };
  });
}
