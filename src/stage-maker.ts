import type { Dataset, Schema } from "./data/dataset.js";
import { DualTextError } from "./errors.js";
import { type Mode, type StageCall, StageEstimator } from "./pipeline.js";
import type { Fitted, StageRun, Start, Transformer } from "./stage.js";

type FitStage = (data: Dataset, options: StageRun) => Promise<Fitted>;

/** A stage made of the function that fits it. */
export class Stage<In extends Schema, Out extends Schema, M extends Mode = "sync"> extends StageEstimator<
  In,
  Out,
  M
> {
  readonly call: StageCall;
  readonly #fitStage: FitStage;
  readonly #start: Start | undefined;

  constructor(call: StageCall, fitStage: FitStage, start?: Start) {
    super();
    this.call = call;
    this.#fitStage = fitStage;
    this.#start = start;
  }

  override get start(): Start | undefined {
    return this.#start;
  }

  fitStage(data: Dataset, options: StageRun): Promise<Fitted> {
    return this.#fitStage(data, options);
  }
}

/** A stage whose output is computed from what it has learned. */
export async function thenTransformed(transformer: Transformer, data: Dataset): Promise<Fitted> {
  return { transformer, output: transformer.transform(data) };
}

/** Throws `bad-argument`. @param what what errors call it */
export function checkColumnName(value: unknown, what: string): void {
  if (typeof value === "string" && value !== "") return;
  throw new DualTextError(
    "bad-argument",
    `The ${what} is ${JSON.stringify(value)}; it must be the name of a column.`,
  );
}
