import { describe, expect, it } from "vitest";
import type { CsrMatrix } from "../../src/data/csr.js";
import { Random } from "../../src/random.js";
import { atOnce } from "../../src/slices.js";
import { rowDigest } from "../../src/train/row-digest.js";
import { freshCore } from "../helpers/place.js";
import { murmurOf } from "../reference/murmur.js";

const rows: CsrMatrix = {
  layout: "sparse",
  rowCount: 3,
  columnCount: 4,
  indptr: Uint32Array.of(0, 2, 3, 5),
  indices: Uint32Array.of(0, 3, 1, 2, 3),
  values: Float32Array.of(0.6, 0.8, 1, -0.5, 0.25),
};
const labels = Uint32Array.of(0, 1, 1);
const digest = (matrix: CsrMatrix, classes = labels) => atOnce(rowDigest(freshCore(), matrix, classes));

describe("rowDigest", () => {
  it("is MurmurHash3_x86_128 of the words, filled up to whole blocks", () => {
    // By a program of its own, from the definition.
    expect(digest(rows)).toBe("1bfb94f0205c4d85");
  });

  // About as many words as the first page of a core's memory holds, and several times as many.
  it.each([16_251, 16_252, 16_253, 50_000])("is that of %d entries", (count) => {
    const random = new Random(count);
    const indices = Uint32Array.from({ length: count }, () => random.nextU32());
    const values = Float32Array.from(indices, () => random.nextFloat());
    const indptr = Uint32Array.of(0, count);
    const parts = [indptr, indices, new Uint32Array(values.buffer), Uint32Array.of(1)];
    const blocks = parts.map((part) => {
      const filled = new Uint32Array(4 * Math.ceil(part.length / 4));
      filled.set(part);
      return [...filled];
    });
    const matrix = { ...rows, rowCount: 1, columnCount: 2 ** 32 - 1, indptr, indices, values };
    expect(digest(matrix, Uint32Array.of(1))).toBe(murmurOf(Uint32Array.from(blocks.flat())));
  });

  it("changes with every word", () => {
    const seen = new Set([digest(rows)]);
    const tried = [rows.indptr, rows.indices, rows.values, labels];
    for (const part of tried) {
      for (let i = 0; i < part.length; i++) {
        const before = part[i]!;
        part[i] = before + 1;
        seen.add(digest(rows));
        part[i] = before;
      }
    }
    expect(seen.size).toBe(1 + tried.reduce((count, part) => count + part.length, 0));
  });
});
