import { DualTextError } from "../errors.js";

/** A label with the probability the model gives it, 0 … 1. */
export interface ScoredLabel<Label = string | number | boolean> {
  readonly label: Label;
  readonly probability: number;
}

export interface Prediction<Label = string | number | boolean> extends ScoredLabel<Label> {
  /** The most probable labels, best first, when `topK` was asked for. */
  readonly top?: readonly ScoredLabel<Label>[];
}

export interface PredictOptions {
  /** How many of the most probable labels to list, 1 … class count. Default: none are listed. */
  readonly topK?: number;
}

/**
 * What the class probabilities of a row say.
 * @param labels what the classes are called
 * Throws `bad-option`.
 */
export function predictionOf<Label>(
  probabilities: Float32Array,
  labels: readonly Label[],
  { topK }: PredictOptions,
  row = 0,
): Prediction<Label> {
  if (topK !== undefined && !(Number.isInteger(topK) && topK >= 1)) {
    throw new DualTextError("bad-option", `topK is ${topK}; it must be a whole number from 1 on.`);
  }
  const { length } = labels;
  const start = row * length;
  const scored = (at: number) => ({ label: labels[at]!, probability: probabilities[start + at]! });
  if (topK === undefined) return scored(firstLargest(probabilities, start, length));
  const top = largestFirst(probabilities.subarray(start, start + length), Math.min(topK, length)).map(scored);
  return { ...top[0]!, top };
}

/** Position of the largest of `count` values from `offset` on, the first of equals, counted from `offset`. */
export function firstLargest(values: Float32Array, offset: number, count: number): number {
  let best = 0;
  for (let i = 1; i < count; i++) if (values[offset + i]! > values[offset + best]!) best = i;
  return best;
}

/** Positions of the `count` largest values, largest first, the first of equals before the others. */
function largestFirst(values: Float32Array, count: number): number[] {
  const order: number[] = [];
  for (let i = 0; i < values.length; i++) {
    let place = order.length;
    while (place > 0 && values[order[place - 1]!]! < values[i]!) place--;
    if (place >= count) continue;
    order.splice(place, 0, i);
    if (order.length > count) order.pop();
  }
  return order;
}
