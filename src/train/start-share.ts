import { log } from "../numbers.js";
import { weightColumns } from "../wasm/weight-layout.js";
import type { Problem } from "./problem.js";

/** Rows that tell the mean entropy well enough. */
const ROWS_TO_JUDGE_BY = 500;
const SHARES = 10;

/**
 * How much of q − e_label to begin with: √t, where the dual objective is largest at the share t, of tenths. Its weights are
 * t W(q), so D = mean H(q_t) − (λ/2) t² |W(q)|², with the mean over some rows spread over all. What makes t small is mostly
 * what all rows have in common, which the first visits set right: from
 * √t fewer of them are needed than from t or from 1. To be called when the weights are W(q).
 */
export function startShare(problem: Problem, labels: Uint32Array): number {
  const { rowCount, classCount, l2 } = problem;
  const { padded } = weightColumns(classCount);
  const lines = problem.dualLines();
  const squares = problem.squaredWeightsGained();
  const step = Math.max(1, Math.floor(rowCount / ROWS_TO_JUDGE_BY));
  const entropies = new Float64Array(SHARES + 1);
  let count = 0;
  for (let row = 0; row < rowCount; row += step) {
    count++;
    for (let tenth = 1; tenth <= SHARES; tenth++) {
      const share = tenth / SHARES;
      let others = 0;
      let entropy = 0;
      for (let c = 0; c < padded; c++) {
        const mass = c === labels[row] && classCount > 2 ? 0 : share * lines[row * padded + c]!;
        others += mass;
        if (mass > 0) entropy -= mass * log(mass);
      }
      const own = 1 - others;
      if (own > 0) entropy -= own * log(own);
      entropies[tenth]! += entropy;
    }
  }
  let best = SHARES;
  const dual = (tenth: number) =>
    entropies[tenth]! / count - (l2 / 2) * (tenth / SHARES) * (tenth / SHARES) * squares;
  for (let tenth = 1; tenth < SHARES; tenth++) if (dual(tenth) > dual(best)) best = tenth;
  return Math.sqrt(best / SHARES);
}
