import type { L2PathPoint } from "../model/training-record.js";
import { exp, log } from "../numbers.js";
import { Random } from "../random.js";
import { type Hands, type Limit, OneThread } from "./hands.js";
import { Overshoot } from "./overshoot.js";
import type { Problem, Seen } from "./problem.js";
import { Run, type SolveOptions } from "./solve.js";

/** What the search has found. */
export interface FoundL2 {
  /** λn. */
  readonly scaledL2: number;
  /** Mean log-loss of the rows held out at the best step of the path, in nats. */
  readonly loss: number;
  /** Of each list of rows held out that at the step which is best on the other lists: no list has had a say in its own. */
  readonly losses: readonly number[];
  readonly path: readonly L2PathPoint[];
}

/** λn at the start of the path; ten times as much when the best is found there, up to the limit. */
const FIRST = 1;
const LARGEST_FIRST = 1000;
/** The same of λ where the pull is to another model: there W has moved by a hundredth of a row's length at most. */
const FROZEN_L2 = 100;
/** Smallest λn that is tried. */
const LAST = 5e-4;
/** λn of a step over that of the next. */
const RATIO = Math.sqrt(10);
/** A step's share of the duals that the next step begins with is RATIO to the power of − this; see `Problem.rescale`. */
const SHRINKING = 0.7;
/** A step ends when the divergence seen is at most this share of the held-out loss of the step before. */
const STEP_TOLERANCE = 0.01;
/** The first step ends when it is at most this share of the training loss. */
const FIRST_TOLERANCE = 0.1;
/** And when its held-out loss has changed by at most this share in as many visits as rows: small gaps may hide large changes. */
const SETTLED = 0.005;
/** Rows held out are measured, which takes as long as many visits, when the divergence is at most so many times its limit. */
const CLOSE = 2;
/** A step ends early when its held-out loss is lower than that of the step before by more than this share: the least is further on. */
const FALL = 0.05;
/** The path ends when the held-out loss has risen above the least by this share. */
const RISE = 0.005;
const MOST_EPOCHS = 300;

interface Path {
  readonly steps: readonly Step[];
  /** Held-out loss before the first step. */
  readonly before: number;
}

interface Step {
  readonly scaledL2: number;
  readonly loss: number;
  readonly gap: number;
  readonly epochs: number;
  readonly nonZeroWeightCount?: number;
}

/**
 * λn by held-out log-loss: for each list of rows held out a decreasing path of λ on the other rows, warm-started, until
 * the loss rises; then the least of the mean over the lists, by a parabola through its three lowest points in ln λ.
 * A function of the data alone. The problem must be restarted afterwards. Undefined when nothing can be measured: no
 * list leaves rows to learn from, or a limit came first.
 */
export async function findL2(
  problem: Problem,
  heldOut: readonly Uint32Array[],
  options: SolveOptions,
  limit: Limit,
  hands: Hands = new OneThread(problem),
): Promise<FoundL2 | undefined> {
  const lists = heldOut.filter((rows) => rows.length > 0 && rows.length < problem.rowCount);
  const report = reporter(options, lists.length);
  const largestFirst = problem.hasOrigin
    ? Math.max(LARGEST_FIRST, FROZEN_L2 * problem.rowCount)
    : LARGEST_FIRST;
  const runOptions: SolveOptions = { ...options, onProgress: () => report(0) };
  for (let first = FIRST; ; first *= 10) {
    const paths: (readonly Step[])[] = [];
    let before = 0;
    for (const rows of lists) {
      const path = await pathOf(problem, rows, first, paths, runOptions, limit, report, hands);
      if (!path) break;
      paths.push(path.steps);
      before += path.before;
    }
    if (paths.length === 0) return undefined;
    const steps = meanPath(paths);
    const best = indexOfLeast(steps);
    const wasCut = paths.length < lists.length;
    // Where no step is as good as the origin itself, nearer to it may be better.
    const stays = problem.hasOrigin && before / paths.length < steps[best]!.loss;
    if (((best === 0 && steps.length > 1) || stays) && first < largestFirst && !wasCut) continue;
    const path = steps.map(({ scaledL2, ...step }) => ({ l2: scaledL2 / problem.rowCount, ...step }));
    const losses = paths.map((path, i) => path[bestWithout(paths, i)]!.loss);
    return { scaledL2: leastBetween(steps, best), loss: steps[best]!.loss, losses, path };
  }
}

/** Counts steps done; tells it, at most the steps that are to be expected. */
function reporter({ onProgress }: SolveOptions, listCount: number): (stepsMore: number) => void {
  let done = 0;
  const start = performance.now();
  return (stepsMore) => {
    done += stepsMore;
    const total = Math.max(done + 1, 6 * listCount);
    const etaMs = ((performance.now() - start) / done) * (total - done);
    onProgress?.({ phase: "search", done, total, ...(done > 0 && { etaMs }) });
  };
}

