import type { ColumnType, KeyColumn, ValueColumn } from "./columns.js";
import { doubleText, singleText } from "./number-text.js";

/** A value that can have a key: a text, a number (bigint in int64 columns), 0 or 1 for a boolean, or another key. */
type Value = string | number | bigint;

/** The columns whose values can have keys. */
export type MappableColumn = ValueColumn | KeyColumn;

export interface KeyMapRules {
  /** "byOccurrence": keys in order of first appearance. "byValue": in ascending order, texts by UTF-16 units. */
  readonly keyOrdinality: "byOccurrence" | "byValue";
  /** Values after this many distinct ones get no key. */
  readonly maximumNumberOfKeys: number;
  /** Whether the names of the keys are texts, whatever the values are. */
  readonly asText: boolean;
}

/**
 * The two-way map between values and keys: 1 … count, and 0 for a value that has none. Never mapped are the empty text,
 * NaN and key 0; 0 and −0 are one value. Immutable.
 */
export class KeyMap {
  /** The values in the order of their keys. Of a key column: its keys. */
  readonly values: MappableColumn;
  /** What each key stands for, the value of key k at position k − 1; `undefined` when there is no key. */
  readonly names: ValueColumn | undefined;
  /** Number of keys, but 1 when there is none, as in ML.NET. */
  readonly count: number;
  readonly asText: boolean;
  readonly #keys = new Map<Value, number>();

  /** @param values distinct, in the order of their keys. */
  constructor(values: MappableColumn, asText: boolean) {
    this.values = values;
    this.asText = asText;
    for (const value of itemsOf(values)) this.#keys.set(value, this.#keys.size + 1);
    this.count = Math.max(1, this.#keys.size);
    if (this.#keys.size > 0) {
      const names = values.kind === "key" ? namesOfKeys(values) : values;
      this.names = asText ? textNames(names) : names;
    }
  }

  /** Gives keys to the values of a column, after those of `before`, which stay as they are. */
  static learn(column: MappableColumn, rules: KeyMapRules, before?: KeyMap): KeyMap {
    const known = before ? [...itemsOf(before.values)] : [];
    const found = new Set<Value>(known);
    for (const value of itemsOf(column)) {
      if (found.size >= rules.maximumNumberOfKeys) break;
      if (isMappable(value, column)) found.add(value);
    }
    const values = [...found].slice(known.length);
    if (rules.keyOrdinality === "byValue") values.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    return new KeyMap(columnOfItems([...known, ...values], column), rules.asText);
  }

  /** The map of some of its values, which get new keys in the order given. @param positions of the values, from 0 on */
  only(positions: readonly number[]): KeyMap {
    const items = [...itemsOf(this.values)];
    const values = positions.map((position) => items[position]!);
    return new KeyMap(columnOfItems(values, this.values), this.asText);
  }

  /** The keys of the values of a column, which must be of the type learned from. */
  keysOf(column: MappableColumn): Uint32Array {
    const keys = new Uint32Array(column.kind === "key" ? column.keys.length : column.values.length);
    let row = 0;
    for (const value of itemsOf(column)) keys[row++] = this.#keys.get(value) ?? 0;
    return keys;
  }
}

/** What a column's items are called where they must match: "text", "single number", "boolean", "key". */
export function itemType(type: ColumnType): string {
  switch (type.kind) {
    case "number":
      return `${type.precision} number`;
    case "texts":
      return "text";
    case "keys":
      return "key";
    case "vector":
      return "single number";
    default:
      return type.kind;
  }
}

function itemsOf(column: MappableColumn): Iterable<Value> {
  return column.kind === "key" ? column.keys : column.values;
}

function isMappable(value: Value, column: MappableColumn): boolean {
  if (column.kind === "text") return value !== "";
  if (column.kind === "key") return value !== 0;
  return !Number.isNaN(value);
}

/** A column of the same type as another. */
function columnOfItems(items: readonly Value[], like: MappableColumn): MappableColumn {
  switch (like.kind) {
    case "text":
      return { kind: "text", values: items as readonly string[] };
    case "boolean":
      return { kind: "boolean", values: Uint8Array.from(items as readonly number[]) };
    case "key":
      return { ...like, keys: Uint32Array.from(items as readonly number[]) };
    case "number": {
      const { precision } = like;
      switch (precision) {
        case "single":
          return { kind: "number", precision, values: Float32Array.from(items as readonly number[]) };
        case "double":
          return { kind: "number", precision, values: Float64Array.from(items as readonly number[]) };
        case "int32":
          return { kind: "number", precision, values: Int32Array.from(items as readonly number[]) };
        case "int64":
          return { kind: "number", precision, values: BigInt64Array.from(items as readonly bigint[]) };
      }
    }
  }
}

/** The names of the keys in a column, in its order; the keys themselves where they have no names. */
function namesOfKeys({ keys, names }: KeyColumn): ValueColumn {
  if (names) return valuesOfKeys(keys, names);
  return { kind: "number", precision: "double", values: Float64Array.from(keys) };
}

/** The value that a missing key stands for: NaN for real numbers, else "", 0 or false. */
function missingValue(names: ValueColumn): Value {
  if (names.kind === "text") return "";
  if (names.kind === "boolean") return 0;
  if (names.precision === "int64") return 0n;
  return names.precision === "int32" ? 0 : Number.NaN;
}

/** The value of each key. */
export function valuesOfKeys(keys: Uint32Array, names: ValueColumn): ValueColumn {
  const missing = missingValue(names);
  const values: ArrayLike<Value> = names.values;
  return columnOfItems(
    Array.from(keys, (key) => values[key - 1] ?? missing),
    names,
  ) as ValueColumn;
}

function textNames(names: ValueColumn): ValueColumn {
  if (names.kind === "text") return names;
  const print =
    names.kind === "number" && names.precision === "single"
      ? singleText
      : names.kind === "number" && names.precision === "double"
        ? doubleText
        : String;
  return { kind: "text", values: Array.from(itemsOf(names), (value) => print(value as number)) };
}
