import { describe, expect, test } from "vitest";
import { Dataset } from "../../src/data/dataset.js";
import { differenceOfMetrics, differenceOfRows } from "./case-comparison.js";
import { columnOf } from "./case-data.js";
import { type GoldenColumn, type GoldenRecord, type Json, parseJson } from "./golden.js";

// The comparison must see every difference: what it overlooks is not tested at all.

function difference(
  type: string,
  ours: readonly Json[],
  golden: Partial<GoldenColumn>,
  theirs: readonly Json[],
) {
  const record = { columns: [{ name: "V", type: "", ...golden }], cells: theirs.map((cell) => [cell]) };
  const data = Dataset.of({ V: columnOf(type, ours) });
  return differenceOfRows(data, record as unknown as GoldenRecord, Number.POSITIVE_INFINITY);
}

const long = (slot: number, value: number) => Array.from({ length: 40 }, (_, i) => (i === slot ? value : 0));

describe("columns", () => {
  test.each<[string, string, Json[], string, Json[]]>([
    ["texts with lone surrogates", "text", ["\ud800a"], "String", ["\ud800a"]],
    ["singles by their shortest text", "single", [0.1], "Single", [0.1]],
    ["NaN and infinities", "double", ["NaN", "-Infinity"], "Double", ["NaN", "-Infinity"]],
    ["long integers", "int64", ["9223372036854775807"], "Int64", ["9223372036854775807"]],
    ["keys", "key:5", [0, 5], "Key<UInt32, 0-4>", [0, 5]],
    ["vectors", "single[2]", [[1, -0]], "Vector<Single, 2>", [[1, -0]]],
    [
      "vectors written without zeros",
      "single[40]",
      [long(3, 2)],
      "Vector<Single, 40>",
      [{ n: 40, i: [3], v: [2] }],
    ],
    ["texts of rows", "text[]", [["a"], []], "Vector<String>", [["a"], []]],
  ])("equal: %s", (_, type, ours, printed, theirs) => {
    expect(difference(type, ours, { type: printed }, theirs)).toBeUndefined();
  });

  test.each<[string, string, Json[], Partial<GoldenColumn>, Json[]]>([
    ["another type", "single", [1], { type: "Double" }, [1]],
    ["another key count", "key:5", [1], { type: "Key<UInt32, 0-5>" }, [1]],
    ["a row too many", "text", ["a", "b"], { type: "String" }, ["a"]],
    ["a row too few", "text", ["a"], { type: "String" }, ["a", "b"]],
    ["another unit", "text", ["\ud800"], { type: "String" }, ["\ufffd"]],
    ["the sign of a zero", "double", [-0], { type: "Double" }, [0]],
    ["the last bit of a double", "double", [0.1], { type: "Double" }, [0.10000000000000002]],
    ["the last bit of a single", "single", [0.1], { type: "Single" }, [0.10000001]],
    ["a NaN for 0", "single", [0], { type: "Single" }, ["NaN"]],
    [
      "the last bit of a long integer",
      "int64",
      ["9223372036854775807"],
      { type: "Int64" },
      ["9223372036854775806"],
    ],
    ["a slot", "single[2]", [[1, 2]], { type: "Vector<Single, 2>" }, [[1, 3]]],
    [
      "a slot elsewhere",
      "single[40]",
      [long(4, 2)],
      { type: "Vector<Single, 40>" },
      [{ n: 40, i: [3], v: [2] }],
    ],
    ["a slot besides", "single[40]", [long(4, 2)], { type: "Vector<Single, 40>" }, [{ n: 40, i: [], v: [] }]],
    ["slot names", "single[1]", [[1]], { type: "Vector<Single, 1>", slotNames: ["a"] }, [[1]]],
    ["key values", "key:1", [1], { type: "Key<UInt32, 0-0>", keyValues: ["a"] }, [1]],
    ["a text more", "text[]", [["a", ""]], { type: "Vector<String>" }, [["a"]]],
  ])("different: %s", (_, type, ours, golden, theirs) => {
    expect(difference(type, ours, golden, theirs)).toEqual(expect.any(String));
  });
});

describe("metrics", () => {
  test("those with logarithms may differ by 1e-14, others not", () => {
    expect(differenceOfMetrics({ logLoss: 1 + 9e-15 }, { logLoss: 1 })).toBeUndefined();
    expect(differenceOfMetrics({ perClassLogLoss: [1 + 9e-15] }, { perClassLogLoss: [1] })).toBeUndefined();
    expect(differenceOfMetrics({ logLoss: 1 + 2e-14 }, { logLoss: 1 })).toContain("metrics.logLoss");
    expect(differenceOfMetrics({ accuracy: 1 + 9e-15 }, { accuracy: 1 })).toContain("metrics.accuracy");
  });

  test.each<[string, unknown, Json]>([
    ["a missing one", {}, { accuracy: 1 }],
    ["a list too short", { topK: [1] }, { topK: [1, 1] }],
    ["a list too long", { topK: [1, 1] }, { topK: [1] }],
    ["a list for none", { topK: [] }, { topK: null }],
    ["NaN for 0", { logLoss: 0 }, { logLoss: "NaN" }],
    ["a character of a table", { table: "a " }, { table: "a" }],
  ])("different: %s", (_, found, recorded) => {
    expect(differenceOfMetrics(found, recorded)).toEqual(expect.any(String));
  });
});

test("JSON keeps lone surrogates, −0 and integers that a double cannot hold", () => {
  expect(parseJson('["\\ud800", -0, 9223372036854775807, -9007199254740993, 0.1234567890123456]')).toEqual([
    "\ud800",
    -0,
    "9223372036854775807",
    "-9007199254740993",
    0.1234567890123456,
  ]);
  expect(parseJson('{"digits": "9223372036854775807\\"9223372036854775807"}')).toEqual({
    digits: '9223372036854775807"9223372036854775807',
  });
});
