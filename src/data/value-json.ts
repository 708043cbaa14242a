import { DualTextError } from "../errors.js";
import type { Json } from "../stage.js";
import type { NumberArray, Precision, ValueColumn } from "./columns.js";

const arrayOf = {
  single: Float32Array,
  double: Float64Array,
  int32: Int32Array,
  int64: BigInt64Array,
} as const;

/** A column of values as JSON that gives the same bits back: NaN, infinities, −0 and 64-bit integers are strings. */
export function valuesToJson(column: ValueColumn): Json {
  switch (column.kind) {
    case "text":
      return { kind: "text", values: [...column.values] };
    case "boolean":
      return { kind: "boolean", values: Array.from(column.values, (value) => value === 1) };
    case "number":
      return { kind: "number", precision: column.precision, values: Array.from(column.values, numberToJson) };
  }
}

function numberToJson(value: number | bigint): Json {
  if (typeof value === "bigint") return String(value);
  if (Object.is(value, -0)) return "-0";
  return Number.isFinite(value) ? value : String(value);
}

/** The column that {@link valuesToJson} was given. Throws `bad-model-file` for any other JSON. */
export function valuesFromJson(json: Json): ValueColumn {
  const { kind, precision, values } = (json ?? {}) as { readonly [key: string]: Json | undefined };
  if (Array.isArray(values)) {
    if (kind === "text" && values.every((value) => typeof value === "string")) return { kind, values };
    if (kind === "boolean" && values.every((value) => typeof value === "boolean")) {
      return { kind, values: Uint8Array.from(values, Number) };
    }
    if (kind === "number" && typeof precision === "string" && Object.hasOwn(arrayOf, precision)) {
      return {
        kind,
        precision: precision as Precision,
        values: numbersFromJson(precision as Precision, values),
      };
    }
  }
  throw new DualTextError(
    "bad-model-file",
    "The model file is damaged: a list of label values cannot be read.",
  );
}

function numbersFromJson(precision: Precision, values: readonly Json[]): NumberArray {
  if (precision === "int64") return BigInt64Array.from(values, (value) => BigInt(String(value)));
  return arrayOf[precision].from(values as readonly number[], Number);
}