/** The steps of one list of rows held out, given those of the lists before; undefined when a limit broke it off. */
async function pathOf(
  problem: Problem,
  heldOut: Uint32Array,
  first: number,
  others: readonly (readonly Step[])[],
  options: SolveOptions,
  limit: Limit,
  report: (stepsMore: number) => void,
  hands: Hands,
): Promise<Path | undefined> {
  const random = new Random(1);
  const run = new Run(hands, problem, options);
  const overshoot = new Overshoot(problem);
  const steps: Step[] = [];
  await run.pieces(problem.restart(first, rowsBeside(heldOut, problem.rowCount)));
  const lossBefore = problem.hasOrigin ? await run.pieces(problem.meanLossOf(heldOut)) : 0;
  for (let scaledL2 = first; ; scaledL2 /= RATIO) {
    const before = steps.at(-1);
    if (before) await run.pieces(problem.rescale(scaledL2, exp(-SHRINKING * log(RATIO)), true));
    let epochs = 0;
    overshoot.reset();
    let loss = before?.loss ?? Number.POSITIVE_INFINITY;
    let seen: Seen;
    for (;;) {
      await run.pieces(problem.startEpoch(random));
      if (await run.epoch(limit)) return undefined;
      seen = problem.seen();
      epochs++;
      const isLast = epochs >= MOST_EPOCHS;
      const tolerance = before ? STEP_TOLERANCE * before.loss : FIRST_TOLERANCE * seen.loss;
      if (isLast || seen.divergence <= CLOSE * tolerance) {
        const lossBefore = loss;
        loss = await run.pieces(problem.meanLossOf(heldOut));
        if (before && loss < (1 - FALL) * before.loss) break;
        const change = Math.abs(loss - lossBefore) / loss;
        const isSettled = change <= SETTLED * (problem.visitCount / problem.activeRowCount);
        if (isLast || (seen.divergence <= tolerance && isSettled)) break;
      }
      overshoot.check(seen.divergence);
    }
    const sparsity = problem.hasL1 && { nonZeroWeightCount: await run.pieces(problem.nonZeroCount()) };
    steps.push({ scaledL2, loss, gap: seen.divergence, epochs, ...sparsity });
    report(1);
    if (isOver(steps, others) || scaledL2 / RATIO < LAST) return { steps, before: lossBefore };
  }
}

/**
 * Whether a path need not go on: the loss of the first list has clearly risen; the mean over all lists so far, without a later one and
 * with it, is least before its last step, or another list has no more steps.
 */
function isOver(steps: readonly Step[], others: readonly (readonly Step[])[]): boolean {
  const last = steps.length - 1;
  if (others.length === 0) return steps[last]!.loss > (1 + RISE) * steps[indexOfLeast(steps)]!.loss;
  const least = Math.max(indexOfLeast(meanPath(others)), indexOfLeast(meanPath([...others, steps])));
  return least < last || others.some((path) => path.length <= steps.length);
}

function rowsBeside(heldOut: Uint32Array, rowCount: number): Uint32Array {
  const isHeld = new Uint8Array(rowCount);
  for (const row of heldOut) isHeld[row] = 1;
  const rows = new Uint32Array(rowCount - heldOut.length);
  let i = 0;
  for (let row = 0; row < rowCount; row++) if (isHeld[row] === 0) rows[i++] = row;
  return rows;
}

/** The mean over the paths of the steps that all of them have. */
function meanPath(paths: readonly (readonly Step[])[]): Step[] {
  const length = Math.min(...paths.map((path) => path.length));
  const mean = (of: (step: Step) => number, i: number) =>
    paths.reduce((sum, path) => sum + of(path[i]!), 0) / paths.length;
  return Array.from({ length }, (_, i) => ({
    scaledL2: paths[0]![i]!.scaledL2,
    loss: mean(({ loss }) => loss, i),
    gap: mean(({ gap }) => gap, i),
    epochs: paths.reduce((sum, path) => sum + path[i]!.epochs, 0),
    ...(paths[0]![i]!.nonZeroWeightCount !== undefined && {
      nonZeroWeightCount: Math.round(mean(({ nonZeroWeightCount = 0 }) => nonZeroWeightCount, i)),
    }),
  }));
}

/** The best step of the other lists than the i-th, or of that alone where there is no other. */
function bestWithout(paths: readonly (readonly Step[])[], i: number): number {
  const length = Math.min(...paths.map((path) => path.length));
  const others = paths.length === 1 ? paths : paths.filter((_, other) => other !== i);
  return indexOfLeast(meanPath(others).slice(0, length));
}

function indexOfLeast(steps: readonly Step[]): number {
  return steps.reduce((best, { loss }, i) => (loss < steps[best]!.loss ? i : best), 0);
}

/** λn at the vertex of the parabola in ln λ through the least loss and its neighbours, at most half a step away. */
function leastBetween(steps: readonly Step[], best: number): number {
  const { scaledL2, loss } = steps[best]!;
  const [larger, smaller] = [steps[best - 1]?.loss, steps[best + 1]?.loss];
  if (larger === undefined || smaller === undefined) return scaledL2;
  const curvature = larger - 2 * loss + smaller;
  if (!(curvature > 0)) return scaledL2;
  const shift = (larger - smaller) / (2 * curvature);
  return scaledL2 * exp(-log(RATIO) * Math.max(-0.5, Math.min(0.5, shift)));
}
