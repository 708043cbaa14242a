import { describe, expect, test } from "vitest";
import type { Column, ValueColumn, VectorColumn } from "../../src/data/columns.js";
import { Dataset } from "../../src/data/dataset.js";
import { DualTextError } from "../../src/errors.js";
import { type EvaluateOptions, evaluate, evaluating } from "../../src/evaluate/evaluate.js";

const predicted: Column = { kind: "key", count: 3, keys: new Uint32Array(0) };

function dense(rows: readonly (readonly number[])[], size = 3): VectorColumn {
  const values = Float32Array.from(rows.flat());
  return {
    kind: "vector",
    size,
    matrix: { layout: "dense", rowCount: rows.length, columnCount: size, values },
  };
}

function keys(values: readonly number[], count = 3, names?: readonly string[]): Column {
  const keyNames = names && { names: { kind: "text", values: names } as const };
  return { kind: "key", count, keys: Uint32Array.from(values), ...keyNames };
}

function numbers(values: readonly number[], precision: "single" | "double" = "single"): Column {
  const array = precision === "single" ? Float32Array : Float64Array;
  return { kind: "number", precision, values: array.from(values) };
}

function data(label: Column, score: Column): Dataset {
  const rowCount = label.kind === "key" ? label.keys.length : (label as ValueColumn).values.length;
  const PredictedLabel = { ...predicted, keys: new Uint32Array(rowCount) } as Column;
  return Dataset.of({ Label: label, Score: score, PredictedLabel });
}

const three = dense([
  [0.75, 0.125, 0.125],
  [0.25, 0.25, 0.5],
  [0.125, 0.125, 0.75],
  [0.5, 0.5, 0],
]);

describe("evaluate", () => {
  test("gives the figures of a worked example, class by class", () => {
    const metrics = evaluate(data(keys([1, 2, 3, 2]), three), { topK: 2 });
    expect(metrics).toMatchObject({
      rowCount: 4,
      skippedRowCount: 0,
      unknownLabelRowCount: 0,
      unknownLabels: [],
      microAccuracy: 0.5,
      macroAccuracy: 2 / 3,
      topKPredictionCount: 2,
      topKAccuracy: 0.75,
      topKAccuracyForAllK: [0.5, 0.75],
      confusion: {
        labels: ["0", "1", "2"],
        counts: [
          [1, 0, 0],
          [1, 0, 1],
          [0, 0, 1],
        ],
        perClassPrecision: [0.5, 0, 0.5],
        perClassRecall: [1, 0, 1],
      },
    });
    expect(
      metrics.perClass.map(({ label, precision, recall, f1, support }) => [
        label,
        precision,
        recall,
        f1,
        support,
      ]),
    ).toEqual([
      ["0", 0.5, 1, 2 / 3, 1],
      ["1", 0, 0, 0, 2],
      ["2", 0.5, 1, 2 / 3, 1],
    ]);
    expect(metrics.perClass.map(({ logLoss }) => logLoss)).toEqual(metrics.perClassLogLoss);
    // −ln of the true classes' scores: 3/4, 1/4, 3/4, 1/2.
    const logs = [Math.log(0.75), Math.log(0.25), Math.log(0.75), Math.log(0.5)].map((log) => -log);
    expect(metrics.logLoss).toBeCloseTo(logs.reduce((sum, log) => sum + log) / 4, 14);
    expect(metrics.logLossReduction).toBeCloseTo(1 - metrics.logLoss / (1.5 * Math.log(2)), 14);
  });

  test("names classes after the slots of the score", () => {
    const slotNames = { count: 3, at: (slot: number) => ["ham", "spam", "eggs"][slot]! };
    const { confusion, perClass } = evaluate(data(keys([1, 2, 3, 2]), { ...three, slotNames }));
    expect(confusion.labels).toEqual(["ham", "spam", "eggs"]);
    expect(perClass.map(({ label }) => label)).toEqual(["ham", "spam", "eggs"]);
  });

  test("reads a sparse score like a dense one", () => {
    const sparse: Column = {
      kind: "vector",
      size: 3,
      matrix: {
        layout: "sparse",
        rowCount: 2,
        columnCount: 3,
        indptr: Uint32Array.of(0, 1, 3),
        indices: Uint32Array.of(2, 0, 1),
        values: Float32Array.of(1, 0.25, 0.75),
      },
    };
    const whole = dense([
      [0, 0, 1],
      [0.25, 0.75, 0],
    ]);
    const label = keys([2, 1]);
    expect(evaluate(data(label, sparse), { topK: 3 })).toEqual(evaluate(data(label, whole), { topK: 3 }));
  });

  test("reads a computed score in blocks of at most 4096 rows, each once and in order", () => {
    const rowCount = 10_000;
    const label = keys(Array.from({ length: rowCount }, (_, row) => 1 + (row % 3)));
    const read: [number, number][] = [];
    const score = (start: number, end: number) => {
      read.push([start, end]);
      return dense(
        Array.from({ length: end - start }, (_, i) => [0, 1, 2].map((c) => Number((start + i) % 2 === c))),
      );
    };
    const rows = data(label, dense(new Array(rowCount).fill([0, 0, 0]))).with(
      "Score",
      { kind: "vector", size: 3 },
      score,
    );
    const metrics = evaluate(rows);
    expect(read).toEqual([
      [0, 4096],
      [4096, 8192],
      [8192, 10_000],
    ]);
    const whole = data(label, score(0, rowCount));
    expect(metrics).toEqual(evaluate(whole));
    expect(metrics.confusion.counts[0]!.reduce((sum, count) => sum + count)).toBe(3334);
  });

  test("counts rows with a class beyond the scores as wrong, outside the confusion matrix", () => {
    const metrics = evaluate(data(keys([1, 5, 3, 4], 5), three), { topK: 4 });
    expect(metrics.microAccuracy).toBe(0.5);
    expect(metrics.skippedRowCount).toBe(0);
    expect(metrics.confusion.counts.flat().reduce((sum, count) => sum + count)).toBe(2);
    expect(metrics.topKAccuracyForAllK).toEqual([0.5, 0.5, 0.5, 1]);
  });
});

