import type { CsrMatrix } from "../../src/data/csr.js";
import { Random } from "../../src/random.js";

export interface RowsOptions {
  readonly rowCount: number;
  readonly featureCount: number;
  readonly classCount: number;
  /** Entries a row, on average. */
  readonly density?: number;
  readonly seed?: number;
}

/** Sparse rows of unit norm whose labels depend on their features, with some noise. */
export function randomRows(options: RowsOptions): { matrix: CsrMatrix; labels: Uint32Array } {
  const { rowCount, featureCount, classCount, density = 8, seed = 1 } = options;
  const random = new Random(seed);
  const indptr = new Uint32Array(rowCount + 1);
  const indices: number[] = [];
  const values: number[] = [];
  const labels = new Uint32Array(rowCount);
  for (let row = 0; row < rowCount; row++) {
    const entries: [number, number][] = [];
    for (let feature = 0; feature < featureCount; feature++) {
      // Earlier features are more frequent, as words are.
      const chance = Math.min(
        0.9,
        (density * 4) / (featureCount * (1 + (8 * feature) / featureCount)) + 0.01,
      );
      if (random.nextFloat() < chance) entries.push([feature, 0.2 + random.nextFloat()]);
    }
    if (entries.length === 0) entries.push([row % featureCount, 1]);
    const norm = Math.sqrt(entries.reduce((sum, [, value]) => sum + value * value, 0));
    for (const [feature, value] of entries) {
      indices.push(feature);
      values.push(value / norm);
    }
    indptr[row + 1] = indices.length;
    const strongest = entries.reduce((best, entry) => (entry[1] > best[1] ? entry : best));
    labels[row] = random.nextFloat() < 0.15 ? random.nextBelow(classCount) : strongest[0] % classCount;
  }
  const matrix: CsrMatrix = {
    layout: "sparse",
    rowCount,
    columnCount: featureCount,
    indptr,
    indices: Uint32Array.from(indices),
    values: Float32Array.from(values),
  };
  return { matrix, labels };
}
