import { resolveLoadOptions } from "../data/load-settings.js";
import { DualTextError } from "../errors.js";
import type { Model } from "../model/model.js";
import type { DataOptions } from "./data-options.js";
import type { Session } from "./session.js";

/** Lines that are looked at. */
const CHECKED_LINES = 100;
/** Separators, besides the one of the options, that a line of column names may have. */
const COMMON_SEPARATORS = ["\t", ",", ";", "|"];
const separatorNames: Readonly<Record<string, string>> = {
  "\t": "tab",
  ",": "comma",
  ";": "semicolon",
  "|": "bar",
  " ": "space",
  ":": "colon",
};

/**
 * Looks whether lines that are about to be read as one text each are those of a delimited file: its labels would count
 * as words.
 * @param lines the first ones
 * Throws `bad-option` where the first line names the model's columns or a column holds labels of the model and nothing
 * else; where each line has the separator equally often, it only says so.
 */
export function checkWholeLines(
  lines: readonly string[],
  file: string,
  model: Model,
  options: DataOptions,
  session: Session,
): void {
  const first = lines.slice(0, CHECKED_LINES).filter((line) => line !== "");
  const what = file === "-" ? "Standard input" : file;
  const wholeLines = "give --lines if each line is one text as it stands";
  const refuse = (why: string, flags: string): never => {
    const how = file === "-" ? `give the file itself, with ${flags}` : `say which column, with ${flags}`;
    throw new DualTextError(
      "bad-option",
      `${what} looks like a delimited file: ${why}. To read its texts ${how}; ${wholeLines}.`,
    );
  };

  const separators = resolveLoadOptions({ separator: options.separator, hasHeader: true }).separators;
  const named = headerOf(first[0] ?? "", separators, model);
  if (named) {
    const { separator, text } = named;
    const flag = separators.includes(separator) ? "" : `--separator ${separatorNames[separator]} `;
    refuse(`its first line names the column "${named.column}"`, `${flag}--text ${text ?? "COLUMN"}`);
  }

  const rows = first.map((line) => fieldsOf(line, separators));
  const columnCount = rows[0]?.length ?? 0;
  if (columnCount < 2 || rows.some(({ length }) => length !== columnCount)) return;
  const column = labelColumn(rows, model.labels);
  if (column !== undefined) {
    const hasHeader = !isLabel(rows[0]![column]!, model.labels);
    const text = columnCount > 2 ? undefined : hasHeader ? rows[0]![1 - column] : 1 - column;
    const flag = hasHeader ? "" : "--no-header ";
    refuse(`column ${column} holds labels of the model`, `${flag}--text ${text ?? "COLUMN"}`);
  }
  if (rows.length > 1) {
    const separator = separators.map((unit) => separatorNames[unit] ?? unit).join(" or ");
    session.report(
      `${what}: each line holds ${columnCount - 1} × ${separator} and is taken as one text. If it is a delimited file, name the column of the texts with --text; ${wholeLines}.`,
    );
  }
}

/** What a line names of the model's columns, and of what are usually called so; undefined for a line of text. */
function headerOf(line: string, separators: readonly string[], model: Model) {
  const texts = [...model.predictionInputs, "Text"];
  const labels = [model.classifier.columns.label, "Label"];
  for (const separator of [...separators, ...COMMON_SEPARATORS]) {
    const fields = fieldsOf(line, [separator]);
    if (fields.length < 2) continue;
    const text = fields.find((field) => texts.includes(field));
    const label = fields.find((field) => labels.includes(field));
    // A comma may also stand in a sentence.
    const isHeader = separators.includes(separator) ? (text ?? label) : text && label;
    if (isHeader !== undefined) return { separator, text, column: (text ?? label)! };
  }
  return undefined;
}

/** The first column that holds nothing but labels, in the first row perhaps a name. */
function labelColumn(rows: readonly (readonly string[])[], labels: Model["labels"]): number | undefined {
  const data = rows.length > 1 ? rows.slice(1) : rows;
  const column = data[0]!.findIndex((_, c) => data.every((row) => isLabel(row[c]!, labels)));
  return column < 0 ? undefined : column;
}

function isLabel(field: string, labels: Model["labels"]): boolean {
  return labels.some((label) => String(label) === field);
}

/** Fields without quotes around them. */
function fieldsOf(line: string, separators: readonly string[]): string[] {
  const [first, ...others] = separators as [string, ...string[]];
  const text = others.reduce((joined, other) => joined.replaceAll(other, first), line);
  return text.split(first).map((field) => field.replace(/^"(.*)"$/, "$1"));
}
