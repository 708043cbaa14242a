import { describe, expect, test } from "vitest";
import { bindColumns } from "../../src/data/column-binding.js";
import type { ColumnOptions } from "../../src/data/load-options.js";
import { LoadProblems } from "../../src/data/load-problems.js";
import { resolveLoadOptions } from "../../src/data/load-settings.js";

function bind(
  columns: ColumnOptions | undefined,
  header: string[] | undefined,
  width: number,
  lenient = false,
) {
  const options = { hasHeader: header !== undefined, lenient, ...(columns && { columns }) };
  return bindColumns(resolveLoadOptions(options), header, width, new LoadProblems(lenient));
}

describe("bindColumns", () => {
  test.each<{ columns: ColumnOptions; header?: string[]; positions: number[] }>([
    { columns: { C: 3 }, positions: [3] },
    { columns: { C: { index: 3, type: "number" } }, positions: [3] },
    { columns: { C: { name: "b" } }, header: ["a", "b", "c", "d"], positions: [1] },
    { columns: { C: { range: [1, 2] } }, positions: [1, 2] },
    { columns: { C: { range: [1] } }, positions: [1, 2, 3] },
    { columns: { C: { indices: [3, 0] } }, positions: [3, 0] },
  ])("finds $columns", ({ columns, header, positions }) => {
    expect(bind(columns, header, 4)).toMatchObject([{ name: "C", positions }]);
  });

  test("names the slots of vectors by the header", () => {
    const [vector, texts] = bind(
      { V: { indices: [1, 0, 5], type: "single" }, T: { range: [0, 1] } },
      ["x", "y"],
      6,
      true,
    );
    const { slotNames } = vector!;
    expect(Array.from({ length: slotNames!.count }, (_, slot) => slotNames!.at(slot))).toEqual([
      "y",
      "x",
      "",
    ]);
    expect(texts!.slotNames).toBeUndefined();
  });

  test("without columns and header has ML.NET's Label and Features", () => {
    expect(bind(undefined, undefined, 3, true)).toMatchObject([
      { name: "Label", type: "single", positions: [0], isRange: false },
      { name: "Features", type: "single", positions: [1, 2], isRange: true },
    ]);
  });
});
