import { ranges } from "../data/csr.js";
import type { CoreExports } from "../wasm/core.js";
import { ABSENT, type FoldedCounts, OWN } from "./place-rows.js";

/** Numbers that are written in a few milliseconds. */
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

/** The weights of all features, folded or not, of a problem whose weights are those of its duals. */
export class UnfoldedWeights {
  readonly featureCount: number;
  readonly columns: number;
  readonly #core: CoreExports;
  readonly #record: number;
  readonly #pieceLines: number;
  readonly #scaledL2: number;
  readonly #lineOf: Uint32Array;
  readonly #lines: Float32Array;
  readonly #ownIndptr: Uint32Array;
  /** Of a feature that one row alone holds, its place among those; of others 0. */
  readonly #ownPlaces: Uint32Array;
  readonly #piece: Float32Array;

  /** @param at blocks of a problem; "sums" is scratch @param scaledL2 N */
  constructor(core: CoreExports, at: Readonly<Record<Blocks, number>>, shape: Shape, scaledL2: number) {
    const { rowCount, featureCount, columns, lineCount, ownCount, pieceLines } = shape;
    const { buffer } = core.memory;
    this.featureCount = featureCount;
    this.columns = columns;
    this.#core = core;
    this.#record = at.record;
    this.#pieceLines = pieceLines;
    this.#scaledL2 = scaledL2;
    this.#lineOf = new Uint32Array(buffer, at.lineOf, featureCount);
    this.#lines = new Float32Array(buffer, at.weights, lineCount * columns);
    this.#ownIndptr = new Uint32Array(buffer, at.ownIndptr, rowCount + 1);
    this.#piece = new Float32Array(buffer, at.sums, pieceLines * columns);
    this.#ownPlaces = placesOf(new Uint32Array(buffer, at.ownFeatures, ownCount), featureCount);
  }

  /** Weights of features first … end − 1 to the beginning of `target`: f32[end − first][columns]. */
  write(target: Float32Array, first: number, end: number): void {
    const [lineOf, lines, columns] = [this.#lineOf, this.#lines, this.columns];
    for (let feature = first; feature < end; feature++) {
      const line = lineOf[feature]!;
      const to = (feature - first) * columns;
      if (line === OWN) feature = this.#writeOwn(target, to, feature, end) - 1;
      else if (line === ABSENT) target.fill(0, to, to + columns);
      else copyLine(target, to, lines, line * columns, columns);
    }
  }

  /** Of features from this one on whose entries follow one another; returns the feature after them. */
  #writeOwn(target: Float32Array, to: number, feature: number, end: number): number {
    const [lineOf, places, piece] = [this.#lineOf, this.#ownPlaces, this.#piece];
    const place = places[feature]!;
    const most = Math.min(end - feature, this.#pieceLines);
    let count = 1;
    while (count < most && lineOf[feature + count] === OWN && places[feature + count] === place + count)
      count++;
    const row = rowWith(this.#ownIndptr, place);
    this.#core.writeOwnLines(this.#record, row, place, place + count, this.#scaledL2, this.#piece.byteOffset);
    for (let i = 0; i < count * this.columns; i++) target[to + i] = piece[i]!;
    return feature + count;
  }

  /** All to `target`, f32[featureCount][columns]. Yields now and then. */
  *writeAll(target: Float32Array): Generator<void> {
    const { columns } = this;
    for (const [first, end] of ranges(
      this.featureCount,
      Math.max(1, Math.floor(NUMBERS_A_PIECE / columns)),
    )) {
      this.write(target.subarray(first * columns, end * columns), first, end);
      yield;
    }
  }
}

function placesOf(features: Uint32Array, featureCount: number): Uint32Array {
  const places = new Uint32Array(featureCount);
  for (let place = 0; place < features.length; place++) places[features[place]!] = place;
  return places;
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
