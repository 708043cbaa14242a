// A path of twenty values of λ, each a whole model: beside R's glmnet, on the same matrix, without bias.
import { atOnce } from "../../src/slices.js";
import { Problem } from "../../src/train/problem.js";
import { rowTraits } from "../../src/train/row-traits.js";
import { sdcaDefaults } from "../../src/train/sdca-options.js";
import { solve } from "../../src/train/solve.js";
import { loadCore } from "../../src/wasm/core.js";
import { weightColumns } from "../../src/wasm/weight-layout.js";
import { median, run } from "./commands.js";
import { type Posed, shapeArguments } from "./posed.js";
import { type Effort, glmnet, here, type Rival } from "./rival.js";

export const pathRival: Rival = { name: "glmnet", program: "glmnet", presence: glmnet };
export const pathTable = "path";
/** λn from 10 down to 0.01, even in their logarithm. */
export const pathScaledL2 = Array.from({ length: 20 }, (_, i) => 10 * 10 ** ((-3 * i) / 19));

/** A step's share of the duals that the next one begins with, by what λ becomes smaller: to this power. See `Problem.rescale`. */
const SHRINKING = 0.7;

export interface PathValue {
  /** Ours: the rows placed once, then step after step from the duals of the one before, each to the default gap, confirmed. */
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
  const runs: { seconds: number; objectives: number[] }[] = [];
  while (runs.length < repeats) runs.push(await warmPath(posed));
  const ours = median(runs.map((run) => run.seconds));
  const { objectives } = runs[0]!;
  const args = [here("glmnet.R"), posed.folder, ...shapeArguments(posed), ...lambdas.map(String)];
  const { stdout, timedOut } = await run("Rscript", args, limit);
  if (timedOut) return { ours, over: limit };
  const theirs = JSON.parse(stdout) as { seconds: number; models: number; objectives: number[] };
  const behind = Math.max(...theirs.objectives.map((objective, i) => objective - objectives[i]!));
  return { ours, theirs: theirs.seconds, models: theirs.models, behind };
}

/** Seconds from the matrix to twenty models with all their weights. */
async function warmPath({
  matrix,
  labels,
  classCount,
}: Posed): Promise<{ seconds: number; objectives: number[] }> {
  const core = await loadCore();
  const start = performance.now();
  const [first] = pathScaledL2;
  const traits = atOnce(rowTraits(core(), matrix));
  const problem = new Problem(core(), {
    ...{ matrix, labels, classCount, ...traits },
    scaledL2: first!,
    hasBias: false,
  });
  const objectives: number[] = [];
  const models: Float32Array[] = [];
  for (const scaledL2 of pathScaledL2) {
    if (models.length > 0)
      atOnce(problem.rescale(scaledL2, (scaledL2 / problem.scaledL2) ** SHRINKING, true));
    const { certificate } = await solve(problem, { ...sdcaDefaults, maxEpochs: 1000 });
    objectives.push(certificate.objective);
    const weights = new Float32Array(matrix.columnCount * weightColumns(classCount).padded);
    atOnce(problem.writeWeights(weights));
    models.push(weights);
  }
  return { seconds: (performance.now() - start) / 1000, objectives };
}
