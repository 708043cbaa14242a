import { describe, expect, test } from "vitest";
import type { Column } from "../../src/data/columns.js";
import { Dataset } from "../../src/data/dataset.js";
import {
  fitMapValueToKey,
  type MapValueToKeyOptions,
  readMapValueToKey,
} from "../../src/data/map-value-to-key.js";
import type { LoadedStageParts, StageParts } from "../../src/stage.js";

const labels = (...values: string[]) => Dataset.of({ Label: { kind: "text", values } });

/** Parts as they come back from a file. */
function throughFile(parts: StageParts): LoadedStageParts {
  const arrays = Object.entries(parts.arrays).map(([name, source]) => [name, [...source.pieces()][0]!]);
  return { ...JSON.parse(JSON.stringify({ ...parts, arrays: {} })), arrays: Object.fromEntries(arrays) };
}

describe("fitMapValueToKey", () => {
  test("adds keys that know their values, in place or in another column", () => {
    const data = labels("ham", "spam", "", "ham");
    const inPlace = fitMapValueToKey(data, { output: "Label" }).transform(data);
    expect(inPlace.column("Label")).toEqual({
      kind: "key",
      count: 2,
      keys: Uint32Array.of(1, 2, 0, 1),
      names: { kind: "text", values: ["ham", "spam"] },
    });
    const added = fitMapValueToKey(data, { output: "Key", input: "Label" }).transform(data);
    expect(added.columnNames).toEqual(["Label", "Key"]);
    expect([...added.block("Key", 1, 3).keys]).toEqual([2, 0]);
    expect(data.columnNames).toEqual(["Label"]);
  });

  test("leaves labels unseen in training without a key", () => {
    const stage = fitMapValueToKey(labels("ham"), { output: "Label" });
    expect([...stage.transform(labels("eggs", "ham")).column("Label").keys]).toEqual([0, 1]);
  });

  test.each<{ name: string; options: MapValueToKeyOptions; keys: number[] }>([
    { name: "keyData gives the keys", options: { keyData: ["z", "a", "z", ""] }, keys: [2, 0, 1] },
    {
      name: "keyData sorted by value",
      options: { keyData: ["z", "a"], keyOrdinality: "byValue" },
      keys: [1, 0, 2],
    },
    {
      name: "keyData regardless of the maximum",
      options: { keyData: ["z", "a"], maximumNumberOfKeys: 1 },
      keys: [2, 0, 1],
    },
    { name: "keyData as a column", options: { keyData: { kind: "text", values: ["b"] } }, keys: [0, 1, 0] },
    { name: "no keyData at all", options: { keyData: [] }, keys: [0, 0, 0] },
    { name: "a maximum of 2", options: { maximumNumberOfKeys: 2 }, keys: [1, 2, 0] },
  ])("$name", ({ options, keys }) => {
    const data = labels("a", "b", "z");
    expect([
      ...fitMapValueToKey(data, { output: "Label" }, options).transform(data).column("Label").keys,
    ]).toEqual(keys);
  });

  test.each<{ name: string; options?: MapValueToKeyOptions; input?: string; code: string; message: RegExp }>([
    {
      name: "a maximum of 0",
      options: { maximumNumberOfKeys: 0 },
      code: "bad-option",
      message: /at least 1/,
    },
    {
      name: "a maximum of NaN",
      options: { maximumNumberOfKeys: Number.NaN },
      code: "bad-option",
      message: /NaN/,
    },
    {
      name: "another order",
      options: { keyOrdinality: "ByValue" as "byValue" },
      code: "bad-option",
      message: /"ByValue"; it must be/,
    },
    {
      name: "keyData of another type",
      options: { keyData: { kind: "boolean", values: Uint8Array.of(1) } },
      code: "bad-option",
      message: /type boolean, but column "Label" is of type text/,
    },
    {
      name: "a column that is not there",
      input: "Labl",
      code: "bad-column",
      message: /Did you mean "Label"/,
    },
  ])("refuses $name", ({ options, input = "Label", code, message }) => {
    const data = labels("a");
    expect(() => fitMapValueToKey(data, { output: "K", input }, options)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  });

  test("refuses to map a column of another type than in training", () => {
    const stage = fitMapValueToKey(labels("ham"), { output: "Label" });
    const numbers = Dataset.of({
      Label: { kind: "number", precision: "double", values: Float64Array.of(1) },
    });
    expect(() => stage.transform(numbers)).toThrow(/type double number, but was of type text/);
  });
});

describe("readMapValueToKey", () => {
  test.each<{ name: string; column: Column; asText?: boolean }>([
    { name: "texts", column: { kind: "text", values: ["b", "a", "\ud800"] } },
    {
      name: "singles as text",
      column: { kind: "number", precision: "single", values: Float32Array.of(0.1, 2) },
      asText: true,
    },
    { name: "booleans", column: { kind: "boolean", values: Uint8Array.of(0, 1) } },
    { name: "keys", column: { kind: "key", count: 5, keys: Uint32Array.of(4, 2) } },
    {
      name: "keys with names",
      column: {
        kind: "key",
        count: 2,
        keys: Uint32Array.of(2, 1),
        names: { kind: "text", values: ["x", "y"] },
      },
    },
    { name: "nothing", column: { kind: "text", values: [""] } },
  ])("makes the same stage again, learned from $name", ({ column, asText = false }) => {
    const data = Dataset.of({ V: column });
    const stage = fitMapValueToKey(
      data,
      { output: "K", input: "V" },
      { addKeyValueAnnotationsAsText: asText },
    );
    const read = readMapValueToKey(throughFile(stage.toParts()));
    expect(read.transform(data).column("K")).toEqual(stage.transform(data).column("K"));
    expect({ stage: read.stage, inputs: read.inputs, outputs: read.outputs }).toEqual({
      stage: "mapValueToKey",
      inputs: ["V"],
      outputs: ["K"],
    });
  });

  const parts = throughFile(fitMapValueToKey(labels("a"), { output: "Label" }).toParts());
  const keyOptions = { input: "a", output: "b", asText: false, type: "key", count: 1, namesType: null };
  test.each<{ name: string; parts: LoadedStageParts }>([
    { name: "no options", parts: { ...parts, options: null } },
    {
      name: "an option of another type",
      parts: { ...parts, options: { ...(parts.options as object), input: 5 } },
    },
    { name: "no arrays", parts: { ...parts, arrays: {} } },
    {
      name: "keys out of range",
      parts: { ...parts, options: keyOptions, arrays: { values: Uint32Array.of(2) } },
    },
  ])("refuses $name", ({ parts }) => {
    expect(() => readMapValueToKey(parts)).toThrow(expect.objectContaining({ code: "bad-model-file" }));
  });
});
