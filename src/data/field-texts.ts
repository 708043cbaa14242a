import type { FieldSplitter } from "./field-splitter.js";
import type { LoadProblems } from "./load-problems.js";

const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const lenientDecoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The text of bytes start … end − 1. Invalid UTF-8 is an error, or U+FFFD when loading is lenient. */
export function decodeField(bytes: Uint8Array, start: number, end: number, problems: LoadProblems): string {
  const field = bytes.subarray(start, end);
  try {
    return strictDecoder.decode(field);
  } catch (cause) {
    if (problems.lenient) return lenientDecoder.decode(field);
    throw problems.error(
      "the line is not valid UTF-8. Convert the file to UTF-8, or set lenient: true to put U+FFFD in place of such bytes.",
      "bad-line",
      cause,
    );
  }
}

const SLOT_COUNT = 1024;
const LONGEST = 32;
const TRIAL = 2048;

/**
 * The texts of one column's fields. Short ones are looked up among those seen before, so that a column of labels makes
 * one string a label and not one a row. A column whose fields seldom recur stops looking.
 */
export class FieldTexts {
  readonly #problems: LoadProblems;
  readonly #texts: (string | undefined)[] = new Array(SLOT_COUNT);
  readonly #lengths = new Uint8Array(SLOT_COUNT);
  readonly #bytes = new Uint8Array(SLOT_COUNT * LONGEST);
  #lookups = 0;
  #found = 0;
  #looking = true;

  constructor(problems: LoadProblems) {
    this.#problems = problems;
  }

  readField(fields: FieldSplitter, field: number): string {
    return this.read(fields.bytesOf(field), fields.startOf(field), fields.endOf(field));
  }

  /** The text of bytes start … end − 1. */
  read(bytes: Uint8Array, start: number, end: number): string {
    if (start === end) return "";
    return this.#looking && end - start <= LONGEST
      ? this.#lookUp(bytes, start, end)
      : decodeField(bytes, start, end, this.#problems);
  }

  #lookUp(bytes: Uint8Array, start: number, end: number): string {
    let hash = 0;
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
    const slot = (hash ^ (hash >>> 15)) & (SLOT_COUNT - 1);
    if (++this.#lookups === TRIAL) {
      this.#looking = 2 * this.#found > TRIAL;
      this.#lookups = 0;
      this.#found = 0;
    }
    if (this.#isIn(slot, bytes, start, end)) {
      this.#found++;
      return this.#texts[slot]!;
    }
    const text = decodeField(bytes, start, end, this.#problems);
    this.#texts[slot] = text;
    this.#lengths[slot] = end - start;
    for (let i = start; i < end; i++) this.#bytes[slot * LONGEST + i - start] = bytes[i]!;
    return text;
  }

  #isIn(slot: number, bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#lengths[slot] !== end - start) return false;
    const offset = slot * LONGEST - start;
    for (let i = start; i < end; i++) if (this.#bytes[offset + i] !== bytes[i]) return false;
    return true;
  }
}
