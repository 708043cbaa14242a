import type { CsrMatrix } from "../../src/data/csr.js";

type Csr = typeof import("../../src/data/csr.js");

/** Rows, or whatever is counted, in each piece of a test that uses {@link inPieces}; undefined: as many as the library takes. */
export const pieces: { size: number | undefined } = { size: undefined };

/**
 * `src/data/csr.js` with ranges of `pieces.size`. For
 * `vi.mock("../../src/data/csr.js", async (original) => (await import("../helpers/pieces.js")).inPieces(await original()))`.
 */
export function inPieces(real: Csr): Csr {
  function* ofSize(count: number, size: number): Generator<readonly [number, number]> {
    for (let first = 0; first < count; first += size) yield [first, Math.min(first + size, count)];
  }
  return {
    ...real,
    rowRanges: (matrix: Pick<CsrMatrix, "rowCount" | "indptr">, most?: number) =>
      pieces.size ? ofSize(matrix.rowCount, pieces.size) : real.rowRanges(matrix, most),
    ranges: (count: number, most?: number) =>
      pieces.size ? ofSize(count, pieces.size) : real.ranges(count, most),
  };
}
