import { startWebWorker } from "./thread.js";
import { type Trainer, type TrainerOptions, trainerOf } from "./trainer.js";

export type { TextInput } from "../data/byte-source.js";
export { DualTextError, type ErrorCode } from "../errors.js";
export type { Trainer, TrainerOptions, TrainerResult, UpdateResult } from "./trainer.js";
export type {
  ClassifierOptions,
  Trained,
  TrainerInput,
  TrainerRunOptions,
} from "./training-run.js";
export type { Updated, UpdateRunOptions } from "./update-run.js";

/**
 * A trainer that loads, featurizes and trains in a worker, so that a page stays responsive. The worker's script is built
 * in: no file to copy, nothing to configure.
 *
 * ```ts
 * const trainer = createTrainer();
 * const { bytes, metrics } = await trainer.trainClassifier(file, {
 *   load: { hasHeader: true },
 *   test: { testFraction: 0.2 },
 *   onProgress: ({ phase, done, total }) => console.log(phase, done / total),
 * });
 * const model = await loadModel(bytes);
 * ```
 *
 * Where no worker can be started, the run takes place in the calling thread, with pauses, and gives the same bytes.
 */
export function createTrainer(options: TrainerOptions = {}): Trainer {
  return trainerOf(startWebWorker, options);
}
