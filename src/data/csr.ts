/**
 * A matrix of single-precision numbers, one row an example, in compressed sparse rows.
 *
 *   indptr   u32[rowCount + 1]   row r owns the positions indptr[r] … indptr[r + 1] − 1
 *   indices  u32[nnz]            strictly ascending inside a row, each < columnCount
 *   values   f32[nnz]
 */
export interface CsrMatrix {
  readonly layout: "sparse";
  readonly rowCount: number;
  readonly columnCount: number;
  readonly indptr: Uint32Array;
  readonly indices: Uint32Array;
  readonly values: Float32Array;
}

/** A matrix with every value stored: values f32[rowCount × columnCount], row after row. */
export interface DenseMatrix {
  readonly layout: "dense";
  readonly rowCount: number;
  readonly columnCount: number;
  readonly values: Float32Array;
}

export type Matrix = CsrMatrix | DenseMatrix;

/** Entries that a computation goes through in a few milliseconds. */
export const ENTRIES_A_PIECE = 131_072;

type Range = readonly [first: number, end: number];

/**
 * Ranges of rows first … end − 1, in order, each with entries for a few milliseconds of work, if a row has not more.
 * @param most rows and entries of a range together
 */
export function* rowRanges(
  { rowCount, indptr }: Pick<CsrMatrix, "rowCount" | "indptr">,
  most = ENTRIES_A_PIECE,
): Generator<Range> {
  for (let first = 0; first < rowCount; ) {
    const end = endOfRange(indptr, first, rowCount, most);
    yield [first, end];
    first = end;
  }
}

/** Entries of the row that has most. */
export function longestRowOf({ rowCount, indptr }: Pick<CsrMatrix, "rowCount" | "indptr">): number {
  let longest = 0;
  for (let row = 0; row < rowCount; row++) longest = Math.max(longest, indptr[row + 1]! - indptr[row]!);
  return longest;
}

/** By bisection: rows and entries before a row grow with it. */
function endOfRange(indptr: Uint32Array, first: number, rowCount: number, most: number): number {
  const last = indptr[first]! + first + most;
  let [end, beyond] = [first + 1, rowCount + 1];
  while (beyond - end > 1) {
    const middle = (end + beyond) >>> 1;
    if (indptr[middle]! + middle <= last) end = middle;
    else beyond = middle;
  }
  return end;
}

/** Ranges first … end − 1 of `count` things, each with at most `most`, some milliseconds of work. */
export function* ranges(count: number, most = ENTRIES_A_PIECE): Generator<Range> {
  for (let first = 0; first < count; first += most) yield [first, Math.min(first + most, count)];
}

/** Rows start … end − 1. The arrays are views of the matrix, except `indptr`, which is rebased to 0. */
export function sliceRows(matrix: Matrix, start: number, end: number): Matrix {
  const rowCount = end - start;
  if (matrix.layout === "dense") {
    const { columnCount } = matrix;
    return {
      layout: "dense",
      rowCount,
      columnCount,
      values: matrix.values.subarray(start * columnCount, end * columnCount),
    };
  }
  const first = matrix.indptr[start]!;
  const last = matrix.indptr[end]!;
  return {
    layout: "sparse",
    rowCount,
    columnCount: matrix.columnCount,
    indptr: matrix.indptr.slice(start, end + 1).map((position) => position - first),
    indices: matrix.indices.subarray(first, last),
    values: matrix.values.subarray(first, last),
  };
}

/** Every value of a row. */
export function denseRow(matrix: Matrix, row: number): Float32Array {
  const { columnCount } = matrix;
  if (matrix.layout === "dense") return matrix.values.subarray(row * columnCount, (row + 1) * columnCount);
  const values = new Float32Array(columnCount);
  for (let k = matrix.indptr[row]!; k < matrix.indptr[row + 1]!; k++) {
    values[matrix.indices[k]!] = matrix.values[k]!;
  }
  return values;
}

/** The rows listed, in that order. */
export function takeRows(matrix: Matrix, rows: Uint32Array): Matrix {
  const { columnCount } = matrix;
  if (matrix.layout === "dense") {
    const values = new Float32Array(rows.length * columnCount);
    rows.forEach((row, i) => {
      values.set(matrix.values.subarray(row * columnCount, (row + 1) * columnCount), i * columnCount);
    });
    return { layout: "dense", rowCount: rows.length, columnCount, values };
  }
  const indptr = new Uint32Array(rows.length + 1);
  rows.forEach((row, i) => {
    indptr[i + 1] = indptr[i]! + matrix.indptr[row + 1]! - matrix.indptr[row]!;
  });
  const nnz = indptr[rows.length]!;
  const indices = new Uint32Array(nnz);
  const values = new Float32Array(nnz);
  rows.forEach((row, i) => {
    const [first, last] = [matrix.indptr[row]!, matrix.indptr[row + 1]!];
    indices.set(matrix.indices.subarray(first, last), indptr[i]!);
    values.set(matrix.values.subarray(first, last), indptr[i]!);
  });
  return { layout: "sparse", rowCount: rows.length, columnCount, indptr, indices, values };
}

/** Matrices of equally many rows side by side: dense when all are, else sparse, where zeros are not stored. */
export function joinColumns(parts: readonly Matrix[]): Matrix {
  if (parts.length === 1) return parts[0]!;
  const { rowCount } = parts[0]!;
  const columnCount = parts.reduce((sum, part) => sum + part.columnCount, 0);
  if (parts.every((part) => part.layout === "dense")) {
    const values = new Float32Array(rowCount * columnCount);
    let offset = 0;
    for (const part of parts) {
      for (let row = 0; row < rowCount; row++) {
        const from = row * part.columnCount;
        values.set(part.values.subarray(from, from + part.columnCount), row * columnCount + offset);
      }
      offset += part.columnCount;
    }
    return { layout: "dense", rowCount, columnCount, values };
  }
  const sparse = parts.map(nonZeros);
  const nnz = sparse.reduce((sum, part) => sum + part.values.length, 0);
  const indptr = new Uint32Array(rowCount + 1);
  const indices = new Uint32Array(nnz);
  const values = new Float32Array(nnz);
  let at = 0;
  for (let row = 0; row < rowCount; row++) {
    let offset = 0;
    for (const part of sparse) {
      const [first, last] = [part.indptr[row]!, part.indptr[row + 1]!];
      for (let k = first; k < last; k++) indices[at + k - first] = part.indices[k]! + offset;
      values.set(part.values.subarray(first, last), at);
      at += last - first;
      offset += part.columnCount;
    }
    indptr[row + 1] = at;
  }
  return { layout: "sparse", rowCount, columnCount, indptr, indices, values };
}

/** A matrix as compressed sparse rows. */
export function nonZeros(matrix: Matrix): CsrMatrix {
  if (matrix.layout === "sparse") return matrix;
  const { rowCount, columnCount, values } = matrix;
  const indptr = new Uint32Array(rowCount + 1);
  let nnz = 0;
  for (let row = 0; row < rowCount; row++) {
    for (let i = row * columnCount; i < (row + 1) * columnCount; i++) if (values[i] !== 0) nnz++;
    indptr[row + 1] = nnz;
  }
  const indices = new Uint32Array(nnz);
  const kept = new Float32Array(nnz);
  let k = 0;
  for (let row = 0; row < rowCount; row++) {
    for (let column = 0; column < columnCount; column++) {
      const value = values[row * columnCount + column]!;
      if (value === 0) continue;
      indices[k] = column;
      kept[k++] = value;
    }
  }
  return { layout: "sparse", rowCount, columnCount, indptr, indices, values: kept };
}
