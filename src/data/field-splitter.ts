import { isWhiteSpace } from "./field-values.js";
import type { LoadSettings } from "./load-settings.js";

const SPACE = 0x20;
const QUOTE = 0x22;
const COLON = 0x3a;

const encoder = new TextEncoder();

/** What is wrong with a quoted field. Such a field is empty. */
export type QuoteProblem = "text after the closing quote" | "no closing quote";

/**
 * Splits lines into fields by ML.NET's rules. Spaces before a field are not part of it (unless space separates), spaces
 * after it are. Inside one line, fields are spans of its bytes; only a quoted field with escapes is copied.
 */
export class FieldSplitter {
  /** Fields of the line last split. */
  count = 0;
  /** Whether the line goes on after the fields that were asked for. */
  hasMore = false;
  /** Position, from 0, of the first field that breaks the rules of quoting, and what is wrong with it. */
  problem: { readonly field: number; readonly kind: QuoteProblem } | undefined;

  #starts = new Int32Array(16);
  #ends = new Int32Array(16);
  #sparseIndices = new Int32Array(16);
  #copied = new Uint8Array(16);
  #bytes: Uint8Array = new Uint8Array(0);
  /** Texts of quoted fields with escapes, one after the other. */
  #unescaped = new Uint8Array(0);
  #unescapedLength = 0;

  readonly #separators: readonly Uint8Array[];
  /** The separator's byte when there is one separator and it is ASCII, else −1. */
  readonly #separatorByte: number;
  readonly #isSeparatorStart = new Uint8Array(256);
  readonly #skipsSpaces: boolean;
  readonly #quoting: boolean;
  readonly #escape: number;
  readonly #sparse: boolean;
  readonly #trim: boolean;
  /** With one separator byte: where it was last searched from and found. It serves for the positions between. */
  #searchedFrom = 0;
  #nextSeparator = -1;
  #separatorLength = 1;

