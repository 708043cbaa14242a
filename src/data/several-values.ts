import { DualTextError } from "../errors.js";
import type {
  Column,
  ColumnType,
  KeysColumn,
  KeysType,
  TextsColumn,
  TextsType,
  ValueColumn,
  VectorColumn,
  VectorType,
} from "./columns.js";
import { denseRow, type Matrix } from "./csr.js";
import { type KeyMap, type MappableColumn, valuesOfKeys } from "./key-map.js";

// Columns with several values a row, for the maps between values and keys: each value of a row has a key of its own.

type SeveralColumn = TextsColumn | KeysColumn | VectorColumn;
type SeveralType = TextsType | KeysType | VectorType;

/** Whether a row has several values. */
export function isSeveral(column: Column): column is SeveralColumn;
export function isSeveral(type: ColumnType): type is SeveralType;
export function isSeveral({ kind }: ColumnType): boolean {
  return kind === "texts" || kind === "keys" || kind === "vector";
}

/** How many values a row has; undefined where that is one, or differs between rows. */
export function sizeOf(type: ColumnType): number | undefined {
  return "size" in type ? type.size : undefined;
}

/** The values of all rows in the order in which they appear; of vectors each value only once. */
export function valuesInOrder(column: Column): MappableColumn {
  switch (column.kind) {
    case "texts":
      return { kind: "text", values: column.values.flat() };
    case "keys": {
      const keys = joined(column.values);
      return { kind: "key", count: column.count, keys, ...(column.names && { names: column.names }) };
    }
    case "vector":
      return { kind: "number", precision: "single", values: Float32Array.from(distinct(column.matrix)) };
    default:
      return column;
  }
}

/** A zero that a sparse row leaves out is found where the first such slot is. */
function distinct(matrix: Matrix): Set<number> {
  if (matrix.layout === "dense") return new Set(matrix.values);
  const found = new Set<number>();
  for (let row = 0; row < matrix.rowCount; row++) {
    const [start, end] = [matrix.indptr[row]!, matrix.indptr[row + 1]!];
    for (let k = start; k < end; k++) {
      if (matrix.indices[k] !== k - start) found.add(0);
      found.add(matrix.values[k]!);
    }
    if (end - start < matrix.columnCount) found.add(0);
  }
  return found;
}

/** The keys of each row's values. */
export function keysOfRows(column: SeveralColumn, map: KeyMap): Uint32Array[] {
  switch (column.kind) {
    case "texts":
      return column.values.map((values) => map.keysOf({ kind: "text", values }));
    case "keys":
      return column.values.map((keys) => map.keysOf({ kind: "key", count: column.count, keys }));
    case "vector":
      return Array.from({ length: column.matrix.rowCount }, (_, row) =>
        map.keysOf({ kind: "number", precision: "single", values: denseRow(column.matrix, row) }),
      );
  }
}

/** The type of a column with the values of several keys a row. Throws `bad-column` where there is none. */
export function typeOfValues(names: ValueColumn, size: number | undefined, input: string): ColumnType {
  if (names.kind === "text") return { kind: "texts", ...(size !== undefined && { size }) };
  if (names.kind === "number" && names.precision === "single" && size !== undefined) {
    return { kind: "vector", size };
  }
  throw new DualTextError(
    "bad-column",
    `The keys of column "${input}" stand for values that are neither texts nor single-precision numbers; there is no column with several of them a row. Map the column with addKeyValueAnnotationsAsText.`,
  );
}

/** The values of all keys, as a column of that type. */
export function columnOfRows(type: ColumnType, keys: readonly Uint32Array[], names: ValueColumn): Column {
  const { values } = valuesOfKeys(joined(keys), names);
  if (type.kind === "vector") {
    const matrix = { layout: "dense", rowCount: keys.length, columnCount: type.size } as const;
    return { ...type, matrix: { ...matrix, values: values as Float32Array } };
  }
  let at = 0;
  const rows = keys.map(({ length }) => {
    at += length;
    return (values as readonly string[]).slice(at - length, at);
  });
  return { ...type, values: rows } as TextsColumn;
}

/** The keys of all rows, one row after the other. */
function joined(rows: readonly Uint32Array[]): Uint32Array {
  const keys = new Uint32Array(rows.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const row of rows) {
    keys.set(row, at);
    at += row.length;
  }
  return keys;
}
