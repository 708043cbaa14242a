import { DualTextError } from "../errors.js";
import { type BoundColumn, bindColumns } from "./column-binding.js";
import { type ColumnBuilder, columnBuilder } from "./column-builders.js";
import { type Column, typeOf } from "./columns.js";
import { Dataset } from "./dataset.js";
import { Utf8Transcoder } from "./encoding.js";
import { FieldSplitter } from "./field-splitter.js";
import { decodeField } from "./field-texts.js";
import { trimWhiteSpace } from "./field-values.js";
import { concatenate, LineReader } from "./line-reader.js";
import type { LoadReport } from "./load-options.js";
import { LoadProblems, showValue } from "./load-problems.js";
import type { LoadSettings } from "./load-settings.js";
import { type FieldTaker, PlainRows } from "./plain-rows.js";
import { Row } from "./row.js";

const SLASH = 0x2f;
const HASH = 0x23;
const LF = Uint8Array.of(0x0a);
/** Lines on which ML.NET settles how long a range to the end of the line is. */
const LINES_TO_END = 100;

/**
 * Reads delimited text, file after file and piece by piece, into columns: which lines count, what a header is, and
 * which lines have too few or too many fields. The rules are ML.NET's; strict settings turn what it passes over into
 * errors.
 */
export class DelimitedParser {
  readonly #settings: LoadSettings;
  readonly #problems: LoadProblems;
  readonly #fields: FieldSplitter;
  readonly #row: Row;

  #lines: LineReader;
  #transcoder: Utf8Transcoder;
  #header: string[] | undefined;
  #bound: BoundColumn[] | undefined;
  #builders: ColumnBuilder[] = [];
  /** Undefined before columns are bound, and where rows are not plain. */
  #plainRows: PlainRows | undefined;
  /** Fields that a line needs, and fields that it may have. */
  #needed = 0;
  #width = Number.POSITIVE_INFINITY;

  /** Of the present file: the lines read, whether one was kept, whether a NUL was seen. */
  #line = 0;
  #hasKept = false;
  #hasNul = false;
  /** The lines of a record whose quoted field is still open. */
  #record: Uint8Array[] = [];

  #rowCount = 0;
  #lineCount = 0;
  #headerLineCount = 0;
  #commentLineCount = 0;
  #emptyLineCount = 0;

  constructor(settings: LoadSettings) {
    this.#settings = settings;
    this.#problems = new LoadProblems(settings.lenient);
    this.#fields = new FieldSplitter(settings);
    this.#row = new Row(this.#fields, settings.inputSize);
    this.#lines = this.#newLines();
    this.#transcoder = new Utf8Transcoder(!settings.lenient);
  }

  /** Whether `maxRows` is reached, so that nothing more need be read. */
  get isFull(): boolean {
    return this.#rowCount >= this.#settings.maxRows;
  }

  startFile(name: string | undefined): void {
    this.#problems.sourceName = name;
    this.#problems.line = 0;
    this.#line = 0;
    this.#hasKept = false;
    this.#hasNul = false;
    this.#lines = this.#newLines();
    this.#transcoder = new Utf8Transcoder(!this.#settings.lenient);
  }

  push(bytes: Uint8Array): void {
    if (!this.isFull) this.#take(() => this.#transcoder.push(bytes));
  }

