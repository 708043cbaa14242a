import type { Json } from "../stage.js";

const stopReasons = ["tolerance", "maxEpochs", "maxMs", "signal"] as const;
/** Why training ended: the gap was reached, or a limit was. */
export type StopReason = (typeof stopReasons)[number];

/** How a model came about and how good it is proved to be. Kept in the model and its file. */
export interface TrainingRecord {
  readonly trainer: string;
  /** (1/n) Σ −ln p(label) + (λ/2) |W|², in nats, at the weights of the model. */
  readonly objective: number;
  /** Mean log-loss of the training rows, in nats. */
  readonly loss: number;
  /** Upper bound of objective − its minimum, in nats, confirmed by a clean pass in f64. */
  readonly dualityGap: number;
  /** The gap's two terms: (1/n) Σ KL(q ‖ softmax(z)) and (λ/2) |W − W(q)|². */
  readonly divergence: number;
  readonly drift: number;
  readonly epochs: number;
  readonly stoppedBecause: StopReason;
  /** λ */
  readonly l2: number;
  readonly tolerance: number;
  readonly seed: number;
  readonly rowCount: number;
  /** Rows left out because their label was missing. */
  readonly skippedRowCount: number;
  readonly featureCount: number;
  readonly classCount: number;
}

const numbers = [
  "objective",
  "loss",
  "dualityGap",
  "divergence",
  "drift",
  "epochs",
  "l2",
  "tolerance",
  "seed",
  "rowCount",
  "skippedRowCount",
  "featureCount",
  "classCount",
] as const satisfies readonly (keyof TrainingRecord)[];

/** The record in a model file, or undefined if a part is missing or of another type. */
export function readTrainingRecord(json: Json | undefined): TrainingRecord | undefined {
  if (typeof json !== "object" || json === null || Array.isArray(json)) return undefined;
  const record = json as { readonly [key: string]: Json };
  const isWhole =
    typeof record.trainer === "string" &&
    stopReasons.some((reason) => reason === record.stoppedBecause) &&
    numbers.every((key) => typeof record[key] === "number");
  return isWhole ? (record as unknown as TrainingRecord) : undefined;
}
