import { describe, expect, test } from "vitest";
import { FieldSplitter } from "../../src/data/field-splitter.js";
import { decodeField, FieldTexts } from "../../src/data/field-texts.js";
import { LoadProblems } from "../../src/data/load-problems.js";
import { resolveLoadOptions } from "../../src/data/load-settings.js";

describe("FieldTexts", () => {
  test("reads every text right, recurring or not, short or long", () => {
    const fields = new FieldSplitter(resolveLoadOptions({ lenient: true }));
    const texts = new FieldTexts(new LoadProblems(false));
    const read = (text: string) => {
      const bytes = new TextEncoder().encode(text);
      fields.split(bytes, 0, bytes.length, 1);
      return texts.readField(fields, 0);
    };
    for (let i = 0; i < 6000; i++) {
      // Recurring labels first, then only new texts, so that the look-up is given up.
      const text = i < 3000 ? `label ${i % 40}` : `é${i} ${"x".repeat(i % 60)}`;
      expect(read(text)).toBe(text);
    }
    expect(read("")).toBe("");
  });
});

describe("decodeField", () => {
  const invalid = Uint8Array.of(0x61, 0xff, 0x62);

  test("keeps U+FEFF, which inside a file is a character", () => {
    expect(decodeField(Uint8Array.of(0xef, 0xbb, 0xbf, 0x79), 0, 4, new LoadProblems(false))).toBe("\ufeffy");
  });

  test("names the line of invalid UTF-8, or puts U+FFFD there", () => {
    const problems = new LoadProblems(false);
    problems.line = 7;
    expect(() => decodeField(invalid, 0, 3, problems)).toThrow(/^Line 7: .*not valid UTF-8/);
    expect(decodeField(invalid, 0, 3, new LoadProblems(true))).toBe("a\ufffdb");
  });
});
