import { damagedModel } from "../errors.js";
import { type ArraySource, type StoredArray, wholeArray } from "../stage.js";
import type { Precision, ValueColumn } from "./columns.js";

/**
 * Columns of values as arrays of a model file. Texts are UTF-16 units one after the other, because half surrogate pairs
 * have no UTF-8, with the position at which each ends.
 */

export type StoredType = "text" | "boolean" | Precision;

export function storedTypeOf(column: ValueColumn): StoredType {
  return column.kind === "number" ? column.precision : column.kind;
}

/** @param name what the names of the arrays begin with. */
export function storeValues(column: ValueColumn, name: string): Record<string, ArraySource> {
  if (column.kind !== "text") return { [name]: wholeArray(column.values) };
  const ends = new Uint32Array(column.values.length);
  let length = 0;
  column.values.forEach((text, i) => {
    length += text.length;
    ends[i] = length;
  });
  const units = new Uint16Array(length);
  let at = 0;
  for (const text of column.values) {
    for (let i = 0; i < text.length; i++) units[at++] = text.charCodeAt(i);
  }
  return { [`${name}Units`]: wholeArray(units), [`${name}Ends`]: wholeArray(ends) };
}

/** Reads what {@link storeValues} wrote. Throws `bad-model-file` when the arrays do not fit each other or the type. */
export function readValues(
  type: unknown,
  arrays: Readonly<Record<string, StoredArray>>,
  name: string,
): ValueColumn {
  switch (type) {
    case "text":
      return { kind: "text", values: readTexts(arrays, name) };
    case "boolean":
      return { kind: "boolean", values: storedArray(arrays, name, Uint8Array) };
    case "single":
      return { kind: "number", precision: type, values: storedArray(arrays, name, Float32Array) };
    case "double":
      return { kind: "number", precision: type, values: storedArray(arrays, name, Float64Array) };
    case "int32":
      return { kind: "number", precision: type, values: storedArray(arrays, name, Int32Array) };
    case "int64":
      return { kind: "number", precision: type, values: storedArray(arrays, name, BigInt64Array) };
    default:
      throw damagedModel(`it has values of an unknown type, ${String(type)}`);
  }
}

/** An array of the type expected. Throws `bad-model-file`. */
export function storedArray<A extends StoredArray>(
  arrays: Readonly<Record<string, StoredArray>>,
  name: string,
  type: abstract new (...args: never[]) => A,
): A {
  const array = Object.hasOwn(arrays, name) ? arrays[name] : undefined;
  if (array instanceof type) return array;
  throw damagedModel(`its array "${name}" is ${array ? "no" : "missing; it should be a"} ${type.name}`);
}

function readTexts(arrays: Readonly<Record<string, StoredArray>>, name: string): string[] {
  const units = storedArray(arrays, `${name}Units`, Uint16Array);
  const ends = storedArray(arrays, `${name}Ends`, Uint32Array);
  let start = 0;
  const texts = Array.from(ends, (end) => {
    if (end < start || end > units.length) {
      throw damagedModel(`its array "${name}Ends" holds ${end} after ${start}, with ${units.length} units`);
    }
    const text = textOf(units.subarray(start, end));
    start = end;
    return text;
  });
  if (start !== units.length) {
    throw damagedModel(`its array "${name}Units" has ${units.length - start} units that belong to no text`);
  }
  return texts;
}

/** Units at a time: `apply` takes its arguments on the stack. */
const UNITS_AT_ONCE = 8192;

/** The text of UTF-16 units, or of bytes of one letter each, so that any bytes give a text. */
export function textOf(units: Uint16Array | Uint8Array): string {
  let text = "";
  for (let start = 0; start < units.length; start += UNITS_AT_ONCE) {
    text += String.fromCharCode(...units.subarray(start, start + UNITS_AT_ONCE));
  }
  return text;
}
