import type { RunOptions } from "../stage.js";
import type { ColumnKind } from "./columns.js";
import type { IntegerType } from "./field-values.js";

/** How the fields of a scalar column are read. */
export type FieldType = "text" | "number" | "single" | IntegerType | "boolean" | "key";

/** Where a field is: the position in the line, from 0, or the name in the header. */
export type FieldPlace = { readonly index: number } | { readonly name: string };

/**
 * One field of each line. "number" is double precision, "single" single precision, "int64" and "uint32" columns hold
 * bigints. A "key" field holds 0 … count − 1 and becomes key 1 … count; an empty one becomes key 0, missing.
 * Default type: "text".
 */
export type ScalarOption = FieldPlace &
  (
    | { readonly type?: Exclude<FieldType, "key"> }
    /** `count`: number of distinct keys, at least 1. */
    | { readonly type: "key"; readonly count: number }
  );

/**
 * Several fields of each line as one column: "text" (the default) gives a column of texts, "single" or "number" a
 * dense vector, which holds single precision either way. `range` goes from its first to its last position inclusive;
 * without a last one, to the end of the first line, and all lines must then be as long. `indices` lists positions.
 */
export type RangeOption = (
  | { readonly range: readonly [first: number, last?: number] }
  | { readonly indices: readonly number[] }
) & { readonly type?: "text" | "single" | "number" };

/** A number is short for the text field at that position. */
export type ColumnOption = number | ScalarOption | RangeOption;
export type ColumnOptions = Readonly<Record<string, ColumnOption>>;

type ScalarKind<T> = T extends "text" | "boolean" | "key" ? T : "number";
type KindOf<O> = O extends number
  ? "text"
  : O extends { readonly range: unknown } | { readonly indices: unknown }
    ? O extends { readonly type: "single" | "number" }
      ? "vector"
      : "texts"
    : O extends { readonly type: infer T extends FieldType }
      ? ScalarKind<T>
      : "text";

/** The schema that column options give; `any` without them. */
export type SchemaOf<C> = C extends ColumnOptions
  ? { -readonly [N in keyof C]: KindOf<C[N]> extends infer K extends ColumnKind ? K : never }
  : any;

/** What loading counted. Nothing is left out of a dataset without being counted here. */
export interface LoadReport {
  readonly rowCount: number;
  /** Lines of all files, the ones dropped included. */
  readonly lineCount: number;
  /** One for each file with a header. */
  readonly headerLineCount: number;
  /** Lines dropped because they begin with `//`, or with `#` above the first other line of their file. */
  readonly commentLineCount: number;
  readonly emptyLineCount: number;
  /** Lenient loading only: fields that could not be read and became empty, missing or NaN. */
  readonly badFieldCount: number;
  /** Messages on the first ten of them. */
  readonly badFields: readonly string[];
}

export interface LoadOptions<C extends ColumnOptions | undefined = ColumnOptions | undefined>
  extends RunOptions {
  /**
   * The columns to load. Default: every column of the header, as text, under its name there; `hasHeader` must then be
   * set. (Lenient loading without a header: ML.NET's default, `Label` = field 0 and `Features` = the others, single.)
   */
  readonly columns?: C;
  /**
   * A character, one of the words tab, comma, space, colon, semicolon, bar, or a list of these, each of which
   * separates. Not allowed: digits, `"`, control characters other than tab. Default tab.
   */
  readonly separator?: string | readonly string[];
  /** Whether the first line of each file that is neither empty nor a comment is a header. Default false. */
  readonly hasHeader?: boolean;
  /** Whether a field may be enclosed in `"`, so that separators can be part of it. Default false. */
  readonly quoting?: boolean;
  /** The character that makes a following `"` part of a quoted field. Default `"`, so `""` stands for `"`. */
  readonly escapeChar?: string;
  /** Whether a quoted field may hold line ends, each read as one LF. Needs `quoting`. Default false. */
  readonly multiline?: boolean;
  /** Whether white space at the end of a line is dropped. Default false. */
  readonly trimWhitespace?: boolean;
  /** The decimal marker of numbers. Default ".". */
  readonly decimalMarker?: "." | ",";
  /** Whether an empty number field is NaN. Default false: an error, or 0 when lenient. */
  readonly missingRealsAsNaNs?: boolean;
  /** Whether lines may hold `position:value` fields in place of all values. Default false. */
  readonly sparse?: boolean;
  /** Number of fields of a sparse line. Default: each line says it, in the field before the first sparse one. */
  readonly inputSize?: number;
  /** Rows after which loading stops. Default: no limit. */
  readonly maxRows?: number;
  /** Whether lines that begin with `//`, or with `#` above the first other line, are dropped. Default true. */
  readonly comments?: boolean;
  /**
   * Read as ML.NET does to the letter: absent fields are empty, 0 or false, numbers that cannot be read are NaN, invalid
   * UTF-8 becomes U+FFFD, fields after the last one wanted are ignored, and a file may have no rows. Default false: all
   * of these are errors that name the line.
   */
  readonly lenient?: boolean;
  /** Called once, before loading resolves. */
  readonly onReport?: (report: LoadReport) => void;
  /** What errors call the input. Default: the file's path, or nothing. */
  readonly sourceName?: string;
}
