import { describe, expect, test } from "vitest";
import type { LoadOptions } from "../../src/data/load-options.js";
import { resolveLoadOptions } from "../../src/data/load-settings.js";

const columns = { Label: 0 };

describe("resolveLoadOptions", () => {
  test("has ML.NET's defaults", () => {
    expect(resolveLoadOptions({ columns })).toEqual({
      columns,
      separators: ["\t"],
      hasHeader: false,
      quoting: false,
      escapeChar: '"',
      multiline: false,
      trimWhitespace: false,
      decimalMarker: ".",
      missingRealsAsNaNs: false,
      sparse: false,
      inputSize: undefined,
      maxRows: Number.POSITIVE_INFINITY,
      comments: true,
      lenient: false,
    });
  });

  test.each([
    ["tab", ["\t"]],
    ["comma", [","]],
    ["space", [" "]],
    ["colon", [":"]],
    ["semicolon", [";"]],
    ["bar", ["|"]],
    ["a", ["a"]],
    ["é", ["é"]],
    [
      [",", "semicolon"],
      [",", ";"],
    ],
  ])("takes the separator %j", (separator, separators) => {
    expect(resolveLoadOptions({ columns, separator }).separators).toEqual(separators);
  });

  test.each<{ options: LoadOptions; message: RegExp }>([
    ...["1", '"', "\n", "\u0001", "\u0085", "", "ab", "😀", "\ud83d"].map((separator) => ({
      options: { columns, separator },
      message: /^separator .* is not allowed/,
    })),
    { options: { columns, separator: [] }, message: /separator is an empty list/ },
    { options: { columns, separator: ":", sparse: true }, message: /sparse/ },
    { options: { columns, separator: ",", escapeChar: "," }, message: /both escapeChar and separator/ },
    { options: { columns, escapeChar: "é" }, message: /one printable ASCII character/ },
    { options: { columns, separator: ",", decimalMarker: "," }, message: /needs quoting: true/ },
    { options: { columns, decimalMarker: ";" as "," }, message: /must be "\." or ","/ },
    { options: { columns, multiline: true }, message: /without quoting/ },
    { options: { columns, maxRows: 0 }, message: /maxRows is 0/ },
    { options: { columns, maxRows: Number.NaN }, message: /maxRows is NaN/ },
    { options: { columns, inputSize: 1.5 }, message: /inputSize is 1.5/ },
    { options: {}, message: /Which columns to load is not known/ },
    { options: { columns: {} }, message: /columns is empty/ },
    { options: { columns: { A: -1 } }, message: /Column "A": -1 is not a position/ },
    { options: { columns: { A: Number.POSITIVE_INFINITY } }, message: /Infinity is not a position/ },
    { options: { columns: { A: { index: 0.5 } } }, message: /0.5 is not a position/ },
    { options: { columns: { A: { name: "x" } } }, message: /which needs hasHeader: true/ },
    { options: { columns: { A: {} as { name: string } } }, message: /none of index, name/ },
    {
      options: { columns: { A: { index: 0, type: "float" as "text" } } },
      message: /type "float" is not one of text, number/,
    },
    { options: { columns: { A: { index: 0, type: "key", count: 0 } } }, message: /count is 0/ },
    { options: { columns: { A: { range: [2, 1] } } }, message: /ends at 1, before its start 2/ },
    { options: { columns: { A: { indices: [] } } }, message: /indices is empty/ },
    { options: { columns: { A: { indices: [1, 1] } } }, message: /a position twice/ },
    {
      options: { columns: { A: { range: [0, 1], type: "boolean" as "text" } } },
      message: /not one of text, single, number/,
    },
  ])("refuses $options", ({ options, message }) => {
    expect(() => resolveLoadOptions(options)).toThrow(
      expect.objectContaining({ code: "bad-option", message: expect.stringMatching(message) }),
    );
  });
});
