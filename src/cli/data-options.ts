import type { Command } from "commander";
import type { Dataset } from "../data/dataset.js";
import type { LoadReport } from "../data/load-options.js";
import { DualTextError } from "../errors.js";
import type { Model } from "../model/model.js";
import { loadTextFile } from "../node/load-text-file.js";
import type { Progress } from "../stage.js";
import { type ColumnReference, columnReference, separator } from "./option-values.js";
import type { Session } from "./session.js";

/** How a delimited file is to be read. */
export interface DataOptions {
  readonly separator: string;
  readonly header: boolean;
  readonly quoting?: boolean;
  readonly lenient?: boolean;
  readonly label?: ColumnReference;
  readonly text?: ColumnReference;
}

/** Adds the options of delimited files to a command. @param withLabel whether it reads labels */
export function addDataOptions(command: Command, withLabel: boolean): Command {
  command
    .option(
      "--separator <character>",
      "what separates columns: a character, or tab, comma, space, colon, semicolon, bar",
      separator,
      "tab",
    )
    .option("--header", "the first line names the columns", true)
    .option("--no-header", "the first line is data")
    .option("--quoting", "fields may stand in double quotes")
    .option("--lenient", "read odd lines as ML.NET does instead of refusing them")
    .option(
      "--text <column>",
      'column of the text, by name or position from 0 (default: "Text", or 1 without header)',
      columnReference,
    );
  if (withLabel) {
    command.option(
      "--label <column>",
      'column of the label, by name or position from 0 (default: "Label", or 0 without header)',
      columnReference,
    );
  }
  return command;
}

type ValueType = "text" | "number" | "single" | "int32" | "int64" | "boolean";

function placeOf(reference: ColumnReference, type: ValueType) {
  return typeof reference === "number" ? { index: reference, type } : { name: reference, type };
}

/** Loads the columns that a command needs, under the names that the model has for them. */
export async function loadColumns(
  file: string,
  options: DataOptions,
  columns: { readonly text: string; readonly label?: { readonly name: string; readonly type: ValueType } },
  session: Session,
  onProgress?: (progress: Progress) => void,
): Promise<Dataset> {
  const { header } = options;
  const text = options.text ?? (header ? "Text" : 1);
  const label = options.label ?? (header ? "Label" : 0);
  let report: LoadReport | undefined;
  const data = await loadTextFile(file, {
    separator: options.separator,
    hasHeader: header,
    quoting: options.quoting ?? false,
    lenient: options.lenient ?? false,
    signal: session.signal,
    ...(onProgress && { onProgress }),
    onReport: (loaded) => {
      report = loaded;
    },
    columns: {
      [columns.text]: placeOf(text, "text"),
      ...(columns.label && { [columns.label.name]: placeOf(label, columns.label.type) }),
    },
  });
  if (report && report.commentLineCount > 0) {
    session.report(
      `${file}: ${report.commentLineCount} lines beginning with // or # were left out as comments.`,
    );
  }
  return data;
}

/** The one text column that a model reads. Throws `bad-column` for models that read others. */
export function textColumnOf(model: Model): string {
  const [name, ...more] = model.predictionInputs;
  if (name !== undefined && more.length === 0 && model.inputSchema[name]?.kind === "text") return name;
  const names = model.predictionInputs.map((input) => `"${input}"`).join(", ");
  throw new DualTextError(
    "bad-column",
    `The model reads ${names}; this command is for models that read one column of text.`,
  );
}

/** The label column of a model's training data. Throws `bad-column` when its labels cannot be read from a file. */
export function labelColumnOf(model: Model): { name: string; type: ValueType } {
  const { label } = model.classifier.columns;
  const type = model.inputSchema[label];
  if (type?.kind === "text" || type?.kind === "boolean") return { name: label, type: type.kind };
  if (type?.kind === "number")
    return { name: label, type: type.precision === "double" ? "number" : type.precision };
  throw new DualTextError("bad-column", `The model's label column "${label}" does not hold plain values.`);
}
