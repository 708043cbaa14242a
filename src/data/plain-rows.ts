import type { LoadSettings } from "./load-settings.js";

const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const SLASH = 0x2f;

/** Takes the bytes start … end − 1 of an array as a column's field of the next row. */
export type TakeField = (bytes: Uint8Array, start: number, end: number) => void;

/** Where fields go: a position in the line, and who takes what stands there. */
export interface FieldTaker {
  readonly position: number;
  readonly take: TakeField;
}

/**
 * Reads rows of a delimited file in which nothing is special, many at once: one separator of one byte, as many fields as all
 * rows have, no quotes, no comment, ended by LF or CR LF. Whatever is not so it leaves to those who know the rules.
 */
export class PlainRows {
  readonly #takers: readonly FieldTaker[];
  readonly #separator: number;
  readonly #quoting: boolean;
  readonly #skipsSpaces: boolean;
  /** Of the row: where its fields begin and end. */
  readonly #starts: Int32Array;
  readonly #ends: Int32Array;

  /** Undefined where rows may not be plain by the settings. @param width fields of a row */
  static of(settings: LoadSettings, width: number, takers: readonly FieldTaker[]): PlainRows | undefined {
    const { lenient, sparse, trimWhitespace, separators } = settings;
    const [separator = ""] = separators;
    const isOneByte = separators.length === 1 && separator.length === 1 && separator.charCodeAt(0) < 0x80;
    const haveFields = takers.every(({ position }) => position < width);
    if (lenient || sparse || trimWhitespace || !isOneByte || !haveFields) return undefined;
    return new PlainRows(settings, separator.charCodeAt(0), width, takers);
  }

  private constructor(
    { quoting }: LoadSettings,
    separator: number,
    width: number,
    takers: readonly FieldTaker[],
  ) {
    this.#takers = takers;
    this.#separator = separator;
    this.#quoting = quoting;
    this.#skipsSpaces = separator !== SPACE;
    this.#starts = new Int32Array(width);
    this.#ends = new Int32Array(width);
  }

  /**
   * Takes plain rows from a position on, up to `most`, until the first line that is another or not whole; returns where that
   * begins. What costs must be near `from`, as it may be called for each line.
   * @param firstCr the first CR from there on, or the array's end @param onRow called before the fields of a row are taken
   */
  take(bytes: Uint8Array, from: number, firstCr: number, most: number, onRow: () => void): number {
    const separator = this.#separator;
    const quoting = this.#quoting;
    const skipsSpaces = this.#skipsSpaces;
    const [starts, ends, takers] = [this.#starts, this.#ends, this.#takers];
    const width = starts.length;
    let position = from;
    let nextCr = firstCr;
    let nextSeparator = -1;
    for (let rows = 0; rows < most; rows++) {
      const lf = bytes.indexOf(LF, position);
      if (lf <= position || bytes[position] === SLASH) return position;
      let end = lf;
      if (nextCr < lf) {
        end--;
        if (nextCr !== end || end === position) return position;
        nextCr = find(bytes, CR, lf);
      }
      let field = 0;
      for (let start = position; ; start = nextSeparator + 1) {
        if (field === width) return position;
        if (skipsSpaces) while (start < end && bytes[start] === SPACE) start++;
        if (quoting && start < end && bytes[start] === QUOTE) return position;
        if (nextSeparator < start) nextSeparator = find(bytes, separator, start);
        starts[field] = start;
        ends[field++] = Math.min(nextSeparator, end);
        if (nextSeparator >= end) break;
      }
      if (field !== width) return position;
      onRow();
      for (let i = 0; i < takers.length; i++) {
        const { position: at, take } = takers[i]!;
        take(bytes, starts[at]!, ends[at]!);
      }
      position = lf + 1;
    }
    return position;
  }
}

/** The first place of a byte from a position on, or the array's end. */
export function find(bytes: Uint8Array, byte: number, from: number): number {
  const at = bytes.indexOf(byte, from);
  return at < 0 ? bytes.length : at;
}
