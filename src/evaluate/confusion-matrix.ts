import { DualTextError } from "../errors.js";

/** How often rows of one class were taken for another. Plain data: can be written as JSON. */
export interface ConfusionMatrix {
  /** Name of each class. */
  readonly labels: readonly string[];
  /** counts[actual][predicted]: rows. */
  readonly counts: readonly (readonly number[])[];
  /** Of the rows taken for a class, the share that belongs to it; 0 where no row was. */
  readonly perClassPrecision: readonly number[];
  /** Of the rows of a class, the share taken for it; 0 where there is no row. */
  readonly perClassRecall: readonly number[];
}

/** A {@link ConfusionMatrix} of two classes, the positive one first. */
export interface BinaryConfusionMatrix extends ConfusionMatrix {
  /**
   * The names that ML.NET prints for the two rows. They differ from `labels` for a key label with texts: ML.NET names
   * the first row, which holds the rows of key 2, after key 1.
   */
  readonly printedLabels: readonly string[];
}

/** Two classes that were mixed up. */
export interface ConfusedPair {
  readonly actual: string;
  readonly predicted: string;
  /** Rows of `actual` that were taken for `predicted`. */
  readonly count: number;
}

/** @param counts counts[actual][predicted], square, one row a label */
export function confusionMatrix(labels: readonly string[], counts: number[][]): ConfusionMatrix {
  const perClassRecall = counts.map((row, c) => ratio(row[c]!, sumOf(row)));
  const columnSums = labels.map(() => 0);
  for (const row of counts) {
    row.forEach((count, predicted) => {
      columnSums[predicted]! += count;
    });
  }
  const perClassPrecision = counts.map((row, c) => ratio(row[c]!, columnSums[c]!));
  return { labels, counts, perClassPrecision, perClassRecall };
}

/** The harmonic mean of precision and recall, 0 when both are. */
export function f1Score(precision: number, recall: number): number {
  return ratio(2 * precision * recall, precision + recall);
}

/**
 * The `count` pairs of different classes with the most rows, most first; equal ones in the order of the classes.
 * Pairs without rows are left out.
 * @param count a whole number from 0 on, else `bad-option`
 */
export function mostConfusedPairs(confusion: ConfusionMatrix, count: number): ConfusedPair[] {
  if (!Number.isInteger(count) || count < 0) {
    throw new DualTextError("bad-option", `count is ${count}; it must be a whole number from 0 on.`);
  }
  const { labels, counts } = confusion;
  const pairs = counts.flatMap((row, actual) =>
    row.flatMap((rows, predicted) => (rows > 0 && predicted !== actual ? [{ actual, predicted, rows }] : [])),
  );
  return pairs
    .sort((a, b) => b.rows - a.rows)
    .slice(0, count)
    .map(({ actual, predicted, rows }) => ({
      actual: labels[actual]!,
      predicted: labels[predicted]!,
      count: rows,
    }));
}

/**
 * The table that ML.NET's `ConfusionMatrix.GetFormattedConfusionTable()` prints, with "\n" as line end and English
 * number format. Where a name is too long for its column (over 5 characters, 8 with two classes), the header shows
 * class numbers and each row its number before the name.
 */
export function formatConfusionTable(confusion: ConfusionMatrix): string {
  return `\n${table(confusion, confusion.labels)}`;
}

/** {@link formatConfusionTable} for binary metrics: it begins with the share of positive rows. Of the positive class's
 * name, printed in capitals there, only the letters a to z change. */
export function formatBinaryConfusionTable(confusion: BinaryConfusionMatrix): string {
  const [positive, negative] = confusion.counts.map(sumOf) as [number, number];
  const share = fourPlaces(positive / (positive + negative));
  const name = upperCaseAscii(confusion.printedLabels[0]!);
  const counts = `${positive.toFixed(1)}/(${positive.toFixed(1)}+${negative.toFixed(1)})`;
  return `TEST ${name} RATIO:\t${share} (${counts})\n${table(confusion, confusion.printedLabels)}`;
}

function table(confusion: ConfusionMatrix, names: readonly string[]): string {
  const { counts, perClassPrecision, perClassRecall } = confusion;
  const width = names.length === 2 ? 8 : 5;
  const nameWidth = names.reduce((longest, name) => Math.max(longest, name.length), 0);
  const numbered = nameWidth > width;
  const digits = String(names.length - 1).length;
  const rowWidth = Math.max(9, nameWidth + (numbered ? digits + 2 : 0));
  const rowNames = numbered
    ? names.map((name, c) => `${String(c).padStart(digits)}. ${name.padStart(rowWidth - digits - 2)}`)
    : names.map((name) => name.padStart(rowWidth));
  const head = (name: string) => `${name.padEnd(rowWidth)} ||`;
  const cells = (texts: readonly string[]) => texts.map((text) => ` ${text.padStart(width)} |`).join("");
  const rule = `${head("")}${"=".repeat((width + 3) * names.length)}`;
  const lines = [
    "Confusion table",
    rule,
    `${head("PREDICTED")}${cells(numbered ? names.map((_, c) => String(c)) : names)} Recall`,
    `${head("TRUTH")}${rule.slice(rowWidth + 3)}`,
    ...counts.map(
      (row, c) => `${head(rowNames[c]!)}${cells(row.map(withThousands))} ${fourPlaces(perClassRecall[c]!)}`,
    ),
    rule,
    `${head("Precision")}${perClassPrecision.map((p) => `${fourPlaces(p).padStart(width + 1)} |`).join("")}`,
  ];
  return `${lines.join("\n")}\n`;
}

function withThousands(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** A ratio from 0 to 1 with four decimals. Halves (the odd 32nds) go to the even digit, as in .NET. */
function fourPlaces(share: number): string {
  const tenThousandths = share * 10000;
  const below = Math.floor(tenThousandths);
  const isHalf = Number.isInteger(share * 32) && tenThousandths - below === 0.5;
  return (isHalf ? (below + (below % 2)) / 10000 : share).toFixed(4);
}

/** Upper case of a to z; other letters stay as they are. */
function upperCaseAscii(text: string): string {
  return text.replace(/[a-z]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) - 32));
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
