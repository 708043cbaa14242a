import type { DualTextError } from "../errors.js";
import type { BoundColumn } from "./column-binding.js";
import type { Column, NumberArray, Precision } from "./columns.js";
import { decodeField, FieldTexts } from "./field-texts.js";
import {
  type IntegerType,
  integerTypes,
  isIntegerType,
  readBoolean,
  readDouble,
  readInteger,
  readKey,
  readSingle,
  trimWhiteSpace,
} from "./field-values.js";
import { type LoadProblems, showValue } from "./load-problems.js";
import type { LoadSettings } from "./load-settings.js";
import type { TakeField } from "./plain-rows.js";
import type { Row } from "./row.js";

/** Collects one column, row by row. */
export interface ColumnBuilder {
  add(row: Row): void;
  /** Instead of `add`, of a column of single fields: takes the field of the next row. */
  readonly takeField?: TakeField;
  finish(): Column;
  /**
   * Lenient loading only: the first value that even ML.NET refuses. It does so when the column is read, so the error is
   * kept until then.
   */
  readonly refused?: DualTextError | undefined;
}

export function columnBuilder(
  bound: BoundColumn,
  settings: LoadSettings,
  problems: LoadProblems,
): ColumnBuilder {
  const context: BuilderContext = { bound, settings, problems };
  const { type } = bound;
  if (bound.isRange) return type === "text" ? new TextsBuilder(context) : new VectorBuilder(context);
  if (type === "text") return new TextBuilder(context);
  if (type === "boolean") return new BooleanBuilder(context);
  if (type === "key") return new KeyBuilder(context);
  return isIntegerType(type) ? new IntegerBuilder(context, type) : new RealBuilder(context, type);
}

interface BuilderContext {
  readonly bound: BoundColumn;
  readonly settings: LoadSettings;
  readonly problems: LoadProblems;
}

/** A typed array that grows. */
class Growing<A extends NumberArray | Uint8Array | Uint32Array> {
  #array: A;
  length = 0;

  constructor(private readonly make: (length: number) => A) {
    this.#array = make(1024);
  }

