import { expect, test } from "vitest";
import { Random } from "../../src/random.js";
import { atOnce } from "../../src/slices.js";
import { MatrixRows } from "../../src/text/matrix-rows.js";
import { NgramCounter } from "../../src/text/ngram-counter.js";
import { TextRows } from "../../src/text/text-rows.js";
import { loadTextCore } from "../../src/wasm/core.js";

/** Words of two to twelve letters, nearly all of them new: short and long ones, of ASCII and of Chinese. */
function randomTexts(seed: number, rowCount: number): string[] {
  const random = new Random(seed);
  const word = () => {
    const [first, letters] = random.nextBelow(4) > 0 ? [0x61, 26] : [0x4e00, 500];
    const length = 2 + random.nextBelow(11);
    return String.fromCharCode(...Array.from({ length }, () => first + random.nextBelow(letters)));
  };
  return Array.from({ length: rowCount }, () => Array.from({ length: 20 }, word).join(" "));
}

/** Vitest's own comparison takes minutes for so many numbers. */
function areEqual(a: ArrayBufferView, b: ArrayBufferView): boolean {
  const [x, y] = [a, b].map(({ buffer, byteOffset, byteLength }) =>
    Buffer.from(buffer, byteOffset, byteLength),
  );
  return Buffer.compare(x!, y!) === 0;
}

test("large tables grow in pieces, to the same n-grams and entries as at once", async () => {
  const texts = randomTexts(1, 30_000);
  const core = await loadTextCore();
  const [inPieces, whole] = [core(), core()];
  const counter = new NgramCounter(inPieces, true, true, texts.length);
  const steps: number[] = [];
  for (const text of texts) {
    if (!counter.add(text)) continue;
    steps.push(0);
    for (const _ of counter.counting()) steps[steps.length - 1]!++;
  }
  const { matrix, tables } = atOnce(counter.finish());

  const rows = new TextRows(whole, true, true);
  const expected = new MatrixRows(texts.length);
  for (const text of texts) {
    rows.add(text);
    if (rows.waitingBytes >= 65_536) rows.count(expected);
  }
  rows.count(expected);
  const pairs = new Int32Array(whole.memory.buffer, whole.wordNgramPairs(), 2 * whole.wordNgramCount());
  const trigrams = new Uint16Array(whole.memory.buffer, whole.trigramUnits(), 3 * whole.trigramCount());
  expect(areEqual(tables.words!.ngrams, pairs)).toBe(true);
  expect(areEqual(tables.trigrams!, trigrams)).toBe(true);
  expect(areEqual(matrix.values as Float32Array, expected.values.subarray(0, expected.nnz))).toBe(true);

  // A table of 2²¹ buckets of eight bytes is moved in 32 pieces, the arrays and the matrix beside it in some more.
  expect(whole.wordNgramCount()).toBeGreaterThan(1_048_576);
  expect(Math.max(...steps)).toBeGreaterThanOrEqual(32);
  expect(steps.filter((count) => count === 1).length).toBeGreaterThan(0.8 * steps.length);
}, 30_000);
