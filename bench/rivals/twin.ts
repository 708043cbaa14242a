// The same algorithm in C, on the same problem with the same seed: bench/native/twin.c.
import { Random } from "../../src/random.js";
import { atOnce } from "../../src/slices.js";
import { Problem } from "../../src/train/problem.js";
import { rowTraits } from "../../src/train/row-traits.js";
import { solve } from "../../src/train/solve.js";
import { loadCore } from "../../src/wasm/core.js";
import { spareMemory, takeSpareMemory } from "../../src/wasm/spare-memory.js";
import { median, run } from "./commands.js";
import { compiled } from "./native.js";
import { type Posed, type Shape, shapeArguments } from "./posed.js";
import { gcc, type Rival } from "./rival.js";

export const twin: Rival = { name: "C twin", program: "gcc", presence: gcc };
export const twinTable = (scaledL2: number) => `twin, λn = ${scaledL2}`;

/** What gcc is asked for, and how many floats a vector of the twin has then. */
export const builds = {
  "-O3 -msse4.2": ["-O3", "-msse4.2", "-DLANES=4"],
  "-O3 -march=native": ["-O3", "-march=native", "-DLANES=8"],
} as const;
export type Build = keyof typeof builds;

export interface Solved {
  readonly tolerance: number;
  readonly seconds: number;
  readonly epochs: number;
  readonly gap: number;
  readonly objective: number;
}

export interface Timed {
  /** Of an epoch that visits every row. */
  readonly epochSeconds: number;
  readonly runs: readonly Solved[];
}

export interface TwinValue {
  /** Without folding of columns, as the twin works. */
  readonly ours: Timed;
  /** As users get it. */
  readonly folded: Timed;
  readonly twins: Readonly<Record<Build, Timed>>;
  readonly nonZeros: number;
}

/** Ours and the twins in turn, so that a change of the machine's pace meets all of them; medians over the rounds. */
export async function measureTwin(
  posed: Posed,
  scaledL2: number,
  tolerances: readonly number[],
  rounds: number,
): Promise<TwinValue> {
  const mine: Timed[] = [];
  const folded: Timed[] = [];
  const theirs = { "-O3 -msse4.2": [] as Timed[], "-O3 -march=native": [] as Timed[] };
  for (let round = 0; round < rounds; round++) {
    mine.push(await ours(posed, scaledL2, tolerances, false));
    folded.push(await ours(posed, scaledL2, tolerances, true));
    for (const build of Object.keys(builds) as Build[])
      theirs[build].push(await native(build, posed, scaledL2, tolerances));
  }
  return {
    ours: medians(mine),
    folded: medians(folded),
    twins: {
      "-O3 -msse4.2": medians(theirs["-O3 -msse4.2"]),
      "-O3 -march=native": medians(theirs["-O3 -march=native"]),
    },
    nonZeros: posed.matrix.values.length,
  };
}

async function ours(
  posed: Posed,
  scaledL2: number,
  tolerances: readonly number[],
  folds: boolean,
): Promise<Timed> {
  const core = await loadCore();
  const { matrix, labels, classCount } = posed;
  const input = {
    matrix,
    labels,
    classCount,
    scaledL2,
    hasBias: true,
    ...atOnce(rowTraits(core(), matrix)),
    folds,
  };
  // In memory that was used before, as later fits of a process work in: the twin, too, has written to its own before its
  // clock starts, and pages that are new cost both as much.
  const inUsedMemory = async <T>(work: (problem: Problem) => T | Promise<T>): Promise<T> => {
    const exports = core(takeSpareMemory());
    const problem = new Problem(exports, input);
    const result = await work(problem);
    spareMemory(exports.memory, problem.usedBytes);
    return result;
  };
  const epochSeconds = await inUsedMemory(epochSecondsOf);
  const runs: Solved[] = [];
  for (const tolerance of tolerances) {
    const run = await inUsedMemory(async (problem) => {
      const begun = performance.now();
      const { certificate, epochs } = await solve(problem, {
        tolerance,
        maxEpochs: 1000,
        maxMs: Number.POSITIVE_INFINITY,
        onAbort: "reject",
        seed: 1,
      });
      const seconds = (performance.now() - begun) / 1000;
      return { tolerance, seconds, epochs, gap: certificate.gap, objective: certificate.objective };
    });
    runs.push(run);
  }
  return { epochSeconds, runs };
}

/** Seconds of an epoch that visits every row: the mean of the first three. */
export function epochSecondsOf(problem: Problem): number {
  const random = new Random(1);
  const start = performance.now();
  for (let epoch = 0; epoch < 3; epoch++) {
    atOnce(problem.startFullEpoch(random));
    problem.visit(0, problem.rowCount);
  }
  return (performance.now() - start) / 3000;
}

/** The twin on the problem in a folder, to each tolerance. */
export async function native(
  build: Build,
  posed: Shape,
  scaledL2: number,
  tolerances: readonly number[],
): Promise<Timed> {
  const program = await compiled("twin", builds[build]);
  const settings = [
    scaledL2,
    1,
    atOnce(rowTraits((await loadCore())(), posed.matrix)).batchSize,
    1,
    1,
    ...tolerances,
  ].map(String);
  const { stdout } = await run(program, [posed.folder, ...shapeArguments(posed), ...settings]);
  return JSON.parse(stdout) as Timed;
}

function medians(all: readonly Timed[]): Timed {
  return {
    epochSeconds: median(all.map((one) => one.epochSeconds)),
    runs: all[0]!.runs.map((first, i) => ({
      ...first,
      seconds: median(all.map((one) => one.runs[i]!.seconds)),
    })),
  };
}
