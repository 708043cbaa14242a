import type { Column, ColumnType, KeyColumn, NumberColumn } from "../../src/data/columns.js";
import { denseRow } from "../../src/data/csr.js";
import type { Dataset } from "../../src/data/dataset.js";
import { NotBuilt } from "./case-data.js";
import { type GoldenColumn, type GoldenRecord, type Json, toNumber, toVector } from "./golden.js";

// Compares columns and metrics with what was recorded: types, names and every value.

/** What differs, or undefined when nothing does. At most `mostRows` rows were recorded. */
export function differenceOfRows(data: Dataset, record: GoldenRecord, mostRows: number): string | undefined {
  const rowCount = Math.min(data.rowCount, mostRows);
  if (record.cells.length !== rowCount) return `${rowCount} rows, recorded are ${record.cells.length}`;
  for (const [i, golden] of record.columns!.entries()) {
    const found =
      differenceOfTypes(data.typeOf(golden.name), golden) ??
      differenceOfCells(
        data.block(golden.name, 0, rowCount),
        record.cells.map((row) => row[i]!),
      );
    if (found !== undefined) return `column ${golden.name}: ${found}`;
  }
  return undefined;
}

/** A type as ML.NET prints it: of keys without the integer they are stored in. */
function printedType(type: ColumnType): string {
  switch (type.kind) {
    case "text":
      return "String";
    case "boolean":
      return "Boolean";
    case "number":
      return { single: "Single", double: "Double", int32: "Int32", int64: "Int64" }[type.precision];
    case "key":
      return `Key<0-${type.count - 1}>`;
    case "texts":
      return type.size === undefined ? "Vector<String>" : `Vector<String, ${type.size}>`;
    case "keys":
      return `Vector<Key<0-${type.count - 1}>${type.size === undefined ? "" : `, ${type.size}`}>`;
    case "vector":
      return `Vector<Single, ${type.size}>`;
  }
}

/** Small integers are kept in wider ones here. */
const widerTypes: { readonly [theirs: string]: string } = {
  SByte: "Int32",
  Int16: "Int32",
  Byte: "Int32",
  UInt16: "Int32",
  UInt32: "Int64",
};

function differenceOfTypes(type: ColumnType, golden: GoldenColumn): string | undefined {
  const expected = widerTypes[golden.type] ?? golden.type.replace(/\bKey<\w+, /, "Key<");
  if (printedType(type) !== expected) return `type ${printedType(type)}, recorded is ${golden.type}`;
  if (type.kind === "vector") {
    const names = type.slotNames;
    const theirs = golden.slotNames === undefined ? [] : toVector(golden.slotNames, "");
    if ((names?.count ?? 0) !== theirs.length)
      return `${names?.count ?? 0} slot names, recorded ${theirs.length}`;
    const wrong = theirs.findIndex((name, slot) => names!.at(slot) !== name);
    if (wrong >= 0) return `slot ${wrong} is ${show(names!.at(wrong))}, recorded ${show(theirs[wrong])}`;
  }
  if (type.kind === "key" || type.kind === "keys") {
    if (!type.names !== (golden.keyValues === undefined)) {
      return `key values ${type.names ? "there" : "missing"}, recorded ${show(golden.keyValues)}`;
    }
    if (type.names) return differenceOfCells(type.names, toVector(golden.keyValues!, ""), "key value");
  }
  return undefined;
}

function differenceOfCells(column: Column, cells: readonly Json[], what = "row"): string | undefined {
  const cellOf = reader(column);
  const isSingle = column.kind === "vector" || (column.kind === "number" && column.precision === "single");
  for (const [row, cell] of cells.entries()) {
    const found = cellOf(row);
    if (!sameCell(found, cell, isSingle)) return `${what} ${row} is ${show(found)}, recorded ${show(cell)}`;
  }
  return undefined;
}

type Cell = string | number | bigint | boolean | readonly string[] | Uint32Array | Float32Array;

