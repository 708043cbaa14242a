import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { byteSource } from "../../src/data/byte-source.js";
import type { Column, NumberArray, Precision } from "../../src/data/columns.js";
import { Dataset } from "../../src/data/dataset.js";
import type { ColumnOption, LoadOptions } from "../../src/data/load-options.js";
import { loadSources, loadText } from "../../src/data/text-loader.js";
import { loadTextFile } from "../../src/node/load-text-file.js";
import { type Case, type Json, type JsonObject, toNumber } from "./golden.js";

// Rows of a case as a Dataset.

/** Thrown by a case that needs something this library does not have; the message says what. */
export class NotBuilt extends Error {}

/** Folder of the data sets, or undefined where it is not there. */
const dataFolder = [
  process.env.DUALTEXT_DATA,
  fileURLToPath(new URL("../../../shared/data", import.meta.url)),
].find((folder) => folder && existsSync(folder));

function dataSetPath(set: string): string {
  return `${dataFolder}/${set}.tsv.gz`;
}

/** The data sets a case reads that are not there, such as trec6/train. */
export function missingDataSets(given: Case): string[] {
  return [given.source, given.apply ?? {}]
    .flatMap((source) => (typeof source.data === "string" ? [source.data] : []))
    .filter((set) => !existsSync(dataSetPath(set)));
}

export async function datasetOf(source: JsonObject): Promise<Dataset> {
  if ("data" in source) return fromDataSet(source);
  if ("generate" in source) return generated(source.generate as number);
  if ("load" in source) return loaded(source.load as JsonObject);
  return inline(source.columns as { [name: string]: string }, source.rows as Json[][]);
}

/** The first rows of a data set; lines end at LF alone, so that a CR inside a text stays where it is. */
async function fromDataSet(source: JsonObject): Promise<Dataset> {
  let text = gunzipSync(readFileSync(dataSetPath(source.data as string))).toString("utf8");
  if (typeof source.rows === "number") {
    text = text
      .split("\n")
      .slice(0, source.rows + 1)
      .map((line) => `${line}\n`)
      .join("");
  }
  return loadText(text, {
    columns: { Label: 0, Text: 1 },
    hasHeader: true,
    quoting: source.allowQuoting === true,
    lenient: true,
  });
}

function generated(count: number): Dataset {
  const rows = Array.from({ length: count }, (_, i) => i);
  return Dataset.of({
    Index: { kind: "number", precision: "int32", values: Int32Array.from(rows) },
    Text: { kind: "text", values: rows.map((i) => `row ${i}`) },
    Group: { kind: "text", values: rows.map((i) => (i % 17 === 16 ? "" : `g${(i * 7919) % 13}`)) },
    Number: { kind: "number", precision: "single", values: Float32Array.from(rows, (i) => (i % 10) / 10) },
    Flag: { kind: "boolean", values: Uint8Array.from(rows, (i) => Number(i % 3 === 0)) },
    Big: {
      kind: "number",
      precision: "int64",
      values: BigInt64Array.from(rows, (i) => BigInt(i) * 4294967299n),
    },
  });
}

function inline(columns: { [name: string]: string }, rows: Json[][]): Dataset {
  return Dataset.of(
    Object.fromEntries(
      Object.entries(columns).map(([name, type], i) => [
        name,
        columnOf(
          type,
          rows.map((row) => row[i]!),
        ),
      ]),
    ),
  );
}

/** Types that a Dataset keeps in wider ones, as loading does. */
const widerPrecisions: { readonly [theirs: string]: Precision } = { byte: "int32", uint32: "int64" };

const numberArrays = {
  single: Float32Array,
  double: Float64Array,
  int32: Int32Array,
  int64: BigInt64Array,
} as const;

