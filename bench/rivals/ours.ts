import type { LinearClassifier } from "../../src/model/linear-classifier.js";
import type { TrainingRecord } from "../../src/model/training-record.js";
import { sdcaMaximumEntropy } from "../../src/stages.js";
import type { SdcaOptions } from "../../src/train/sdca-options.js";
import { version } from "../../src/version.js";
import { median } from "./commands.js";
import type { Posed } from "./posed.js";
import type { Rival } from "./rival.js";

export const dualtext: Rival = {
  name: "dualtext",
  program: "dualtext",
  presence: () => ({ version: `${version}, Node ${process.versions.node}` }),
};

/** Runs shorter than this are repeated, so that their median can be given. */
const SHORT_SECONDS = 2;
const VERY_SHORT_SECONDS = 0.1;
/** Above every epoch that is ever asked for. */
const MOST_EPOCHS = 1000;

export interface Trained {
  /** Of the whole call of the trainer: taking the matrix over, epochs, confirming passes. */
  readonly seconds: number;
  /** Until the end of the last epoch, confirming passes that follow it left out. */
  readonly epochSeconds: number;
  readonly training: TrainingRecord;
}

/**
 * Trains with the public trainer on a posed problem; median times of `repeats` runs where they are short, of five times as many where
 * they take a few hundredths of a second, in which anything else that the machine does counts.
 */
export async function train(posed: Posed, options: SdcaOptions, repeats: number): Promise<Trained> {
  const runs: Trained[] = [];
  do runs.push(await trainOnce(posed, options));
  while (
    runs.length < (runs[0]!.seconds < VERY_SHORT_SECONDS ? 5 * repeats : repeats) &&
    runs[0]!.seconds < SHORT_SECONDS
  );
  return {
    seconds: median(runs.map((run) => run.seconds)),
    epochSeconds: median(runs.map((run) => run.epochSeconds)),
    training: runs[0]!.training,
  };
}

async function trainOnce({ data }: Posed, options: SdcaOptions): Promise<Trained> {
  const [stage] = sdcaMaximumEntropy({ maxEpochs: MOST_EPOCHS, ...options }).stages;
  const ends: number[] = [];
  const start = performance.now();
  const { transformer } = await stage!.fitStage(data, {
    threads: 1,
    onProgress: ({ epoch }) => {
      if (epoch !== undefined && epoch > 0) ends[epoch] ??= performance.now() - start;
    },
  });
  const seconds = (performance.now() - start) / 1000;
  const { training } = transformer as LinearClassifier;
  return { seconds, epochSeconds: ends[training.epochs]! / 1000, training };
}
