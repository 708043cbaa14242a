import type { KeyType } from "../data/columns.js";
import { type CsrMatrix, ENTRIES_A_PIECE, ranges } from "../data/csr.js";
import { type ClassifierColumns, LinearClassifier } from "../model/linear-classifier.js";
import { Scorer } from "../model/scorer.js";
import { recordDigest, type TrainingRecord } from "../model/training-record.js";
import { keepingState } from "../model/training-state.js";
import { Slices } from "../slices.js";
import type { FitOptions } from "../stage.js";
import { workerHost } from "../threads/worker-host.js";
import { loadCore } from "../wasm/core.js";
import { takeSpareMemory } from "../wasm/spare-memory.js";
import { weightColumns } from "../wasm/weight-layout.js";
import { type CarriedWeights, carryWeights } from "./carried-weights.js";
import { enlist, shardsFor } from "./enlist.js";
import type { Hands } from "./hands.js";
import { referenceOf } from "./leave-one-out.js";
import { admission } from "./memory-need.js";
import { Problem } from "./problem.js";
import { rowDigest } from "./row-digest.js";
import { rowTraits } from "./row-traits.js";
import { limitOf, type Solved, type SolveOptions, solve } from "./solve.js";
import { solvedRecord } from "./solved-record.js";
import { startShare } from "./start-share.js";

/** A problem that was solved before, and has gained or lost rows since. */
export interface Continuation {
  readonly columns: ClassifierColumns;
  readonly labelType: KeyType;
  readonly matrix: CsrMatrix;
  readonly labels: Uint32Array;
  /** The first rows, which have duals; the others are new. */
  readonly oldCount: number;
  /** The distribution of row 0 … oldCount − 1 over the classes, into `q`: its dual, or the best guess of it. */
  readonly readDual: (row: number, q: Float64Array) => void;
  /** λ n */
  readonly scaledL2: number;
  readonly hasBias: boolean;
  /** What the record of the old model says: its divergence stands for the old rows until they are visited. */
  readonly before: TrainingRecord;
  /** The weights that belong to the duals, if they are at hand; else they are summed over the rows. */
  readonly carried: CarriedWeights | undefined;
  readonly keepState: boolean;
  /** Name of what the changes come from, for the lineage. */
  readonly source: string | undefined;
}

/** The sources of a lineage and one more. */
export function withSource(sources: readonly string[] | undefined, source: string | undefined) {
  const all = source === undefined ? sources : [...(sources ?? []), source];
  return all && { sources: all };
}

/** Trains on, from the duals of the old rows and q = e_label of the new ones. */
export async function continueTraining(
  continuation: Continuation,
  options: SolveOptions & Pick<FitOptions, "threads">,
): Promise<LinearClassifier> {
  const { matrix, labels, labelType, hasBias, before } = continuation;
  const classCount = labelType.count;
  const core = await loadCore();
  const shape = { rowCount: matrix.rowCount, featureCount: matrix.columnCount, classCount };
  const slices = new Slices(options.signal, () => undefined);
  const shards = shardsFor(matrix, classCount);
  const threads = Math.min(options.threads ?? workerHost()?.parallelism ?? 1, shards);
  const enlisted = await enlist(threads, core(takeSpareMemory()));
  let problem: Problem;
  let scorer: Scorer;
  let solved: Solved;
  try {
    const input = {
      admit: admission(shape, undefined),
      matrix,
      labels,
      classCount,
      scaledL2: continuation.scaledL2,
      hasBias,
      ...(await slices.run(rowTraits(core(), matrix))),
      shards,
      threads: enlisted.threads,
    };
    problem = await slices.run(Problem.inPieces(enlisted.core, input));
    // Before training, so that no work is lost where there is no room for it.
    scorer = Scorer.create(core(), shape);
    const hands = await enlisted.handsOn(problem);
    const residuals = await slices.run(settingDuals(problem, continuation));
    solved = await goOn(problem, residuals, continuation, options, hands, slices);
  } finally {
    await enlisted.dismiss();
  }
  // The path on which λ was found is one of other rows.
  const { l2Path: _, pulledTo: __, ...ofAllRows } = before;
  const training: TrainingRecord = {
    ...ofAllRows,
    ...solvedRecord(solved, problem, options),
    skippedRowCount: 0,
    ...scorer.shape,
    lineage: {
      data: await slices.run(rowDigest(core(), matrix, labels)),
      parent: recordDigest(before),
      ...withSource(before.lineage?.sources, continuation.source),
    },
  };
  const state = continuation.keepState
    ? await slices.run(keepingState(matrix, labels, classCount, hasBias, problem.dualLines()))
    : undefined;
  const reference = await referenceOf(problem, undefined, solved.stoppedBecause, options);
  await slices.run(enlisted.handOver(problem, scorer));
  return new LinearClassifier(continuation.columns, labelType.names, scorer, training, state, reference);
}

/**
 * Sets the weights that belong to the duals, and goes on until the tolerance. Duals that are but guessed, or of another N,
 * are first taken part of the way back to where training starts.
 */
async function goOn(
  problem: Problem,
  residuals: Float32Array,
  { carried, before, labels, oldCount }: Continuation,
  options: SolveOptions,
  hands: Hands,
  slices: Slices,
): Promise<Solved> {
  if (carried) await slices.run(carryWeights(problem, carried));
  else {
    await slices.run(problem.rebuild());
    const share = startShare(problem, labels);
    if (share < 1) await slices.run(problem.rescale(problem.scaledL2, share));
  }
  problem.goOn(residuals, oldCount, before.divergence);
  return solve(problem, options, limitOf(options), hands);
}

/** A function of its own, as it is called so often that it is soon compiled; faster than `set` for so few. */
function setLine(lines: Float32Array, to: number, q: Float64Array): void {
  for (let c = 0; c < q.length; c++) lines[to + c] = q[c]!;
}

/**
 * Sets the duals, and returns about what residuals |softmax(z) − q|² the first visits will find. Yields now and then. A change
 * of what rows have in common, the biases and frequent features, moves softmax(z) of a row by so much as there is doubt of its
 * label: with the mass m beside it, by m (1 − m) a nat, on both sides of the label. New rows begin at q = e_label and count as
 * if half the mass were elsewhere.
 */
function* settingDuals(
  problem: Problem,
  { oldCount, labelType, readDual, labels }: Continuation,
): Generator<void, Float32Array> {
  const { padded } = weightColumns(labelType.count);
  const lines = problem.dualLines();
  const classCount = labelType.count;
  const q = new Float64Array(classCount);
  const residuals = new Float32Array(labels.length).fill(0.5);
  for (const [first, end] of ranges(oldCount, Math.ceil(ENTRIES_A_PIECE / padded))) {
    for (let row = first; row < end; row++) {
      readDual(row, q);
      const own = labels[row]!;
      const move = q[own]! * (1 - q[own]!);
      residuals[row] = 2 * move * move;
      if (classCount === 2) lines[row] = q[1 - own]!;
      else setLine(lines, row * padded, q);
    }
    yield;
  }
  return residuals;
}