test("in pieces of any size the metrics are the same, bit for bit", () => {
  const scored = data(
    keys(Array.from({ length: 50 }, (_, row) => row % 4)),
    dense(Array.from({ length: 50 }, (_, row) => [(row * 7) % 11, (row * 5) % 13, (row * 3) % 17])),
  );
  for (const mostRows of [1, 7, 50]) {
    let pieces = 0;
    const steps = evaluating(scored, {}, mostRows);
    let step = steps.next();
    for (; !step.done; step = steps.next()) pieces++;
    expect(pieces).toBe(Math.ceil(50 / mostRows));
    expect(step.value).toEqual(evaluate(scored));
  }
});

describe("rows that do not count", () => {
  const labelled = data(numbers([0, -1, 0.5, Number.NaN]), three);
  const bad = dense([
    [0.75, 0.125, 0.125],
    [Number.NaN, 0.25, 0.5],
    [0.125, 0.125, Number.POSITIVE_INFINITY],
    [0.5, 0.5, 0],
  ]);
  const original: ValueColumn = { kind: "text", values: ["new", "ham", "new", "newer"] };

  test.each<[string, Dataset, EvaluateOptions, object]>([
    [
      "key 0, whose label is not known",
      data(keys([0, 2, 0, 2]), three),
      {},
      { skippedRowCount: 2, unknownLabelRowCount: 2, unknownLabels: [] },
    ],
    [
      "key 0, with the labels before mapping",
      data(keys([0, 2, 0, 0]), three),
      { labelValues: original },
      {
        skippedRowCount: 3,
        unknownLabels: [
          { label: "new", rowCount: 2 },
          { label: "newer", rowCount: 1 },
        ],
      },
    ],
    [
      "class numbers below 0, broken or missing",
      labelled,
      {},
      {
        skippedRowCount: 3,
        unknownLabelRowCount: 3,
        unknownLabels: [
          { label: "-1", rowCount: 1 },
          { label: "0.5", rowCount: 1 },
        ],
      },
    ],
    [
      "scores that are not finite",
      data(keys([1, 2, 3, 2]), bad),
      {},
      { skippedRowCount: 2, unknownLabelRowCount: 0, unknownLabels: [] },
    ],
  ])("%s", (_, rows, options, expected) => {
    const metrics = evaluate(rows, options);
    expect(metrics).toMatchObject({ rowCount: 4, ...expected });
    const counted = metrics.confusion.counts.flat().reduce((sum, count) => sum + count);
    expect(counted).toBe(4 - metrics.skippedRowCount);
  });

  test.each<[string, Dataset, EvaluateOptions, string, RegExp]>([
    [
      "an unknown label",
      data(keys([1, 0, 3, 2]), three),
      { labelValues: original },
      "unknown-label",
      /Row 1 .*"ham"/,
    ],
    [
      "an unknown label of no name",
      data(keys([1, 2, 0, 2]), three),
      {},
      "unknown-label",
      /Row 2 .*its label/,
    ],
    [
      "a class beyond the scores",
      data(keys([1, 2, 3, 4], 4), three),
      {},
      "unknown-label",
      /Row 3 .*"3": there are scores for 3 classes/,
    ],
    [
      "a score that is not finite",
      data(keys([1, 2, 3, 2]), bad),
      {},
      "not-finite",
      /Row 1 of column "Score"/,
    ],
  ])("strict refuses %s and names the row", (_, rows, options, code, message) => {
    expect(() => evaluate(rows, options)).not.toThrow();
    expect(thrownBy(() => evaluate(rows, { ...options, strict: true }))).toEqual({
      code,
      message: expect.stringMatching(message),
    });
  });
});

