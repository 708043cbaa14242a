import { DualTextError } from "../errors.js";
import type { Column } from "./columns.js";
import { Dataset } from "./dataset.js";

/** What a row may hold under one key. */
export type RowValue =
  | string
  | number
  | boolean
  | readonly string[]
  | readonly number[]
  | Float32Array
  | Readonly<Record<string, number>>;

export type Row = Readonly<Record<string, RowValue>>;

type KindOfValue<V> = [V] extends [string]
  ? "text"
  : [V] extends [number]
    ? "number"
    : [V] extends [boolean]
      ? "boolean"
      : [V] extends [readonly string[]]
        ? "texts"
        : [V] extends [readonly number[] | Float32Array]
          ? "vector"
          : [V] extends [Readonly<Record<string, number>>]
            ? "vector"
            : never;

/** The schema that rows of a type give. */
export type RowSchema<R> = { -readonly [N in keyof R & string]: KindOfValue<R[N]> };

/**
 * A dataset of rows that are in memory already. A string becomes text, a number a double, a boolean a boolean, a list of
 * strings a column of texts, a list of numbers or a `Float32Array` a dense vector of singles, numbers by name a vector whose slots have these names, 0 where a row does not
 * name them. All rows have the same
 * keys, with values of the same type; vectors of one column have the same length. Numbers may be NaN or infinite here;
 * stages that train on them refuse them, naming the row.
 *
 * ```ts
 * const data = fromRows([{ Label: "ham", Text: "see you at five" }]);
 * ```
 *
 * Throws `empty-input` for no rows, and `bad-argument` with the row and the key: a key that is missing or new, a value
 * that is none of these, or of another type than in the first row.
 */
export function fromRows<R extends { readonly [N in keyof R]: RowValue }>(
  rows: readonly R[],
): Dataset<RowSchema<R>> {
  if (!Array.isArray(rows)) {
    throw new DualTextError(
      "bad-argument",
      `The rows are ${rows === null ? "null" : typeof rows}; they must be an array.`,
    );
  }
  const given = rows as readonly Row[];
  if (given.length === 0)
    throw new DualTextError("empty-input", "There are no rows: the list is empty. Give at least one.");
  given.forEach((row, i) => {
    if (typeof row !== "object" || row === null || Array.isArray(row)) {
      throw new DualTextError(
        "bad-argument",
        `rows[${i}] is ${show(row)}; a row is an object such as { Label: "ham", Text: "see you at five" }.`,
      );
    }
  });
  const names = Object.keys(given[0]!);
  if (names.length === 0)
    throw new DualTextError("bad-argument", "rows[0] has no keys, so there are no columns.");
  checkKeys(given, names);
  return Dataset.of(Object.fromEntries(names.map((name) => [name, columnOf(given, name)])));
}

function checkKeys(rows: readonly Row[], names: readonly string[]): void {
  const known = new Set(names);
  rows.forEach((row, i) => {
    const missing = names.find((name) => !Object.hasOwn(row, name));
    if (missing !== undefined) {
      throw new DualTextError(
        "bad-argument",
        `rows[${i}] has no ${show(missing)}, which rows[0] has. All rows need it.`,
      );
    }
    const extra = Object.keys(row).find((name) => !known.has(name));
    if (extra !== undefined) {
      throw new DualTextError(
        "bad-argument",
        `rows[${i}] has ${show(extra)}, which rows[0] has not. Give it to all rows or leave it out.`,
      );
    }
  });
}

type Sort = "text" | "number" | "boolean" | "texts" | "vector" | "named" | "empty list";

const sortNames: Readonly<Record<Sort, string>> = {
  text: "a string",
  number: "a number",
  boolean: "a boolean",
  texts: "a list of strings",
  vector: "a list of numbers",
  named: "an object of numbers",
  "empty list": "an empty list",
};

