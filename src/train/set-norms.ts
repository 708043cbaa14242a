import type { ProblemMemory } from "./problem-memory.js";

/** Sets |x|² of rows first … end − 1, own features included and 1 more for a bias, and that of its own features: sums in f64. */
export function setNorms(memory: ProblemMemory, hasBias: boolean, first: number, end: number): void {
  const { rowCount, folded } = memory;
  const indptr = memory.u32("indptr", rowCount + 1);
  const sharedAt = memory.u32("sharedAt", rowCount);
  const indices = memory.u32("indices", indptr[rowCount]!);
  const values = memory.f32("values", indptr[rowCount]!);
  const counts = memory.f32("counts", folded.lineCount - folded.firstShared);
  const ownIndptr = memory.u32("ownIndptr", rowCount + 1);
  const ownValues = memory.f32("ownValues", folded.ownCount);
  const norms = memory.f32("norms", rowCount);
  const ownNorms = memory.f32("ownNorms", rowCount);
  for (let row = first; row < end; row++) {
    let own = 0;
    for (let k = ownIndptr[row]!; k < ownIndptr[row + 1]!; k++) own += ownValues[k]! * ownValues[k]!;
    let plain = 0;
    const shared = sharedAt[row]!;
    for (let k = indptr[row]!; k < shared; k++) plain += values[k]! * values[k]!;
    let norm = plain + own + (hasBias ? 1 : 0);
    for (let k = shared; k < indptr[row + 1]!; k++) {
      norm += counts[indices[k]! - folded.firstShared]! * values[k]! * values[k]!;
    }
    norms[row] = norm;
    ownNorms[row] = own;
  }
}
