import type { ColumnType } from "./data/columns.js";
import { checkDataset, type Dataset, type Schema } from "./data/dataset.js";
import { fitEnded } from "./data/spare-entries.js";
import { checkOptions, DualTextError, kindOf } from "./errors.js";
import { AsyncModel } from "./model/async-model.js";
import { Model } from "./model/model.js";
import { checkSeed } from "./random.js";
import type { FitOptions, Fitted, StageRun, Start, Transformer } from "./stage.js";
import { checkThreads } from "./threads/check-threads.js";
import { Workforce } from "./threads/workforce.js";

/** `Before` and then `After`, where both are sets of columns and a later column hides an earlier one of its name. */
export type Merge<Before extends Schema, After extends Schema> = Omit<Before, keyof After> & After;

/** Whether a stage, and so the model of a pipeline that has it, answers at once or with promises. */
export type Mode = "sync" | "async";

/** What fitting a pipeline gives. */
export type ModelOf<In extends Schema, Out extends Schema, M extends Mode> = "async" extends M
  ? AsyncModel<In, Out>
  : Model<In, Out>;

/**
 * A stage, or stages in a row, to be fitted. Immutable: fitting leaves it as it is, so one pipeline fitted three times
 * gives three independent models.
 * @typeParam In columns that it reads @typeParam Out columns that it adds @typeParam M whether it has an asynchronous stage
 */
export abstract class Estimator<In extends Schema = any, Out extends Schema = any, M extends Mode = "sync"> {
  /** Types only. */
  declare readonly inputType?: (columns: In) => void;
  declare readonly outputType?: Out;
  declare readonly modeType?: M;

  /** The estimators in a row that this one consists of. */
  abstract get stages(): readonly StageEstimator<any, any, any>[];

  /** This pipeline followed by another stage or pipeline. */
  append<NextIn extends Schema, NextOut extends Schema, NextM extends Mode>(
    next: Estimator<NextIn, NextOut, NextM>,
  ): Estimator<In & Omit<NextIn, keyof Out>, Merge<Out, NextOut>, M | NextM> {
    if (!Array.isArray((next as Partial<typeof next> | null | undefined)?.stages)) {
      throw new DualTextError(
        "bad-argument",
        `append wants a stage or a pipeline, such as mapValueToKey("Label"), but got ${kindOf(next)}.`,
      );
    }
    return new Pipeline([...this.stages, ...next.stages]);
  }

  /**
   * Fits the stages one after another, each on what those before it make of the data.
   * Rejects with a `DualTextError`, or with `signal.reason` once `options.signal` is aborted.
   */
  async fit<D extends In>(data: Dataset<D>, options: FitOptions = {}): Promise<ModelOf<D, Out, M>> {
    checkDataset(data, "fit");
    checkFitOptions(options);
    options.signal?.throwIfAborted();
    const inputSchema: Record<string, ColumnType> = {};
    const made = new Set<string>();
    const transformers: Transformer[] = [];
    const start = this.stages.find((stage) => stage.start)?.start;
    let current: Dataset = data;
    const workforce = new Workforce();
    try {
      for (const stage of this.stages) {
        const run: StageRun = { ...options, before: [...transformers], workforce, ...(start && { start }) };
        const { transformer, output } = await stage.fitStage(current, run);
        for (const name of [...transformer.inputs, ...(transformer.fitInputs ?? [])]) {
          if (!made.has(name)) inputSchema[name] = withoutNames(data.typeOf(name));
        }
        for (const name of transformer.outputs) made.add(name);
        transformers.push(transformer);
        options.onStageFitted?.(transformer, output);
        current = output;
      }
    } finally {
      await workforce.close();
      current.spareMade();
      fitEnded();
    }
    const isAsync = transformers.some((transformer) => transformer.transformAsync);
    const model = isAsync
      ? new AsyncModel<D, Out>(transformers, inputSchema)
      : new Model<D, Out>(transformers, inputSchema);
    return model as ModelOf<D, Out, M>;
  }
}

/** The call that made a stage: a name of `stages.ts` and its arguments. A worker makes the stage again from it. */
export type StageCall = readonly [name: string, ...args: unknown[]];

/** One stage, not yet fitted. */
export abstract class StageEstimator<
  In extends Schema = any,
  Out extends Schema = any,
  M extends Mode = "sync",
> extends Estimator<In, Out, M> {
  get stages(): readonly StageEstimator<any, any, any>[] {
    return [this];
  }

  abstract readonly call: StageCall;

  /** What this stage starts from, and so those before it. */
  get start(): Start | undefined {
    return undefined;
  }

  abstract fitStage(data: Dataset, options: StageRun): Promise<Fitted>;
}

function checkFitOptions(options: FitOptions): void {
  checkOptions("fit", options);
  const { signal, onProgress, threads, seed } = options;
  if (signal !== undefined && typeof signal?.throwIfAborted !== "function") {
    throw new DualTextError("bad-option", `signal is ${kindOf(signal)}; it must be an AbortSignal.`);
  }
  if (onProgress !== undefined && typeof onProgress !== "function") {
    throw new DualTextError("bad-option", `onProgress is ${kindOf(onProgress)}; it must be a function.`);
  }
  checkThreads(threads);
  checkSeed(seed);
}

class Pipeline<In extends Schema, Out extends Schema, M extends Mode> extends Estimator<In, Out, M> {
  readonly stages: readonly StageEstimator<any, any, any>[];

  constructor(stages: readonly StageEstimator<any, any, any>[]) {
    super();
    this.stages = stages;
  }
}

/** A column type as far as a model has to know it: without the names of keys and slots. */
function withoutNames(type: ColumnType): ColumnType {
  if (type.kind === "key" || type.kind === "keys") {
    const { names, ...others } = type;
    return others;
  }
  return type.kind === "vector" ? { kind: "vector", size: type.size } : type;
}