function columnOf(rows: readonly Row[], name: string): Column {
  const sorts = rows.map((row, i) => sortOf(row[name], i, name));
  // An empty list fits both kinds of list.
  const isList = (sort: Sort) => sort === "texts" || sort === "vector" || sort === "empty list";
  const telling = sorts.findIndex((sort) => sort !== "empty list");
  const sort = telling < 0 ? "texts" : sorts[telling]!;
  sorts.forEach((other, i) => {
    if (other === sort || (other === "empty list" && isList(sort))) return;
    throw new DualTextError(
      "bad-argument",
      `${at(i, name)} is ${sortNames[other]}, but ${at(Math.max(telling, 0), name)} is ${sortNames[sort]}. A column has values of one type.`,
    );
  });
  const values = rows.map((row) => row[name]);
  switch (sort) {
    case "number":
      return { kind: "number", precision: "double", values: Float64Array.from(values as number[]) };
    case "boolean":
      return { kind: "boolean", values: Uint8Array.from(values as boolean[], Number) };
    case "texts":
      return { kind: "texts", values: values.map((texts) => [...(texts as readonly string[])]) };
    case "vector":
      return vectorColumn(values as (readonly number[] | Float32Array)[], name);
    case "named":
      return namedVector(values as Readonly<Record<string, number>>[]);
    default:
      return { kind: "text", values: values as string[] };
  }
}

function sortOf(value: unknown, row: number, name: string): Sort {
  if (typeof value === "string") return "text";
  if (typeof value === "number" || typeof value === "boolean") return typeof value as Sort;
  if (value instanceof Float32Array) return "vector";
  if (Array.isArray(value)) {
    if (value.length === 0) return "empty list";
    const type = typeof value[0];
    const odd = value.findIndex((item) => typeof item !== type);
    if (odd < 0 && type === "string") return "texts";
    if (odd < 0 && type === "number") return "vector";
    const item = Math.max(odd, 0);
    throw bad(`${at(row, name)}[${item}]`, value[item]);
  }
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value);
    const odd = entries.find(([, number]) => typeof number !== "number");
    if (odd) throw bad(`${at(row, name)}[${JSON.stringify(odd[0])}]`, odd[1]);
    if (entries.length > 0) return "named";
  }
  throw bad(at(row, name), value);
}

function bad(where: string, value: unknown): DualTextError {
  return new DualTextError(
    "bad-argument",
    `${where} is ${show(value)}; it must be a string, a number, a boolean, a list of only strings or only numbers, or an object of numbers. Write "" for an empty text, NaN for a missing number.`,
  );
}

function vectorColumn(vectors: readonly (readonly number[] | Float32Array)[], name: string): Column {
  const size = vectors[0]!.length;
  const values = new Float32Array(size * vectors.length);
  vectors.forEach((vector, row) => {
    if (vector.length !== size) {
      throw new DualTextError(
        "bad-argument",
        `${at(row, name)} has ${vector.length} numbers, but ${at(0, name)} has ${size}. Vectors of one column are equally long.`,
      );
    }
    values.set(vector, row * size);
  });
  return {
    kind: "vector",
    size,
    matrix: { layout: "dense", rowCount: vectors.length, columnCount: size, values },
  };
}

/** A slot for each name, in order of first appearance. */
function namedVector(rows: readonly Readonly<Record<string, number>>[]): Column {
  const slots = new Map<string, number>();
  for (const row of rows)
    for (const name of Object.keys(row)) if (!slots.has(name)) slots.set(name, slots.size);
  const size = slots.size;
  const values = new Float32Array(size * rows.length);
  rows.forEach((row, i) => {
    for (const [name, value] of Object.entries(row)) values[i * size + slots.get(name)!] = value;
  });
  const names = [...slots.keys()];
  return {
    kind: "vector",
    size,
    slotNames: { count: size, at: (slot) => names[slot]! },
    matrix: { layout: "dense", rowCount: rows.length, columnCount: size, values },
  };
}

function at(row: number, name: string): string {
  return `rows[${row}]${/^[A-Za-z_$][\w$]*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`}`;
}

function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" && value !== null ? "an object" : String(value);
}
