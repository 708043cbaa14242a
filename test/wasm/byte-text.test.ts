import { expect, test } from "vitest";
import { frequentBytes, textOf } from "../../assembly/byte-text.mjs";
import { bytesOfText } from "../../src/wasm/byte-text.js";

/** Every byte, and some more often than others. */
const bytes = Uint8Array.from({ length: 65_536 }, (_, i) => (i & 1 ? i >>> 8 : (i >>> 8) & 31));

test("text of bytes is read back, needs no escape and ends no script", () => {
  expect(new Set(bytes).size).toBe(256);
  const frequent = frequentBytes(bytes);
  const text = textOf(bytes, frequent);
  expect(text).toMatch(/^[ !#-;=-[\]-~]*$/);
  expect(bytesOfText(text, frequent)).toEqual(bytes);
});

test("the bytes that are most frequent are one letter", () => {
  const some = Uint8Array.from({ length: 900 }, (_, i) => 166 + (i % 90));
  const frequent = frequentBytes(Uint8Array.of(...some, ...Array(166).keys()));
  expect(textOf(some, frequent)).toHaveLength(900);
  expect(textOf(Uint8Array.of(0, 165), frequent)).toHaveLength(4);
});
