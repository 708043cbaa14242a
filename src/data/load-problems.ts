import { DualTextError, type ErrorCode } from "../errors.js";

const MAX_SHOWN = 60;
const MAX_KEPT = 10;

/**
 * The place in the input that is being read, and what is done about a problem there: strict loading throws, lenient
 * loading counts.
 */
export class LoadProblems {
  readonly lenient: boolean;
  sourceName: string | undefined;
  /** From 1; 0 before the first line. Of a record with several lines, the first. */
  line = 0;
  #count = 0;
  readonly #first: string[] = [];

  constructor(lenient: boolean) {
    this.lenient = lenient;
  }

  get count(): number {
    return this.#count;
  }

  /** Messages on the first ten. */
  get first(): readonly string[] {
    return this.#first;
  }

  /** An error at the present line. */
  error(problem: string, code: ErrorCode = "bad-line", cause?: unknown): DualTextError {
    return new DualTextError(code, `${this.#place()}: ${problem}`, cause === undefined ? {} : { cause });
  }

  /** Throws when strict, counts when lenient. @param remedy what to do, for the error of strict loading. */
  add(problem: string, remedy: string): void {
    if (!this.lenient) throw this.error(`${problem} ${remedy}`);
    this.#count++;
    if (this.#first.length < MAX_KEPT) this.#first.push(`${this.#place()}: ${problem}`);
  }

  #place(): string {
    const line = this.line > 0 ? `line ${this.line}` : "";
    if (this.sourceName === undefined) return line === "" ? "Input" : `L${line.slice(1)}`;
    return line === "" ? this.sourceName : `${this.sourceName}, ${line}`;
  }
}

/** A value as messages show it: quoted, and cut when long. */
export function showValue(value: string): string {
  return value.length <= MAX_SHOWN
    ? JSON.stringify(value)
    : `${JSON.stringify(value.slice(0, MAX_SHOWN))}… (${value.length} characters)`;
}
