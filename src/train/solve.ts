import { DualTextError } from "../errors.js";
import type { StopReason } from "../model/training-record.js";
import { log } from "../numbers.js";
import { Random } from "../random.js";
import { Slices } from "../slices.js";
import type { RunOptions } from "../stage.js";
import type { Asking } from "./confirm.js";
import type { Pilot } from "./default-l2.js";
import { type Hands, type Limit, OneThread, type Watch } from "./hands.js";
import { Overshoot } from "./overshoot.js";
import type { Certificate, Problem, Seen } from "./problem.js";

/** When a run ends and what happens then. All have defaults in `sdca-maximum-entropy.ts`. */
export interface SolveOptions extends RunOptions {
  /** Duality gap, in nats, at which the run ends. */
  readonly tolerance: number;
  readonly maxEpochs: number;
  readonly maxMs: number;
  /** Whether an aborted run rejects with the signal's reason or keeps what it has. */
  readonly onAbort: "reject" | "keep";
  readonly seed: number;
}

export interface Solved {
  readonly certificate: Certificate;
  /** Epochs finished; one that was broken off does not count. */
  readonly epochs: number;
  readonly stoppedBecause: StopReason;
}

/** The gap after an epoch over the divergence that its visits have seen before their steps: usually, and at least. */
const USUAL_SHARE_LEFT = 0.6;
const LEAST_SHARE_LEFT = 0.4;
/** What may be left of that share after another epoch. */
const SHARE_FALL = 0.7;
/** A gap is confirmed without an estimate where no more than this share of the tolerance was seen and nothing spoke against it. */
const CLEAR_SHARE = 0.5;
/** A confirming pass, which costs about as much as one or two full epochs, is worth it when the estimated gap is so much below the tolerance. */
const MARGIN = 0.99;

/** The limits that do not depend on the solver's progress. Time counts from this call on. */
export function limitOf({ maxMs, onAbort, signal }: SolveOptions): Limit {
  const start = performance.now();
  return () => {
    if (onAbort === "keep" && signal?.aborted) return "signal";
    return performance.now() - start >= maxMs ? "maxMs" : undefined;
  };
}

/**
 * Visits the rows of a problem, epoch after epoch, until a clean pass confirms the gap or another limit is reached.
 * Ends with the certificate of the weights as they stand, whatever the reason.
 */
export async function solve(
  problem: Problem,
  options: SolveOptions,
  limit: Limit = limitOf(options),
  hands: Hands = new OneThread(problem),
): Promise<Solved> {
  const { tolerance, maxEpochs } = options;
  const random = new Random(options.seed);
  const run = new Run(hands, problem, options);
  let shareLeft = LEAST_SHARE_LEFT;
  const overshoot = new Overshoot(problem);

  for (let epoch = 1; ; epoch++) {
    await run.pieces(problem.startEpoch(random));
    const broken = await run.epoch(limit);
    if (broken) {
      return { certificate: await run.do(problem.confirm()), epochs: epoch - 1, stoppedBecause: broken };
    }

    const seen = problem.seen();
    if (!Number.isFinite(seen.loss) || !Number.isFinite(seen.divergence)) {
      throw new DualTextError(
        "not-finite",
        `Training left the range of numbers in epoch ${epoch}: loss ${seen.loss}.`,
      );
    }
    run.report(epoch, seen);
    overshoot.check(seen.divergence);

    const isLast = epoch >= maxEpochs;
    if (!isLast) {
      if (shareLeft * seen.divergence > tolerance) continue;
      const isClear = shareLeft === LEAST_SHARE_LEFT && seen.divergence <= CLEAR_SHARE * tolerance;
      if (!isClear) {
        const gap = await run.do(problem.estimateGap(seen, MARGIN * tolerance));
        shareLeft = shareLeftOf(gap, seen);
        if (gap > MARGIN * tolerance) continue;
      }
    }
    const certificate = await run.do(problem.confirm());
    if (certificate.gap <= tolerance) return { certificate, epochs: epoch, stoppedBecause: "tolerance" };
    if (isLast) return { certificate, epochs: epoch, stoppedBecause: "maxEpochs" };
    shareLeft = shareLeftOf(certificate.gap, seen);
  }
}

