/** The bytes of a text that `assembly/byte-text.mjs` has written. */
export function bytesOfText(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  let count = 0;
  let raise = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x7e) raise = 90;
    else if (code === 0x60) raise = 180;
    else {
      // The letters from the space on, without the quote, "<", the backslash and "`".
      const left = Number(code > 0x22) + Number(code > 0x3c) + Number(code > 0x5c) + Number(code > 0x60);
      bytes[count++] = code - 0x20 - left + raise;
      raise = 0;
    }
  }
  return bytes.slice(0, count);
}
