import { describe, expect, test } from "vitest";
import type { Column, ValueColumn } from "../../src/data/columns.js";
import { Dataset } from "../../src/data/dataset.js";
import { fitMapKeyToValue, readMapKeyToValue } from "../../src/data/map-key-to-value.js";

const names: ValueColumn = { kind: "text", values: ["ham", "spam"] };
const keys = (column: Partial<Column> = {}) =>
  Dataset.of({ K: { kind: "key", count: 2, keys: Uint32Array.of(2, 0, 1), names, ...column } as Column });

describe("fitMapKeyToValue", () => {
  test("puts the values in the place of their keys, or beside them", () => {
    const data = keys();
    expect(fitMapKeyToValue(data, { output: "K" }).transform(data).column("K")).toEqual({
      kind: "text",
      values: ["spam", "", "ham"],
    });
    const added = fitMapKeyToValue(data, { output: "V", input: "K" }).transform(data);
    expect(added.columnNames).toEqual(["K", "V"]);
    expect(added.typeOf("V")).toEqual({ kind: "text" });
    expect(added.block("V", 1, 3).values).toEqual(["", "ham"]);
  });

  test("takes the values from the data it transforms", () => {
    const stage = fitMapKeyToValue(keys(), { output: "K" });
    const other = keys({ names: { kind: "text", values: ["no", "yes"] } });
    expect(stage.transform(other).column("K").values).toEqual(["yes", "", "no"]);
  });

  test.each([
    {
      name: "keys without values",
      data: Dataset.of({ K: { kind: "key", count: 2, keys: Uint32Array.of(1) } }),
      message: /2 keys of column "K" stand for 0 values/,
    },
    { name: "fewer values than keys", data: keys({ count: 3 }), message: /3 keys .* stand for 2 values/ },
    {
      name: "a text column",
      data: Dataset.of({ K: { kind: "text", values: ["a"] } }),
      message: /"K" is a text column; mapKeyToValue needs keys/,
    },
    {
      name: "a column that is not there",
      data: Dataset.of({ Key: { kind: "text", values: ["a"] } }),
      message: /no column "K"/,
    },
  ])("refuses $name", ({ data, message }) => {
    expect(() => fitMapKeyToValue(data, { output: "K" })).toThrow(
      expect.objectContaining({ code: "bad-column", message: expect.stringMatching(message) }),
    );
  });
});

describe("readMapKeyToValue", () => {
  test("makes the same stage again", () => {
    const { stage, options } = fitMapKeyToValue(keys(), { output: "V", input: "K" }).toParts();
    const read = readMapKeyToValue({ stage, options, arrays: {} });
    expect(read.transform(keys()).column("V").values).toEqual(["spam", "", "ham"]);
  });

  test.each([null, {}, { input: "K" }, { input: "K", output: 1 }])("refuses the options %j", (options) => {
    expect(() => readMapKeyToValue({ stage: "mapKeyToValue", options, arrays: {} })).toThrow(
      expect.objectContaining({ code: "bad-model-file" }),
    );
  });
});
