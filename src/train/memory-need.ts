import { DualTextError } from "../errors.js";
import { Scorer, type WeightShape } from "../model/scorer.js";
import { hostMemory } from "../wasm/host-memory.js";

/** What one problem takes, in bytes. */
export interface ProblemBytes {
  /** All of it. */
  readonly total: number;
  /** What the core's memory, with the rows in it, has already. */
  readonly present: number;
  /** Parts of it: a number a row and class, and a number a feature and class. */
  readonly duals: number;
  readonly weights: number;
}

/**
 * Called with what a problem is going to take when its rows are in memory and folded, before the rest of it is
 * allocated; throws to refuse it.
 */
export type Admission = (problem: ProblemBytes) => void;

/** What errors of memory call a run. */
export function purposeOf(shape: WeightShape & { readonly rowCount: number }): string {
  return `Training on ${shape.rowCount} rows, ${shape.featureCount} features, ${shape.classCount} classes`;
}

const megabytes = (bytes: number) => `${Math.ceil(bytes / 1e6)} MB`;

/**
 * Refuses a run that takes more than it may: the memory of the solver and that of the model, which is made while the other
 * is still there. What is counted is what will be allocated, to the byte; small things of JavaScript are not.
 *
 * @param shape of the model @param allowed bytes, as `SdcaOptions.maxMemoryBytes`
 */
export function admission(
  shape: WeightShape & { readonly rowCount: number },
  allowed: number | undefined,
): Admission {
  const modelBytes = Scorer.bytes(shape);
  return ({ total, present, duals, weights }) => {
    const needed = total + modelBytes;
    const host = hostMemory();
    const fits =
      allowed === undefined
        ? !host || needed - present <= host.totalBytes - host.usedBytes
        : needed <= allowed;
    if (fits) return;
    const limit =
      allowed === undefined
        ? `This machine has ${megabytes(host!.totalBytes)}, of which ${megabytes(host!.usedBytes)} are in use.`
        : `The option maxMemoryBytes allows ${megabytes(allowed)}.`;
    const change =
      duals >= weights + modelBytes
        ? "Most of it grows with rows × classes: train on fewer rows, or merge rare classes."
        : "Most of it grows with features × classes: use fewer features, as by featurizeText without its words or chars, or merge rare classes.";
    throw new DualTextError(
      "out-of-memory",
      `${purposeOf(shape)} needs ${megabytes(needed)}: ${megabytes(duals)} for duals, ${megabytes(weights)} for weights, ` +
        `${megabytes(total - duals - weights)} for rows and scratch, ${megabytes(modelBytes)} for the model. ` +
        `${limit} ${change}`,
    );
  };
}
