import type { ColumnType } from "./data/columns.js";
import type { Dataset, Schema } from "./data/dataset.js";
import { Model } from "./model/model.js";
import type { FitOptions, Fitted, StageRun, Start, Transformer } from "./stage.js";
import { checkThreads } from "./threads/check-threads.js";

/** `Before` and then `After`, where both are sets of columns and a later column hides an earlier one of its name. */
export type Merge<Before extends Schema, After extends Schema> = Omit<Before, keyof After> & After;

/**
 * A stage, or stages in a row, to be fitted. Immutable: fitting leaves it as it is, so one pipeline fitted three times
 * gives three independent models.
 * @typeParam In columns that it reads @typeParam Out columns that it adds
 */
export abstract class Estimator<In extends Schema = any, Out extends Schema = any> {
  /** Types only. */
  declare readonly inputType?: (columns: In) => void;
  declare readonly outputType?: Out;

  /** The estimators in a row that this one consists of. */
  abstract get stages(): readonly StageEstimator[];

  /** This pipeline followed by another stage or pipeline. */
  append<NextIn extends Schema, NextOut extends Schema>(
    next: Estimator<NextIn, NextOut>,
  ): Estimator<In & Omit<NextIn, keyof Out>, Merge<Out, NextOut>> {
    return new Pipeline([...this.stages, ...next.stages]);
  }

  /**
   * Fits the stages one after another, each on what those before it make of the data.
   * Rejects with a `DualTextError`, or with `signal.reason` once `options.signal` is aborted.
   */
  async fit<D extends In>(data: Dataset<D>, options: FitOptions = {}): Promise<Model<D, Out>> {
    options.signal?.throwIfAborted();
    checkThreads(options.threads);
    const inputSchema: Record<string, ColumnType> = {};
    const made = new Set<string>();
    const transformers: Transformer[] = [];
    const start = this.stages.find((stage) => stage.start)?.start;
    let current: Dataset = data;
    for (const stage of this.stages) {
      const run: StageRun = { ...options, before: [...transformers], ...(start && { start }) };
      const { transformer, output } = await stage.fitStage(current, run);
      for (const name of [...transformer.inputs, ...(transformer.fitInputs ?? [])]) {
        if (!made.has(name)) inputSchema[name] = withoutNames(data.typeOf(name));
      }
      for (const name of transformer.outputs) made.add(name);
      transformers.push(transformer);
      options.onStageFitted?.(transformer, output);
      current = output;
    }
    return new Model<D, Out>(transformers, inputSchema);
  }
}

/** The call that made a stage: a name of `stages.ts` and its arguments. A worker makes the stage again from it. */
export type StageCall = readonly [name: string, ...args: unknown[]];

/** One stage, not yet fitted. */
export abstract class StageEstimator<In extends Schema = any, Out extends Schema = any> extends Estimator<
  In,
  Out
> {
  get stages(): readonly StageEstimator[] {
    return [this];
  }

  abstract readonly call: StageCall;

  /** What this stage starts from, and so those before it. */
  get start(): Start | undefined {
    return undefined;
  }

  abstract fitStage(data: Dataset, options: StageRun): Promise<Fitted>;
}

class Pipeline<In extends Schema, Out extends Schema> extends Estimator<In, Out> {
  readonly stages: readonly StageEstimator[];

  constructor(stages: readonly StageEstimator[]) {
    super();
    this.stages = stages;
  }
}

/** A column type as far as a model has to know it: without the names of keys and slots. */
function withoutNames(type: ColumnType): ColumnType {
  if (type.kind === "key") return { kind: "key", count: type.count };
  return type.kind === "vector" ? { kind: "vector", size: type.size } : type;
}
