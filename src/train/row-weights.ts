import type { KeyType, NumberColumn } from "../data/columns.js";
import type { Dataset } from "../data/dataset.js";
import { DualTextError, nearestName } from "../errors.js";

/** Weights of classes: by label, those not named 1; or "balanced", so that all classes weigh the same in total. */
export type ClassWeights = "balanced" | Readonly<Record<string, number>>;

/** Throws `bad-option` unless every class weight is a finite number of at least 0. */
export function checkClassWeights(weights: ClassWeights): void {
  if (weights === "balanced") return;
  if (typeof weights !== "object" || weights === null || Array.isArray(weights)) {
    throw new DualTextError(
      "bad-option",
      `classWeights is ${JSON.stringify(weights)}; it must be "balanced" or weights by label, such as { spam: 2 }.`,
    );
  }
  for (const [label, weight] of Object.entries(weights)) {
    if (typeof weight === "number" && Number.isFinite(weight) && weight >= 0) continue;
    throw new DualTextError(
      "bad-option",
      `classWeights gives ${JSON.stringify(label)} the weight ${String(weight)}; it must be a finite number of at least 0.`,
    );
  }
}

/**
 * The weights of a number column, one a row, of all rows.
 * Throws `bad-column` for another kind, `not-finite` and `bad-argument` (below 0) for a row that cannot be weighted.
 */
export function exampleWeights(data: Dataset, name: string): Float64Array {
  const type = data.typeOf(name);
  if (type.kind !== "number") {
    throw new DualTextError(
      "bad-column",
      `Column "${name}" is ${type.kind}; the weights of rows must be numbers.`,
    );
  }
  const weights = Float64Array.from((data.column(name) as NumberColumn).values as ArrayLike<number>, Number);
  weights.forEach((weight, row) => {
    if (weight >= 0 && weight < Number.POSITIVE_INFINITY) return;
    throw new DualTextError(
      weight < 0 && Number.isFinite(weight) ? "bad-argument" : "not-finite",
      `Row ${row} of column "${name}" holds the weight ${weight}; it must be a finite number of at least 0.`,
    );
  });
  return weights;
}

/**
 * The weight of each class, 0 … count − 1. "balanced": in inverse proportion to what the rows of the class weigh
 * together; a class without rows has 1. Throws `unknown-label` for a name that is no label.
 * @param totals what the rows of each class weigh together
 */
export function weightsOfClasses(weights: ClassWeights, type: KeyType, totals: Float64Array): Float64Array {
  if (weights === "balanced") {
    const total = totals.reduce((sum, weight) => sum + weight, 0);
    const classesWithRows = totals.reduce((count, weight) => count + (weight > 0 ? 1 : 0), 0);
    return totals.map((weight) => (weight > 0 ? total / (classesWithRows * weight) : 1));
  }
  const labels = Array.from({ length: type.count }, (_, c) => String(type.names ? labelAt(type, c) : c + 1));
  const classes = new Map(labels.map((label, c) => [label, c]));
  const result = new Float64Array(type.count).fill(1);
  for (const [label, weight] of Object.entries(weights)) {
    const class_ = classes.get(label);
    if (class_ === undefined) {
      const near = nearestName(label, labels);
      const hint = near === undefined ? "" : ` Did you mean ${JSON.stringify(near)}?`;
      throw new DualTextError(
        "unknown-label",
        `classWeights names ${JSON.stringify(label)}, which is no label of the training data.${hint}`,
      );
    }
    result[class_] = weight;
  }
  return result;
}

/** The name of class 0 … count − 1 of a key column that has names. */
function labelAt({ names }: KeyType, class_: number): string | number | bigint | boolean {
  const value = names!.values[class_]!;
  return names!.kind === "boolean" ? value === 1 : value;
}

/**
 * Weights scaled to a mean of 1, so that λ and the tolerance mean the same whatever the unit of the weights is.
 * Throws `not-finite` when their sum leaves the range of numbers.
 * @param weights all above 0 @param sum their sum
 */
export function meanOne(weights: Float64Array, sum: number): Float32Array {
  const scale = weights.length / sum;
  if (!(Number.isFinite(sum) && Number.isFinite(scale))) {
    throw new DualTextError("not-finite", `The weights of the training rows sum to ${sum}; scale them.`);
  }
  return Float32Array.from(weights, (weight) => weight * scale);
}
