import type { Model } from "../../src/model/model.js";
import { slotNamesOf } from "../../src/text/slot-names.js";
import { TextFeaturizer } from "../../src/text/text-featurizer.js";

/** How far the weights of two models are from each other. */
export interface WeightDifference {
  /** Of one weight. */
  readonly largest: number;
  /** |ΔW|², biases with it. */
  readonly squares: number;
  /** Features that only one of the models has. */
  readonly unmatched: number;
}

/** Lines of weights by n-gram, the biases as the line of "", and the place of each label in a line. */
function linesOf({ classifier, stages }: Model) {
  const featurizer = stages.find((stage) => stage instanceof TextFeaturizer);
  if (!featurizer) throw new Error("The model has no n-grams.");
  const names = slotNamesOf(featurizer.tables);
  const weights: number[] = [];
  for (const piece of classifier.scorer.storedWeights()) for (const w of piece) weights.push(w);
  const biases = [...classifier.scorer.biases()];
  const columns = weights.length / names.count;
  const lineAt = (slot: number) => weights.slice(slot * columns, (slot + 1) * columns);
  // Two classes keep the weights of the second.
  const whole = (line: number[]) => (columns === 1 ? [-line[0]!, line[0]!] : line);
  const lines = new Map<string, number[]>([["", whole(biases)]]);
  for (let slot = 0; slot < names.count; slot++) lines.set(names.at(slot), whole(lineAt(slot)));
  return { lines, labels: classifier.labels.map(String) };
}

/** Compares weights by n-gram and label. Throws where the labels are not the same. */
export function weightDifference(a: Model, b: Model): WeightDifference {
  const [first, second] = [linesOf(a), linesOf(b)];
  const places = first.labels.map((label) => second.labels.indexOf(label));
  if (places.includes(-1) || places.length !== second.labels.length) {
    throw new Error(`The labels differ: ${first.labels.join(", ")}; ${second.labels.join(", ")}.`);
  }
  let [largest, squares, matched] = [0, 0, 0];
  for (const [name, line] of first.lines) {
    const other = second.lines.get(name);
    if (!other) continue;
    matched++;
    for (const [c, w] of line.entries()) {
      const d = Math.abs(w - other[places[c]!]!);
      largest = Math.max(largest, d);
      squares += d * d;
    }
  }
  return { largest, squares, unmatched: first.lines.size + second.lines.size - 2 * matched };
}
