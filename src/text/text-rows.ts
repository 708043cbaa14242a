import type { CsrMatrix } from "../data/csr.js";
import { DualTextError } from "../errors.js";
import type { TextCoreExports } from "../wasm/core.js";
import { unclearBytes } from "../wasm/memory.js";
import type { MatrixRows } from "./matrix-rows.js";
import type { RowTexts } from "./row-texts.js";
import { defaultUnitMap } from "./unit-map.js";

/** Bytes of input after which rows should be counted: few enough for the caches, enough to ask memory for many things at once. */
export const PIECE_BYTES = 1 << 16;
const FIRST_TEXTS = 1024;

const NO_TEXT = [""];

/** A string where the engine can say whether its surrogates come in pairs; others take the slower way. */
type WellFormed = string & { isWellFormed?(): boolean };

/** Flags of a text; see `assembly/text/rows.ts`. */
const IS_ASCII = 1;
const IS_UTF16 = 2;
const IS_LAST = 4;

/** Rows of text that are put into the memory of a text core, to be counted many at a time (`assembly/text/`). */
export class TextRows {
  readonly #core: TextCoreExports;
  readonly #encoder = new TextEncoder();
  // Views of the core's memory; made anew when it grows.
  #bytes!: Uint8Array;
  #units!: Uint16Array;
  #integers!: Uint32Array;
  #floats!: Float32Array;
  #inputAt: number;
  #inputBytes = PIECE_BYTES;
  #textsAt: number;
  #mostTexts = FIRST_TEXTS;
  // The rows that wait.
  #end = 0;
  #textCount = 0;
  #rowCount = 0;

  constructor(core: TextCoreExports, chars: boolean, words: boolean) {
    this.#core = core;
    const unclear = Math.min(unclearBytes(core.memory), 2 ** 32 - 1);
    const mapAt = core.startText(chars ? 1 : 0, words ? 1 : 0, unclear);
    this.#inputAt = core.reserveInput(PIECE_BYTES);
    this.#textsAt = core.reserveTexts(FIRST_TEXTS);
    this.#look();
    this.#units.set(defaultUnitMap(), mapAt >>> 1);
  }

  /** Bytes of the rows that wait to be counted. */
  get waitingBytes(): number {
    return this.#end;
  }

  get waitingRows(): number {
    return this.#rowCount;
  }

  /** Forgets the rows that wait. */
  clear(): void {
    this.#end = 0;
    this.#textCount = 0;
    this.#rowCount = 0;
  }

  /** Adds a row. Throws `out-of-memory`. */
  add(texts: RowTexts): void {
    if (typeof texts === "string") this.#addTexts([texts]);
    else this.#addTexts(texts);
    this.#rowCount++;
  }

