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