/** For the next epoch. The gap is the larger while rows rest whose divergences are old: then that is estimated anew. */
function shareLeftOf(gap: number, { divergence }: Seen): number {
  return Math.max(LEAST_SHARE_LEFT, Math.min(1, (SHARE_FALL * gap) / divergence));
}

/**
 * One epoch from the start, in an order that depends on nothing but the number of rows: what the last `share` of its rows have
 * shown, each scored before its own step; undefined if a limit broke it off.
 */
export async function pilotEpoch(
  problem: Problem,
  share: number,
  options: SolveOptions,
  limit: Limit,
  hands: Hands = new OneThread(problem),
): Promise<Pilot | undefined> {
  const { onProgress: _, ...silent } = options;
  const run = new Run(hands, problem, silent);
  await run.pieces(problem.startFullEpoch(new Random(1)));
  const broken = await run.epoch(limit);
  return broken ? undefined : problem.pilotSeenLast(share);
}

/** Progress and aborts of one run. */
export class Run {
  readonly #hands: Hands;
  readonly #problem: Problem;
  readonly #options: SolveOptions;
  readonly #start = performance.now();
  #finished = 0;
  #previous: Seen | undefined;
  #seen: Seen | undefined;
  #epochShare = 0;

  constructor(hands: Hands, problem: Problem, options: SolveOptions) {
    this.#hands = hands;
    this.#problem = problem;
    this.#options = options;
  }

  /** One epoch, broken off when `limit` names a reason. */
  epoch(limit: Limit): Promise<StopReason | undefined> {
    const onPause = (visits: number) => {
      this.#epochShare = visits / this.#problem.visitCount;
      this.#reportProgress();
    };
    return this.#hands.epoch(limit, this.#watch(onPause));
  }

  /** Does what a generator does between its yields, on this thread. */
  pieces<Result>(pieces: Generator<void, Result>): Promise<Result> {
    const { signal, onPause } = this.#watch(() => this.#reportProgress());
    return new Slices(signal, () => onPause(0)).run(pieces);
  }

  /** Does the work that a generator yields; resolves with what it returns. */
  async do<Result>(asking: Asking<Result>): Promise<Result> {
    const watch = this.#watch(() => this.#reportProgress());
    const slices = new Slices(watch.signal, () => watch.onPause(0));
    for (;;) {
      const step = asking.next();
      if (step.done) return step.value;
      if (step.value !== undefined) await this.#hands.work(step.value, watch);
      else if (slices.isDue) await slices.pause();
    }
  }

  #watch(onPause: Watch["onPause"]): Watch {
    const { onAbort, signal } = this.#options;
    return { signal: onAbort === "keep" ? undefined : signal, onPause };
  }

  report(epoch: number, seen: Seen): void {
    this.#finished = epoch;
    this.#previous = this.#seen;
    this.#seen = seen;
    this.#epochShare = 0;
    this.#reportProgress();
  }

  #reportProgress(): void {
    const { onProgress, maxEpochs } = this.#options;
    if (!onProgress) return;
    const seen = this.#seen;
    const done = this.#finished + this.#epochShare;
    const remaining = Math.min(this.#epochsLeft(), maxEpochs - done);
    const elapsed = performance.now() - this.#start;
    onProgress({
      phase: "solve",
      done,
      total: Math.max(done, Math.min(maxEpochs, done + remaining)),
      epoch: this.#finished,
      ...(seen && { loss: seen.loss, gap: seen.divergence }),
      ...(done > 0 && { etaMs: (elapsed / done) * remaining }),
    });
  }

  /** Epochs until the tolerance, if the gap goes on falling as it fell in the last epoch. */
  #epochsLeft(): number {
    if (!this.#seen || !this.#previous) return 8;
    const fall = this.#seen.divergence / this.#previous.divergence;
    const wanted = this.#options.tolerance / (this.#seen.divergence * USUAL_SHARE_LEFT);
    if (wanted >= 1) return 0;
    return fall < 1 ? log(wanted) / log(fall) : this.#options.maxEpochs;
  }
}
