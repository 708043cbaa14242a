// Same optimum: seconds until the objective is within a gap of the least, on the same matrix, at the same λ, without
// bias, one thread each.
import { jsonLines, run } from "./commands.js";
import { compiled } from "./native.js";
import { dualtext, train } from "./ours.js";
import { type Posed, shapeArguments } from "./posed.js";
import type { Results } from "./results.js";
import { type Effort, gcc, here, liblinear, python, type Rival, scikitLearn } from "./rival.js";

/** A run that ended: what it took and where it got. */
export interface Point {
  /** Epochs, iterations or a tolerance, whatever the rival counts in. */
  readonly steps: number;
  readonly seconds: number;
  /** In our units; absent where the rival minimises something else. */
  readonly objective?: number;
}

export interface Certified {
  readonly tolerance: number;
  readonly seconds: number;
  readonly epochs: number;
  readonly gap: number;
}

/** A rival's runs, in ascending order of work. */
export interface Curve {
  readonly points: readonly Point[];
  /** Seconds that one run was allowed; null: as many as it takes. */
  readonly limit: number | null;
  /** Ours: of the set. */
  readonly classCount?: number;
  /** Ours: the trainer stopping by itself, with the confirming passes it needs. */
  readonly certified?: readonly Certified[];
  /** Ours: the least objective known, and the certified gap it was found with. */
  readonly least?: { readonly objective: number; readonly gap: number };
}

export const gaps = [1e-2, 1e-4, 1e-6] as const;
/** Above every epoch that is ever needed. */
const MOST_EPOCHS = 500;

interface OptimumRival extends Rival {
  unsuited(posed: Posed): string | undefined;
  points(posed: Posed, scaledL2: number, target: number, effort: Effort): Promise<Point[]>;
}

const scikit = (solver: string): OptimumRival => ({
  name: `scikit-learn ${solver}`,
  program: "scikit-learn",
  presence: scikitLearn,
  unsuited: () => undefined,
  points: async ({ folder }, scaledL2, target, { limit, repeats }) => {
    const numbers = [scaledL2, target, limit, repeats].map(String);
    const { stdout } = await run(python, [here("python/optimum.py"), folder, solver, ...numbers], 6 * limit);
    return jsonLines<Point>(stdout);
  },
});

const liblinearOf = (solver: 0 | 7, oneAgainstRest: boolean): OptimumRival => ({
  name: `liblinear -s ${solver}${oneAgainstRest ? ", one against rest" : ""}`,
  program: "liblinear",
  presence: () => (gcc().absent ? gcc() : liblinear()),
  unsuited: ({ classCount }) =>
    (classCount === 2) === oneAgainstRest
      ? `it is for ${oneAgainstRest ? "more than two" : "two"} classes`
      : undefined,
  points: async (posed, scaledL2, target, { limit, repeats }) => {
    const program = await compiled("liblinear", ["-O3"], ["-llinear"]);
    const numbers = [scaledL2, solver, target, limit, repeats].map(String);
    const { stdout } = await run(program, [posed.folder, ...shapeArguments(posed), ...numbers], 6 * limit);
    return jsonLines<Point>(stdout);
  },
});

export const optimumRivals: readonly OptimumRival[] = [
  ...["saga", "lbfgs", "newton-cg"].map(scikit),
  liblinearOf(7, false),
  liblinearOf(0, false),
  liblinearOf(7, true),
  liblinearOf(0, true),
];

export const optimumTable = (scaledL2: number) => `optimum, λn = ${scaledL2}`;

/** Measures ours and every rival asked for on one problem. */
export async function measureOptimum(
  results: Results,
  posed: Posed,
  scaledL2: number,
  effort: Effort,
  isAsked: (rival: Rival) => boolean,
): Promise<void> {
  const table = optimumTable(scaledL2);
  const { name } = posed.set;
  const ours = await results.measure(table, name, dualtext, undefined, () =>
    ourCurve(posed, scaledL2, effort),
  );
  const target = (ours.value?.least?.objective ?? Number.NEGATIVE_INFINITY) + effort.finestGap;
  for (const rival of optimumRivals.filter(isAsked)) {
    const unsuited = rival.unsuited(posed);
    await results.measure<Curve>(table, name, rival, unsuited, async () => ({
      points: await rival.points(posed, scaledL2, target, effort),
      limit: effort.limit,
    }));
  }
}

async function ourCurve(posed: Posed, scaledL2: number, { finestGap, repeats }: Effort): Promise<Curve> {
  const settings = { l2: scaledL2 / posed.matrix.rowCount, bias: false };
  const certified: Certified[] = [];
  for (const tolerance of gaps.filter((gap) => gap >= finestGap)) {
    const { seconds, training } = await train(posed, { ...settings, tolerance }, repeats);
    certified.push({ tolerance, seconds, epochs: training.epochs, gap: training.dualityGap });
  }
  // The least objective is known to a tenth of the finest gap.
  const { training } = await train(posed, { ...settings, tolerance: finestGap / 10 }, 1);
  const least = { objective: training.objective, gap: training.dualityGap };
  const points = await ladder(posed, settings, least.objective + finestGap, repeats);
  return { points, limit: null, classCount: posed.classCount, certified, least };
}

/** A run for each of 1, 2, 3 … epochs, in larger steps later, until the objective is at the target. */
async function ladder(
  posed: Posed,
  settings: { l2: number; bias: boolean },
  target: number,
  repeats: number,
): Promise<Point[]> {
  const points: Point[] = [];
  for (let epochs = 1; ; epochs = Math.max(epochs + 1, Math.floor(1.15 * epochs))) {
    const options = { ...settings, maxEpochs: epochs, tolerance: Number.MIN_VALUE };
    const { epochSeconds, training } = await train(posed, options, repeats);
    points.push({ steps: epochs, seconds: epochSeconds, objective: training.objective });
    if (training.objective <= target) return points;
    if (epochs > MOST_EPOCHS) throw new Error(`After ${epochs} epochs the objective is not at ${target}.`);
  }
}
