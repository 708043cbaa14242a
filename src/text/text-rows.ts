import type { CsrMatrix } from "../data/csr.js";
import { DualTextError } from "../errors.js";
import type { TextCoreExports } from "../wasm/core.js";
import { unclearBytes } from "../wasm/memory.js";
import type { MatrixRows } from "./matrix-rows.js";
import type { RowTexts } from "./row-texts.js";
import { defaultUnitMap } from "./unit-map.js";
import { type TextRoom, WaitingTexts } from "./waiting-texts.js";

/** Rows of text that are put into the memory of a text core, to be counted many at a time (`assembly/text/`). */
export class TextRows {
  readonly #core: TextCoreExports;
  readonly #texts: WaitingTexts;
  // Views of the core's memory; made anew when it grows.
  #integers!: Uint32Array;
  #floats!: Float32Array;
  #room!: TextRoom;

  constructor(core: TextCoreExports, chars: boolean, words: boolean) {
    this.#core = core;
    const unclear = Math.min(unclearBytes(core.memory), 2 ** 32 - 1);
    const mapAt = core.startText(chars ? 1 : 0, words ? 1 : 0, unclear);
    this.#texts = new WaitingTexts((inputBytes, mostTexts) => {
      const inputAt = this.guarded(() => core.reserveInput(inputBytes));
      const textsAt = this.guarded(() => core.reserveTexts(mostTexts));
      return this.#look({ inputAt, inputBytes, textsAt, mostTexts });
    });
    this.#room.units.set(defaultUnitMap(), mapAt >>> 1);
  }

  /** Bytes of the rows that wait to be counted. */
  get waitingBytes(): number {
    return this.#texts.bytes;
  }

  get waitingRows(): number {
    return this.#texts.rowCount;
  }

  /** Forgets the rows that wait. */
  clear(): void {
    this.#texts.clear();
  }

  /** Adds a row. Throws `out-of-memory`. */
  add(texts: RowTexts): void {
    this.#texts.add(texts);
  }

  /** Makes room for the n-grams of the next rows, piece by piece. None may be counted meanwhile. Throws `out-of-memory`. */
  *growing(): Generator<void> {
    while (this.guarded(() => this.#core.growText()) !== 0) yield;
  }

  /**
   * Counts the rows that wait and appends them to `rows`. Returns how many entries they have. Throws `out-of-memory`.
   * @param charEnds where the entries of characters end, of each row of `rows`; those of the new rows are written
   */
  count(rows: MatrixRows, charEnds?: Uint32Array): number {
    const { rowCount } = this.#texts;
    if (rowCount === 0) return 0;
    const core = this.#core;
    const count = this.#count();
    const integers = this.#integers;
    const indices = core.entryIndices() >>> 2;
    const values = core.entryValues() >>> 2;
    const rowEnds = core.entryRowEnds() >>> 2;
    rows.add(
      integers.subarray(indices, indices + count),
      this.#floats.subarray(values, values + count),
      integers.subarray(rowEnds, rowEnds + 2 * rowCount),
      charEnds,
    );
    this.clear();
    return count;
  }

  /** The features of the rows that wait, which are forgotten: views, which hold until more rows are added. Throws `out-of-memory`. */
  view(columnCount: number): CsrMatrix {
    const { rowCount } = this.#texts;
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
    return this.guarded(() => this.#core.countRows(this.#texts.textCount, this.#texts.rowCount));
  }

  /** Copies arrays to where else rows wait; returns their addresses, which hold until more is put there. Throws `out-of-memory`. */
  put(arrays: readonly (Uint16Array | Uint32Array | Int32Array)[]): number[] {
    const sizes = arrays.map(({ byteLength }) => (byteLength + 3) & ~3);
    this.#texts.reserve(
      sizes.reduce((sum, size) => sum + size, 0),
      0,
    );
    const { bytes, inputAt } = this.#texts.room;
    let end = inputAt;
    return arrays.map((array, i) => {
      const at = end;
      bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), at);
      end += sizes[i]!;
      return at;
    });
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
      const isNew = this.#room !== undefined && this.#core.memory.buffer !== this.#room.bytes.buffer;
      if (isNew) this.#texts.moved(this.#look(this.#room));
    }
  }

  #look({
    inputAt,
    inputBytes,
    textsAt,
    mostTexts,
  }: Omit<TextRoom, "bytes" | "units" | "integers">): TextRoom {
    const buffer = this.#core.memory.buffer;
    const integers = new Uint32Array(buffer);
    this.#integers = integers;
    this.#floats = new Float32Array(buffer);
    const views = { bytes: new Uint8Array(buffer), units: new Uint16Array(buffer), integers };
    this.#room = { ...views, inputAt, inputBytes, textsAt, mostTexts };
    return this.#room;
  }
}
