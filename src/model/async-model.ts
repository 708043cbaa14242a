import { type ColumnType, sliceColumn, typeOf } from "../data/columns.js";
import type { Dataset, Schema } from "../data/dataset.js";
import type { EvaluateOptions } from "../evaluate/evaluate.js";
import type { MulticlassMetrics } from "../evaluate/multiclass-metrics.js";
import type { RunOptions, Transformer } from "../stage.js";
import type { LinearClassifier } from "./linear-classifier.js";
import { type LabelOf, Model, type Prediction, type PredictOptions, type Row } from "./model.js";
import type { TrainingRecord } from "./training-record.js";

/**
 * A fitted pipeline with a stage that takes its time, such as `embedText`: as {@link Model}, with promises. Every call
 * takes `signal` and `onProgress`. Immutable. @typeParam In columns it was fitted on @typeParam Out columns it adds
 */
export class AsyncModel<In extends Schema = any, Out extends Schema = any> {
  declare readonly outputType?: Out;
  readonly #model: Model<In, Out>;

  constructor(stages: readonly Transformer[], inputSchema: Readonly<Record<string, ColumnType>>) {
    this.#model = new Model(stages, inputSchema);
  }

  /** Columns of the training data that the pipeline reads, and their types. */
  get inputSchema(): Readonly<Record<string, ColumnType>> {
    return this.#model.inputSchema;
  }

  get stages(): readonly Transformer[] {
    return this.#model.stages;
  }

  /** Records of the trainers in the pipeline, in order. */
  get training(): TrainingRecord[] {
    return this.#model.training;
  }

  /** The last classifier of the pipeline. Throws `bad-argument` when there is none. */
  get classifier(): LinearClassifier {
    return this.#model.classifier;
  }

  /** The labels it can give, in the order of their classes. */
  get labels(): readonly LabelOf<In>[] {
    return this.#model.labels;
  }

  /** Columns of the input that classifying needs, the label not among them. */
  get predictionInputs(): readonly string[] {
    return this.#model.predictionInputs;
  }

  /**
   * The data with the columns of every stage; those of asynchronous stages are there already, the others are computed when
   * read. Rejects with `bad-column`, `bad-encoder`, `signal.reason`.
   */
  async transform(data: Dataset<any>, run: RunOptions = {}): Promise<Dataset<any>> {
    return (await this.#resolved(data, run)).transform(data);
  }

  /** The most probable label of one text or row; see `Model.predict`. */
  async predict(
    input: string | Row,
    options: PredictOptions & RunOptions = {},
  ): Promise<Prediction<LabelOf<In>>> {
    return (await this.predictAll([input], options))[0]!;
  }

  /** {@link predict} for many texts or rows. */
  async predictAll(
    inputs: readonly (string | Row)[],
    options: PredictOptions & RunOptions = {},
  ): Promise<Prediction<LabelOf<In>>[]> {
    const model = await this.#resolved(this.#model.rowsOf(inputs), options);
    return model.predictAll(inputs, options);
  }

  /** Metrics on rows with labels; see `Model.evaluate`. */
  async evaluate(
    data: Dataset<any>,
    options: Pick<EvaluateOptions, "topK" | "strict"> & RunOptions = {},
  ): Promise<MulticlassMetrics> {
    return (await this.#resolved(data, options)).evaluate(data, options);
  }

  /** The model for these rows and no others: each asynchronous stage is one that has its output already. */
  async #resolved(data: Dataset<any>, run: RunOptions): Promise<Model<In, Out>> {
    const stages: Transformer[] = [];
    let current = data;
    for (const stage of this.stages) {
      const isFed = stage.inputs.every((name) => current.has(name));
      if (isFed && stage.transformAsync) {
        const output = await stage.transformAsync(current, run);
        stages.push(withOutputs(stage, output));
      } else stages.push(stage);
      if (isFed) current = stages.at(-1)!.transform(current);
    }
    return new Model(stages, this.inputSchema);
  }
}

/** The stage with the columns that it has made. */
function withOutputs(stage: Transformer, made: Dataset): Transformer {
  const { inputs, outputs } = stage;
  const columns = outputs.map((name) => ({ name, column: made.column(name) }));
  const transform = (data: Dataset) =>
    columns.reduce(
      (result, { name, column }) =>
        result.with(name, typeOf(column), (start, end) => sliceColumn(column, start, end)),
      data,
    );
  return { stage: stage.stage, inputs, outputs, transform, toParts: () => stage.toParts() };
}
