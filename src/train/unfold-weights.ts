import { ranges } from "../data/csr.js";
import type { CoreExports } from "../wasm/core.js";

/** Numbers that are written in a few milliseconds. */
const NUMBERS_A_PIECE = 1 << 20;
/** Numbers that the core writes at a time: from the cache they then go on. */
const NUMBERS_A_CALL = 1 << 14;

/** Writes weights of features first … end − 1 to the beginning of `target`: f32[end − first][columns]. */
export type WriteWeights = (target: Float32Array, first: number, end: number) => void;

/**
 * What writes the weights of features, folded or not, of a problem whose weights are those of its duals.
 * @param at blocks of a problem; "sums" is scratch @param columns of a line of weights, spare lanes included
 * @param pieceLines lines that "sums" has room for @param scaledL2 N
 */
export function unfolding(
  core: CoreExports,
  at: Readonly<Record<"record" | "sums", number>>,
  { columns, pieceLines }: { readonly columns: number; readonly pieceLines: number },
  scaledL2: number,
): WriteWeights {
  const most = Math.max(1, Math.min(pieceLines, Math.floor(NUMBERS_A_CALL / columns)));
  return (target, first, end) => {
    for (let feature = first; feature < end; feature += most) {
      const stop = Math.min(feature + most, end);
      core.writeWeights(at.record, feature, stop, columns, scaledL2, at.sums);
      const written = new Float32Array(core.memory.buffer, at.sums, (stop - feature) * columns);
      target.set(written, (feature - first) * columns);
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
