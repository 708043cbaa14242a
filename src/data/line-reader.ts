import { find } from "./plain-rows.js";

const LF = 0x0a;
const CR = 0x0d;

/** Takes one line: bytes start … end − 1. The array is valid during the call only. Returns whether to go on. */
export type TakeLine = (bytes: Uint8Array, start: number, end: number) => boolean;

/**
 * Takes lines from `from` on, as many as it can, and returns where the next begins: `from` where it takes none. The line there ends in
 * LF. @param nextCr where the first CR from there on is, or the array's end
 */
export type TakeLines = (bytes: Uint8Array, from: number, nextCr: number) => number;

/**
 * Cuts bytes into lines, which end in LF, CR LF or a lone CR. The bytes may come in pieces of any size; a line inside
 * one piece is handed on where it lies, others are joined, each byte once.
 */
export class LineReader {
  readonly #take: TakeLine;
  readonly #takeMany: TakeLines;
  /** The line begun in earlier pieces. */
  #begun: Uint8Array[] = [];
  /** Whether the last piece ended in a CR, so that an LF would belong to it. */
  #afterCr = false;
  #stopped = false;

  /** @param takeMany asked before each line, for lines that end in LF and that are taken together; default: none are */
  constructor(take: TakeLine, takeMany: TakeLines = (_, from) => from) {
    this.#take = take;
    this.#takeMany = takeMany;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  push(bytes: Uint8Array): void {
    if (bytes.length === 0 || this.#stopped) return;
    let position = this.#afterCr && bytes[0] === LF ? 1 : 0;
    this.#afterCr = false;
    let nextLf = -1;
    let nextCr = -1;
    while (!this.#stopped) {
      // Each is looked for once and kept until it is passed, so that a file without CR is not searched for one per line.
      if (nextLf < position) nextLf = find(bytes, LF, position);
      if (nextCr < position) nextCr = find(bytes, CR, position);
      if (this.#begun.length === 0 && nextLf < bytes.length && nextCr >= nextLf - 1) {
        const next = this.#takeMany(bytes, position, nextCr);
        if (next > position) {
          position = next;
          continue;
        }
      }
      const end = Math.min(nextLf, nextCr);
      if (end === bytes.length) break;
      this.#line(bytes, position, end);
      position = end + 1;
      if (end === nextCr) {
        if (position === bytes.length) this.#afterCr = true;
        else if (bytes[position] === LF) position++;
      }
    }
    // A copy, because the caller may use the array again.
    if (position < bytes.length) this.#begun.push(bytes.slice(position));
  }

  /** A last line without a line end. */
  end(): void {
    if (this.#begun.length > 0 && !this.#stopped) this.#line(new Uint8Array(0), 0, 0);
  }

  #line(bytes: Uint8Array, start: number, end: number): void {
    if (this.#begun.length === 0) {
      this.#stopped = !this.#take(bytes, start, end);
      return;
    }
    const line = concatenate([...this.#begun, bytes.subarray(start, end)]);
    this.#begun = [];
    this.#stopped = !this.#take(line, 0, line.length);
  }
}

export function concatenate(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
