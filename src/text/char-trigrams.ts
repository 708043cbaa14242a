import { l2Scale } from "./l2-norm.js";
import type { NormalizedText } from "./normalized-text.js";
import { SlotCounter } from "./slot-counter.js";

export class CharTrigrams {
  slotCount = 0;
  frozen = false;
  /** slot + 1 of a trigram of ASCII units */
  readonly #ascii = new Int32Array(2 ** 21);
  #entries = new Int32Array(4 * 1024);
  #shift = 22;
  #entryCount = 0;
  readonly #counter = new SlotCounter();
  squares = 0;

  /** returns number of distinct */
  count(text: NormalizedText): number {
    this.#counter.reserve(this.slotCount + text.length);
    if (text.length < 3) { this.squares = 0; return 0; }
    return text.isAscii ? this.#countAscii(text.bytes, text.length) : this.#countUnits(text.units, text.length);
  }

  #countAscii(bytes: Uint8Array, length: number): number {
    const table = this.#ascii;
    const { counts, bits, groups, regions } = this.#counter;
    const frozen = this.frozen;
    let slotCount = this.slotCount;
    let squares = 0;
    let distinct = 0;
    let key = (bytes[0]! << 7) | bytes[1]!;
    for (let i = 2; i < length; i++) {
      key = ((key << 7) | bytes[i]!) & 0x1fffff;
      let slot = table[key]! - 1;
      if (slot < 0) {
        if (frozen) continue;
        slot = slotCount++;
        table[key] = slotCount;
      }
      const count = counts[slot]!;
      counts[slot] = count + 1;
      squares += 2 * count + 1;
      distinct += count === 0 ? 1 : 0;
      bits[slot >>> 5]! |= 1 << slot;
      groups[slot >>> 10]! |= 1 << (slot >>> 5);
      regions[slot >>> 15]! |= 1 << (slot >>> 10);
    }
    this.slotCount = slotCount;
    this.squares = squares;
    return distinct;
  }

  #countUnits(units: Uint16Array, length: number): number {
    if (2 * (this.#entryCount + length) > this.#entries.length >>> 2) this.#grow(this.#entryCount + length);
    const table = this.#ascii;
    const { counts, bits, groups, regions } = this.#counter;
    const frozen = this.frozen;
    const entries = this.#entries; const mask = entries.length - 1; const shift = this.#shift;
    let slotCount = this.slotCount;
    let squares = 0;
    let distinct = 0;
    let first = units[0]!; let second = units[1]!;
    for (let i = 2; i < length; i++) {
      const third = units[i]!;
      let slot: number;
      if ((first | second | third) < 0x80) {
        const key = (first << 14) | (second << 7) | third;
        slot = table[key]! - 1;
        if (slot < 0 && !frozen) {
          slot = slotCount++;
          table[key] = slotCount;
        }
      } else {
        const high = (first << 16) | second;
        let hash = Math.imul(high, 0x9e3779b1) ^ Math.imul(third, 0x85ebca6b);
        hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
        let e = (hash >>> shift) << 2;
        for (;;) {
          slot = entries[e + 2]! - 1;
          if (slot < 0) {
            if (frozen) break;
            slot = slotCount++;
            entries[e] = high; entries[e + 1] = third; entries[e + 2] = slotCount;
            this.#entryCount++;
            break;
          }
          if (entries[e] === high && entries[e + 1] === third) break;
          e = (e + 4) & mask;
        }
      }
      first = second; second = third;
      if (slot < 0) continue;
      const count = counts[slot]!;
      counts[slot] = count + 1;
      squares += 2 * count + 1;
      distinct += count === 0 ? 1 : 0;
      bits[slot >>> 5]! |= 1 << slot;
      groups[slot >>> 10]! |= 1 << (slot >>> 5);
      regions[slot >>> 15]! |= 1 << (slot >>> 10);
    }
    this.slotCount = slotCount;
    this.squares = squares;
    return distinct;
  }
  #grow(n: number): void {
    let shift = this.#shift;
    while (2 * n > 2 ** (32 - shift)) shift--;
    const old = this.#entries; const entries = new Int32Array(4 * 2 ** (32 - shift)); const mask = entries.length - 1;
    for (let o = 0; o < old.length; o += 4) {
      if (old[o + 2] === 0) continue;
      const high = old[o]!, third = old[o + 1]!;
        let hash = Math.imul(high, 0x9e3779b1) ^ Math.imul(third, 0x85ebca6b);
        hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
        let e = (hash >>> shift) << 2;
        while (entries[e + 2] !== 0) e = (e + 4) & mask;
        entries[e] = high; entries[e+1] = third; entries[e+2] = old[o+2]!;
    }
    this.#entries = entries; this.#shift = shift;
  }

  write(indices: Uint32Array, values: Float32Array, at: number): number {
    return this.#counter.write(indices, values, at, l2Scale(this.squares));
  }
}
