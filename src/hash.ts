/**
 * 32-bit hashes as ML.NET computes them, all arithmetic modulo 2^32 and every result an unsigned integer. The parts
 * are those of MurmurHash3_x86_32 (Appleby), https://github.com/aappleby/smhasher.
 */

function rotateLeft(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

/** Scrambles one block before it is mixed into the hash. */
function mixBlock(block: number): number {
  return Math.imul(rotateLeft(Math.imul(block, 0xcc9e2d51), 15), 0x1b873593);
}

/** One round: mixes a 32-bit block into a hash. */
export function hashRound(hash: number, block: number): number {
  return (Math.imul(rotateLeft(hash ^ mixBlock(block), 13), 5) + 0xe6546b64) >>> 0;
}

/** The final mix. @param length bytes hashed. */
export function hashFinal(hash: number, length: number): number {
  let mixed = hash ^ length;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** Eight hexadecimal digits. */
export function hex(hash: number): string {
  return (hash >>> 0).toString(16).padStart(8, "0");
}

/** The hash of a number of at most 32 bits, given as those bits. */
export function hashWord(seed: number, bits: number): number {
  return hashFinal(hashRound(seed, bits), 4);
}

/** The hash of a 64-bit number, given as its low and high 32 bits. */
export function hashTwoWords(seed: number, low: number, high: number): number {
  return hashFinal(hashRound(hashRound(seed, low), high), 8);
}

/**
 * ML.NET's hash of a text. For ASCII it is MurmurHash3 of the bytes. For other text it is not: surrogates are hashed
 * one by one as three bytes each, and the bytes of a unit are put in order by swaps that act on the whole 64-bit
 * accumulator, so they come out scrambled unless the unit starts on a block boundary. Models depend on it.
 */
export function hashText(seed: number, text: string): number {
  let hash = seed >>> 0;
  // The accumulator, as two words: it never holds more than 55 bits.
  let low = 0;
  let high = 0;
  let bits = 0;
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) {
      low |= unit << bits;
      bits += 8;
    } else {
      const twoBytes = unit < 0x800;
      const bytes = twoBytes
        ? ((0xc0 | (unit >> 6)) << 8) | (0x80 | (unit & 0x3f))
        : ((0xe0 | (unit >> 12)) << 16) | ((0x80 | ((unit >> 6) & 0x3f)) << 8) | (0x80 | (unit & 0x3f));
      low |= bytes << bits;
      if (bits > 0) high |= bytes >>> (32 - bits);
      const first = low & 0xff;
      const second = (low >>> 8) & 0xff;
      if (twoBytes) {
        low = (first << 8) | (low >>> 8) | (high << 24);
        high >>>= 8;
        bits += 16;
      } else {
        low = (first << 16) | (second << 8) | (low >>> 16) | (high << 16);
        high >>>= 16;
        bits += 24;
      }
    }
    if (bits >= 32) {
      hash = hashRound(hash, low);
      low = high;
      high = 0;
      bits -= 32;
      length += 4;
    }
  }
  length += bits >> 3;
  if (bits > 0) hash ^= mixBlock(low & ((1 << bits) - 1));
  return hashFinal(hash, length);
}
