import { hashText, hex } from "../hash.js";
import { isJsonObject, type Json } from "../stage.js";

const stopReasons = ["tolerance", "maxEpochs", "maxMs", "signal"] as const;
/** Why training ended: the gap was reached, or a limit was. */
export type StopReason = (typeof stopReasons)[number];

/** Where a model comes from. Digests are fingerprints of 16 hexadecimal digits, see `rowDigest`; they prove nothing. */
export interface Lineage {
  /** Digest of the features and classes of the training rows. */
  readonly data: string;
  /** Digest of the training record of the model that was fine-tuned or updated. */
  readonly parent?: string;
  /** What updates were made from, as `UpdateOptions.source` named it, oldest first. */
  readonly sources?: readonly string[];
}

/** One step of the path on which `l2: "auto"` looks for λ. */
export type L2PathPoint = {
  /** λ of all rows that belongs to the step: λn over the number of rows trained on in the end. */
  readonly l2: number;
  /** Mean log-loss of the rows held out, by weight, in nats; over the folds, where there are folds. */
  readonly loss: number;
  /** Divergence seen by the last epoch before its steps, mean over the folds: about what the duality gap was before it. */
  readonly gap: number;
  /** Epochs of the step, over all folds. */
  readonly epochs: number;
  /** Where there is an L1 part: weights that are not 0, mean over the folds. */
  readonly nonZeroWeightCount?: number;
};

/** How a model came about and how good it is proved to be. Kept in the model and its file. */
export interface TrainingRecord {
  readonly trainer: string;
  /** (1/n) Σ −c ln p(label) + (λ/2) |W|² + λ τ |W|₁, c the rows' weights over their mean, in nats, at the weights of the model. */
  readonly objective: number;
  /** Mean log-loss of the training rows, by weight, in nats. */
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
  /** τ of the L1 part, and the weights that are not 0, where there was one. */
  readonly l1?: number;
  readonly nonZeroWeightCount?: number;
  /** Where λ was searched for (`l2: "auto"`): the steps, by descending λ. */
  readonly l2Path?: readonly L2PathPoint[];
  /** Where that search could choose: whether the pull is to the model of `startFrom` or, from scratch, to 0. */
  readonly pulledTo?: "model" | "zero";
  readonly tolerance: number;
  readonly seed: number;
  readonly rowCount: number;
  /** Rows left out because their label was missing or their weight was 0. */
  readonly skippedRowCount: number;
  /** Where rows were weighted: what the rows trained on weigh together, and how many were left out with weight 0. */
  readonly weightSum?: number;
  readonly zeroWeightRowCount?: number;
  /** Where labels were soft: mean of −Σ t ln t, by weight, in nats, which the loss cannot fall below. */
  readonly targetEntropy?: number;
  readonly featureCount: number;
  readonly classCount: number;
  /** Models from before there were lineages have none. */
  readonly lineage?: Lineage;
}

/** A fingerprint of a model: of its record, which holds that of its data and its certificate to the last bit. */
export function recordDigest(record: TrainingRecord): string {
  const text = JSON.stringify(record);
  return [1, 2].map((seed) => hex(hashText(seed, text))).join("");
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

const optionalNumbers = [
  "targetEntropy",
  "l1",
  "nonZeroWeightCount",
  "weightSum",
  "zeroWeightRowCount",
] as const satisfies readonly (keyof TrainingRecord)[];

function isPath(json: Json): boolean {
  return (
    Array.isArray(json) &&
    json.every((point) =>
      ["l2", "loss", "gap", "epochs"].every(
        (key) => typeof (point as Record<string, Json>)?.[key] === "number",
      ),
    )
  );
}

/** The record in a model file, or undefined if a part is missing or of another type. */
export function readTrainingRecord(json: Json | undefined): TrainingRecord | undefined {
  if (!isJsonObject(json)) return undefined;
  const record = json;
  const isWhole =
    typeof record.trainer === "string" &&
    stopReasons.some((reason) => reason === record.stoppedBecause) &&
    numbers.every((key) => typeof record[key] === "number") &&
    (record.lineage === undefined || isLineage(record.lineage)) &&
    (record.pulledTo === undefined || record.pulledTo === "model" || record.pulledTo === "zero") &&
    (record.l2Path === undefined || isPath(record.l2Path)) &&
    optionalNumbers.every((key) => record[key] === undefined || typeof record[key] === "number");
  return isWhole ? (record as unknown as TrainingRecord) : undefined;
}

function isLineage(json: Json): boolean {
  if (!isJsonObject(json)) return false;
  const { data, parent, sources } = json;
  const isText = (value: Json | undefined) => typeof value === "string";
  return (
    isText(data) &&
    (parent === undefined || isText(parent)) &&
    (sources === undefined || (Array.isArray(sources) && sources.every(isText)))
  );
}
