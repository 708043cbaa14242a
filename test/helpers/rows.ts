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

/**
 * The same rows with columns that can be folded: every fourth feature three times, a feature that no row has, and in
 * every third row one to three features that no other row has. Features keep their order.
 */
export function withFoldableColumns(matrix: CsrMatrix): CsrMatrix {
  const { rowCount, columnCount, indptr } = matrix;
  const copiesOf = (feature: number) => (feature % 4 === 0 ? 3 : 1);
  const columns: number[] = [];
  let column = 1;
  for (let feature = 0; feature < columnCount; feature++) {
    columns.push(column);
    column += copiesOf(feature);
  }
  const indices: number[] = [];
  const values: number[] = [];
  const ends = [0];
  for (let row = 0; row < rowCount; row++) {
    for (let k = indptr[row]!; k < indptr[row + 1]!; k++) {
      const feature = matrix.indices[k]!;
      for (let copy = 0; copy < copiesOf(feature); copy++) {
        indices.push(columns[feature]! + copy);
        values.push(matrix.values[k]!);
      }
    }
    for (let own = 0; row % 3 === 0 && own <= row % 4; own++) {
      indices.push(column++);
      values.push(0.1 + 0.07 * own);
    }
    ends.push(indices.length);
  }
  return {
    layout: "sparse",
    rowCount,
    columnCount: column,
    indptr: Uint32Array.from(ends),
    indices: Uint32Array.from(indices),
    values: Float32Array.from(values),
  };
}

/**
 * The same rows with columns that nearly all of them have: 17 before and 18 after the others, of which a row in thirteen has none
 * of the first and lacks one of the second. Without the others on demand.
 */
export function withDenseColumns(matrix: CsrMatrix, keepsOthers = true): CsrMatrix {
  const random = new Random(7);
  const [before, after] = [17, 18];
  const others = keepsOthers ? matrix.columnCount : 0;
  const indices: number[] = [];
  const values: number[] = [];
  const ends = [0];
  const add = (column: number) => {
    indices.push(column);
    values.push((random.nextFloat() - 0.5) / 4);
  };
  for (let row = 0; row < matrix.rowCount; row++) {
    const lacks = row % 13 === 5;
    for (let column = 0; column < before; column++) if (!lacks) add(column);
    for (let k = matrix.indptr[row]!; keepsOthers && k < matrix.indptr[row + 1]!; k++) {
      indices.push(before + matrix.indices[k]!);
      values.push(matrix.values[k]!);
    }
    for (let column = 0; column < after; column++) if (!lacks || column !== 4) add(before + others + column);
    ends.push(indices.length);
  }
  return {
    layout: "sparse",
    rowCount: matrix.rowCount,
    columnCount: before + others + after,
    indptr: Uint32Array.from(ends),
    indices: Uint32Array.from(indices),
    values: Float32Array.from(values),
  };
}

/** The entries of one row. */
export function entriesOf({ indptr, indices, values }: CsrMatrix, row: number) {
  const [first, end] = [indptr[row]!, indptr[row + 1]!];
  return { indices: indices.subarray(first, end), values: values.subarray(first, end) };
}
