import type { KeyType } from "../data/columns.js";
import type { CsrMatrix } from "../data/csr.js";
import { DualTextError } from "../errors.js";
import { type LinearClassifier, labelsOf } from "../model/linear-classifier.js";
import type { Scorer } from "../model/scorer.js";
import { type WeightLines, weightColumns } from "../wasm/weight-layout.js";
import type { Problem } from "./problem.js";
import type { SdcaOptions } from "./sdca-options.js";

// Fine-tuning: the weights W₀ that a model brings to another problem, features matched by `slots` and classes by
// `classes`, each the place in the model or −1 for what is new and begins at 0.

/** What labels of a model are called in the data. */
type RenamedLabels = SdcaOptions["renameLabels"];

/** The model's labels under their names in the data. Throws `bad-option` where one is not the model's, or two become one. */
export function renamedLabels({ labels }: LinearClassifier, renamed: RenamedLabels = {}): string[] {
  const own = labels.map(String);
  const unknown = Object.keys(renamed).find((label) => !own.includes(label));
  if (unknown !== undefined) {
    throw new DualTextError(
      "bad-option",
      `renameLabels renames "${unknown}", which is no label of the model: ${listed(own)}.`,
    );
  }
  const names = own.map((label) => (Object.hasOwn(renamed, label) ? renamed[label]! : label));
  const twice = names.find((name, c) => names.indexOf(name) !== c);
  if (twice === undefined) return names;
  throw new DualTextError("bad-option", `renameLabels calls two labels of the model "${twice}".`);
}

function listed(names: readonly string[]): string {
  return `${names.slice(0, 5).join(", ")}${names.length > 5 ? ", …" : ""}`;
}

/** Of each class of `labels`, the class of the model with the same label, or −1. Throws `bad-option`. */
export function matchLabels(labels: KeyType, model: LinearClassifier, renamed?: RenamedLabels): Int32Array {
  const known = new Map(renamedLabels(model, renamed).map((label, c) => [label, c]));
  return Int32Array.from(labelsOf(labels.names, labels.count), (label) => known.get(String(label)) ?? -1);
}

/** Throws `bad-option` when the model has none of the labels: nothing of it would be left. */
export function checkLabelsMatch(classes: Int32Array, labels: KeyType, model: LinearClassifier): void {
  if (classes.some((c) => c >= 0)) return;
  const here = labelsOf(labels.names, labels.count).map(String);
  throw new DualTextError(
    "bad-option",
    `The model to start from has none of the labels of the data: ${listed(model.labels.map(String))} there, ` +
      `${listed(here)} here. Say which is which (renameLabels, --rename-label), or keep the old ones beside them (keepLabels, --keep-labels).`,
  );
}

/** Copies lines of weights from one set of classes to another; both may be those of two classes, which keep one column. */
class LineMap {
  readonly #classes: Int32Array;
  readonly #fromTwo: boolean;
  readonly #from: number;
  readonly to: number;

  constructor(classes: Int32Array, fromCount: number) {
    this.#classes = classes;
    this.#fromTwo = fromCount === 2;
    this.#from = weightColumns(fromCount).padded;
    this.to = weightColumns(classes.length).padded;
  }

  /** Line `line` of `source` to line `at` of `target`, whose other lanes stay. */
  copy(source: Float32Array, line: number, target: Float32Array, at: number): void {
    const classes = this.#classes;
    const first = line * this.#from;
    const weightOf = (c: number): number => {
      if (c < 0) return 0;
      if (!this.#fromTwo) return source[first + c]!;
      return c === 1 ? source[first]! : -source[first]!;
    };
    if (classes.length === 2) {
      // What both classes share changes no probability.
      target[at] = (weightOf(classes[1]!) - weightOf(classes[0]!)) / 2;
      return;
    }
    for (let c = 0; c < classes.length; c++) target[at * this.to + c] = weightOf(classes[c]!);
  }
}

/** Features whose weights are copied in a few milliseconds. */
const FEATURES_A_PIECE = 1 << 15;

/** The problem of fine-tuning a model on some rows: only features that occur in them have weights to learn. */
export class Origin {
  /** The rows, with the features that occur in them renumbered. */
  readonly matrix: CsrMatrix;
  readonly #model: LinearClassifier;
  readonly #slots: Int32Array;
  /** The features that occur, ascending. */
  readonly #used: Uint32Array;
  readonly #lines: LineMap;
  readonly #classCount: number;

  constructor(model: LinearClassifier, slots: Int32Array, classes: Int32Array, matrix: CsrMatrix) {
    this.#model = model;
    this.#slots = slots;
    this.#lines = new LineMap(classes, model.classCount);
    this.#classCount = classes.length;
    const places = new Uint32Array(matrix.columnCount);
    for (let k = 0; k < matrix.indices.length; k++) places[matrix.indices[k]!] = 1;
    const used: number[] = [];
    places.forEach((isUsed, feature) => {
      if (isUsed === 0) return;
      places[feature] = used.length;
      used.push(feature);
    });
    this.#used = Uint32Array.from(used);
    const indices = matrix.indices.map((feature) => places[feature]!);
    this.matrix = { ...matrix, columnCount: used.length, indices };
  }

  /** W₀ of the features that occur. */
  get lines(): WeightLines {
    const weights = new Float32Array(this.#used.length * this.#lines.to);
    const source = this.#source();
    this.#used.forEach((feature, at) => {
      const line = this.#lineOf(feature);
      if (line >= 0) this.#lines.copy(source, line, weights, at);
    });
    return { weights, biases: this.#biases() };
  }

  /** Whether the model has a feature of {@link matrix}. */
  knows(feature: number): boolean {
    return this.#slots[this.#used[feature]!]! >= 0;
  }

  /** The line of the model that holds the weights of a feature, or −1. */
  #lineOf(feature: number): number {
    const slot = this.#slots[feature]!;
    return slot < 0 ? -1 : this.#model.scorer.lineOf(slot);
  }

  #source(): Float32Array {
    return this.#model.scorer.paddedWeights();
  }

  #biases(): Float32Array {
    const biases = new Float32Array(this.#lines.to);
    this.#lines.copy(this.#model.scorer.biases(), 0, biases, 0);
    return biases.subarray(0, weightColumns(this.#classCount).stored);
  }

  /**
   * Gives a scorer the weights of all features: those that do not occur have kept the weights of the model. Where the
   * problem no longer pulls to it, they are 0. Yields now and then.
   */
  *intoScorer(problem: Problem, scorer: Scorer): Generator<void, Scorer> {
    const { featureCount } = scorer.shape;
    const source = this.#source();
    const learned = new Float32Array(this.#used.length * this.#lines.to);
    yield* problem.writeWeights(learned);
    const width = this.#lines.to;
    const target = scorer.paddedWeights();
    let next = 0;
    for (let feature = 0; feature < featureCount; feature++) {
      if ((feature + 1) % FEATURES_A_PIECE === 0) yield;
      const line = this.#lineOf(feature);
      if (this.#used[next] === feature) {
        target.set(learned.subarray(next * width, (next + 1) * width), feature * width);
        next++;
      } else if (line >= 0 && problem.hasOrigin) this.#lines.copy(source, line, target, feature);
    }
    scorer.setBiases(problem.biasLine());
    return scorer;
  }
}
