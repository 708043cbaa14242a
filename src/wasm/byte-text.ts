/**
 * The bytes of a text that `assembly/byte-text.mjs` has written.
 * @param frequent a bit of each byte that is one letter, four to a hexadecimal digit
 */
export function bytesOfText(text: string, frequent: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  const order = bytesInOrder(frequent);
  let count = 0;
  let raise = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x7e) raise = 90;
    else if (code === 0x60) raise = 180;
    else {
      // The letters from the space on, without the quote, "<", the backslash and "`".
      const left = Number(code > 0x22) + Number(code > 0x3c) + Number(code > 0x5c) + Number(code > 0x60);
      bytes[count++] = order[code - 0x20 - left + raise]!;
      raise = 0;
    }
  }
  return bytes.slice(0, count);
}

/** First the frequent bytes, then the others. */
function bytesInOrder(frequent: string): number[] {
  const parts: [number[], number[]] = [[], []];
  for (let byte = 0; byte < 256; byte++)
    parts[(Number.parseInt(frequent[byte >> 2]!, 16) >> (byte & 3)) & 1]!.push(byte);
  return parts[1].concat(parts[0]);
}
