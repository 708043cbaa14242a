import type { Dataset } from "../../src/data/dataset.js";
import { crossValidationSplit, trainTestSplit } from "../../src/data/split.js";
import { DualTextError } from "../../src/errors.js";
import type { ConfusionMatrix } from "../../src/evaluate/confusion-matrix.js";
import { formatBinaryConfusionTable, formatConfusionTable } from "../../src/evaluate/confusion-matrix.js";
import { evaluate } from "../../src/evaluate/evaluate.js";
import { evaluateBinary, evaluateBinaryNonCalibrated } from "../../src/evaluate/evaluate-binary.js";
import { differenceOfMetrics, differenceOfRows, membersOf, show } from "./case-comparison.js";
import { datasetOf, NotBuilt } from "./case-data.js";
import { checkStep, fitStep } from "./case-steps.js";
import type { Case, GoldenRecord, JsonObject } from "./golden.js";

export type Outcome =
  | { readonly kind: "passed" }
  | { readonly kind: "failed"; readonly difference: string }
  | { readonly kind: "not built"; readonly reason: string };

/** Runs a case and compares what comes of it with what was recorded. */
export async function runCase(given: Case, record: GoldenRecord): Promise<Outcome> {
  try {
    const difference = await differenceOf(given, record);
    if (record.error) return failed(`no error; recorded is ${show(record.error.chain[0]!.message)}`);
    return difference === undefined ? { kind: "passed" } : failed(difference);
  } catch (error) {
    if (error instanceof NotBuilt) return { kind: "not built", reason: error.message };
    if (!(error instanceof DualTextError)) return failed(`crashed: ${(error as Error).stack}`);
    return record.error ? { kind: "passed" } : failed(`${error.code}: ${error.message}`);
  }
}

function failed(difference: string): Outcome {
  return { kind: "failed", difference };
}

/** What cases may have; anything else in one is not built. */
const builtFields = ["name", "note", "source", "apply", "steps", "show", "rows", "evaluate", "split", "seed"];

async function differenceOf(given: Case, record: GoldenRecord): Promise<string | undefined> {
  // A cache checkpoint changes nothing that is recorded.
  const steps = given.steps?.filter(({ op }) => op !== "cache") ?? [];
  steps.forEach(checkStep);
  const field = Object.keys(given).find((name) => !builtFields.includes(name));
  if (field !== undefined) throw new NotBuilt(field);
  let data = await datasetOf(given.source);
  let applied = given.apply ? await datasetOf(given.apply) : data;
  for (const step of steps) {
    const stage = await fitStep(data, step);
    applied = stage.transform(applied);
    data = given.apply ? stage.transform(data) : applied;
  }
  if (given.split) return differenceOfSplit(applied, given, record);
  if (given.evaluate) return differenceOfMetrics(metricsOf(applied, given.evaluate), record.metrics ?? null);
  const shown = given.show ? given : { ...given, show: applied.columnNames };
  for (const name of shown.show!) applied.column(name);
  return record.columns && differenceOfRows(applied, record, given.rows ?? Number.POSITIVE_INFINITY);
}

function metricsOf(data: Dataset, given: JsonObject): unknown {
  const { kind = "multiclass", ...options } = given;
  if (kind === "multiclass") {
    const metrics = evaluate(data, options);
    return withTable(metrics, formatConfusionTable(metrics.confusion));
  }
  const metrics =
    kind === "binary" ? evaluateBinary(data, options) : evaluateBinaryNonCalibrated(data, options);
  return withTable(metrics, formatBinaryConfusionTable(metrics.confusion));
}

function withTable<M extends { confusion: ConfusionMatrix }>(metrics: M, table: string): unknown {
  const { confusion } = metrics;
  return { ...metrics, confusion: { ...confusion, numberOfClasses: confusion.labels.length, table } };
}

function differenceOfSplit(data: Dataset, given: Case, record: GoldenRecord): string | undefined {
  const { id = "Index", samplingKeyColumnName, testFraction, numberOfFolds, seed } = given.split!;
  // The seed of ML.NET's context, 1 unless the case says otherwise, stands in for one that is not given.
  const used = seed ?? (given.seed === undefined ? 1 : given.seed);
  const options = {
    ...(samplingKeyColumnName !== undefined && { samplingKey: samplingKeyColumnName as string }),
    ...(used !== null && { seed: used as number }),
  };
  const members = (part: Dataset) => membersOf(part, id as string);
  const [found, recorded] =
    numberOfFolds === undefined
      ? [
          [trainTestSplit(data, { ...options, testFraction: testFraction as number })].map(
            ({ test, train }) => ({
              test: members(test),
              train: members(train),
            }),
          ),
          [{ test: record.test, train: record.train }],
        ]
      : [
          crossValidationSplit(data, { ...options, numberOfFolds: numberOfFolds as number }).map(
            ({ test, train }) => ({ test: members(test), train: train.rowCount }),
          ),
          record.folds,
        ];
  const [ours, theirs] = [JSON.stringify(found), JSON.stringify(recorded)];
  return ours === theirs ? undefined : `split into ${show(found)}, recorded ${show(recorded)}`;
}
