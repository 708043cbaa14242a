/**
 * Bytes as text: a byte below 90 is one letter of this alphabet, larger ones are "~" or "`" and the letter of the byte
 * less 90 or 180. The alphabet is printable ASCII without those two, the quote and the backslash, which strings escape,
 * and "<", so that no text ends a script. Beside base64 the text is shorter and, because a byte is always the same
 * letters, compresses by a quarter better. `src/wasm/byte-text.ts` reads it.
 * @param {Uint8Array} bytes
 */
export function textOf(bytes) {
  return Array.from(bytes, (byte) => `${raises[Math.floor(byte / 90)]}${letters[byte % 90]}`).join("");
}

const letters = Array.from({ length: 95 }, (_, i) => String.fromCharCode(0x20 + i)).filter(
  (letter) => !'"<\\`~'.includes(letter),
);
const raises = ["", "~", "`"];
