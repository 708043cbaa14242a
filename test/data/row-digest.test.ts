import { describe, expect, it } from "vitest";
import type { CsrMatrix } from "../../src/data/csr.js";
import { rowDigest } from "../../src/data/row-digest.js";
import { atOnce } from "../../src/slices.js";

const rows: CsrMatrix = {
  layout: "sparse",
  rowCount: 3,
  columnCount: 4,
  indptr: Uint32Array.of(0, 2, 3, 5),
  indices: Uint32Array.of(0, 3, 1, 2, 3),
  values: Float32Array.of(0.6, 0.8, 1, -0.5, 0.25),
};
const labels = Uint32Array.of(0, 1, 1);
const digest = (matrix: CsrMatrix, classes = labels) => atOnce(rowDigest(matrix, classes));

describe("rowDigest", () => {
  it("is MurmurHash3_x86_128 of the words, filled up to whole blocks", () => {
    // By a program of its own, from the definition.
    expect(digest(rows)).toBe("1bfb94f0205c4d85");
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

  it("sees a change where a piece begins", () => {
    const long = Float32Array.from({ length: 300_001 }, (_, i) => i);
    const indices = Uint32Array.from(long, (_, i) => i);
    const matrix = { ...rows, rowCount: 1, columnCount: long.length, indptr: Uint32Array.of(0, long.length) };
    const whole = digest({ ...matrix, indices, values: long }, Uint32Array.of(1));
    long[131_072]! += 1;
    expect(digest({ ...matrix, indices, values: long }, Uint32Array.of(1))).not.toBe(whole);
  });
});
