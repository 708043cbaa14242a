import type { ValueColumn } from "../data/columns.js";
import { readValues } from "../data/stored-values.js";
import { damagedModel } from "../errors.js";
import { isJsonObject, type Json, type JsonObject, type LoadedStageParts } from "../stage.js";
import { weightColumns } from "../wasm/weight-layout.js";
import { readTrainingRecord, type TrainingRecord } from "./training-record.js";

/** Names of the stages in model files. */
export const LINEAR_CLASSIFIER = "linearClassifier";
export const BINARY_CLASSIFIER = "binaryClassifier";

/** Columns a classifier reads and writes. */
export interface ClassifierColumns {
  readonly label: string;
  readonly features: string;
  /** Column with the weights of the rows trained on, if there was one. */
  readonly exampleWeight?: string;
  readonly score: string;
  readonly predictedLabel: string;
}

/** What a model file says of a linear classifier. */
export interface LinearParts {
  readonly columns: ClassifierColumns;
  readonly shape: { readonly featureCount: number; readonly classCount: number };
  readonly names: ValueColumn | undefined;
  readonly training: TrainingRecord;
  /** The features that have a line of weights, ascending; undefined when all have. */
  readonly lines: Uint32Array | undefined;
  /** Without spare lanes: for two classes one column. Views of the file, not to be written to. */
  readonly weights: Float32Array;
  readonly biases: Float32Array;
}

export function damagedClassifier(what: string): never {
  throw damagedModel(`${what} of its linear model`);
}

/** Throws `bad-model-file` when the parts do not fit. */
export function readLinearParts(parts: LoadedStageParts): LinearParts {
  const { options } = parts;
  const fail: (what: string) => never = damagedClassifier;
  const count = (value: Json | undefined, least: number, what: string): number =>
    isCount(value) && value >= least ? value : fail(what);
  if (!isJsonObject(options)) return fail("the options");
  const featureCount = count(options.featureCount, 1, "the feature count");
  const classCount = count(options.classCount, 2, "the class count");
  const columns = options.columns as JsonObject | undefined;
  const exampleWeight = columns?.exampleWeight;
  const column = (key: keyof ClassifierColumns): string => {
    const name = columns?.[key];
    return typeof name === "string" ? name : fail(`the column "${key}"`);
  };
  const { weights, biases, lines } = parts.arrays;
  if (lines !== undefined && !isAscending(lines, featureCount)) return fail("the features with weights");
  const lineCount = lines?.length ?? featureCount;
  const { stored } = weightColumns(classCount);
  if (!(weights instanceof Float32Array) || weights.length !== lineCount * stored) return fail("the weights");
  if (!(biases instanceof Float32Array) || biases.length !== stored) return fail("the biases");
  const { namesType } = options;
  const names = namesType === null ? undefined : readValues(namesType, parts.arrays, "names");
  if (names && names.values.length !== classCount) fail("the class names");
  const training = readTrainingRecord(options.training) ?? fail("the training record");
  return {
    columns: {
      label: column("label"),
      features: column("features"),
      ...(exampleWeight !== undefined && { exampleWeight: column("exampleWeight") }),
      score: column("score"),
      predictedLabel: column("predictedLabel"),
    },
    shape: { featureCount, classCount },
    names,
    training,
    lines,
    weights,
    biases,
  };
}

function isCount(value: Json | undefined): value is number {
  return Number.isInteger(value) && (value as number) < 2 ** 32;
}

/** Whether an array holds ascending numbers of features. */
function isAscending(lines: LoadedStageParts["arrays"][string], featureCount: number): lines is Uint32Array {
  return (
    lines instanceof Uint32Array &&
    lines.every((line, i) => line < featureCount && (i === 0 || line > lines[i - 1]!))
  );
}

/** What classes are called: labels, or where those had no values their keys, from 1 on. */
export function labelsOf(names: ValueColumn | undefined, classCount: number): (string | number | boolean)[] {
  if (!names) return Array.from({ length: classCount }, (_, c) => c + 1);
  if (names.kind === "text") return [...names.values];
  return Array.from<number | bigint, number | boolean>(names.values as ArrayLike<number | bigint>, (value) =>
    names.kind === "boolean" ? value === 1 : Number(value),
  );
}
