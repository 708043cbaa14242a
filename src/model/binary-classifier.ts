import type { BooleanColumn, Column, KeyColumn, NumberColumn, VectorColumn } from "../data/columns.js";
import type { Dataset } from "../data/dataset.js";
import type { LoadedStageParts } from "../stage.js";
import type { CoreFactory } from "../wasm/core.js";
import { LinearClassifier, readFitted } from "./linear-classifier.js";
import { BINARY_CLASSIFIER } from "./linear-parts.js";

/** Name of the column with the probability of the second class. */
const PROBABILITY = "Probability";
/** Rows scored at a time when a column is read whole. */
const BLOCK_ROWS = 4096;

/**
 * A fitted linear model of two classes with the columns of ML.NET's binary trainers: a number column with the score z of
 * the second class (`true`, or key 2), a number column "Probability" with 1 / (1 + exp(−z)), and the predicted class, the
 * second where z is above 0: boolean where the labels are, else a key.
 */
export class BinaryClassifier extends LinearClassifier {
  static override readonly stage: string = BINARY_CLASSIFIER;
  override readonly stage: string = BinaryClassifier.stage;

  override get outputs(): string[] {
    const { score, predictedLabel } = this.columns;
    return [score, PROBABILITY, predictedLabel];
  }

  override transform(data: Dataset): Dataset {
    const { score, predictedLabel } = this.columns;
    this.checkFeatures(data);
    const scores = (start: number, end: number) =>
      this.#ofRows(data, start, end, 1, (matrix) => this.scorer.margins(matrix).map((margin) => 2 * margin));
    const single = { kind: "number", precision: "single" } as const;
    const keyType = this.names?.kind === "boolean" ? undefined : this.keyType;
    return data
      .with(score, single, (start, end): NumberColumn => ({ ...single, values: scores(start, end) }))
      .with(PROBABILITY, single, (start, end): NumberColumn => {
        const both = this.#ofRows(data, start, end, 2, (matrix) => this.scorer.probabilities(matrix));
        return { ...single, values: Float32Array.from({ length: end - start }, (_, i) => both[2 * i + 1]!) };
      })
      .with(predictedLabel, keyType ?? { kind: "boolean" }, (start, end): BooleanColumn | KeyColumn => {
        const positive = scores(start, end);
        if (!keyType) return { kind: "boolean", values: Uint8Array.from(positive, (z) => (z > 0 ? 1 : 0)) };
        return { ...keyType, keys: Uint32Array.from(positive, (z) => (z > 0 ? 2 : 1)) };
      });
  }

  /** `width` numbers for each of the rows start … end − 1. */
  #ofRows(
    data: Dataset,
    start: number,
    end: number,
    width: number,
    score: (matrix: VectorColumn["matrix"]) => Float32Array,
  ): Float32Array {
    const result = new Float32Array((end - start) * width);
    for (let first = start; first < end; first += BLOCK_ROWS) {
      const block = data.block(
        this.columns.features,
        first,
        Math.min(first + BLOCK_ROWS, end),
      ) as VectorColumn;
      result.set(score(block.matrix), (first - start) * width);
    }
    return result;
  }

  override classProbabilities(data: Dataset): Float32Array {
    return this.#ofRows(data, 0, data.rowCount, 2, (matrix) => this.scorer.probabilities(matrix));
  }

  /** With a score for each class, and a key as the label where that is boolean. */
  override forEvaluation(data: Dataset): Dataset {
    const { label, score } = this.columns;
    const { vectorType } = this;
    const scored = data.with(score, vectorType, (start, end) => {
      const values = this.#ofRows(data, start, end, 2, (matrix) => this.scorer.probabilities(matrix));
      return { ...vectorType, matrix: { layout: "dense", rowCount: end - start, columnCount: 2, values } };
    });
    return data.typeOf(label).kind === "boolean" ? withKeyOfBoolean(scored, label) : scored;
  }
}

/** The data with a boolean column turned into a key: 1 is false, 2 is true. */
export function withKeyOfBoolean(data: Dataset, name: string): Dataset {
  const names = { kind: "boolean", values: Uint8Array.of(0, 1) } as const;
  const type = { kind: "key", count: 2, names } as const;
  return data.with(name, type, (start, end): Column => {
    const { values } = data.block(name, start, end) as BooleanColumn;
    return { ...type, keys: Uint32Array.from(values, (value) => value + 1) };
  });
}

/** Makes the stage of {@link BinaryClassifier.toParts} again. Throws `bad-model-file` when the parts do not fit. */
export async function readBinaryClassifier(
  parts: LoadedStageParts,
  core: CoreFactory,
): Promise<BinaryClassifier> {
  return new BinaryClassifier(...(await readFitted(parts, core)));
}
