import { describe, expect, test } from "vitest";
import { crc32 } from "../../src/model/crc32.js";
import { crc32 as hostCrc32 } from "../../src/node/crc32.js";

/** Bit by bit, as the polynomial says. */
function plain(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}

const bytes = Uint8Array.from({ length: 100 }, (_, i) => (i * 73 + 11) & 0xff);

describe.each([
  ["crc32", crc32],
  ["that of the command", hostCrc32],
])("%s", (_, crc32) => {
  test("of pieces of any length that begin anywhere", () => {
    for (let start = 0; start < 8; start++)
      for (let length = 0; length < 60; length++) {
        const piece = bytes.subarray(start, start + length);
        expect(crc32(piece), `${length} bytes from ${start}`).toBe(plain(piece));
      }
  });

  test("goes on from the bytes before", () => {
    for (let cut = 0; cut <= bytes.length; cut++)
      expect(crc32(bytes.subarray(cut), crc32(bytes.subarray(0, cut)))).toBe(plain(bytes));
  });

  test("the standard's check value", () => {
    expect(crc32(new TextEncoder().encode("123456789"))).toBe(0xcbf43926);
  });
});
