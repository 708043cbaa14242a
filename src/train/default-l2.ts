import type { CsrMatrix } from "../data/csr.js";

/** λ when none is given. */
export function defaultL2(matrix: CsrMatrix, _labels: Uint32Array, _classCount: number): number {
  return 0.05 / matrix.rowCount;
}
