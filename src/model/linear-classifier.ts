import type { Column, KeyColumn, SlotNames, ValueColumn, VectorColumn } from "../data/columns.js";
import type { Matrix } from "../data/csr.js";
import type { Dataset } from "../data/dataset.js";
import { storedTypeOf, storeValues } from "../data/stored-values.js";
import { DualTextError } from "../errors.js";
import { Slices } from "../slices.js";
import { type Json, type LoadedStageParts, type StageParts, type Transformer, wholeArray } from "../stage.js";
import type { CoreFactory } from "../wasm/core.js";
import { weightColumns } from "../wasm/weight-layout.js";
import { type DriftReference, readReference, referenceParts } from "./drift-reference.js";
import {
  type ClassifierColumns,
  damagedClassifier,
  LINEAR_CLASSIFIER,
  labelsOf,
  readLinearParts,
} from "./linear-parts.js";
import { firstLargest } from "./prediction.js";
import { Scorer } from "./scorer.js";
import type { TrainingRecord } from "./training-record.js";
import { readingState, stateParts, type TrainingState } from "./training-state.js";

export { type ClassifierColumns, labelsOf } from "./linear-parts.js";

/** Rows scored at a time when a column is read whole. */
const BLOCK_ROWS = 4096;

/**
 * A fitted linear model: adds a `vector` column of class probabilities and a `key` column with the most probable class
 * (the first of equals).
 */
export class LinearClassifier implements Transformer {
  static readonly stage: string = LINEAR_CLASSIFIER;
  readonly stage: string = LinearClassifier.stage;
  readonly columns: ClassifierColumns;
  readonly training: TrainingRecord;
  /** What the classes are called: the values of the label column's keys, if they have any. */
  readonly names: ValueColumn | undefined;
  /** What the classes are called: labels, or where those had no values their keys, from 1 on. */
  readonly labels: readonly (string | number | boolean)[];
  /** Holds the weights. */
  readonly scorer: Scorer;
  /** What going on training takes, if it was kept. */
  readonly state: TrainingState | undefined;
  /** What `driftReport` compares new rows with; models from before there was one, or cut short, have none. */
  readonly reference: DriftReference | undefined;

  constructor(
    columns: ClassifierColumns,
    names: ValueColumn | undefined,
    scorer: Scorer,
    training: TrainingRecord,
    state?: TrainingState,
    reference?: DriftReference,
  ) {
    this.columns = columns;
    this.names = names;
    this.training = training;
    this.labels = labelsOf(names, scorer.shape.classCount);
    this.scorer = scorer;
    this.state = state;
    this.reference = reference;
  }

  get inputs(): string[] {
    return [this.columns.features];
  }

  get fitInputs(): string[] {
    const { label, exampleWeight } = this.columns;
    return exampleWeight === undefined ? [label] : [label, exampleWeight];
  }

  get outputs(): string[] {
    return [this.columns.score, this.columns.predictedLabel];
  }

  get classCount(): number {
    return this.scorer.shape.classCount;
  }

  get featureCount(): number {
    return this.scorer.shape.featureCount;
  }

  /** Bytes of the weights and biases in a file. */
  get weightBytes(): number {
    return 4 * (this.scorer.lineCount + 1) * weightColumns(this.classCount).stored;
  }

  transform(data: Dataset): Dataset {
    const { score, predictedLabel } = this.columns;
    const { classCount } = this;
    this.checkFeatures(data);
    const probabilities = this.#lastBlockKept(data);
    const { vectorType, keyType } = this;
    const readScores = (start: number, end: number): VectorColumn => ({
      ...vectorType,
      matrix: {
        layout: "dense",
        rowCount: end - start,
        columnCount: classCount,
        values: probabilities(start, end),
      },
    });
    const readKeys = (start: number, end: number): KeyColumn => {
      const keys = new Uint32Array(end - start);
      for (let first = start; first < end; first += BLOCK_ROWS) {
        const stop = Math.min(first + BLOCK_ROWS, end);
        const block = probabilities(first, stop);
        for (let row = first; row < stop; row++) {
          keys[row - start] = 1 + firstLargest(block, (row - first) * classCount, classCount);
        }
      }
      return { ...keyType, keys };
    };
    return data.with(score, vectorType, readScores).with(predictedLabel, keyType, readKeys);
  }

  /** Throws `bad-column` unless the features are those trained on, as far as their number tells. */
  protected checkFeatures(data: Dataset): void {
    const { features } = this.columns;
    const { featureCount } = this;
    const type = data.typeOf(features);
    if (type.kind === "vector" && type.size === featureCount) return;
    const found = type.kind === "vector" ? `a vector of ${type.size}` : type.kind;
    throw new DualTextError(
      "bad-column",
      `Column "${features}" is ${found}; the model was trained on a vector of ${featureCount} features.`,
    );
  }

  /** Type of a column with a number for each class. */
  protected get vectorType() {
    const slotNames = this.#slotNames();
    return { kind: "vector", size: this.classCount, ...(slotNames && { slotNames }) } as const;
  }

  /** Type of a column of classes. */
  protected get keyType() {
    return { kind: "key", count: this.classCount, ...(this.names && { names: this.names }) } as const;
  }

