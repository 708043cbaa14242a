import { DROPPED } from "./unit-map.js";

/** Units that ML.NET puts before, after and between the texts of a row when it makes characters into tokens. */
export const START_OF_TEXT = 0x02;
export const END_OF_TEXT = 0x03;
export const UNIT_SEPARATOR = 0x1f;

const SPACE = 0x20;
/** Bytes or units that may be read and written beyond the end of the text, because work goes in groups. */
const PADDING = 16;

/**
 * The texts of one row after normalisation, in buffers used again for the next row:
 *
 *   bytes      u8[length]       if `isAscii`: U+0002, the units of the texts, U+0003, with U+001F between texts
 *   units      u16[length]      otherwise: the same
 *   tokenEnds  i32[tokenCount]  where each token ends; it begins one unit after the end of the one before, the first at 1
 *
 * Tokens end at U+0020 and where a text ends, so some are empty. Texts of which nothing is left are left out, and
 * `length` is 0 when that is all of them.
 */
export class NormalizedText {
  isAscii = true;
  bytes = new Uint8Array(0);
  /** The bytes, for reading several at once. */
  view = new DataView(this.bytes.buffer);
  units = new Uint16Array(0);
  tokenEnds = new Int32Array(0);
  length = 0;
  tokenCount = 0;
  readonly #unitMap: Uint16Array;
  readonly #asciiIsLowered: boolean;
  readonly #encoder = new TextEncoder();
  /** The bytes from 1 on. */
  #afterStart = this.bytes;

  /** @param unitMap what each unit becomes, or {@link DROPPED} */
  constructor(unitMap: Uint16Array) {
    this.#unitMap = unitMap;
    this.#asciiIsLowered = isLowerCaseOfAscii(unitMap);
    this.#grow(1024);
  }

  setText(text: string): void {
    this.#begin();
    this.#add(text);
    this.#end();
  }

  setTexts(texts: readonly string[]): void {
    this.#begin();
    for (const text of texts) this.#add(text);
    this.#end();
  }

  #begin(): void {
    this.isAscii = this.#asciiIsLowered;
    this.length = 1;
    this.tokenCount = 0;
  }

  #add(text: string): void {
    const start = this.length;
    const needed = start + text.length + PADDING;
    if (needed > this.units.length) this.#grow(needed);
    if (this.isAscii && !this.#addAscii(text)) {
      this.isAscii = false;
      const { units, bytes } = this;
      for (let i = 1; i < start; i++) units[i] = bytes[i]!;
    }
    if (!this.isAscii) this.#addUnits(text);
    const { length } = this;
    if (length === start) return;
    this.tokenEnds[this.tokenCount++] = length;
    if (this.isAscii) this.bytes[length] = UNIT_SEPARATOR;
    else this.units[length] = UNIT_SEPARATOR;
    this.length = length + 1;
  }

  /** Adds a text of ASCII alone in lower case, four bytes at a time. Returns false when the text has other units. */
  #addAscii(text: string): boolean {
    const start = this.length;
    const count = text.length;
    // A unit in the middle shows most texts of other scripts.
    if (count > 0 && text.charCodeAt(count >> 1) > 0x7f) return false;
    const target = start === 1 ? this.#afterStart : this.bytes.subarray(start);
    const { read, written } = this.#encoder.encodeInto(text, target);
    // Every unit beyond ASCII takes more than one byte.
    if (read !== count || written !== count) return false;
    const { view, tokenEnds } = this;
    const end = start + count;
    let tokenCount = this.tokenCount;
    for (let at = start; at < end; at += 4) {
      const group = view.getInt32(at, true);
      // Bit 7 of a byte is set where it is "A" … "Z", as it is at least "A" and not above "Z"; 0x80 >> 2 is the difference to
      // lower case.
      const capitals = (group + 0x3f3f3f3f) & ~(group + 0x25252525) & 0x80808080;
      view.setInt32(at, group + (capitals >>> 2), true);
      // Bit 7 of a byte is set where it is a space. Ends are written always and counted only at spaces: no branches.
      const spaces = ~((group ^ 0x20202020) + 0x7f7f7f7f);
      tokenEnds[tokenCount] = at;
      tokenCount += (spaces >>> 7) & 1;
      tokenEnds[tokenCount] = at + 1;
      tokenCount += (spaces >>> 15) & 1;
      tokenEnds[tokenCount] = at + 2;
      tokenCount += (spaces >>> 23) & 1;
      tokenEnds[tokenCount] = at + 3;
      tokenCount += spaces >>> 31;
    }
    // The last group may hold spaces left there by a longer text.
    while (tokenCount > 0 && tokenEnds[tokenCount - 1]! >= end) tokenCount--;
    this.tokenCount = tokenCount;
    this.length = end;
    return true;
  }

  #addUnits(text: string): void {
    const unitMap = this.#unitMap;
    const { units, tokenEnds } = this;
    const count = text.length;
    let { length, tokenCount } = this;
    for (let i = 0; i < count; i++) {
      const unit = unitMap[text.charCodeAt(i)]!;
      if (unit === DROPPED) continue;
      if (unit === SPACE) tokenEnds[tokenCount++] = length;
      units[length++] = unit;
    }
    this.length = length;
    this.tokenCount = tokenCount;
  }

  #end(): void {
    const last = this.length - 1;
    if (last === 0) this.length = 0;
    else if (this.isAscii) this.bytes[last] = END_OF_TEXT;
    else this.units[last] = END_OF_TEXT;
  }

  #grow(needed: number): void {
    const capacity = Math.max(needed, 2 * this.units.length);
    const bytes = new Uint8Array(capacity);
    bytes.set(this.bytes);
    bytes[0] = START_OF_TEXT;
    const units = new Uint16Array(capacity);
    units.set(this.units);
    units[0] = START_OF_TEXT;
    const tokenEnds = new Int32Array(capacity);
    tokenEnds.set(this.tokenEnds);
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer);
    this.#afterStart = bytes.subarray(1);
    this.units = units;
    this.tokenEnds = tokenEnds;
  }
}

/** Whether all that a map does to ASCII is to lower its case. */
function isLowerCaseOfAscii(unitMap: Uint16Array): boolean {
  return unitMap
    .subarray(0, 0x80)
    .every((to, unit) => to === (unit >= 0x41 && unit <= 0x5a ? unit + 0x20 : unit));
}
