import { describe, expect, test } from "vitest";
import { Utf8Transcoder } from "../../src/data/encoding.js";

const TEXT = "hé\t日😀\n";

function utf32(text: string, littleEndian: boolean): number[] {
  return Array.from(text).flatMap((character) => {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, character.codePointAt(0)!, littleEndian);
    return [...bytes];
  });
}

function utf16(text: string, littleEndian: boolean): number[] {
  return Array.from({ length: text.length }, (_, i) => text.charCodeAt(i)).flatMap((unit) =>
    littleEndian ? [unit & 0xff, unit >> 8] : [unit >> 8, unit & 0xff],
  );
}

const utf8 = [...new TextEncoder().encode(TEXT)];
const encodings = [
  { name: "UTF-8 without mark", bytes: utf8 },
  { name: "UTF-8", bytes: [0xef, 0xbb, 0xbf, ...utf8] },
  { name: "UTF-16 little endian", bytes: [0xff, 0xfe, ...utf16(TEXT, true)] },
  { name: "UTF-16 big endian", bytes: [0xfe, 0xff, ...utf16(TEXT, false)] },
  { name: "UTF-32 little endian", bytes: [0xff, 0xfe, 0, 0, ...utf32(TEXT, true)] },
  { name: "UTF-32 big endian", bytes: [0, 0, 0xfe, 0xff, ...utf32(TEXT, false)] },
];

function transcode(bytes: readonly number[], pieceBytes: number, fatal = true): number[] {
  const transcoder = new Utf8Transcoder(fatal);
  const result: number[] = [];
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    result.push(...transcoder.push(Uint8Array.from(bytes.slice(at, at + pieceBytes))));
  }
  return [...result, ...transcoder.end()];
}

describe("Utf8Transcoder", () => {
  for (const pieceBytes of [1, 3, 100]) {
    test.each(encodings)(`$name, in pieces of ${pieceBytes} bytes`, ({ bytes }) => {
      expect(transcode(bytes, pieceBytes)).toEqual(utf8);
    });
  }

  test.each([[], [0x61], [0xef, 0xbb], [0x61, 0xef, 0xbb, 0xbf]])(
    "passes short or unmarked bytes on: %j",
    (...bytes) => {
      expect(transcode(bytes, 1)).toEqual(bytes);
    },
  );

  test.each([
    { name: "half a surrogate pair", bytes: [0xff, 0xfe, 0x00, 0xd8, 0x61, 0x00], text: "\ufffda" },
    { name: "half a UTF-16 unit", bytes: [0xff, 0xfe, 0x61, 0x00, 0x62], text: "a\ufffd" },
    { name: "half a UTF-32 unit", bytes: [0, 0, 0xfe, 0xff, 0, 0, 0, 0x61, 0], text: "a\ufffd" },
    { name: "a UTF-32 unit out of range", bytes: [0, 0, 0xfe, 0xff, 0, 0x11, 0, 0], text: "\ufffd" },
  ])("throws at $name, or puts U+FFFD there", ({ bytes, text }) => {
    expect(() => transcode(bytes, 2)).toThrow(TypeError);
    expect(transcode(bytes, 2, false)).toEqual([...new TextEncoder().encode(text)]);
  });
});