  /** Probability of each class for each row of what `transform` has made: f32[rowCount][classCount]. */
  classProbabilities(data: Dataset): Float32Array {
    return (data.column(this.columns.score).matrix as { values: Float32Array }).values;
  }

  /**
   * What `transform` has made with the columns that `evaluate` reads: where no stage has made a key of the label, since the
   * labels trained on were soft, the key of the label, or of the largest of its numbers.
   */
  forEvaluation(data: Dataset): Dataset {
    const { label } = this.columns;
    const { kind } = data.typeOf(label);
    if (kind === "key") return data;
    const { keyType } = this;
    return data.with(label, keyType, (start, end) => ({
      ...keyType,
      keys: keysOfLabels(data.block(label, start, end), this.labels, label),
    }));
  }

  /** Probabilities of rows start … end − 1; the last block stays, for the readers of the two columns. */
  #lastBlockKept(data: Dataset): (start: number, end: number) => Float32Array {
    let last: { start: number; end: number; values: Float32Array } | undefined;
    return (start, end) => {
      if (last?.start === start && last.end === end) return last.values;
      const block = (first: number, stop: number) =>
        this.scorer.probabilities(
          (data.block(this.columns.features, first, stop) as { matrix: Matrix }).matrix,
        );
      let values: Float32Array;
      if (end - start <= BLOCK_ROWS) values = block(start, end);
      else {
        values = new Float32Array((end - start) * this.classCount);
        for (let first = start; first < end; first += BLOCK_ROWS) {
          values.set(block(first, Math.min(first + BLOCK_ROWS, end)), (first - start) * this.classCount);
        }
      }
      last = { start, end, values };
      return values;
    };
  }

  #slotNames(): SlotNames | undefined {
    const { names } = this;
    return (
      names && {
        count: this.classCount,
        at: (slot) => String((names.kind === "boolean" ? this.labels : names.values)[slot]),
      }
    );
  }

  toParts(): StageParts {
    const { featureCount, classCount, scorer } = this;
    const state = this.state && stateParts(this.state);
    return {
      stage: this.stage,
      options: {
        columns: { ...this.columns },
        featureCount,
        classCount,
        namesType: this.names ? storedTypeOf(this.names) : null,
        training: this.training as unknown as Json,
        ...(state && { state: state.options }),
      },
      arrays: {
        ...(scorer.lines && { lines: wholeArray(scorer.lines) }),
        weights: {
          type: "f32",
          length: scorer.lineCount * weightColumns(classCount).stored,
          pieces: () => scorer.storedWeights(),
        },
        biases: wholeArray(scorer.biases()),
        ...(this.names && storeValues(this.names, "names")),
        ...(this.reference && referenceParts(this.reference)),
        ...state?.arrays,
      },
    };
  }
}

/** The key of each label among `labels`, 0 for others. Throws `bad-column` for a column that holds no labels. */
function keysOfLabels(column: Column, labels: readonly unknown[], name: string): Uint32Array {
  const keys = new Map(labels.map((label, c) => [String(label), c + 1]));
  if (column.kind === "text") return Uint32Array.from(column.values, (label) => keys.get(label) ?? 0);
  if (column.kind !== "vector") {
    throw new DualTextError(
      "bad-column",
      `Column "${name}" is ${column.kind}; to evaluate, the labels must be text or a vector with a number for each class.`,
    );
  }
  const { matrix, size, slotNames } = column;
  return Uint32Array.from({ length: matrix.rowCount }, (_, row) => {
    const values = new Float32Array(size);
    if (matrix.layout === "dense") values.set(matrix.values.subarray(row * size, (row + 1) * size));
    else
      for (let k = matrix.indptr[row]!; k < matrix.indptr[row + 1]!; k++)
        values[matrix.indices[k]!] = matrix.values[k]!;
    const slot = firstLargest(values, 0, size);
    if (!(values[slot]! > 0)) return 0;
    return slotNames ? (keys.get(slotNames.at(slot)) ?? 0) : slot + 1;
  });
}

/** Makes the stage of {@link LinearClassifier.toParts} again. Rejects with `bad-model-file` when the parts do not fit. */
export async function readLinearClassifier(
  parts: LoadedStageParts,
  core: CoreFactory,
): Promise<LinearClassifier> {
  return new LinearClassifier(...(await readFitted(parts, core)));
}

/** What a linear classifier is made of, its weights in a core. Rejects with `bad-model-file` when the parts do not fit. */
export async function readFitted(
  parts: LoadedStageParts,
  core: CoreFactory,
): Promise<ConstructorParameters<typeof LinearClassifier>> {
  const { columns, shape, names, training, lines, weights, biases } = readLinearParts(parts);
  const slices = new Slices(undefined, () => undefined);
  const { state: stored } = parts.options as { readonly [key: string]: Json };
  const state =
    stored === undefined
      ? undefined
      : ((await slices.run(readingState(stored, parts.arrays, shape.featureCount, shape.classCount))) ??
        damagedClassifier("the training state"));
  const { driftReference } = parts.arrays;
  const reference =
    driftReference === undefined
      ? undefined
      : (readReference(driftReference, shape.classCount) ?? damagedClassifier("the drift reference"));
  const scorer = Scorer.create(core(), shape, lines);
  await slices.run(scorer.settingStoredWeights(weights));
  scorer.setBiases(biases);
  return [columns, names, scorer, training, state, reference];
}