  #addTexts(texts: readonly string[]): void {
    // A row without a text is a row with an empty one.
    const list = texts.length > 0 ? texts : NO_TEXT;
    let units = 0;
    for (const text of list) units += text.length;
    this.#reserve(3 * units + 2 * list.length, list.length);
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
    const integers = this.#integers;
    const last = (this.#textsAt >>> 2) + 2 * this.#textCount - 1;
    for (let at = (this.#textsAt >>> 2) + 2 * first + 1; at <= last; at += 2) integers[at] = flags;
    integers[last] = flags | IS_LAST;
  }

  /** Returns how many bytes the text has; as many as it has units only when all are of ASCII. */
  #putUtf8(text: string): number {
    const at = this.#inputAt + this.#end;
    const { written } = this.#encoder.encodeInto(text, this.#bytes.subarray(at, at + 3 * text.length));
    this.#integers[(this.#textsAt >>> 2) + 2 * this.#textCount++] = written;
    this.#end += written + (written & 1);
    return written;
  }

  /** For texts with halves of surrogate pairs, which UTF-8 cannot hold. */
  #putUtf16(text: string): void {
    const count = text.length;
    const units = this.#units;
    const at = (this.#inputAt + this.#end) >>> 1;
    for (let i = 0; i < count; i++) units[at + i] = text.charCodeAt(i);
    this.#integers[(this.#textsAt >>> 2) + 2 * this.#textCount++] = 2 * count;
    this.#end += 2 * count;
  }

  /**
   * Counts the rows that wait and appends them to `rows`. Returns how many entries they have. Throws `out-of-memory`.
   * @param charEnds where the entries of characters end, of each row of `rows`; those of the new rows are written
   */
  count(rows: MatrixRows, charEnds?: Uint32Array): number {
    const rowCount = this.#rowCount;
    if (rowCount === 0) return 0;
    const core = this.#core;
    const count = this.#count();
    const integers = this.#integers;
    const indices = core.entryIndices() >>> 2;
    const values = core.entryValues() >>> 2;
    const rowEnds = core.entryRowEnds() >>> 2;
    const before = rows.nnz;
    rows.reserve(count);
    rows.indices.set(integers.subarray(indices, indices + count), before);
    rows.values.set(this.#floats.subarray(values, values + count), before);
    for (let i = rowEnds; i < rowEnds + 2 * rowCount; i += 2) {
      if (charEnds) charEnds[rows.rowCount] = before + integers[i]!;
      rows.endRow(before + integers[i + 1]!);
    }
    this.clear();
    return count;
  }

  /** The features of the rows that wait, which are forgotten: views, which hold until more rows are added. Throws `out-of-memory`. */
  view(columnCount: number): CsrMatrix {
    const rowCount = this.#rowCount;
    const core = this.#core;
    const count = this.#count();
    const integers = this.#integers;
    const indptr = new Uint32Array(rowCount + 1);
    const rowEnds = core.entryRowEnds() >>> 2;
    for (let row = 0; row < rowCount; row++) indptr[row + 1] = integers[rowEnds + 2 * row + 1]!;
    const indicesAt = core.entryIndices() >>> 2;
    const valuesAt = core.entryValues() >>> 2;
    const indices = integers.subarray(indicesAt, indicesAt + count);
    const values = this.#floats.subarray(valuesAt, valuesAt + count);
    this.clear();
    return { layout: "sparse", rowCount, columnCount, indptr, indices, values };
  }

  /** Counts the rows that wait; returns how many entries they have. */
  #count(): number {
    return this.guarded(() => this.#core.countRows(this.#textCount, this.#rowCount));
  }

  /** Copies arrays to where else rows wait; returns their addresses, which hold until more is put there. Throws `out-of-memory`. */
  put(arrays: readonly (Uint16Array | Uint32Array | Int32Array)[]): number[] {
    const sizes = arrays.map(({ byteLength }) => (byteLength + 3) & ~3);
    this.#reserve(
      sizes.reduce((sum, size) => sum + size, 0),
      0,
    );
    let end = this.#inputAt;
    return arrays.map((array, i) => {
      const at = end;
      this.#bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), at);
      end += sizes[i]!;
      return at;
    });
  }

  #reserve(bytes: number, texts: number): void {
    const core = this.#core;
    if (this.#end + bytes > this.#inputBytes) {
      this.#inputBytes = this.#end + bytes;
      this.#inputAt = this.guarded(() => core.reserveInput(this.#inputBytes));
    }
    if (this.#textCount + texts > this.#mostTexts) {
      this.#mostTexts = 2 * (this.#textCount + texts);
      this.#textsAt = this.guarded(() => core.reserveTexts(this.#mostTexts));
    }
  }

  /** Runs what may make the core's memory grow. Throws `out-of-memory`. */
  guarded(run: () => number): number {
    try {
      return run() >>> 0;
    } catch (cause) {
      const refused = this.#core.refusedBytes();
      if (refused === 0) throw cause;
      throw new DualTextError(
        "out-of-memory",
        `The n-grams need ${Math.ceil(refused / 1e6)} MB, which this host does not give. Use fewer rows.`,
        { cause },
      );
    } finally {
      if (this.#core.memory.buffer !== this.#bytes.buffer) this.#look();
    }
  }

  #look(): void {
    const buffer = this.#core.memory.buffer;
    this.#bytes = new Uint8Array(buffer);
    this.#units = new Uint16Array(buffer);
    this.#integers = new Uint32Array(buffer);
    this.#floats = new Float32Array(buffer);
  }
}
