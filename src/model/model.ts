import type {
  BooleanColumn,
  Column,
  ColumnType,
  NumberArray,
  NumberColumn,
  TextColumn,
  ValueColumn,
} from "../data/columns.js";
import { checkDataset, Dataset, type Schema } from "../data/dataset.js";
import { checkOptions, DualTextError, kindOf } from "../errors.js";
import { type EvaluateOptions, evaluate, evaluating } from "../evaluate/evaluate.js";
import type { MulticlassMetrics } from "../evaluate/multiclass-metrics.js";
import type { Transformer } from "../stage.js";
import type { RowTexts } from "../text/row-texts.js";
import { TextFeaturizer } from "../text/text-featurizer.js";
import { LinearClassifier } from "./linear-classifier.js";
import { type Prediction, type PredictOptions, predictionOf } from "./prediction.js";
import type { TrainingRecord } from "./training-record.js";

export type { Prediction, PredictOptions, ScoredLabel } from "./prediction.js";

/** What a label column of this kind holds. */
export type LabelOf<In extends Schema> = In extends { readonly Label: infer Kind }
  ? Kind extends "text"
    ? string
    : Kind extends "boolean"
      ? boolean
      : Kind extends "number"
        ? number
        : string | number | boolean
  : string | number | boolean;

/** One row by column name, for {@link Model.predict}. */
export type Row = Readonly<Record<string, string | number | boolean>>;

/** Rows evaluated at a time where others must get their turn. */
const ROWS_A_PIECE = 32;

interface Shortcut {
  readonly featurizer: TextFeaturizer;
  readonly classifier: LinearClassifier;
  readonly inputs: readonly string[];
}

/** What a row has in columns of text; undefined where it is no text of such a row. */
function textsOf(input: string | Row, names: readonly string[]): RowTexts | undefined {
  if (typeof input === "string") return names.length === 1 ? input : undefined;
  const texts = names.map((name) => input?.[name]);
  return texts.every((text) => typeof text === "string") ? texts : undefined;
}

/** A fitted pipeline. Immutable. @typeParam In columns it was fitted on @typeParam Out columns it adds */
export class Model<In extends Schema = any, Out extends Schema = any> {
  declare readonly outputType?: Out;
  /** Columns of the training data that the pipeline reads, and their types. */
  readonly inputSchema: Readonly<Record<string, ColumnType>>;
  readonly stages: readonly Transformer[];
  #predictionInputs: readonly string[] | undefined;
  #shortcut: Shortcut | null | undefined;

  constructor(stages: readonly Transformer[], inputSchema: Readonly<Record<string, ColumnType>>) {
    this.stages = stages;
    this.inputSchema = inputSchema;
  }

  /** Records of the trainers in the pipeline, in order. */
  get training(): TrainingRecord[] {
    return this.stages.filter((stage) => stage instanceof LinearClassifier).map((stage) => stage.training);
  }

  /** The last classifier of the pipeline. Throws `bad-argument` when there is none. */
  get classifier(): LinearClassifier {
    const found = this.stages.findLast((stage) => stage instanceof LinearClassifier);
    if (found) return found;
    throw new DualTextError(
      "bad-argument",
      "This model has no trainer in its pipeline, so it cannot classify.",
    );
  }

  /** The labels it can give, in the order of their classes. */
  get labels(): readonly LabelOf<In>[] {
    return this.classifier.labels as readonly LabelOf<In>[];
  }

  /**
   * The data with the columns of every stage. A stage whose input is missing (the label, in new data) is left out,
   * unless a later one needs it. Throws `bad-column`.
   */
  transform(data: Dataset<any>): Dataset<any> {
    checkDataset(data, "transform");
    const missing = new Map<string, string>();
    let result = data;
    for (const stage of this.stages) {
      const absent = stage.inputs.find((name) => missing.has(name) || !result.has(name));
      if (absent === undefined) {
        result = stage.transform(result);
        for (const name of stage.outputs) missing.delete(name);
        continue;
      }
      // Asking for the column that lacks raises the error that names it and its nearest relative.
      const source = missing.get(absent) ?? absent;
      if (stage instanceof LinearClassifier) result.typeOf(source);
      for (const name of stage.outputs) missing.set(name, source);
    }
    return result;
  }

