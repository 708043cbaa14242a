import type { Dataset } from "./data/dataset.js";
import type { Workforce } from "./threads/workforce.js";

/** What a long call reports while it runs, at least every 100 ms. */
export interface Progress {
  readonly phase: "load" | "featurize" | "embed" | "search" | "solve" | "save";
  /** Work done so far and in total, in units of the phase (bytes, rows, texts, steps of the search for `l2`, epochs). */
  readonly done: number;
  readonly total: number;
  /** Solver only: epochs finished. */
  readonly epoch?: number;
  /** Solver only: mean training log-loss in nats, as seen during the last epoch. */
  readonly loss?: number;
  /** Solver only: estimate of the duality gap in nats. */
  readonly gap?: number;
  /** Milliseconds until the end of the phase, estimated. */
  readonly etaMs?: number;
}

/** Options that every long call takes. */
export interface RunOptions {
  /** Stops the run; the call rejects with `signal.reason`. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

/** Options of fitting. */
export interface FitOptions extends RunOptions {
  /** Seed of the stages that draw random numbers and are given none of their own. Default 1. */
  readonly seed?: number;
  /**
   * Threads to train with at most, 1 … 256. They change how long it takes and nothing else. Default: as many as help, at
   * most the machine's. Where the host offers no workers that share memory, one.
   */
  readonly threads?: number;
  /** Called after each stage with its output, before the next one is fitted: for reports. Keep neither. */
  readonly onStageFitted?: (transformer: Transformer, output: Dataset) => void;
}

/** What the stages of a pipeline begin from when its trainer starts from a model. */
export interface Start {
  /** Columns that the trainer reads. */
  readonly features: string;
  readonly label: string;
  /** The model's stage that makes its features. */
  readonly featurizer: Transformer | undefined;
  /** The model's stage that gives its labels their keys, if its labels are to be kept. */
  readonly keyMap: Transformer | undefined;
}

/** What a stage is told when it is fitted. */
export interface StageRun extends FitOptions {
  readonly start?: Start;
  /** The stages before it, as they were fitted. */
  readonly before?: readonly Transformer[];
  /** Whose workers it may use. What it starts otherwise it ends itself. */
  readonly workforce?: Workforce;
}

/** A value that JSON can hold exactly: no NaN, no infinity, no undefined. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export type JsonObject = { readonly [key: string]: Json };

export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The arrays that a file holds, by the names it has for them. */
export const arrayTypes = {
  f32: Float32Array,
  f64: Float64Array,
  i32: Int32Array,
  i64: BigInt64Array,
  u32: Uint32Array,
  u16: Uint16Array,
  u8: Uint8Array,
} as const satisfies Record<string, new (length: number) => StoredArray>;

export type StoredArray =
  | Float32Array
  | Float64Array
  | Int32Array
  | BigInt64Array
  | Uint32Array
  | Uint16Array
  | Uint8Array;

/** A large array on its way into a file, in pieces, so that no second copy of it is ever whole. */
export interface ArraySource {
  readonly type: keyof typeof arrayTypes;
  /** Elements in all pieces together. */
  readonly length: number;
  /** A piece is valid until the next is asked for. */
  pieces(): Iterable<StoredArray>;
}

/** All that a fitted stage needs to be made again: what a model file stores of it. */
export interface StageParts {
  /** Name of the stage, as in the reader's table: "featurizeText", "mapValueToKey", … */
  readonly stage: string;
  readonly options: Json;
  readonly arrays: Readonly<Record<string, ArraySource>>;
}

/** Parts read back from a file; the arrays may be views of the file's bytes and must not be written to. */
export interface LoadedStageParts {
  readonly stage: string;
  readonly options: Json;
  readonly arrays: Readonly<Record<string, StoredArray>>;
}

/** A fitted stage: adds columns to a dataset. Immutable. */
export interface Transformer {
  readonly stage: string;
  /** Columns it reads and columns it adds or replaces. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Columns that were read besides, while it was fitted. */
  readonly fitInputs?: readonly string[];
  transform(data: Dataset): Dataset;
  /** Of each slot of its vector, the slot of the same feature in the vector of `other`, or −1; undefined if that is of another kind. */
  slotsIn?(other: Transformer): Int32Array | undefined;
  /** Present in a stage that cannot do its work at once; its `transform` then throws. */
  transformAsync?(data: Dataset, run: RunOptions): Promise<Dataset>;
  toParts(): StageParts;
}

/** What fitting a stage yields. */
export interface Fitted {
  readonly transformer: Transformer;
  /**
   * The training data with the stage's output, for the next stage. A stage that computes its output while it is
   * fitted hands it over here, so that it is not computed twice.
   */
  readonly output: Dataset;
}

/** An array that is whole already, as a source. */
export function wholeArray(array: StoredArray): ArraySource {
  return { type: elementType(array), length: array.length, pieces: () => [array] };
}

function elementType(array: StoredArray): ArraySource["type"] {
  const types = Object.keys(arrayTypes) as ArraySource["type"][];
  return types.find((type) => array instanceof arrayTypes[type])!;
}
