import type { TextInput } from "../data/byte-source.js";
import type { Column } from "../data/columns.js";
import type { LoadedModelContents } from "../model/model-file.js";
import type { StageCall } from "../pipeline.js";
import type { Progress } from "../stage.js";
import type { ClassifierOptions, Trained, TrainerRunOptions } from "./training-run.js";
import type { Updated, UpdateRunOptions } from "./update-run.js";

/** What an input of a run is: data to train on, or one of an update. */
export type InputName =
  | "data"
  | "model"
  | ("newRows" | "oldRows" | "remove" | "relabel" | "oldTest" | "newTest");

export type InputNames = { readonly [name in InputName]?: string };

/** Data, in as many messages as it takes to keep each of them short. Those of one input are all of one type. */
export type DataMessage =
  | { readonly type: "text"; readonly input: Exclude<TextInput, Response | ReadableStream> }
  /** A piece of text that is read by the caller's thread. */
  | { readonly type: "piece"; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly type: "rows"; readonly rows: readonly object[] }
  | { readonly type: "column"; readonly name: string; readonly column: Column };

/** A model on its way to a worker. */
export type SentModel = LoadedModelContents;

/** What is to be trained. Options of a stage hold a `SentModel` where they held a model, in `startFrom`. */
export type SentRecipe =
  | { readonly stages: readonly StageCall[] }
  | { readonly classifier: Omit<ClassifierOptions, "startFrom"> & { readonly startFrom?: SentModel } }
  /** Without a model it is an input. */
  | { readonly update: SentModel | undefined };

/** Options of any run. */
export type RunSettings = TrainerRunOptions | UpdateRunOptions;

/** What the caller's thread tells the worker: its data, then to run, then perhaps to stop. */
export type ToWorker =
  | (DataMessage & { readonly to: InputName })
  | {
      readonly type: "run";
      readonly recipe: SentRecipe;
      readonly options: Omit<RunSettings, "signal" | "onProgress">;
      /** What errors call the inputs that have a name. */
      readonly names: InputNames;
    }
  | { readonly type: "abort" }
  /** A worker that it asked for has ended, or could not start. */
  | { readonly type: "threadFailed"; readonly thread: number; readonly reason: string };

export interface SentError {
  /** Only of a `DualTextError`. */
  readonly code?: string;
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
}

/** What the worker tells. */
export type FromWorker =
  /** Asks for a worker that shares its memory, and gives the port that this worker is to listen to. */
  | { readonly type: "startThread"; readonly thread: number; readonly port: MessagePort }
  | { readonly type: "endThread"; readonly thread: number }
  | { readonly type: "ready" }
  | { readonly type: "progress"; readonly progress: Progress }
  | { readonly type: "done"; readonly result: Trained | Updated }
  | { readonly type: "aborted" }
  | { readonly type: "failed"; readonly error: SentError };