describe("wrong calls", () => {
  const good = data(keys([1, 2, 3, 2]), three);
  test.each<[string, () => unknown, string, RegExp]>([
    [
      "a missing label column",
      () => evaluate(good, { label: "Labels" }),
      "bad-column",
      /"Labels".*Did you mean "Label"/,
    ],
    ["a missing predicted label", () => evaluate(good, { predictedLabel: "Nope" }), "bad-column", /"Nope"/],
    [
      "a text label",
      () => evaluate(data({ kind: "text", values: ["a", "b", "c", "b"] }, three)),
      "bad-column",
      /"Label" is text.*mapValueToKey/,
    ],
    [
      "a double label",
      () => evaluate(data(numbers([0, 1, 2, 1], "double"), three)),
      "bad-column",
      /double number/,
    ],
    [
      "a score that is no vector",
      () => evaluate(data(keys([1]), numbers([1]))),
      "bad-column",
      /"Score" is number/,
    ],
    ["one class", () => evaluate(data(keys([1]), dense([[1]], 1))), "bad-column", /vector of 1/],
    ["topK below 0", () => evaluate(good, { topK: -1 }), "bad-option", /topK is -1/],
    ["topK between", () => evaluate(good, { topK: 1.5 }), "bad-option", /topK is 1.5/],
    ["topK above the classes and one", () => evaluate(good, { topK: 5 }), "bad-option", /0 to 4/],
    [
      "labelValues of another length",
      () => evaluate(good, { labelValues: { kind: "text", values: ["a"] } }),
      "bad-argument",
      /1 rows, the data 4/,
    ],
    [
      "a row that has no rank",
      () => evaluate(data(numbers([5]), dense([[-1, -2, -3]]))),
      "unknown-label",
      /Row 0 .*"5".*all are below 0/,
    ],
  ])("%s", (_, call, code, message) => {
    expect(thrownBy(call)).toEqual({ code, message: expect.stringMatching(message) });
  });
});

function thrownBy(call: () => unknown): { code: string; message: string } {
  try {
    call();
  } catch (error) {
    if (error instanceof DualTextError) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error("nothing was thrown");
}
