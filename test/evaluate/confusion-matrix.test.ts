import { describe, expect, test } from "vitest";
import {
  confusionMatrix,
  f1Score,
  formatBinaryConfusionTable,
  formatConfusionTable,
  mostConfusedPairs,
} from "../../src/evaluate/confusion-matrix.js";

const counts = () => [
  [5, 2, 0],
  [0, 0, 0],
  [2, 3, 4],
];

describe("confusionMatrix", () => {
  test("gives 0 where a class has no rows or no row was taken for it", () => {
    const { perClassPrecision, perClassRecall } = confusionMatrix(["a", "b", "c"], counts());
    expect(perClassPrecision).toEqual([5 / 7, 0, 1]);
    expect(perClassRecall).toEqual([5 / 7, 0, 4 / 9]);
  });
});

describe("f1Score", () => {
  test.each([
    [0, 0, 0],
    [1, 1, 1],
    [0.5, 1, 2 / 3],
  ])("of %d and %d is %d", (precision, recall, expected) => {
    expect(f1Score(precision, recall)).toBe(expected);
  });
});

describe("mostConfusedPairs", () => {
  const confusion = confusionMatrix(["a", "b", "c"], counts());

  test("lists most rows first, equal ones in class order, without the diagonal and pairs of no rows", () => {
    expect(mostConfusedPairs(confusion, 10)).toEqual([
      { actual: "c", predicted: "b", count: 3 },
      { actual: "a", predicted: "b", count: 2 },
      { actual: "c", predicted: "a", count: 2 },
    ]);
  });

  test("stops at the number asked for", () => {
    expect(mostConfusedPairs(confusion, 1)).toEqual([{ actual: "c", predicted: "b", count: 3 }]);
    expect(mostConfusedPairs(confusion, 0)).toEqual([]);
  });

  test.each([-1, 1.5, Number.NaN])("refuses %d pairs", (count) => {
    expect(() => mostConfusedPairs(confusion, count)).toThrow(
      expect.objectContaining({ code: "bad-option", message: expect.stringContaining(`${count}`) }),
    );
  });
});

// The layouts were printed by ML.NET for short names; wider ones follow its rules.
describe("formatConfusionTable", () => {
  test("prints short names in the header", () => {
    expect(formatConfusionTable(confusionMatrix(["a", "b", "c"], counts()))).toBe(
      [
        "",
        "Confusion table",
        "          ||========================",
        "PREDICTED ||     a |     b |     c | Recall",
        "TRUTH     ||========================",
        "        a ||     5 |     2 |     0 | 0.7143",
        "        b ||     0 |     0 |     0 | 0.0000",
        "        c ||     2 |     3 |     4 | 0.4444",
        "          ||========================",
        "Precision ||0.7143 |0.0000 |1.0000 |",
        "",
      ].join("\n"),
    );
  });

  test("prints numbers in the header when a name is wider than its column", () => {
    expect(formatConfusionTable(confusionMatrix(["ham", "spam with eggs", "tea"], counts()))).toBe(
      [
        "",
        "Confusion table",
        "                  ||========================",
        "PREDICTED         ||     0 |     1 |     2 | Recall",
        "TRUTH             ||========================",
        "0.            ham ||     5 |     2 |     0 | 0.7143",
        "1. spam with eggs ||     0 |     0 |     0 | 0.0000",
        "2.            tea ||     2 |     3 |     4 | 0.4444",
        "                  ||========================",
        "Precision         ||0.7143 |0.0000 |1.0000 |",
        "",
      ].join("\n"),
    );
  });

  test("pads numbered names to the nine characters of PREDICTED", () => {
    const table = formatConfusionTable(confusionMatrix(["sixsix", "b", "c"], counts()));
    expect(table.split("\n").slice(5, 8)).toEqual([
      "0. sixsix ||     5 |     2 |     0 | 0.7143",
      "1.      b ||     0 |     0 |     0 | 0.0000",
      "2.      c ||     2 |     3 |     4 | 0.4444",
    ]);
  });

  test("aligns class numbers of two digits", () => {
    const labels = Array.from({ length: 11 }, (_, c) => `class ${c}`);
    const rows = labels.map(() => labels.map(() => 0));
    const lines = formatConfusionTable(confusionMatrix(labels, rows)).split("\n");
    expect(lines[5]).toMatch(/^ 0\. {2}class 0 \|\|/);
    expect(lines[15]).toMatch(/^10\. class 10 \|\|/);
  });

  test("gives two classes wider columns", () => {
    const two = confusionMatrix(
      ["no", "yes"],
      [
        [1234567, 0],
        [1, 2],
      ],
    );
    expect(formatConfusionTable(two)).toBe(
      [
        "",
        "Confusion table",
        "          ||======================",
        "PREDICTED ||       no |      yes | Recall",
        "TRUTH     ||======================",
        "       no || 1,234,567 |        0 | 1.0000",
        "      yes ||        1 |        2 | 0.6667",
        "          ||======================",
        "Precision ||   1.0000 |   1.0000 |",
        "",
      ].join("\n"),
    );
  });

  // As .NET 10 prints them with F4: of exact halves the even digit.
  test.each([
    [1, "0.0312"],
    [3, "0.0938"],
    [5, "0.1562"],
    [7, "0.2188"],
    [9, "0.2812"],
    [16, "0.5000"],
    [31, "0.9688"],
  ])("rounds %d/32 to %s", (part, expected) => {
    const two = confusionMatrix(
      ["a", "b"],
      [
        [part, 32 - part],
        [0, 1],
      ],
    );
    expect(formatConfusionTable(two).split("\n")[5]).toContain(`| ${expected}`);
  });
});

describe("formatBinaryConfusionTable", () => {
  const matrix = confusionMatrix(
    ["yes", "no"],
    [
      [2, 0],
      [1, 1],
    ],
  );

  test("begins with the share of the first class, under the name that is printed", () => {
    const table = formatBinaryConfusionTable({ ...matrix, printedLabels: ["nö", "yes"] });
    expect(table.split("\n").slice(0, 6)).toEqual([
      "TEST Nö RATIO:\t0.5000 (2.0/(2.0+2.0))",
      "Confusion table",
      "          ||======================",
      "PREDICTED ||       nö |      yes | Recall",
      "TRUTH     ||======================",
      "       nö ||        2 |        0 | 1.0000",
    ]);
  });
});
