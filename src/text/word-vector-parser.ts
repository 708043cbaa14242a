import { isWhiteSpace, trimWhiteSpace } from "../data/field-values.js";
import { LoadProblems, showValue } from "../data/load-problems.js";
import { DualTextError } from "../errors.js";
import { readSingleValue } from "./single-value.js";

const SPACE = 0x20;
const TAB = 0x09;
const REMEDY = "Repair the line, or set lenient: true to leave out such lines, as ML.NET does.";

/** Vectors of a file as they are gathered. */
export interface ParsedVectors {
  readonly dimension: number;
  readonly words: string[];
  /** f32[words][dimension] */
  readonly values: Float32Array;
  readonly duplicateCount: number;
  readonly skippedLineCount: number;
  readonly firstProblems: readonly string[];
}

/**
 * Reads the lines of a file of word vectors, by ML.NET's rules: the dimension is that of the first line after the first
 * that can be read; the first line counts when it fits the rest and its word is new. Lenient reading skips what breaks
 * the format; strict reading throws, except for a first line of two counts.
 */
export class WordVectorParser {
  readonly #problems: LoadProblems;
  readonly #maxWords: number;
  readonly #keep: ((word: string) => boolean) | undefined;
  readonly #decoder: TextDecoder;
  readonly #seen = new Set<string>();
  readonly #words: string[] = [];
  #values = new Float32Array(0);
  #dimension = 0;
  #firstLine: Uint8Array | undefined;
  #firstIsHeader = false;
  /** Words with a vector, whether kept or not. */
  #wordCount = 0;
  #duplicateCount = 0;
  /** The numbers of the line being read. */
  #numbers = new Float32Array(1024);

  /** @param keep words for which it says false are read and not kept. */
  constructor(
    name: string | undefined,
    lenient: boolean,
    maxWords: number,
    keep: ((word: string) => boolean) | undefined,
  ) {
    this.#problems = new LoadProblems(lenient);
    this.#problems.sourceName = name;
    this.#maxWords = maxWords;
    this.#keep = keep;
    this.#decoder = new TextDecoder("utf-8", { fatal: !lenient, ignoreBOM: true });
  }

  /** Takes a line without its end; returns whether to go on. */
  takeLine(bytes: Uint8Array, start: number, end: number): boolean {
    const line = ++this.#problems.line;
    if (line === 1) {
      this.#firstLine = bytes.slice(start, end);
      this.#firstIsHeader = this.#isHeader();
    } else this.#take(this.#trimmed(bytes.subarray(start, end)));
    // The first line, if it is no header, is one more word.
    return this.#wordCount + (this.#firstIsHeader ? 0 : 1) < this.#maxWords;
  }

  finish(): ParsedVectors {
    const problems = this.#problems;
    if (!this.#firstLine) {
      throw new DualTextError(
        "empty-input",
        `${problems.sourceName ?? "The input"} has no line: it holds no word vectors.`,
      );
    }
    const lineCount = problems.line;
    problems.line = 1;
    this.#takeFirst(this.#firstLine, lineCount);
    const { count: skippedLineCount, first: firstProblems } = problems;
    return {
      dimension: this.#dimension,
      words: this.#words,
      values: this.#values.subarray(0, this.#words.length * this.#dimension),
      duplicateCount: this.#duplicateCount,
      skippedLineCount,
      firstProblems,
    };
  }