  /**
   * The most probable label of one text or row.
   * @param input a string where classifying reads one text column, else a value for each column that it reads
   */
  predict(input: string | Row, options: PredictOptions = {}): Prediction<LabelOf<In>> {
    checkOptions("predict", options);
    const shortcut = this.#textShortcut();
    const texts = shortcut && textsOf(input, shortcut.inputs);
    if (!shortcut || texts === undefined) return this.predictAll([input], options)[0]!;
    const { classifier, featurizer } = shortcut;
    const probabilities = classifier.scorer.probabilities(featurizer.fittedNgrams.row(texts));
    return predictionOf(probabilities, classifier.labels as readonly LabelOf<In>[], options);
  }

  /** {@link predict} for many texts or rows. */
  predictAll(inputs: readonly (string | Row)[], options: PredictOptions = {}): Prediction<LabelOf<In>>[] {
    checkOptions("predictAll", options);
    const shortcut = this.#textShortcut();
    const rows = shortcut && Array.isArray(inputs) && inputs.map((input) => textsOf(input, shortcut.inputs));
    // Inputs that are no texts: the long way raises the error that names them.
    if (!shortcut || !rows || rows.includes(undefined))
      return this.#predict(this.#scored(this.rowsOf(inputs)), options);
    const { classifier, featurizer } = shortcut;
    const labels = classifier.labels as readonly LabelOf<In>[];
    const predictions: Prediction<LabelOf<In>>[] = [];
    for (const matrix of featurizer.fittedNgrams.views(rows as RowTexts[])) {
      const probabilities = classifier.scorer.probabilities(matrix);
      for (let row = 0; row < matrix.rowCount; row++)
        predictions.push(predictionOf(probabilities, labels, options, row));
    }
    return predictions;
  }

  /** Where the classifier reads text features of input columns alone: what predicting takes. */
  #textShortcut(): Shortcut | undefined {
    if (this.#shortcut === undefined) {
      const { classifier, predictionInputs, inputSchema } = this;
      const before = this.stages.slice(0, this.stages.indexOf(classifier));
      const featurizer = before.findLast(({ outputs }) => outputs.includes(classifier.inputs[0]!));
      const isOfInput =
        featurizer instanceof TextFeaturizer &&
        featurizer.inputs.length === predictionInputs.length &&
        featurizer.inputs.every(
          (name) => predictionInputs.includes(name) && inputSchema[name]?.kind === "text",
        ) &&
        featurizer.slotCount === classifier.featureCount;
      this.#shortcut = isOfInput ? { featurizer, classifier, inputs: featurizer.inputs } : null;
    }
    return this.#shortcut ?? undefined;
  }

  /** Metrics on rows with labels; see {@link evaluate}. A label unseen in training is skipped and reported. */
  evaluate(data: Dataset<any>, options: Pick<EvaluateOptions, "topK" | "strict"> = {}): MulticlassMetrics {
    return evaluate(...this.#toEvaluate(data, options));
  }

  /** {@link evaluate} in pieces of a few rows. @internal */
  evaluating(data: Dataset<any>): Generator<void, MulticlassMetrics> {
    return evaluating(...this.#toEvaluate(data, {}), ROWS_A_PIECE);
  }

  /** What {@link evaluate} is given. */
  #toEvaluate(data: Dataset<any>, options: EvaluateOptions): [Dataset, EvaluateOptions] {
    checkDataset(data, "evaluate");
    const { label, score, predictedLabel } = this.classifier.columns;
    const type = data.typeOf(label).kind;
    const isValue = type === "text" || type === "number" || type === "boolean";
    const labelValues = isValue ? (data.column(label) as ValueColumn) : undefined;
    const columns = { label, score, predictedLabel, ...(labelValues && { labelValues }) };
    return [this.classifier.forEvaluation(this.transform(data)), { ...options, ...columns }];
  }

  #predict(data: Dataset<any>, options: PredictOptions): Prediction<LabelOf<In>>[] {
    const { classifier } = this;
    const probabilities = classifier.classProbabilities(data);
    const labels = classifier.labels as readonly LabelOf<In>[];
    return Array.from({ length: data.rowCount }, (_, row) =>
      predictionOf(probabilities, labels, options, row),
    );
  }

  /** Columns of the input that classifying needs, the label not among them. */
  get predictionInputs(): readonly string[] {
    this.#predictionInputs ??= this.#findPredictionInputs();
    return this.#predictionInputs;
  }

  #findPredictionInputs(): string[] {
    const last = this.stages.indexOf(this.classifier);
    const needed = new Set(this.classifier.inputs);
    for (const stage of this.stages.slice(0, last).reverse()) {
      if (!stage.outputs.some((name) => needed.has(name))) continue;
      for (const name of stage.outputs) needed.delete(name);
      for (const name of stage.inputs) needed.add(name);
    }
    return [...needed];
  }

  /** Texts or rows as columns, those that {@link predictAll} reads. Throws `bad-argument`, `bad-column`. */
  rowsOf(inputs: readonly (string | Row)[]): Dataset<any> {
    if (!Array.isArray(inputs)) {
      throw new DualTextError(
        "bad-argument",
        "predictAll wants an array of texts or rows; predict takes one.",
      );
    }
    const needed = this.predictionInputs;
    const columns: Record<string, Column> = {};
    for (const name of needed) {
      const type = this.inputSchema[name];
      if (!type) throw new DualTextError("bad-column", `The model does not say what column "${name}" holds.`);
      const values = inputs.map((input) => {
        if (typeof input !== "string") return (input as Row | undefined | null)?.[name];
        if (needed.length === 1 && type.kind === "text") return input;
        const list = needed.map((column) => `"${column}"`).join(", ");
        throw new DualTextError(
          "bad-argument",
          `Give a row with ${list}: this model does not read one text alone.`,
        );
      });
      columns[name] = columnOf(name, type, values);
    }
    return Dataset.of(columns);
  }

  /** The rows with the columns of the stages up to the classifier. */
  #scored(rows: Dataset<any>): Dataset<any> {
    let data = rows;
    const last = this.stages.indexOf(this.classifier);
    for (const stage of this.stages.slice(0, last + 1)) {
      if (stage.inputs.every((name) => data.has(name))) data = stage.transform(data);
    }
    return data;
  }
}

