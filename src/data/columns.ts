import { type Matrix, sliceRows, takeRows } from "./csr.js";

/**
 * The kinds of column a {@link Dataset} holds, as types without their data. ML.NET's counterparts: Text, numbers,
 * Boolean, Key, a vector of Text, a vector of Key, a vector of Single.
 */
export interface TextType {
  readonly kind: "text";
}
export interface NumberType {
  readonly kind: "number";
  /** How a number is stored: "single" is f32, "double" f64; "int64" columns hold bigints. */
  readonly precision: Precision;
}
export interface BooleanType {
  readonly kind: "boolean";
}
export interface KeyType {
  readonly kind: "key";
  /** Number of distinct keys; valid keys are 1 … count, 0 is missing. */
  readonly count: number;
  /** What each key stands for: the value of key k is at position k − 1. */
  readonly names?: ValueColumn;
}
export interface TextsType {
  readonly kind: "texts";
  /** Texts a row, when it is the same for every row. */
  readonly size?: number;
}
export interface KeysType {
  readonly kind: "keys";
  /** Number of distinct keys; valid keys are 1 … count, 0 is missing. */
  readonly count: number;
  /** What each key stands for: the value of key k is at position k − 1. */
  readonly names?: ValueColumn;
  /** Keys a row, when it is the same for every row. */
  readonly size?: number;
}
export interface VectorType {
  readonly kind: "vector";
  /** Slots a row. */
  readonly size: number;
  readonly slotNames?: SlotNames;
}

export type Precision = "single" | "double" | "int32" | "int64";
export type NumberArray = Float32Array | Float64Array | Int32Array | BigInt64Array;

/** Names of vector slots, made when asked for: a model may have millions. They are for show, never identity. */
export interface SlotNames {
  readonly count: number;
  /** The name of slot 0 … count − 1. */
  at(slot: number): string;
}

export interface TextColumn extends TextType {
  readonly values: readonly string[];
}
export interface NumberColumn extends NumberType {
  readonly values: NumberArray;
}
/** 1 is true, 0 false. */
export interface BooleanColumn extends BooleanType {
  readonly values: Uint8Array;
}
export interface KeyColumn extends KeyType {
  readonly keys: Uint32Array;
}
export interface TextsColumn extends TextsType {
  readonly values: readonly (readonly string[])[];
}
export interface KeysColumn extends KeysType {
  readonly values: readonly Uint32Array[];
}
export interface VectorColumn extends VectorType {
  readonly matrix: Matrix;
}

/** A column of plain values, the kinds that a key can stand for. */
export type ValueColumn = TextColumn | NumberColumn | BooleanColumn;

export interface ColumnByKind {
  text: TextColumn;
  number: NumberColumn;
  boolean: BooleanColumn;
  key: KeyColumn;
  texts: TextsColumn;
  keys: KeysColumn;
  vector: VectorColumn;
}
export type ColumnKind = keyof ColumnByKind;
export type Column = ColumnByKind[ColumnKind];
export type ColumnType = TextType | NumberType | BooleanType | KeyType | TextsType | KeysType | VectorType;

export function rowCountOf(column: Column): number {
  if (column.kind === "vector") return column.matrix.rowCount;
  return column.kind === "key" ? column.keys.length : column.values.length;
}

/** The column without its data. */
export function typeOf(column: Column): ColumnType {
  switch (column.kind) {
    case "text":
    case "boolean":
      return { kind: column.kind };
    case "number":
      return { kind: "number", precision: column.precision };
    case "key":
      return { kind: "key", count: column.count, ...(column.names && { names: column.names }) };
    case "texts":
      return { kind: "texts", ...(column.size !== undefined && { size: column.size }) };
    case "keys": {
      const { kind, count, names, size } = column;
      return { kind, count, ...(names && { names }), ...(size !== undefined && { size }) };
    }
    case "vector":
      return { kind: "vector", size: column.size, ...(column.slotNames && { slotNames: column.slotNames }) };
  }
}

/** Rows start … end − 1 of a column; array data is shared, not copied, where that is possible. */
export function sliceColumn(column: Column, start: number, end: number): Column {
  switch (column.kind) {
    case "text":
      return { ...column, values: column.values.slice(start, end) };
    case "number":
      return { ...column, values: column.values.subarray(start, end) };
    case "boolean":
      return { ...column, values: column.values.subarray(start, end) };
    case "key":
      return { ...column, keys: column.keys.subarray(start, end) };
    case "texts":
      return { ...column, values: column.values.slice(start, end) };
    case "keys":
      return { ...column, values: column.values.slice(start, end) };
    case "vector":
      return { ...column, matrix: sliceRows(column.matrix, start, end) };
  }
}

/** The rows listed, in that order. */
export function takeFromColumn(column: Column, rows: Uint32Array): Column {
  switch (column.kind) {
    case "text":
      return { ...column, values: Array.from(rows, (row) => column.values[row]!) };
    case "number": {
      const values = new (column.values.constructor as new (length: number) => NumberArray)(rows.length);
      rows.forEach((row, i) => {
        values[i] = column.values[row]!;
      });
      return { ...column, values };
    }
    case "boolean":
      return { ...column, values: Uint8Array.from(rows, (row) => column.values[row]!) };
    case "key":
      return { ...column, keys: Uint32Array.from(rows, (row) => column.keys[row]!) };
    case "texts":
      return { ...column, values: Array.from(rows, (row) => column.values[row]!) };
    case "keys":
      return { ...column, values: Array.from(rows, (row) => column.values[row]!) };
    case "vector":
      return { ...column, matrix: takeRows(column.matrix, rows) };
  }
}
