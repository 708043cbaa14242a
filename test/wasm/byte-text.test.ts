import { expect, test } from "vitest";
import { textOf } from "../../assembly/byte-text.mjs";
import { bytesOfText } from "../../src/wasm/byte-text.js";

test("text of bytes is read back, needs no escape and ends no script", () => {
  const bytes = Uint8Array.from({ length: 65_536 }, (_, i) => (i & 1 ? i >>> 9 : i >>> 1));
  const text = textOf(bytes);
  expect(text).toMatch(/^[ !#-;=-[\]-~]*$/);
  expect(bytesOfText(text)).toEqual(bytes);
});