  push(value: A[number]): void {
    if (this.length === this.#array.length) {
      const larger = this.make(2 * this.length);
      larger.set(this.#array as never);
      this.#array = larger;
    }
    this.#array[this.length++] = value;
  }

  /** The values pushed, in an array of their number. */
  finish(): A {
    const exact = this.make(this.length);
    exact.set(this.#array.subarray(0, this.length) as never);
    return exact;
  }
}

class TextBuilder implements ColumnBuilder {
  readonly #position: number;
  readonly #texts: FieldTexts;
  readonly #values: string[] = [];

  constructor({ bound, problems }: BuilderContext) {
    this.#position = bound.positions[0]!;
    this.#texts = new FieldTexts(problems);
  }

  add(row: Row): void {
    const field = row.fieldAt(this.#position);
    this.#values.push(field < 0 ? "" : this.#texts.readField(row.fields, field));
  }

  readonly takeField = (bytes: Uint8Array, start: number, end: number): void => {
    this.#values.push(this.#texts.read(bytes, start, end));
  };

  finish(): Column {
    return { kind: "text", values: this.#values };
  }
}

class TextsBuilder implements ColumnBuilder {
  readonly #positions: readonly number[];
  readonly #texts: FieldTexts;
  readonly #values: string[][] = [];

  constructor({ bound, problems }: BuilderContext) {
    this.#positions = bound.positions;
    this.#texts = new FieldTexts(problems);
  }

  add(row: Row): void {
    this.#values.push(
      this.#positions.map((position) => {
        const field = row.fieldAt(position);
        return field < 0 ? "" : this.#texts.readField(row.fields, field);
      }),
    );
  }

  finish(): Column {
    return { kind: "texts", size: this.#positions.length, values: this.#values };
  }
}

/** Reads the real number at a position, as f64 or f32. */
function realReader({ bound, settings, problems }: BuilderContext): (row: Row, position: number) => number {
  const { decimalMarker, missingRealsAsNaNs, lenient } = settings;
  const read = bound.type === "number" && !bound.isRange ? readDouble : readSingle;
  const missing = missingRealsAsNaNs ? Number.NaN : 0;
  return (row, position) => {
    const field = row.fieldAt(position);
    if (field < 0 && row.isSparse) return 0;
    const text = field < 0 ? "" : trimWhiteSpace(fieldText(row, field, problems));
    if (text === "") {
      if (!missingRealsAsNaNs && !lenient) {
        problems.add(
          `${place(bound, position)} is empty where a number is due.`,
          "Write a number, or set missingRealsAsNaNs: true to read it as NaN.",
        );
      }
      return missing;
    }
    const value = read(text, decimalMarker);
    if (value !== undefined) return value;
    problems.add(
      `${place(bound, position)} is ${showValue(text)}, which is not a number with decimal marker ${JSON.stringify(decimalMarker)}.`,
      'Correct it, load the column as type "text", or set lenient: true to read such values as NaN.',
    );
    return Number.NaN;
  };
}

function fieldText({ fields }: Row, field: number, problems: LoadProblems): string {
  return decodeField(fields.bytesOf(field), fields.startOf(field), fields.endOf(field), problems);
}

function place(bound: BoundColumn, position: number): string {
  const field = bound.isRange ? ` (field ${position})` : "";
  return `column ${JSON.stringify(bound.name)}${field}`;
}

class RealBuilder implements ColumnBuilder {
  readonly #position: number;
  readonly #precision: Precision;
  readonly #read: (row: Row, position: number) => number;
  readonly #values: Growing<Float32Array | Float64Array>;

  constructor(context: BuilderContext, type: "number" | "single") {
    this.#position = context.bound.positions[0]!;
    this.#precision = type === "single" ? "single" : "double";
    this.#read = realReader(context);
    this.#values = new Growing((length) =>
      type === "single" ? new Float32Array(length) : new Float64Array(length),
    );
  }

  add(row: Row): void {
    this.#values.push(this.#read(row, this.#position));
  }

  finish(): Column {
    return { kind: "number", precision: this.#precision, values: this.#values.finish() };
  }
}

class VectorBuilder implements ColumnBuilder {
  readonly #bound: BoundColumn;
  readonly #read: (row: Row, position: number) => number;
  readonly #values = new Growing((length) => new Float32Array(length));
  #rowCount = 0;

  constructor(context: BuilderContext) {
    this.#bound = context.bound;
    this.#read = realReader(context);
  }

  add(row: Row): void {
    for (const position of this.#bound.positions) this.#values.push(this.#read(row, position));
    this.#rowCount++;
  }

  finish(): Column {
    const { positions, slotNames } = this.#bound;
    const size = positions.length;
    return {
      kind: "vector",
      size,
      ...(slotNames && { slotNames }),
      matrix: {
        layout: "dense",
        rowCount: this.#rowCount,
        columnCount: size,
        values: this.#values.finish(),
      },
    };
  }
}

/** A builder of values that ML.NET refuses to guess at: what cannot be read is an error, lenient or not. */
abstract class ExactBuilder implements ColumnBuilder {
  refused: DualTextError | undefined;
  readonly #context: BuilderContext;

  constructor(context: BuilderContext) {
    this.#context = context;
  }

  /** The text of the field, "" when it is absent or empty. */
  protected text(row: Row): string {
    const field = row.fieldAt(this.#context.bound.positions[0]!);
    return field < 0 ? "" : fieldText(row, field, this.#context.problems);
  }

  /** @param sort what the value should have been. */
  protected refuse(text: string, sort: string): void {
    const { bound, problems } = this.#context;
    const what = text === "" ? "is empty" : `is ${showValue(text)}`;
    const error = problems.error(
      `${place(bound, bound.positions[0]!)} ${what}, but must be ${sort}. Correct it, or load the column as type "text".`,
    );
    if (!problems.lenient) throw error;
    this.refused ??= error;
  }

  abstract add(row: Row): void;
  abstract finish(): Column;
}

class IntegerBuilder extends ExactBuilder {
  readonly #type: IntegerType;
  readonly #sort: string;
  /** Whether an empty field stands for 0. */
  readonly #emptyIsZero: boolean;
  readonly #values: Growing<Int32Array> | Growing<BigInt64Array>;

  constructor(context: BuilderContext, type: IntegerType) {
    super(context);
    const { least, greatest, precision } = integerTypes[type];
    this.#type = type;
    this.#sort = `an integer from ${least} to ${greatest}, in digits`;
    // ML.NET records empty fields when it is to tell them from 0, and then fails to read them as unsigned integers.
    this.#emptyIsZero = context.settings.lenient && !(context.settings.missingRealsAsNaNs && least === 0n);
    this.#values =
      precision === "int32"
        ? new Growing((length) => new Int32Array(length))
        : new Growing((length) => new BigInt64Array(length));
  }

  add(row: Row): void {
    const text = this.text(row);
    const value = text === "" && (this.#emptyIsZero || row.isSparse) ? 0n : readInteger(text, this.#type);
    if (value === undefined) this.refuse(text, this.#sort);
    this.#push(value ?? 0n);
  }

  #push(value: bigint): void {
    if (integerTypes[this.#type].precision === "int32")
      (this.#values as Growing<Int32Array>).push(Number(value));
    else (this.#values as Growing<BigInt64Array>).push(value);
  }

  finish(): Column {
    return { kind: "number", precision: integerTypes[this.#type].precision, values: this.#values.finish() };
  }
}

class BooleanBuilder extends ExactBuilder {
  readonly #emptyIsFalse: boolean;
  readonly #values = new Growing((length) => new Uint8Array(length));

  constructor(context: BuilderContext) {
    super(context);
    this.#emptyIsFalse = context.settings.lenient;
  }

  add(row: Row): void {
    const text = this.text(row);
    const value = text === "" && (this.#emptyIsFalse || row.isSparse) ? false : readBoolean(text);
    if (value === undefined) this.refuse(text, "true, t, yes, y, 1, +1, +, false, f, no, n, 0, -1 or -");
    this.#values.push(value ? 1 : 0);
  }

  finish(): Column {
    return { kind: "boolean", values: this.#values.finish() };
  }
}

class KeyBuilder implements ColumnBuilder {
  readonly #bound: BoundColumn;
  readonly #problems: LoadProblems;
  readonly #keys = new Growing((length) => new Uint32Array(length));

  constructor({ bound, problems }: BuilderContext) {
    this.#bound = bound;
    this.#problems = problems;
  }

  add(row: Row): void {
    const { count } = this.#bound;
    const position = this.#bound.positions[0]!;
    const field = row.fieldAt(position);
    const text = field < 0 ? "" : fieldText(row, field, this.#problems);
    const key = text === "" ? 0 : readKey(text, count);
    if (key === undefined) {
      this.#problems.add(
        `${place(this.#bound, position)} is ${showValue(text)}, which is not a key from 0 to ${count - 1}.`,
        "Correct it, raise count, or set lenient: true to read such values as missing.",
      );
    }
    this.#keys.push(key ?? 0);
  }

  finish(): Column {
    return { kind: "key", count: this.#bound.count, keys: this.#keys.finish() };
  }
}