/** A column of a type such as text, single, key:5, text[3] or single[3]; `text[]` has rows of any length. */
export function columnOf(type: string, cells: readonly Json[]): Column {
  const [, item, size] = /^([^[]*)(?:\[(\d*)\])?$/.exec(type)!;
  if (size !== undefined) return vectorOf(item!, size, cells as Json[][]);
  if (item === "text") return { kind: "text", values: cells.map((cell) => (cell as string | null) ?? "") };
  if (item === "bool") return { kind: "boolean", values: Uint8Array.from(cells, toNumber) };
  if (item!.startsWith("key:")) {
    return { kind: "key", count: Number(item!.slice(4)), keys: Uint32Array.from(cells, toNumber) };
  }
  const precision = (widerPrecisions[item!] ?? item) as Precision;
  if (!Object.hasOwn(numberArrays, precision)) throw new NotBuilt(`columns of type ${type}`);
  if (precision === "int64") {
    return { kind: "number", precision, values: BigInt64Array.from(cells as (number | string)[], BigInt) };
  }
  const values: NumberArray = new numberArrays[precision](cells.map(toNumber));
  return { kind: "number", precision, values };
}

function vectorOf(item: string, size: string, cells: readonly Json[][]): Column {
  if (item === "text") {
    const values = cells.map((texts) => texts.map((text) => (text as string | null) ?? ""));
    return { kind: "texts", ...(size !== "" && { size: Number(size) }), values };
  }
  if (item !== "single" || size === "") throw new NotBuilt(`columns of type ${item}[${size}]`);
  const columnCount = Number(size);
  return {
    kind: "vector",
    size: columnCount,
    matrix: {
      layout: "dense",
      rowCount: cells.length,
      columnCount,
      values: Float32Array.from(cells.flat(), toNumber),
    },
  };
}

const loadOptionNames: { readonly [theirs: string]: keyof LoadOptions } = {
  separators: "separator",
  hasHeader: "hasHeader",
  allowQuoting: "quoting",
  trimWhitespace: "trimWhitespace",
  allowSparse: "sparse",
  missingRealsAsNaNs: "missingRealsAsNaNs",
  readMultilines: "multiline",
  escapeChar: "escapeChar",
  decimalMarker: "decimalMarker",
  maxRows: "maxRows",
  inputSize: "inputSize",
};

async function loaded(load: JsonObject): Promise<Dataset> {
  const files = load.files as { [name: string]: string | { base64: string } | null };
  const options: { [name: string]: unknown } = { lenient: true };
  for (const [name, value] of Object.entries((load.options as JsonObject | undefined) ?? {})) {
    if (name === "useThreads") continue;
    if (!Object.hasOwn(loadOptionNames, name)) throw new NotBuilt(`load option ${name}`);
    options[loadOptionNames[name]!] = value;
  }
  if (load.rowType) options.columns = { Label: 0, Text: 1 };
  if (load.columns) {
    const columns = load.columns as JsonObject[];
    options.columns = Object.fromEntries(columns.map((column) => [column.name, loadColumn(column)]));
  }
  const paths = [load.path as string | string[]].flat();
  if (paths.every((path) => files[path] === null)) return loadTextFile(paths, options as LoadOptions);
  const sources = paths.map((path) => {
    const file = files[path];
    if (!file) throw new NotBuilt("file patterns");
    if (typeof file === "string" && file.startsWith("#@")) throw new NotBuilt("load options in the file");
    return byteSource(typeof file === "string" ? file : Buffer.from(file.base64, "base64"), path);
  });
  return loadSources(sources, options as LoadOptions, paths.join(", "));
}

const fieldTypes: { readonly [theirs: string]: string } = {
  String: "text",
  Single: "single",
  Double: "number",
  Boolean: "boolean",
  SByte: "int8",
  Int16: "int16",
  Int32: "int32",
  Int64: "int64",
  Byte: "uint8",
  UInt16: "uint16",
  UInt32: "uint32",
};

function loadColumn(column: JsonObject): ColumnOption {
  for (const name of ["variableEnd", "allOther"]) {
    if (name in column) throw new NotBuilt(`load column ${name}`);
  }
  const source = column.source as (number | [number, number | null])[];
  const type = "keyCount" in column ? "key" : fieldTypes[(column.type as string | undefined) ?? "String"];
  if (type === undefined) throw new NotBuilt(`load type ${column.type}`);
  const [first] = source;
  if (source.length === 1 && typeof first === "number") {
    const key = type === "key" && { count: column.keyCount };
    return { index: first, type, ...key } as unknown as ColumnOption;
  }
  if (!["text", "single", "number"].includes(type)) throw new NotBuilt(`load vectors of ${column.type}`);
  if (source.length === 1) {
    const [from, to] = first as [number, number | null];
    return { range: to === null ? [from] : [from, to], type } as ColumnOption;
  }
  const indices = source.flatMap((place) => {
    if (typeof place === "number") return [place];
    if (place[1] === null) throw new NotBuilt("load ranges without end among others");
    return Array.from({ length: place[1] - place[0] + 1 }, (_, i) => place[0] + i);
  });
  return { indices, type } as ColumnOption;
}