  constructor(settings: LoadSettings) {
    this.#separators = settings.separators.map((separator) => encoder.encode(separator));
    const [only] = this.#separators;
    this.#separatorByte = this.#separators.length === 1 && only!.length === 1 ? only![0]! : -1;
    for (const separator of this.#separators) this.#isSeparatorStart[separator[0]!] = 1;
    this.#skipsSpaces = !settings.separators.includes(" ");
    this.#quoting = settings.quoting;
    this.#escape = settings.escapeChar.charCodeAt(0);
    this.#sparse = settings.sparse;
    this.#trim = settings.trimWhitespace;
  }

  /** Must be called when the bytes of an array already seen may have changed. */
  forgetBytes(): void {
    this.#bytes = new Uint8Array(0);
  }

  /** Splits bytes start … end − 1, one line without its line end, into at most `limit` fields. */
  split(bytes: Uint8Array, start: number, end: number, limit: number): void {
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#nextSeparator = -1;
    }
    this.count = 0;
    this.hasMore = false;
    this.problem = undefined;
    this.#unescapedLength = 0;
    const lineEnd = this.#trim ? withoutEndingSpace(bytes, start, end) : end;
    let position = start;
    for (;;) {
      if (this.#skipsSpaces) while (position < lineEnd && bytes[position] === SPACE) position++;
      if (this.count === this.#starts.length) this.#grow();
      const field = this.count++;
      this.#copied[field] = 0;
      this.#sparseIndices[field] = -1;
      if (this.#sparse) position = this.#readSparseIndex(position, lineEnd, field);
      if (this.#quoting && position < lineEnd && bytes[position] === QUOTE) {
        position = this.#readQuoted(position + 1, lineEnd, field);
      } else {
        this.#starts[field] = position;
        position = this.#findSeparator(position, lineEnd);
        this.#ends[field] = position;
      }
      if (position >= lineEnd) return;
      position += this.#separatorLength;
      if (this.count >= limit) {
        this.hasMore = true;
        return;
      }
    }
  }

  isEmpty(field: number): boolean {
    return this.#starts[field] === this.#ends[field];
  }

  /** The array that holds a field: its bytes are startOf … endOf − 1. */
  bytesOf(field: number): Uint8Array {
    return this.#copied[field] === 1 ? this.#unescaped : this.#bytes;
  }

  startOf(field: number): number {
    return this.#starts[field]!;
  }

  endOf(field: number): number {
    return this.#ends[field]!;
  }

  /** The number before the colon of a sparse field, −1 for others. */
  sparseIndex(field: number): number {
    return this.#sparseIndices[field]!;
  }

  /** Whether a line ends inside a quoted field. @param inside whether it begins inside one. */
  endsInsideQuotes(bytes: Uint8Array, start: number, end: number, inside: boolean): boolean {
    let position = start;
    let quoted = inside;
    for (;;) {
      if (!quoted) {
        if (this.#skipsSpaces) while (position < end && bytes[position] === SPACE) position++;
        quoted = position < end && bytes[position] === QUOTE;
        if (quoted) position++;
      }
      if (quoted) {
        position = this.#skipToClosingQuote(bytes, position, end);
        if (position > end) return true;
        // With an escape character of its own, ML.NET's check takes every closed quoted field for an error.
        if (this.#escape !== QUOTE) return false;
        if (this.#skipsSpaces) while (position < end && bytes[position] === SPACE) position++;
        if (position < end && this.#separatorLengthAt(bytes, position, end) === 0) return false;
        quoted = false;
      } else {
        while (position < end && this.#separatorLengthAt(bytes, position, end) === 0) position++;
      }
      if (position >= end) return false;
      position += this.#separatorLengthAt(bytes, position, end);
    }
  }

  /** The position after the closing quote, or end + 1 when there is none. */
  #skipToClosingQuote(bytes: Uint8Array, from: number, end: number): number {
    for (let position = from; position < end; position++) {
      const byte = bytes[position];
      if (byte === this.#escape && position + 1 < end && (byte !== QUOTE || bytes[position + 1] === QUOTE)) {
        position++;
      } else if (byte === QUOTE) return position + 1;
    }
    return end + 1;
  }

  #readQuoted(from: number, end: number, field: number): number {
    const bytes = this.#bytes;
    let position = this.#skipToClosingQuote(bytes, from, end);
    if (position > end) {
      this.#spoil(field, "no closing quote");
      return end;
    }
    this.#setQuoted(from, position - 1, field);
    if (this.#skipsSpaces) while (position < end && bytes[position] === SPACE) position++;
    const next = this.#findSeparator(position, end);
    if (next > position) this.#spoil(field, "text after the closing quote");
    return next;
  }

  #setQuoted(from: number, to: number, field: number): void {
    const bytes = this.#bytes;
    const escapeByte = this.#escape;
    let escaped = from;
    while (escaped < to && !(bytes[escaped] === escapeByte && bytes[escaped + 1] === QUOTE)) {
      // An escape character before anything else stays, and so does what it stands before.
      escaped += bytes[escaped] === escapeByte ? 2 : 1;
    }
    if (escaped >= to) {
      this.#starts[field] = from;
      this.#ends[field] = to;
      return;
    }
    if (this.#unescaped.length < this.#unescapedLength + to - from) {
      const larger = new Uint8Array(2 * (this.#unescapedLength + to - from));
      larger.set(this.#unescaped.subarray(0, this.#unescapedLength));
      this.#unescaped = larger;
    }
    let length = this.#unescapedLength;
    this.#starts[field] = length;
    for (let position = from; position < to; position++) {
      if (bytes[position] === escapeByte && position + 1 < to) {
        if (bytes[position + 1] !== QUOTE) this.#unescaped[length++] = escapeByte;
        position++;
      }
      this.#unescaped[length++] = bytes[position]!;
    }
    this.#ends[field] = length;
    this.#copied[field] = 1;
    this.#unescapedLength = length;
  }

  #spoil(field: number, kind: QuoteProblem): void {
    this.#copied[field] = 0;
    this.#starts[field] = 0;
    this.#ends[field] = 0;
    this.problem ??= { field, kind };
  }

  #readSparseIndex(from: number, end: number, field: number): number {
    let position = from;
    let index = 0;
    while (position < end && position - from < 9) {
      const digit = this.#bytes[position]! - 0x30;
      if (digit < 0 || digit > 9) break;
      index = index * 10 + digit;
      position++;
    }
    if (position === from || position >= end || this.#bytes[position] !== COLON) return from;
    this.#sparseIndices[field] = index;
    return position + 1;
  }

  #findSeparator(from: number, end: number): number {
    if (this.#separatorByte >= 0) {
      if (this.#nextSeparator < from || from < this.#searchedFrom) {
        this.#searchedFrom = from;
        const at = this.#bytes.indexOf(this.#separatorByte, from);
        this.#nextSeparator = at < 0 ? this.#bytes.length : at;
      }
      return Math.min(this.#nextSeparator, end);
    }
    for (let position = from; position < end; position++) {
      const length = this.#separatorLengthAt(this.#bytes, position, end);
      if (length > 0) {
        this.#separatorLength = length;
        return position;
      }
    }
    return end;
  }

  #separatorLengthAt(bytes: Uint8Array, position: number, end: number): number {
    if (this.#isSeparatorStart[bytes[position]!] === 0) return 0;
    for (const separator of this.#separators) {
      if (position + separator.length <= end && separator.every((byte, i) => bytes[position + i] === byte)) {
        return separator.length;
      }
    }
    return 0;
  }

  #grow(): void {
    const grown = <A extends Int32Array | Uint8Array>(array: A): A => {
      const larger = new (array.constructor as new (length: number) => A)(array.length * 2);
      larger.set(array);
      return larger;
    };
    this.#starts = grown(this.#starts);
    this.#ends = grown(this.#ends);
    this.#sparseIndices = grown(this.#sparseIndices);
    this.#copied = grown(this.#copied);
  }
}

/** The end of a line without its trailing white space, which may be several bytes a character. */
function withoutEndingSpace(bytes: Uint8Array, start: number, end: number): number {
  let trimmed = end;
  for (;;) {
    let first = trimmed - 1;
    while (first > start && (bytes[first]! & 0xc0) === 0x80) first--;
    if (first < start) return trimmed;
    const [a, b = 0, c = 0] = bytes.subarray(first, trimmed);
    const length = trimmed - first;
    const unit =
      length === 1
        ? a!
        : length === 2
          ? ((a! & 0x1f) << 6) | (b & 0x3f)
          : ((a! & 0x0f) << 12) | ((b & 0x3f) << 6) | (c & 0x3f);
    if (length > 3 || (length === 1 && a! > 0x7f) || !isWhiteSpace(unit)) return trimmed;
    trimmed = first;
  }
}
