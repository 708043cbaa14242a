import type { CsrMatrix } from "../src/data/csr.js";
import type { Random } from "../src/random.js";

/** Rows of `nnz` ascending features of length 1, low ones more frequent, as in text. */
export function longTailedRows(
  random: Random,
  { rowCount, nnz, featureCount }: { rowCount: number; nnz: number; featureCount: number },
): CsrMatrix {
  const indptr = Uint32Array.from({ length: rowCount + 1 }, (_, row) => row * nnz);
  const indices = new Uint32Array(rowCount * nnz);
  for (let row = 0; row < rowCount; row++) {
    const features = new Set<number>();
    while (features.size < nnz) {
      const u = random.nextFloat();
      features.add(Math.floor(featureCount * u * u * u));
    }
    indices.set(Uint32Array.from(features).sort(), row * nnz);
  }
  const values = new Float32Array(rowCount * nnz).fill(1 / Math.sqrt(nnz));
  return { layout: "sparse", rowCount, columnCount: featureCount, indptr, indices, values };
}

/** Rows of length 1 in which no value is 0, as encoders give them: one entry a column, uniform before scaling. */
export function denseRows(
  random: Random,
  { rowCount, columnCount }: { rowCount: number; columnCount: number },
): CsrMatrix {
  const indptr = Uint32Array.from({ length: rowCount + 1 }, (_, row) => row * columnCount);
  const indices = new Uint32Array(rowCount * columnCount).map((_, k) => k % columnCount);
  const values = new Float32Array(indices.length);
  for (let row = 0; row < rowCount; row++) {
    const own = values.subarray(row * columnCount, (row + 1) * columnCount);
    for (let i = 0; i < columnCount; i++) own[i] = random.nextFloat() - 0.5;
    const norm = Math.sqrt(own.reduce((sum, value) => sum + value * value, 0));
    for (let i = 0; i < columnCount; i++) own[i]! /= norm;
  }
  return { layout: "sparse", rowCount, columnCount, indptr, indices, values };
}