function columnOf(name: string, type: ColumnType, values: readonly unknown[]): Column {
  const check = (expected: "string" | "number" | "boolean") => {
    const row = values.findIndex((value) => typeof value !== expected);
    if (row < 0) return;
    const found = values[row] === undefined ? "missing" : `a ${typeof values[row]}`;
    throw new DualTextError("bad-argument", `"${name}" of row ${row} is ${found}; it must be a ${expected}.`);
  };
  switch (type.kind) {
    case "text":
      check("string");
      return { kind: "text", values: values as string[] } satisfies TextColumn;
    case "boolean":
      check("boolean");
      return {
        kind: "boolean",
        values: Uint8Array.from(values as boolean[], Number),
      } satisfies BooleanColumn;
    case "number": {
      check("number");
      const numbers = values as number[];
      const array: Record<typeof type.precision, () => NumberArray> = {
        single: () => Float32Array.from(numbers),
        double: () => Float64Array.from(numbers),
        int32: () => Int32Array.from(numbers),
        int64: () => BigInt64Array.from(numbers, BigInt),
      };
      return {
        kind: "number",
        precision: type.precision,
        values: array[type.precision](),
      } satisfies NumberColumn;
    }
    default:
      throw new DualTextError(
        "bad-argument",
        `Column "${name}" is a ${type.kind} column; use transform for such data.`,
      );
  }
}

/** Throws `bad-argument` for what is no model. @param call what it was given to */
export function checkModel(model: unknown, call: string): void {
  if (model instanceof Model) return;
  if (isAsynchronous(model)) {
    throw new DualTextError(
      "bad-argument",
      `${call} takes no model with an encoder, but one trained on a column that embedText has made (docs/embeddings.md).`,
    );
  }
  throw new DualTextError(
    "bad-argument",
    `${call} wants a model, which fit, loadModel and updateModel give, but got ${kindOf(model)}.`,
  );
}

/** Whether it is an `AsyncModel`, which this module cannot know. */
function isAsynchronous(model: unknown): boolean {
  const stages = (model as { readonly stages?: unknown } | null | undefined)?.stages;
  return Array.isArray(stages) && stages.some((stage) => stage?.transformAsync !== undefined);
}