function reader(column: Column): (row: number) => Cell {
  switch (column.kind) {
    case "text":
    case "texts":
    case "keys":
      return (row) => column.values[row]!;
    case "boolean":
      return (row) => column.values[row] === 1;
    case "number":
      return (row) => (column as NumberColumn).values[row]!;
    case "key":
      return (row) => (column as KeyColumn).keys[row]!;
    case "vector":
      return (row) => denseRow(column.matrix, row);
  }
}

function sameCell(found: Cell, cell: Json, isSingle: boolean): boolean {
  if (typeof found === "string" || typeof found === "boolean") return found === cell;
  if (typeof found === "bigint") return found === BigInt(cell as string | number);
  if (typeof found === "number") return isNumber(cell) && sameNumber(found, toNumber(cell), isSingle);
  if (found instanceof Float32Array) return sameVector(found, cell);
  const items = toVector<Json>(cell, found instanceof Uint32Array ? 0 : "");
  return items.length === found.length && items.every((item, i) => item === found[i]);
}

/** A long vector is recorded without its zeros, and so without the sign of a zero. */
function sameVector(found: Float32Array, cell: Json): boolean {
  const same = (value: Json, slot: number) =>
    isNumber(value) && sameNumber(found[slot]!, toNumber(value), true);
  if (Array.isArray(cell)) return cell.length === found.length && cell.every(same);
  const { n, i, v } = cell as { n: number; i: number[]; v: Json[] };
  const present = found.reduce((count, value) => count + (value === 0 ? 0 : 1), 0);
  return n === found.length && v.length === present && v.every((value, k) => same(value, i[k]!));
}

/** Besides numbers, NaN, the infinities and long integers, which are texts. */
function isNumber(cell: Json): boolean {
  return typeof cell === "number" || (typeof cell === "string" && /^(NaN|-?Infinity|-?\d{16,})$/.test(cell));
}

/** The same bits: a single is recorded by its shortest text, which rounds back to it. */
function sameNumber(found: number, recorded: number, isSingle: boolean): boolean {
  return Object.is(found, isSingle ? Math.fround(recorded) : recorded);
}

/** Metrics with logarithms may differ by this much of their size. */
const LOGARITHM_TOLERANCE = 1e-14;
const logarithmic = new Set(["logLoss", "logLossReduction", "perClassLogLoss", "entropy"]);

/** What differs between two trees of metrics: members that were recorded must be the same to the bit. */
export function differenceOfMetrics(
  found: unknown,
  recorded: Json,
  path = "metrics",
  near = false,
): string | undefined {
  if (Array.isArray(recorded) || (recorded !== null && typeof recorded === "object")) {
    const theirs = Object.entries(recorded);
    const ours = found as { [key: string]: unknown } | undefined;
    if (Array.isArray(recorded) && (found as unknown[] | undefined)?.length !== recorded.length) {
      return `${path} has ${(found as unknown[] | undefined)?.length} entries, recorded ${recorded.length}`;
    }
    for (const [key, value] of theirs) {
      const different = differenceOfMetrics(
        ours?.[key],
        value,
        `${path}.${key}`,
        near || logarithmic.has(key),
      );
      if (different !== undefined) return different;
    }
    return undefined;
  }
  if (isNumber(recorded) && typeof found === "number") {
    const number = toNumber(recorded);
    const close = near && Math.abs(found - number) <= LOGARITHM_TOLERANCE * Math.abs(number);
    if (close || Object.is(found, number)) return undefined;
  } else if (found === recorded) return undefined;
  return `${path} is ${show(found)}, recorded ${show(recorded)}`;
}

/** The values of a column as they are recorded for the two sides of a split. */
export function membersOf(data: Dataset, id: string): (string | number)[] {
  const column = data.column(id) as Column;
  if (column.kind !== "number" && column.kind !== "text")
    throw new NotBuilt(`split shown by a ${column.kind}`);
  return Array.from(column.values as ArrayLike<string | number>);
}

export function show(value: unknown): string {
  const text = JSON.stringify(value, (_, item) => {
    if (typeof item === "bigint" || Object.is(item, -0)) return Object.is(item, -0) ? "-0" : String(item);
    return typeof item === "number" && !Number.isFinite(item) ? String(item) : item;
  });
  return text === undefined || text.length <= 100 ? String(text) : `${text.slice(0, 100)}…`;
}