  #take(line: Uint8Array): void {
    // A blank line breaks nothing.
    if (line.length === 0) return;
    const wordEnd = nextBreak(line, 0);
    const count = this.#readNumbers(line, wordEnd);
    if (count < 0) return;
    if (count === 0) {
      this.#problems.add(`${this.#wordOf(line, wordEnd)} has no numbers.`, REMEDY);
      return;
    }
    if (this.#dimension === 0) {
      this.#dimension = count;
      this.#checkBesideFirst(line, wordEnd, count);
    }
    if (count !== this.#dimension) {
      this.#problems.add(
        `${this.#wordOf(line, wordEnd)} has ${count} numbers, the lines before it ${this.#dimension}.`,
        REMEDY,
      );
      return;
    }
    this.#add(line, wordEnd);
  }

  /** Strict reading: the line that gives the dimension must have as many numbers as the first one, unless that is a header. */
  #checkBesideFirst(line: Uint8Array, wordEnd: number, count: number): void {
    if (this.#problems.lenient || this.#firstIsHeader) return;
    const first = this.#trimmed(this.#firstLine!);
    const expected = breakCount(first);
    if (count === expected) return;
    throw this.#problems.error(
      `${this.#wordOf(line, wordEnd)} has ${count} numbers, line 1, ${this.#wordOf(first, nextBreak(first, 0))}, has ${expected}. ${REMEDY}`,
    );
  }

  /** The first line, after all others. */
  #takeFirst(bytes: Uint8Array, lineCount: number): void {
    const { lenient } = this.#problems;
    const line = lenient ? bytes : this.#trimmed(bytes);
    const wordEnd = nextBreak(line, 0);
    if (lineCount === 1) this.#dimension = lenient ? breakCount(line) : 0;
    if (!lenient && this.#firstIsHeader && this.#headerFits(lineCount)) return;
    const count = this.#readNumbers(line, wordEnd);
    if (count < 0) return;
    if (this.#dimension === 0) {
      if (count > 0) this.#dimension = count;
      else throw this.#problems.error(`${this.#wordOf(line, wordEnd)} has no numbers. ${REMEDY}`);
    }
    if (count === this.#dimension) this.#add(line, wordEnd);
    else if (!lenient) {
      throw this.#problems.error(
        `${this.#wordOf(line, wordEnd)} has ${count} numbers, the other lines ${this.#dimension}. ${REMEDY}`,
      );
    }
  }

  /** Whether the first line, two counts, says what the file holds. Throws `bad-line` when the file has fewer lines. */
  #headerFits(lineCount: number): boolean {
    const [words, dimension] = this.#headerCounts();
    if (dimension !== this.#dimension) return false;
    if (words! > lineCount - 1 && this.#wordCount < this.#maxWords) {
      throw this.#problems.error(
        `it announces ${words} words, but only ${lineCount - 1} lines follow. The file is cut off: copy or download it again.`,
      );
    }
    return true;
  }

  #headerCounts(): number[] {
    return this.#decoder.decode(this.#firstLine).trim().split(/[ \t]/).map(Number);
  }

  /** Whether the first line is two whole numbers and nothing else. */
  #isHeader(): boolean {
    const line = this.#firstLine!;
    return line.length < 40 && /^\d+[ \t]\d+\s*$/.test(String.fromCharCode(...line));
  }

  #add(line: Uint8Array, wordEnd: number): void {
    const word = this.#decode(line.subarray(0, wordEnd));
    if (this.#seen.has(word)) {
      this.#duplicateCount++;
      return;
    }
    this.#seen.add(word);
    this.#wordCount++;
    if (this.#keep && !this.#keep(word)) return;
    const at = this.#words.length * this.#dimension;
    if (at + this.#dimension > this.#values.length) {
      const grown = new Float32Array(
        Math.max(at + this.#dimension, Math.ceil(1.5 * this.#values.length), 65_536),
      );
      grown.set(this.#values.subarray(0, at));
      this.#values = grown;
    }
    this.#values.set(this.#numbers.subarray(0, this.#dimension), at);
    this.#words.push(word);
  }

  /** Reads the numbers after a word into `#numbers`; returns how many, −1 when one is none (a problem, then added). */
  #readNumbers(line: Uint8Array, wordEnd: number): number {
    let count = 0;
    for (let at = wordEnd; at < line.length; ) {
      const first = at + 1;
      const end = nextBreak(line, first);
      const value = readSingleValue(line, first, end);
      if (value === undefined || (!this.#problems.lenient && !Number.isFinite(value))) {
        const text = showValue(decodeLoosely(line.subarray(first, end)));
        this.#problems.add(
          `${this.#wordOf(line, wordEnd)} has ${text} as number ${count + 1}; a vector consists of finite numbers, separated by single spaces or tabs.`,
          REMEDY,
        );
        return -1;
      }
      if (count === this.#numbers.length) {
        const grown = new Float32Array(2 * count);
        grown.set(this.#numbers);
        this.#numbers = grown;
      }
      this.#numbers[count++] = value;
      at = end;
    }
    return count;
  }

  #wordOf(line: Uint8Array, wordEnd: number): string {
    return `the word ${showValue(decodeLoosely(line.subarray(0, wordEnd)))}`;
  }

  #decode(bytes: Uint8Array): string {
    try {
      return this.#decoder.decode(bytes);
    } catch (cause) {
      throw this.#problems.error(
        "the word is not valid UTF-8. Convert the file to UTF-8.",
        "bad-line",
        cause,
      );
    }
  }

  /** Without white space at its end, any of Unicode's. */
  #trimmed(line: Uint8Array): Uint8Array {
    let end = line.length;
    while (end > 0 && isWhiteSpace(line[end - 1]!) && line[end - 1]! < 0x80) end--;
    if (end === 0 || line[end - 1]! < 0x80) return line.subarray(0, end);
    const text = decodeLoosely(line.subarray(0, end));
    const trimmed = text.length - trimWhiteSpace(`x${text}`).length + 1;
    return trimmed === 0
      ? line.subarray(0, end)
      : new TextEncoder().encode(text.slice(0, text.length - trimmed));
  }
}

/** Position of the next space or tab from `from` on, or the end. */
function nextBreak(line: Uint8Array, from: number): number {
  let at = from;
  while (at < line.length && line[at] !== SPACE && line[at] !== TAB) at++;
  return at;
}

/** Spaces and tabs of a line: its pieces less the word. */
function breakCount(line: Uint8Array): number {
  return line.reduce((count, byte) => count + (byte === SPACE || byte === TAB ? 1 : 0), 0);
}

function decodeLoosely(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}