  endFile(): void {
    if (!this.isFull) {
      this.#take(() => this.#transcoder.end());
      this.#lines.end();
    }
    if (this.#record.length > 0 && !this.isFull) {
      throw this.#problems.error(
        'a quoted field that begins in this record is still open at the end of the file. Close it with ", or set multiline: false.',
      );
    }
    this.#lineCount += this.#line;
  }

  report(): LoadReport {
    return {
      rowCount: this.#rowCount,
      lineCount: this.#lineCount,
      headerLineCount: this.#headerLineCount,
      commentLineCount: this.#commentLineCount,
      emptyLineCount: this.#emptyLineCount,
      badFieldCount: this.#problems.count,
      badFields: this.#problems.first,
    };
  }

  /** The columns. Throws `empty-input` when there are no rows, unless lenient. @param input what errors call it all. */
  finish(input: string): Dataset {
    if (this.#rowCount === 0) {
      if (!this.#settings.lenient) throw this.#emptyInput(input);
      this.#bind(this.#header?.length ?? 0);
    }
    const columns: [name: string, column: Column][] = [];
    const refused: [name: string, column: Column, error: DualTextError][] = [];
    this.#builders.forEach((builder, i) => {
      const { name } = this.#bound![i]!;
      const column = builder.finish();
      columns.push([name, column]);
      if (builder.refused) refused.push([name, column, builder.refused]);
    });
    return refused.reduce<Dataset>(
      (data, [name, column, error]) =>
        data.with(name, typeOf(column), () => {
          throw error;
        }),
      Dataset.of(Object.fromEntries(columns)),
    );
  }

  #newLines(): LineReader {
    return new LineReader(
      (bytes, start, end) => this.#takeLine(bytes, start, end),
      (bytes, from, nextCr) => this.#takePlainRows(bytes, from, nextCr),
    );
  }

  #take(transcode: () => Uint8Array): void {
    let bytes: Uint8Array;
    try {
      bytes = transcode();
    } catch (cause) {
      throw this.#problems.error(
        "the text after this line is not valid in the encoding that the byte order mark names. Convert the file to UTF-8, or set lenient: true.",
        "bad-line",
        cause,
      );
    }
    this.#hasNul ||= !this.#settings.lenient && bytes.includes(0);
    this.#fields.forgetBytes();
    this.#lines.push(bytes);
  }

  #takePlainRows(bytes: Uint8Array, from: number, nextCr: number): number {
    if (!this.#plainRows || !this.#hasKept || this.#hasNul || this.#record.length > 0) return from;
    // The last one goes the long way, at the end of which reading stops.
    const most = this.#settings.maxRows - this.#rowCount - 1;
    return this.#plainRows.take(bytes, from, nextCr, most, this.#startPlainRow);
  }

  readonly #startPlainRow = (): void => {
    this.#problems.line = ++this.#line;
    this.#rowCount++;
  };

  #takeLine(bytes: Uint8Array, start: number, end: number): boolean {
    this.#line++;
    if (this.#record.length > 0) return this.#continueRecord(bytes, start, end);
    this.#problems.line = this.#line;
    if (start === end) {
      this.#emptyLineCount++;
      return true;
    }
    if (this.#settings.comments && this.#isComment(bytes, start, end)) {
      this.#commentLineCount++;
      return true;
    }
    const { quoting, multiline } = this.#settings;
    if (quoting && multiline && this.#fields.endsInsideQuotes(bytes, start, end, false)) {
      this.#record = [bytes.slice(start, end)];
      return true;
    }
    return this.#takeRecord(bytes, start, end);
  }

  #continueRecord(bytes: Uint8Array, start: number, end: number): boolean {
    this.#record.push(LF, bytes.slice(start, end));
    if (this.#fields.endsInsideQuotes(bytes, start, end, true)) return true;
    const record = concatenate(this.#record);
    this.#record = [];
    return this.#takeRecord(record, 0, record.length);
  }

  #isComment(bytes: Uint8Array, start: number, end: number): boolean {
    if (bytes[start] === HASH) return !this.#hasKept;
    return bytes[start] === SLASH && start + 1 < end && bytes[start + 1] === SLASH;
  }

  #takeRecord(bytes: Uint8Array, start: number, end: number): boolean {
    const isFirst = !this.#hasKept;
    this.#hasKept = true;
    if (this.#hasNul && bytes.subarray(start, end).includes(0)) {
      throw this.#problems.error(
        "the line holds a NUL character (U+0000). If the file is UTF-16 without a byte order mark, convert it to UTF-8; else remove the character, or set lenient: true to keep it.",
      );
    }
    if (isFirst && this.#settings.hasHeader) {
      this.#headerLineCount++;
      this.#takeHeader(bytes, start, end);
      return true;
    }
    this.#takeRow(bytes, start, end);
    return !this.isFull;
  }

  #takeHeader(bytes: Uint8Array, start: number, end: number): void {
    const fields = this.#fields;
    fields.split(bytes, start, end, Number.POSITIVE_INFINITY);
    this.#checkQuoting();
    const names = Array.from({ length: fields.count }, (_, field) =>
      trimWhiteSpace(
        decodeField(fields.bytesOf(field), fields.startOf(field), fields.endOf(field), this.#problems),
      ),
    );
    if (!this.#header) {
      this.#header = names;
      return;
    }
    const differs =
      this.#header.length !== names.length || names.some((name, i) => name !== this.#header![i]);
    if (differs && !this.#settings.lenient) {
      throw this.#problems.error(
        `the header is ${showValue(names.join(", "))}, but the first file has ${showValue(this.#header.join(", "))}. Files loaded together need the same header.`,
      );
    }
  }

  #takeRow(bytes: Uint8Array, start: number, end: number): void {
    const { lenient, sparse } = this.#settings;
    const fields = this.#fields;
    if (!this.#bound) {
      fields.split(bytes, start, end, Number.POSITIVE_INFINITY);
      this.#bind(fields.count);
    }
    const limit = sparse ? Number.POSITIVE_INFINITY : lenient ? this.#lenientLimit() : this.#width;
    fields.split(bytes, start, end, limit);
    this.#checkQuoting();
    if (sparse) {
      const problem = this.#row.arrangeSparse();
      if (problem)
        this.#problems.add(`${problem}.`, "Correct the line, or set lenient: true to use it up to there.");
    }
    if (!this.#row.isSparse) this.#checkWidth(bytes, start, end);
    for (const builder of this.#builders) builder.add(this.#row);
    this.#rowCount++;
  }

  #bind(width: number): void {
    const bound = bindColumns(this.#settings, this.#header, width, this.#problems);
    this.#bound = bound;
    this.#builders = bound.map((column) => columnBuilder(column, this.#settings, this.#problems));
    this.#needed = 1 + bound.reduce((last, { positions }) => Math.max(last, ...positions), 0);
    this.#width = this.#header?.length ?? width;
    const takers = this.#builders.flatMap(({ takeField }, i): FieldTaker[] =>
      takeField ? [{ position: bound[i]!.positions[0]!, take: takeField }] : [],
    );
    if (takers.length === bound.length) this.#plainRows = PlainRows.of(this.#settings, this.#width, takers);
  }

  /** ML.NET stops at the last field wanted, but looks at whole lines while it settles ranges to the end of the line. */
  #lenientLimit(): number {
    const settling = this.#rowCount < LINES_TO_END && this.#bound!.some(({ toEnd }) => toEnd);
    return settling ? Number.POSITIVE_INFINITY : this.#needed;
  }

  #checkQuoting(): void {
    const { problem } = this.#fields;
    if (!problem) return;
    const remedy =
      problem.kind === "no closing quote"
        ? 'Close it (set multiline: true if it goes on in the next line), or set quoting: false if " is ordinary text.'
        : 'Write "" for a quote inside a quoted field, or set quoting: false if " is ordinary text.';
    this.#problems.add(`field ${problem.field} (numbered from 0) is quoted and has ${problem.kind}.`, remedy);
  }

  /** Finds lines that would lose fields or lack them. */
  #checkWidth(bytes: Uint8Array, start: number, end: number): void {
    const { count, hasMore } = this.#fields;
    if (count === this.#needed && !hasMore) return;
    const toEnd = this.#bound!.find((column) => column.toEnd);
    if (toEnd && count !== this.#needed && (!this.#settings.lenient || this.#rowCount < LINES_TO_END)) {
      throw this.#problems.error(
        `the line has ${count} fields and the first row ${this.#needed}, but column ${JSON.stringify(toEnd.name)} goes to the end of the line. Give its range an end, or correct the line.`,
      );
    }
    if (this.#settings.lenient) return;
    if (count < this.#needed) {
      const missing = this.#bound!.find(({ positions }) => positions.some((position) => position >= count))!;
      throw this.#problems.error(
        `the line has ${count} ${count === 1 ? "field" : "fields"}, but column ${JSON.stringify(missing.name)} is field ${Math.max(...missing.positions)} (numbered from 0). Correct the line or the separator, or set lenient: true to read absent fields as empty.`,
      );
    }
    if (hasMore) this.#checkRest(bytes, start, end);
  }

  /** Fields beyond those of the header or the first row may be empty, else something would be lost. */
  #checkRest(bytes: Uint8Array, start: number, end: number): void {
    this.#fields.split(bytes, start, end, Number.POSITIVE_INFINITY);
    const { count } = this.#fields;
    for (let field = this.#width; field < count; field++) {
      if (this.#fields.isEmpty(field)) continue;
      throw this.#problems.error(
        `the line has ${count} fields, but the ${this.#header ? "header" : "first row"} has ${this.#width}. If the separator is part of a value, quote the value and set quoting: true, or choose another separator; lenient: true ignores the other fields.`,
      );
    }
  }

  #emptyInput(input: string): DualTextError {
    const dropped = this.#commentLineCount;
    const [what, remedy] =
      this.#lineCount === 0
        ? ["is empty", "It must hold a line for each row."]
        : this.#headerLineCount > 0
          ? ["has a header but no rows", "Add rows, or set hasHeader: false if the first line is one."]
          : ["has only empty lines and comments, no rows", "It must hold a line for each row."];
    const dropping = `Dropped as comments: ${dropped} lines that begin with // or #; comments: false keeps them.`;
    return new DualTextError("empty-input", `${input} ${what}. ${dropped === 0 ? remedy : dropping}`);
  }
}
