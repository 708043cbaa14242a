import type { TrainingRecord } from "../model/training-record.js";
import type { Problem } from "./problem.js";
import type { Solved, SolveOptions } from "./solve.js";

/** What a run says of itself and its certificate in the record of the model that it has made. */
export function solvedRecord(
  { certificate, epochs, stoppedBecause }: Solved,
  { l2, rowCount }: Problem,
  { tolerance, seed }: SolveOptions,
) {
  const { objective, loss, gap, divergence, drift } = certificate;
  return {
    ...{ objective, loss, dualityGap: gap, divergence, drift },
    ...{ epochs, stoppedBecause, l2, tolerance, seed, rowCount },
  } satisfies Partial<TrainingRecord>;
}
