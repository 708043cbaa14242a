import type { TrainingRecord } from "../model/training-record.js";
import { Slices } from "../slices.js";
import { defaultScaledL2, PILOT_SCALED_L2, PILOT_SHARE } from "./default-l2.js";
import type { Hands, Limit } from "./hands.js";
import { type FoundL2, findL2 } from "./l2-path.js";
import type { Problem } from "./problem.js";
import { pilotEpoch, type SolveOptions } from "./solve.js";

/** What the choice of λ depends on. */
export interface Posed {
  readonly problem: Problem;
  /** See `heldOutRows`. */
  readonly heldOut: readonly Uint32Array[];
  /** Of the labels, and of soft ones the mean of their own; in nats. */
  readonly entropy: number;
  readonly targetEntropy: number | undefined;
}

/** What the record says of a search. */
export type ChosenL2 = Pick<TrainingRecord, "l2Path" | "pulledTo">;

/** Chooses λ where it is not given, and gives it to the problem, which then stands at the start or where a pilot epoch has brought it. */
export async function chooseL2(
  posed: Posed,
  l2: number | "auto" | undefined,
  limits: SolveOptions,
  limit: Limit,
  hands: Hands,
): Promise<ChosenL2> {
  if (typeof l2 === "number") return {};
  const { problem } = posed;
  const { signal, onAbort } = limits;
  const slices = new Slices(onAbort === "keep" ? undefined : signal, () => {});
  if (l2 === "auto") {
    const found = await search(posed, limits, limit, hands);
    if (found) {
      const { scaledL2, path, pulledTo } = found;
      // By way of λ, so that the same λ given as a number is the same problem to the bit.
      await slices.run(problem.restart((scaledL2 / problem.rowCount) * problem.rowCount));
      return { l2Path: path, ...(pulledTo && { pulledTo }) };
    }
  }
  await slices.run(problem.restart(PILOT_SCALED_L2));
  const pilot = await pilotEpoch(problem, PILOT_SHARE, limits, limit, hands);
  if (!pilot) {
    await slices.run(problem.restart(PILOT_SCALED_L2));
    return {};
  }
  // What soft labels leave open can be learned by nobody.
  const { entropy, targetEntropy = 0 } = posed;
  const scaledL2 = defaultScaledL2(pilot, entropy - targetEntropy);
  // What the pilot has learned is not lost: q is moved towards the start by the power of 3/4 of what λ becomes smaller by.
  const ratio = Math.min(1, scaledL2 / PILOT_SCALED_L2);
  await slices.run(problem.rescale(scaledL2, Math.sqrt(ratio) * Math.sqrt(Math.sqrt(ratio))));
  return {};
}

/**
 * Where the pull is to a model, a second path from scratch is tried too, and taken if its best held-out loss is clearly lower.
 * So λ covers all from W₀ as it is, at the upper end of the first path, to W₀ without influence.
 */
async function search(
  { problem, heldOut }: Posed,
  limits: SolveOptions,
  limit: Limit,
  hands: Hands,
): Promise<(FoundL2 & ChosenL2) | undefined> {
  const found = await findL2(problem, heldOut, limits, limit, hands);
  if (!found || !problem.hasOrigin) return found;
  problem.pullTo("zero");
  const scratch = await findL2(problem, heldOut, limits, limit, hands);
  if (scratch && isClearlyLower(scratch.losses, found.losses)) return { ...scratch, pulledTo: "zero" };
  problem.pullTo("origin");
  return { ...found, pulledTo: "model" };
}

/**
 * Whether the first losses are lower than the second on the same lists of rows held out: by more than a standard error of the
 * mean difference, where there are several lists to tell that by.
 */
export function isClearlyLower(losses: readonly number[], others: readonly number[]): boolean {
  const count = Math.min(losses.length, others.length);
  const differences = others.slice(0, count).map((other, i) => other - losses[i]!);
  const mean = differences.reduce((sum, difference) => sum + difference, 0) / count;
  if (count < 2) return mean > 0;
  const squares = differences.reduce((sum, difference) => sum + (difference - mean) * (difference - mean), 0);
  return mean > Math.sqrt(squares / (count - 1) / count);
}
