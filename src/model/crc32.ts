/**
 * CRC-32 as zip files use it: polynomial 0x04c11db7, reflected, start and end inverted. Sixteen bytes a step ("slicing
 * by 16": Kounavis & Berry, "Novel table lookup-based algorithms for high-performance CRC generation", 2008).
 */

const SLICES = 16;

/** Table k, at 256 k, advances the remainder of a byte over k more bytes of zeros. */
const tables = makeTables();

function makeTables(): Int32Array {
  const result = new Int32Array(SLICES * 256);
  for (let byte = 0; byte < 256; byte++) {
    let remainder = byte;
    for (let bit = 0; bit < 8; bit++) {
      remainder = remainder & 1 ? (remainder >>> 1) ^ 0xedb88320 : remainder >>> 1;
    }
    result[byte] = remainder;
  }
  for (let i = 256; i < result.length; i++) {
    const before = result[i - 256]!;
    result[i] = (before >>> 8) ^ result[before & 0xff]!;
  }
  return result;
}

/**
 * The checksum of bytes, as an unsigned integer.
 * @param before checksum of the bytes before these, when they come in pieces. Default 0: none.
 */
export function crc32(bytes: Uint8Array, before = 0): number {
  let crc = ~before;
  let i = 0;
  // The steps of sixteen read whole words, which have to start at multiples of four.
  const unaligned = Math.min(bytes.length, -bytes.byteOffset & 3);
  while (i < unaligned) crc = step(crc, bytes[i++]!);
  if (i === bytes.length) return ~crc >>> 0;
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + i, (bytes.length - i) >>> 2);
  const wordCount = words.length & ~3;
  for (let word = 0; word < wordCount; word += 4) {
    crc =
      advance(crc ^ words[word]!, 3072) ^
      advance(words[word + 1]!, 2048) ^
      advance(words[word + 2]!, 1024) ^
      advance(words[word + 3]!, 0);
  }
  for (i += 4 * wordCount; i < bytes.length; i++) crc = step(crc, bytes[i]!);
  return ~crc >>> 0;
}

/** A word's four bytes, of which the last is advanced by the table at `at`, those before it by the next ones. */
function advance(word: number, at: number): number {
  return (
    tables[at + 768 + (word & 0xff)]! ^
    tables[at + 512 + ((word >>> 8) & 0xff)]! ^
    tables[at + 256 + ((word >>> 16) & 0xff)]! ^
    tables[at + (word >>> 24)]!
  );
}

function step(crc: number, byte: number): number {
  return tables[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
}
