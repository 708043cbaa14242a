import type { RowTexts } from "./row-texts.js";

/** Bytes of input after which rows should be counted: few enough for the caches, enough to ask memory for many things at once. */
export const PIECE_BYTES = 1 << 16;

const NO_TEXT = [""];

/** A string where the engine can say whether its surrogates come in pairs; others take the slower way. */
type WellFormed = string & { isWellFormed?(): boolean };

/** Flags of a text; see `assembly/text/rows.ts`. */
const IS_ASCII = 1;
const IS_UTF16 = 2;
const IS_LAST = 4;

/** Where texts are put: `input` and `texts` of `assembly/text/rows.ts`, in views of the memory they lie in. */
export interface TextRoom {
  readonly bytes: Uint8Array;
  /** The same memory. */
  readonly units: Uint16Array;
  readonly inputAt: number;
  readonly inputBytes: number;
  readonly integers: Uint32Array;
  readonly textsAt: number;
  readonly mostTexts: number;
}

/** Rows of text that are put together to be counted. */
export class WaitingTexts {
  readonly #encoder = new TextEncoder();
  readonly #moreRoom: (inputBytes: number, mostTexts: number) => TextRoom;
  #room: TextRoom;
  #end = 0;
  #textCount = 0;
  #rowCount = 0;

  /** @param moreRoom makes room for so many bytes and texts at least, with what is there already */
  constructor(moreRoom: (inputBytes: number, mostTexts: number) => TextRoom) {
    this.#moreRoom = moreRoom;
    this.#room = moreRoom(PIECE_BYTES, PIECE_BYTES >>> 6);
  }

  /** Bytes of input. */
  get bytes(): number {
    return this.#end;
  }

  get textCount(): number {
    return this.#textCount;
  }

  get rowCount(): number {
    return this.#rowCount;
  }

  get room(): TextRoom {
    return this.#room;
  }

  /** To be called when the views of the room are no longer valid, or it has moved. */
  moved(room: TextRoom): void {
    this.#room = room;
  }

  clear(): void {
    this.#end = 0;
    this.#textCount = 0;
    this.#rowCount = 0;
  }

  /** Adds a row. Throws what `moreRoom` throws. */
  add(texts: RowTexts): void {
    if (typeof texts === "string") this.#addText(texts);
    else if (texts.length === 1) this.#addText(texts[0]!);
    else this.#addTexts(texts);
    this.#rowCount++;
  }

  /** A row of one text, as most rows are. */
  #addText(text: string): void {
    const { length } = text;
    this.reserve(3 * length + 2, 1);
    const start = this.#end;
    const isAscii = this.#putUtf8(text) === length;
    if (isAscii || (text as WellFormed).isWellFormed?.()) {
      const { integers, textsAt } = this.#room;
      integers[(textsAt >>> 2) + 2 * this.#textCount - 1] = isAscii ? IS_ASCII | IS_LAST : IS_LAST;
      return;
    }
    this.#end = start;
    this.#textCount--;
    this.#addTexts([text]);
  }

  #addTexts(texts: readonly string[]): void {
    // A row without a text is a row with an empty one.
    const list = texts.length > 0 ? texts : NO_TEXT;
    let units = 0;
    for (const text of list) units += text.length;
    this.reserve(3 * units + 2 * list.length, list.length);
    const start = this.#end;
    const first = this.#textCount;
    let isAscii = true;
    let isWellFormed = true;
    for (const text of list) {
      const written = this.#putUtf8(text);
      if (written === text.length) continue;
      isAscii = false;
      isWellFormed &&= (text as WellFormed).isWellFormed?.() ?? false;
    }
    if (!isWellFormed) {
      this.#end = start;
      this.#textCount = first;
      for (const text of list) this.#putUtf16(text);
    }
    const flags = isAscii ? IS_ASCII : isWellFormed ? 0 : IS_UTF16;
    const { integers, textsAt } = this.#room;
    const last = (textsAt >>> 2) + 2 * this.#textCount - 1;
    for (let at = (textsAt >>> 2) + 2 * first + 1; at <= last; at += 2) integers[at] = flags;
    integers[last] = flags | IS_LAST;
  }

  /** Returns how many bytes the text has; as many as it has units only when all are of ASCII. */
  #putUtf8(text: string): number {
    const { bytes, inputAt, integers, textsAt } = this.#room;
    const at = inputAt + this.#end;
    const { written } = this.#encoder.encodeInto(text, bytes.subarray(at, at + 3 * text.length));
    integers[(textsAt >>> 2) + 2 * this.#textCount++] = written;
    this.#end += written + (written & 1);
    return written;
  }

  /** For texts with halves of surrogate pairs, which UTF-8 cannot hold. */
  #putUtf16(text: string): void {
    const count = text.length;
    const { units, inputAt, integers, textsAt } = this.#room;
    const at = (inputAt + this.#end) >>> 1;
    for (let i = 0; i < count; i++) units[at + i] = text.charCodeAt(i);
    integers[(textsAt >>> 2) + 2 * this.#textCount++] = 2 * count;
    this.#end += 2 * count;
  }

  /** Makes room for so many more bytes and texts. Throws what `moreRoom` throws. */
  reserve(bytes: number, texts: number): void {
    const { inputBytes, mostTexts } = this.#room;
    const moreBytes = this.#end + bytes > inputBytes;
    const moreTexts = this.#textCount + texts > mostTexts;
    if (!moreBytes && !moreTexts) return;
    this.#room = this.#moreRoom(
      moreBytes ? this.#end + bytes : inputBytes,
      moreTexts ? 2 * (this.#textCount + texts) : mostTexts,
    );
  }
}

/** The same in memory of its own: not every host writes UTF-8 to memory that threads share. */
export function plainTexts(): WaitingTexts {
  let bytes = new Uint8Array(0);
  let integers = new Uint32Array(0);
  return new WaitingTexts((inputBytes, mostTexts) => {
    if (inputBytes > bytes.length) bytes = copyOf(bytes, new Uint8Array(2 * inputBytes));
    if (2 * mostTexts > integers.length) integers = copyOf(integers, new Uint32Array(2 * mostTexts));
    return {
      bytes,
      units: new Uint16Array(bytes.buffer),
      inputAt: 0,
      inputBytes: bytes.length,
      integers,
      textsAt: 0,
      mostTexts: integers.length / 2,
    };
  });
}

function copyOf<A extends Uint8Array | Uint32Array>(from: A, to: A): A {
  to.set(from);
  return to;
}
