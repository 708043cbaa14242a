import { describe, expect, test } from "vitest";
import { FieldSplitter } from "../../src/data/field-splitter.js";
import { resolveLoadOptions } from "../../src/data/load-settings.js";
import { Row } from "../../src/data/row.js";

/** Text at each of five positions, `undefined` where absent, and what is wrong. */
function arrange(
  line: string,
  inputSize?: number,
): { values: (string | undefined)[]; problem: string | undefined } {
  const fields = new FieldSplitter(
    resolveLoadOptions({ lenient: true, separator: ",", sparse: true, quoting: true }),
  );
  const bytes = new TextEncoder().encode(line);
  fields.split(bytes, 0, bytes.length, Number.POSITIVE_INFINITY);
  const row = new Row(fields, inputSize);
  const problem = row.arrangeSparse();
  const values = Array.from({ length: 5 }, (_, position) => {
    const field = row.fieldAt(position);
    return field < 0
      ? undefined
      : line &&
          new TextDecoder().decode(
            fields.bytesOf(field).subarray(fields.startOf(field), fields.endOf(field)),
          );
  });
  return { values, problem };
}

const none = undefined;

describe("Row", () => {
  test.each([
    { line: "1,2,3", values: ["1", "2", "3", none, none] },
    { line: "5,3:4,4:5", values: [none, none, none, "4", "5"] },
    { line: "7,4,0:1,3:2", values: ["7", "1", none, none, "2"] },
    { line: "3:4,4:5", inputSize: 5, values: [none, none, none, "4", "5"] },
    { line: "9,1:2", inputSize: 5, values: ["9", none, "2", none, none] },
    { line: ",1:2", inputSize: 5, values: ["", "2", none, none, none] },
  ])("$line with inputSize $inputSize", ({ line, inputSize, values }) => {
    expect(arrange(line, inputSize)).toEqual({ values, problem: undefined });
  });

  test.each([
    { line: "5,3:1,2:1,4:1", problem: /2 follows 3/, values: [none, none, none, "1", none] },
    { line: "5,5:1,1:1", problem: /5 is not below/, values: [none, none, none, none, none] },
    { line: "5,1:1,9,2:3", problem: /without index/, values: [none, "1", none, none, none] },
    { line: "x,1:1", problem: /not the number/, values: ["x", none, none, none, none] },
    { line: "0,1:1", problem: /not the number/, values: ["0", none, none, none, none] },
    { line: "1:1", problem: /not the number/, values: [none, none, none, none, none] },
    { line: '5,"3:4",4:5', problem: /not the number/, values: ["5", "3:4", none, none, none] },
  ])("keeps what comes before the fault in $line", ({ line, values, problem }) => {
    const arranged = arrange(line);
    expect(arranged.values).toEqual(values);
    expect(arranged.problem).toMatch(problem);
  });
});
