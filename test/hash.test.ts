import { describe, expect, test } from "vitest";
import { hashText, hashTwoWords, hashWord } from "../src/hash.js";

const SEED = 314489979;
const key = (hash: number, bits: number) => (hash % 2 ** bits) + 1;

describe("hashText", () => {
  test.each([
    { text: "", seed: 0, hash: 0 },
    { text: "", seed: 1, hash: 0x514e28b7 },
    { text: "test", seed: 0, hash: 0xba6bd213 },
    { text: "Hello, world!", seed: 0, hash: 0xc0363e43 },
    { text: "The quick brown fox jumps over the lazy dog", seed: 0, hash: 0x2e4ff723 },
  ])("is MurmurHash3 for ASCII: $text", ({ text, seed, hash }) => {
    expect(hashText(seed, text)).toBe(hash);
  });

  // Keys of 30 bits that ML.NET gives.
  test.each([
    ["hello", 167272364],
    ["world", 48345716],
    ["café", 728167937],
    ["日本", 194422125],
  ])("gives ML.NET's key for %s", (text, expected) => {
    expect(key(hashText(SEED, text), 30)).toBe(expected);
  });
});

// Keys of 10 bits that ML.NET's unit tests state.
describe("hashWord and hashTwoWords", () => {
  const words = (value: number) => {
    const view = new DataView(new ArrayBuffer(8));
    view.setFloat64(0, value);
    return [view.getUint32(4), view.getUint32(0)] as const;
  };
  const singleBits = new Uint32Array(Float32Array.of(1).buffer)[0]!;

  test("an integer", () => expect(key(hashWord(SEED, 1), 10)).toBe(502));
  test("a single", () => expect(key(hashWord(SEED, singleBits), 10)).toBe(463));
  test("a double", () => expect(key(hashTwoWords(SEED, ...words(1)), 10)).toBe(188));
  test("a text", () => expect(key(hashText(SEED, "hello"), 10)).toBe(940));
});
