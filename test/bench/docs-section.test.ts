// Tables that studies write into docs/.
import { expect, test } from "vitest";
import { markdownTable, tableWith } from "../../bench/studies/docs-section.js";

const before = markdownTable([
  { set: "b, 0.1", rows: 10, time: "2 s" },
  { set: "c, 1", rows: 20, time: "3 s" },
]);

test("columns are aligned, and a row without one leaves it empty", () => {
  expect(markdownTable([{ a: 1 }, { a: 22, b: "x" }])).toBe("| a  | b |\n|----|---|\n| 1  |   |\n| 22 | x |");
});

test("a table gets new rows in order, in the place of those of the same name; the others stay as they are", () => {
  const rows = [
    { set: "c, 1", rows: 21, time: "4 s" },
    { set: "a", rows: 5, time: "1 s" },
  ];
  expect(tableWith(`\n${before}\n\n`, rows)).toBe(
    markdownTable([rows[1]!, { set: "b, 0.1", rows: 10, time: "2 s" }, rows[0]!]),
  );
  expect(tableWith(before, [])).toBe(before);
  expect(tableWith("", rows)).toBe(markdownTable(rows.toReversed()));
});
