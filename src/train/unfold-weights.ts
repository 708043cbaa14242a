import type { CoreExports } from "../wasm/core.js";
import { ABSENT, type FoldedCounts, OWN } from "./place-rows.js";

interface Shape extends FoldedCounts {
  readonly rowCount: number;
  readonly featureCount: number;
  /** Columns of a line of weights, spare lanes included. */
  readonly columns: number;
  /** Lines that "sums" has room for. */
  readonly pieceLines: number;
}

type Blocks = "record" | "lineOf" | "ownIndptr" | "ownFeatures" | "weights" | "sums";

/**
 * Writes the weights of all features, folded or not, to `target` (f32[featureCount][columns]).
 * @param at blocks of a problem; "sums" is scratch @param scaledL2 N
 */
export function unfoldWeights(
  core: CoreExports,
  at: Readonly<Record<Blocks, number>>,
  shape: Shape,
  scaledL2: number,
  target: Float32Array,
): void {
  const { rowCount, featureCount, columns, lineCount, ownCount, pieceLines } = shape;
  const { buffer } = core.memory;
  const lineOf = new Uint32Array(buffer, at.lineOf, featureCount);
  const lines = new Float32Array(buffer, at.weights, lineCount * columns);
  for (let feature = 0; feature < featureCount; feature++) {
    const line = lineOf[feature]!;
    if (line === OWN) continue;
    const to = feature * columns;
    const from = line * columns;
    for (let c = 0; c < columns; c++) target[to + c] = line === ABSENT ? 0 : lines[from + c]!;
  }
  const ownIndptr = new Uint32Array(buffer, at.ownIndptr, rowCount + 1);
  const ownFeatures = new Uint32Array(buffer, at.ownFeatures, ownCount);
  const piece = new Float32Array(buffer, at.sums, pieceLines * columns);
  for (let row = 0; row < rowCount; row++) {
    const last = ownIndptr[row + 1]!;
    for (let first = ownIndptr[row]!; first < last; first += pieceLines) {
      const end = Math.min(first + pieceLines, last);
      core.writeOwnLines(at.record, row, first, end, scaledL2, at.sums);
      for (let k = first; k < end; k++) {
        const to = ownFeatures[k]! * columns;
        const from = (k - first) * columns;
        for (let c = 0; c < columns; c++) target[to + c] = piece[from + c]!;
      }
    }
  }
}
