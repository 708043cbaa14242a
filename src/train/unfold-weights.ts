import { ranges } from "../data/csr.js";
import type { CoreExports } from "../wasm/core.js";
import { ABSENT, type FoldedCounts, OWN } from "./place-rows.js";

/** Numbers that are written in a few milliseconds. */
const NUMBERS_A_PIECE = 1 << 20;
/** Likewise; each goes somewhere into memory that is new. */
const PLACES_A_PIECE = 1 << 15;

interface Shape extends FoldedCounts {
  readonly rowCount: number;
  readonly featureCount: number;
  /** Columns of a line of weights, spare lanes included. */
  readonly columns: number;
  /** Lines that "sums" has room for. */
  readonly pieceLines: number;
}

type Blocks = "record" | "lineOf" | "ownIndptr" | "ownFeatures" | "weights" | "sums";

/** Writes weights of features first … end − 1 to the beginning of `target`: f32[end − first][columns]. */
export type WriteWeights = (target: Float32Array, first: number, end: number) => void;

/**
 * What writes the weights of features, folded or not, of a problem whose weights are those of its duals.
 * Yields now and then. @param at blocks of a problem; "sums" is scratch @param scaledL2 N
 */
export function* unfolding(
  core: CoreExports,
  at: Readonly<Record<Blocks, number>>,
  { rowCount, featureCount, columns, lineCount, ownCount, pieceLines }: Shape,
  scaledL2: number,
): Generator<void, WriteWeights> {
  const { buffer } = core.memory;
  const lineOf = new Uint32Array(buffer, at.lineOf, featureCount);
  const lines = new Float32Array(buffer, at.weights, lineCount * columns);
  const piece = new Float32Array(buffer, at.sums, pieceLines * columns);
  const ownIndptr = new Uint32Array(buffer, at.ownIndptr, rowCount + 1);
  // Of a feature that one row alone holds, its place among those.
  const places = new Uint32Array(featureCount);
  const ownFeatures = new Uint32Array(buffer, at.ownFeatures, ownCount);
  for (const [first, end] of ranges(ownCount, PLACES_A_PIECE)) {
    for (let place = first; place < end; place++) places[ownFeatures[place]!] = place;
    yield;
  }

  /** Of features from this one on whose places follow one another; returns how many. */
  const writeOwn = (target: Float32Array, to: number, feature: number, most: number): number => {
    const place = places[feature]!;
    let count = 1;
    while (count < most && lineOf[feature + count] === OWN && places[feature + count] === place + count)
      count++;
    core.writeOwnLines(at.record, rowWith(ownIndptr, place), place, place + count, scaledL2, at.sums);
    for (let i = 0; i < count * columns; i++) target[to + i] = piece[i]!;
    return count;
  };

  return (target, first, end) => {
    for (let feature = first; feature < end; feature++) {
      const line = lineOf[feature]!;
      const to = (feature - first) * columns;
      if (line === OWN) feature += writeOwn(target, to, feature, Math.min(end - feature, pieceLines)) - 1;
      else if (line === ABSENT) target.fill(0, to, to + columns);
      else copyLine(target, to, lines, line * columns, columns);
    }
  };
}

/** All that `write` writes, to `target`, f32[featureCount][columns]. Yields now and then. */
export function* writingWeights(
  write: WriteWeights,
  target: Float32Array,
  featureCount: number,
  columns: number,
): Generator<void> {
  for (const [first, end] of ranges(featureCount, Math.max(1, Math.floor(NUMBERS_A_PIECE / columns)))) {
    write(target.subarray(first * columns, end * columns), first, end);
    yield;
  }
}

/** The row whose entries are around `place`. */
function rowWith(indptr: Uint32Array, place: number): number {
  let first = 0;
  let end = indptr.length - 1;
  while (end - first > 1) {
    const middle = (first + end) >>> 1;
    if (indptr[middle]! <= place) first = middle;
    else end = middle;
  }
  return first;
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
