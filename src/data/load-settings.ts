import { checkOptionNames, DualTextError } from "../errors.js";
import { integerTypes } from "./field-values.js";
import type { ColumnOption, ColumnOptions, LoadOptions } from "./load-options.js";

/** Load options checked and with their defaults; characters are code points or UTF-8. */
export interface LoadSettings {
  readonly columns: ColumnOptions | undefined;
  readonly separators: readonly string[];
  readonly hasHeader: boolean;
  readonly quoting: boolean;
  readonly escapeChar: string;
  readonly multiline: boolean;
  readonly trimWhitespace: boolean;
  readonly decimalMarker: "." | ",";
  readonly missingRealsAsNaNs: boolean;
  readonly sparse: boolean;
  readonly inputSize: number | undefined;
  readonly maxRows: number;
  readonly comments: boolean;
  readonly lenient: boolean;
}

const separatorWords = new Map([
  ["tab", "\t"],
  ["comma", ","],
  ["space", " "],
  ["colon", ":"],
  ["semicolon", ";"],
  ["bar", "|"],
]);

/** Checks options and fills in defaults. Throws `bad-option`. */
export function resolveLoadOptions(options: LoadOptions): LoadSettings {
  const settings: LoadSettings = {
    columns: options.columns,
    separators: resolveSeparators(options.separator ?? "\t"),
    hasHeader: options.hasHeader ?? false,
    quoting: options.quoting ?? false,
    escapeChar: options.escapeChar ?? '"',
    multiline: options.multiline ?? false,
    trimWhitespace: options.trimWhitespace ?? false,
    decimalMarker: options.decimalMarker ?? ".",
    missingRealsAsNaNs: options.missingRealsAsNaNs ?? false,
    sparse: options.sparse ?? false,
    inputSize: options.inputSize,
    maxRows: options.maxRows ?? Number.POSITIVE_INFINITY,
    comments: options.comments ?? true,
    lenient: options.lenient ?? false,
  };
  checkOptionNames("Loading", options, [
    ...Object.keys(settings).map((name) => (name === "separators" ? "separator" : name)),
    ...["signal", "onProgress", "onReport", "sourceName"],
  ]);
  const { separators, escapeChar, decimalMarker, quoting, sparse, lenient } = settings;
  if (escapeChar.length !== 1 || escapeChar < " " || escapeChar > "~") {
    fail(`escapeChar is ${show(escapeChar)}; it must be one printable ASCII character.`);
  }
  if (separators.includes(escapeChar)) fail(`${show(escapeChar)} cannot be both escapeChar and separator.`);
  if (decimalMarker !== "." && decimalMarker !== ",") {
    fail(`decimalMarker is ${show(decimalMarker)}; it must be "." or ",".`);
  }
  if (separators.includes(decimalMarker) && !quoting) {
    fail(`${show(decimalMarker)} is both decimalMarker and separator; that needs quoting: true.`);
  }
  if (sparse && separators.includes(":")) fail('With sparse: true the separator cannot be ":".');
  if (settings.multiline && !quoting && !lenient)
    fail("multiline: true has no effect without quoting: true.");
  checkCount("maxRows", options.maxRows);
  checkCount("inputSize", options.inputSize);
  for (const [name, column] of Object.entries(options.columns ?? {})) checkColumn(name, column, settings);
  if (options.columns === undefined && !settings.hasHeader && !lenient) {
    fail(
      "Which columns to load is not known: give columns, such as { Label: 0, Text: 1 }, or hasHeader: true when the first line names them.",
    );
  }
  if (options.columns !== undefined && Object.keys(options.columns).length === 0) {
    fail("columns is empty; it must name at least one column, such as { Label: 0, Text: 1 }.");
  }
  return settings;
}

function resolveSeparators(separator: string | readonly string[]): string[] {
  const listed = typeof separator === "string" ? [separator] : [...separator];
  if (listed.length === 0) fail("separator is an empty list; it must hold at least one character.");
  return listed.map((given) => {
    const unit = separatorWords.get(given) ?? given;
    if (unit.length !== 1 || !maySeparate(unit)) {
      fail(
        `separator ${show(given)} is not allowed: it must be one character, not a digit, " or a control character other than tab, or one of ${[...separatorWords.keys()].join(", ")}. Several are given as a list.`,
      );
    }
    return unit;
  });
}

function maySeparate(unit: string): boolean {
  const code = unit.charCodeAt(0);
  const isControl = code < 0x20 || (code >= 0x7f && code < 0xa0);
  const isSurrogate = (code & 0xf800) === 0xd800;
  return unit === "\t" || !(isControl || isSurrogate || unit === '"' || (unit >= "0" && unit <= "9"));
}

function checkCount(name: string, value: number | undefined): void {
  if (value !== undefined && !(Number.isInteger(value) && value >= 1)) {
    fail(`${name} is ${show(value)}; it must be an integer of at least 1.`);
  }
}

const scalarTypes: readonly string[] = [
  "text",
  "number",
  "single",
  ...Object.keys(integerTypes),
  "boolean",
  "key",
];
const rangeTypes: readonly string[] = ["text", "single", "number"];

function checkColumn(name: string, column: ColumnOption, { hasHeader }: LoadSettings): void {
  const label = `Column ${show(name)}`;
  const position = (value: unknown) => {
    if (!Number.isInteger(value) || (value as number) < 0 || (value as number) > 0x7ffffffd) {
      fail(`${label}: ${show(value)} is not a position of a field; positions are integers from 0.`);
    }
  };
  const type = (allowed: readonly string[], given: unknown) => {
    if (given !== undefined && !allowed.includes(given as string)) {
      fail(`${label}: type ${show(given)} is not one of ${allowed.join(", ")}.`);
    }
  };
  if (typeof column !== "object" || column === null) position(column);
  else if ("range" in column) {
    const [first, last] = column.range;
    position(first);
    if (last !== undefined) position(last);
    if (last !== undefined && last < first)
      fail(`${label}: the range ends at ${last}, before its start ${first}.`);
    type(rangeTypes, column.type);
  } else if ("indices" in column) {
    column.indices.forEach(position);
    if (column.indices.length === 0) fail(`${label}: indices is empty.`);
    if (new Set(column.indices).size < column.indices.length)
      fail(`${label}: indices names a position twice.`);
    type(rangeTypes, column.type);
  } else {
    if ("index" in column) position(column.index);
    else if (typeof column.name !== "string") {
      fail(`${label} has none of index, name, range and indices, so its place in a line is not known.`);
    } else if (!hasHeader)
      fail(`${label} is found by the name ${show(column.name)}, which needs hasHeader: true.`);
    type(scalarTypes, column.type);
    if (
      column.type === "key" &&
      !(Number.isInteger(column.count) && column.count >= 1 && column.count < 2 ** 32)
    ) {
      fail(`${label}: count is ${show(column.count)}; a key column needs its number of keys, at least 1.`);
    }
  }
}

function show(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

function fail(message: string): never {
  throw new DualTextError("bad-option", message);
}
