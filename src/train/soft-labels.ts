import type { KeyType, VectorColumn } from "../data/columns.js";
import { DualTextError } from "../errors.js";
import { log } from "../numbers.js";

/** Labels that are distributions over the classes. */
export interface SoftLabels {
  readonly type: KeyType;
  /** Key of the most probable class of each row, the first of equals; 0 where all numbers are 0. */
  readonly keys: Uint32Array;
  /** f32[rowCount][classCount], each row of sum 1, or 0. */
  readonly targets: Float32Array;
}

/**
 * A vector column as labels: its slots are the classes, its numbers, at least 0 and in any unit, say how much of the row
 * belongs to each: probabilities, or votes. Throws `bad-argument`, `not-finite`, `too-few-labels`.
 */
export function softLabels(column: VectorColumn, label: string): SoftLabels {
  const { size, slotNames, matrix } = column;
  if (size < 2) {
    throw new DualTextError(
      "too-few-labels",
      `Column "${label}" has ${size} slots; as labels it needs one for each of two classes or more.`,
    );
  }
  const { rowCount } = matrix;
  const targets = new Float32Array(rowCount * size);
  if (matrix.layout === "dense") targets.set(matrix.values);
  else {
    for (let row = 0; row < rowCount; row++) {
      for (let k = matrix.indptr[row]!; k < matrix.indptr[row + 1]!; k++)
        targets[row * size + matrix.indices[k]!] = matrix.values[k]!;
    }
  }
  const keys = new Uint32Array(rowCount);
  for (let row = 0; row < rowCount; row++) {
    const target = targets.subarray(row * size, (row + 1) * size);
    let sum = 0;
    let largest = 0;
    for (let c = 0; c < size; c++) {
      const mass = target[c]!;
      if (!(mass >= 0 && mass < Number.POSITIVE_INFINITY)) {
        throw new DualTextError(
          mass < 0 && Number.isFinite(mass) ? "bad-argument" : "not-finite",
          `Row ${row} of column "${label}" holds ${mass} in slot ${c}; as a label it must be a finite number of at least 0.`,
        );
      }
      sum += mass;
      if (mass > target[largest]!) largest = c;
    }
    if (sum === 0) continue;
    keys[row] = largest + 1;
    for (let c = 0; c < size; c++) target[c] = target[c]! / sum;
  }
  const names = slotNames && {
    kind: "text" as const,
    values: Array.from({ length: size }, (_, slot) => slotNames.at(slot)),
  };
  return { type: { kind: "key", count: size, ...(names && { names }) }, keys, targets };
}

/** The rows listed. */
export function takeTargets(targets: Float32Array, classCount: number, rows: Uint32Array): Float32Array {
  const taken = new Float32Array(rows.length * classCount);
  rows.forEach((row, i) => {
    taken.set(targets.subarray(row * classCount, (row + 1) * classCount), i * classCount);
  });
  return taken;
}

/** Mean of −Σ t ln t over the rows, by weight, in nats: what the mean log-loss cannot fall below. */
export function targetEntropy(targets: Float32Array, classCount: number, weights?: Float32Array): number {
  let sum = 0;
  let total = 0;
  for (let first = 0; first < targets.length; first += classCount) {
    const weight = weights?.[first / classCount] ?? 1;
    total += weight;
    for (let c = first; c < first + classCount; c++) {
      if (targets[c]! > 0) sum -= weight * targets[c]! * log(targets[c]!);
    }
  }
  return sum / total;
}
