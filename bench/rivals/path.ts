// A path of twenty values of λ, each a whole model: beside R's glmnet, on the same matrix, without bias.
import { run } from "./commands.js";
import { train } from "./ours.js";
import { type Posed, shapeArguments } from "./posed.js";
import { type Effort, glmnet, here, type Rival } from "./rival.js";

export const pathRival: Rival = { name: "glmnet", program: "glmnet", presence: glmnet };
export const pathTable = "path";
/** λn from 10 down to 0.01, even in their logarithm. */
export const pathScaledL2 = Array.from({ length: 20 }, (_, i) => 10 * 10 ** ((-3 * i) / 19));

export interface PathValue {
  /** Ours: one cold fit after another, to the default gap. */
  readonly ours: number;
  readonly theirs?: number;
  /** Models that glmnet made before it gave up; 20 where it made all. */
  readonly models?: number;
  /** The largest amount, over the path, by which glmnet's objective is above ours; negative where it is below. */
  readonly behind?: number;
  readonly over?: number;
}

export async function measurePath(posed: Posed, { limit, repeats }: Effort): Promise<PathValue> {
  const lambdas = pathScaledL2.map((scaledL2) => scaledL2 / posed.matrix.rowCount);
  let ours = 0;
  const objectives: number[] = [];
  for (const l2 of lambdas) {
    const { seconds, training } = await train(posed, { l2, bias: false }, repeats);
    ours += seconds;
    objectives.push(training.objective);
  }
  const args = [here("glmnet.R"), posed.folder, ...shapeArguments(posed), ...lambdas.map(String)];
  const { stdout, timedOut } = await run("Rscript", args, limit);
  if (timedOut) return { ours, over: limit };
  const theirs = JSON.parse(stdout) as { seconds: number; models: number; objectives: number[] };
  const behind = Math.max(...theirs.objectives.map((objective, i) => objective - objectives[i]!));
  return { ours, theirs: theirs.seconds, models: theirs.models, behind };
}
