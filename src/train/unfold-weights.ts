import { ranges } from "../data/csr.js";
import type { CoreExports } from "../wasm/core.js";
import { ABSENT, type FoldedCounts, OWN } from "./place-rows.js";

/** Numbers that are copied in a few milliseconds. */
const NUMBERS_A_PIECE = 1 << 20;

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
 * Writes the weights of all features, folded or not, to `target` (f32[featureCount][columns]). Yields now and then.
 * @param at blocks of a problem; "sums" is scratch @param scaledL2 N
 */
export function* unfoldWeights(
  core: CoreExports,
  at: Readonly<Record<Blocks, number>>,
  shape: Shape,
  scaledL2: number,
  target: Float32Array,
): Generator<void> {
  const { rowCount, featureCount, columns, lineCount, ownCount, pieceLines } = shape;
  const { buffer } = core.memory;
  const lineOf = new Uint32Array(buffer, at.lineOf, featureCount);
  const lines = new Float32Array(buffer, at.weights, lineCount * columns);
  const linesAPiece = Math.max(1, Math.floor(NUMBERS_A_PIECE / columns));
  for (const [first, end] of ranges(featureCount, linesAPiece)) {
    copyLines(target, lines, lineOf, first, end, columns);
    yield;
  }
  const ownIndptr = new Uint32Array(buffer, at.ownIndptr, rowCount + 1);
  const ownFeatures = new Uint32Array(buffer, at.ownFeatures, ownCount);
  const piece = new Float32Array(buffer, at.sums, pieceLines * columns);
  let row = 0;
  for (const [first, end] of ranges(ownCount, Math.min(pieceLines, linesAPiece))) {
    while (ownIndptr[row + 1]! <= first) row++;
    core.writeOwnLines(at.record, row, first, end, scaledL2, at.sums);
    copyOwnLines(target, piece, ownFeatures.subarray(first, end), columns);
    yield;
  }
}

/** Lines of `piece`, one after the other, to the features that they are of. */
function copyOwnLines(
  target: Float32Array,
  piece: Float32Array,
  features: Uint32Array,
  columns: number,
): void {
  for (let i = 0; i < features.length; i++)
    copyLine(target, features[i]! * columns, piece, i * columns, columns);
}

/** Of features first … end − 1 that have lines. */
function copyLines(
  target: Float32Array,
  lines: Float32Array,
  lineOf: Uint32Array,
  first: number,
  end: number,
  columns: number,
): void {
  for (let feature = first; feature < end; feature++) {
    const line = lineOf[feature]!;
    if (line === OWN) continue;
    const to = feature * columns;
    if (line === ABSENT) target.fill(0, to, to + columns);
    else copyLine(target, to, lines, line * columns, columns);
  }
}

/** Faster than `set` of a subarray for the few columns that there are. @param columns 1 or a multiple of 4 */
export function copyLine(
  target: Float32Array,
  to: number,
  source: Float32Array,
  from: number,
  columns: number,
): void {
  if (columns === 1) {
    target[to] = source[from]!;
    return;
  }
  for (let c = 0; c < columns; c += 4) {
    target[to + c] = source[from + c]!;
    target[to + c + 1] = source[from + c + 1]!;
    target[to + c + 2] = source[from + c + 2]!;
    target[to + c + 3] = source[from + c + 3]!;
  }
}
