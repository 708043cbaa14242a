/**
 * Bytes as text: each of the 90 most frequent bytes is one letter of this alphabet, the others are "~" or "`" and a letter.
 * The alphabet is printable ASCII without those two, the quote and the backslash, which strings escape, and "<", so that no
 * text ends a script. Beside base64 the text is shorter and, because a byte is always the same letters, compresses by a
 * quarter better (`node .ci/sizes.mjs --tried`). `src/wasm/byte-text.ts` reads it.
 * @param {Uint8Array} bytes
 * @param {string} frequent what `frequentBytes` gave
 */
export function textOf(bytes, frequent) {
  const place = new Map(bytesInOrder(frequent).map((byte, i) => [byte, i]));
  return Array.from(bytes, (byte) => {
    const at = place.get(byte) ?? 0;
    return `${raises[Math.floor(at / LETTERS)]}${letters[at % LETTERS]}`;
  }).join("");
}

/**
 * The bytes that are most frequent, as a bit of each byte, four to a hexadecimal digit, the lowest first.
 * @param {Uint8Array} bytes
 */
export function frequentBytes(bytes) {
  const counts = new Uint32Array(256);
  for (const byte of bytes) counts[byte] = (counts[byte] ?? 0) + 1;
  const order = Array.from(counts, (count, byte) => ({ count, byte })).sort((a, b) => b.count - a.count);
  const chosen = new Set(order.slice(0, LETTERS).map(({ byte }) => byte));
  return Array.from({ length: 64 }, (_, digit) =>
    [0, 1, 2, 3].reduce((bits, i) => bits + (chosen.has(4 * digit + i) ? 1 << i : 0), 0).toString(16),
  ).join("");
}

const LETTERS = 90;
const letters = Array.from({ length: 95 }, (_, i) => String.fromCharCode(0x20 + i)).filter(
  (letter) => !'"<\\`~'.includes(letter),
);
const raises = ["", "~", "`"];

/** @param {string} frequent */
function bytesInOrder(frequent) {
  const all = Array.from({ length: 256 }, (_, byte) => byte);
  /** @param {number} byte */
  const isFrequent = (byte) => (Number.parseInt(frequent.charAt(byte >> 2), 16) >> (byte & 3)) & 1;
  return [...all.filter((byte) => isFrequent(byte)), ...all.filter((byte) => !isFrequent(byte))];
}
