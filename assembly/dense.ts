import { setWeights } from "./elastic-net";
import { Problem } from "./layout";
import { rowMargin } from "./sparse";
import { sumOfSquares } from "./vector-math";
// Columns that nearly every row has: f32[rowCount][denseCount], row after row and without indices, on the first lines of
// weights. Two rows at a time, of which the second may be the first again, and four lines side by side: each line of
// weights is fetched once for both rows, each score once for four lines. `count`: lines, a multiple of 4.

/** Address of the dense values of a row, from column `first` on. */
export function denseRow(problem: usize, row: u32, first: u32): usize {
  const at = <usize>row * <usize>load<u32>(problem, Problem.denseCount) + <usize>first;
  return <usize>load<u32>(problem, Problem.dense) + (at << 2);
}

function products(values: v128, other: v128, weights: v128, others: v128): v128 {
  return f32x4.add(f32x4.mul(values, weights), f32x4.mul(other, others));
}

/** scores[c] += Σₖ values[k] · weights[k][c], of two rows; (0 + 1) + (2 + 3) of four lines at a time. */
export function addDenseScores(
  scores0: usize,
  scores1: usize,
  values0: usize,
  values1: usize,
  count: u32,
  weights: usize,
  lineBytes: usize,
): void {
  const end = values0 + ((<usize>count) << 2);
  while (values0 < end) {
    const a0 = v128.load32_splat(values0);
    const a1 = v128.load32_splat(values0, 4);
    const a2 = v128.load32_splat(values0, 8);
    const a3 = v128.load32_splat(values0, 12);
    const b0 = v128.load32_splat(values1);
    const b1 = v128.load32_splat(values1, 4);
    const b2 = v128.load32_splat(values1, 8);
    const b3 = v128.load32_splat(values1, 12);
    const line1 = weights + lineBytes;
    const line2 = line1 + lineBytes;
    const line3 = line2 + lineBytes;
    for (let lane: usize = 0; lane < lineBytes; lane += 16) {
      let low = v128.load(weights + lane);
      let high = v128.load(line1 + lane);
      let sum0 = products(a0, a1, low, high);
      let sum1 = products(b0, b1, low, high);
      low = v128.load(line2 + lane);
      high = v128.load(line3 + lane);
      sum0 = f32x4.add(v128.load(scores0 + lane), f32x4.add(sum0, products(a2, a3, low, high)));
      sum1 = f32x4.add(v128.load(scores1 + lane), f32x4.add(sum1, products(b2, b3, low, high)));
      v128.store(scores0 + lane, sum0);
      v128.store(scores1 + lane, sum1);
    }
    weights = line3 + lineBytes;
    values0 += 16;
    values1 += 16;
  }
}

function changed(weights: v128, value0: v128, value1: v128, change0: v128, change1: v128): v128 {
  return f32x4.add(f32x4.add(weights, f32x4.mul(value0, change0)), f32x4.mul(value1, change1));
}

/** weights[k][c] += values0[k] · change0[c], then values1[k] · change1[c]; two lines at a time. */
export function addDenseUpdates(
  weights: usize,
  values0: usize,
  values1: usize,
  count: u32,
  change0: usize,
  change1: usize,
  lineBytes: usize,
): void {
  const end = values0 + ((<usize>count) << 2);
  while (values0 < end) {
    const a0 = v128.load32_splat(values0);
    const a1 = v128.load32_splat(values0, 4);
    const b0 = v128.load32_splat(values1);
    const b1 = v128.load32_splat(values1, 4);
    const next = weights + lineBytes;
    for (let lane: usize = 0; lane < lineBytes; lane += 16) {
      const c0 = v128.load(change0 + lane);
      const c1 = v128.load(change1 + lane);
      v128.store(weights + lane, changed(v128.load(weights + lane), a0, b0, c0, c1));
      v128.store(next + lane, changed(v128.load(next + lane), a1, b1, c0, c1));
    }
    weights = next + lineBytes;
    values0 += 8;
    values1 += 8;
  }
}

/**
 * Scores the dense values of two rows of a batch for the record's shards, or, once the steps are taken, adds their changes to
 * the dense lines of those. A row without another is given twice, with the same slot of the batch.
 */
export function visitDense(
  problem: usize,
  row0: u32,
  row1: u32,
  slot0: usize,
  slot1: usize,
  updates: bool,
): void {
  const shards = <usize>load<u32>(problem, Problem.shards);
  const count = load<u32>(problem, Problem.denseCount) / <u32>shards;
  const twoClasses = load<u32>(problem, Problem.classCount) == 2;
  const lineBytes = (<usize>(twoClasses ? 1 : load<u32>(problem, Problem.stride))) << 2;
  const marks = <usize>load<u32>(problem, Problem.marks);
  const columns = <usize>load<u32>(problem, Problem.columns);
  const zeros = <usize>load<u32>(problem, Problem.zeros);
  const changes = <usize>load<u32>(problem, Problem.changes);
  const change0 = load<u8>(marks + slot0) != 0 ? changes + slot0 * lineBytes : zeros;
  const change1 = slot1 != slot0 && load<u8>(marks + slot1) != 0 ? changes + slot1 * lineBytes : zeros;
  if (updates && change0 == change1) return;
  const accumulated = <usize>load<u32>(problem, Problem.accumulated);
  const weights = updates && accumulated != 0 ? accumulated : <usize>load<u32>(problem, Problem.weights);
  const scores = <usize>load<u32>(problem, Problem.scores);
  const end = <usize>load<u32>(problem, Problem.endShard);
  for (let shard = <usize>load<u32>(problem, Problem.firstShard); shard < end; shard++) {
    const first = <u32>shard * count;
    const offset = <usize>first * lineBytes;
    const values0 = denseRow(problem, row0, first);
    const values1 = denseRow(problem, row1, first);
    const scores0 = scores + (slot0 * shards + shard) * lineBytes;
    const scores1 = scores + (slot1 * shards + shard) * lineBytes;
    const lines = weights + offset;
    if (twoClasses) {
      if (updates) {
        addDenseColumn(lines, values0, values1, (<usize>count) << 2, change0, change1);
      } else {
        const score1 = load<f32>(scores1) + rowMargin(columns, values1, count, lines);
        store<f32>(scores0, load<f32>(scores0) + rowMargin(columns, values0, count, lines));
        store<f32>(scores1, score1);
      }
    } else if (updates) {
      addDenseUpdates(lines, values0, values1, count, change0, change1, lineBytes);
    } else {
      addDenseScores(scores0, scores1, values0, values1, count, lines, lineBytes);
    }
    if (updates && accumulated != 0) setWeights(problem, offset, <usize>count * lineBytes);
  }
}

/** The same as {@link addDenseUpdates} for one column of weights, `bytes` of it. */
function addDenseColumn(
  weights: usize,
  values0: usize,
  values1: usize,
  bytes: usize,
  change0: usize,
  change1: usize,
): void {
  const c0 = v128.load32_splat(change0);
  const c1 = v128.load32_splat(change1);
  for (let k: usize = 0; k < bytes; k += 16) {
    const line = v128.load(weights + k);
    v128.store(weights + k, changed(line, v128.load(values0 + k), v128.load(values1 + k), c0, c1));
  }
}

/** Squares of a row's dense values, in f64. */
export function denseSquares(problem: usize, row: u32): f64 {
  return sumOfSquares(denseRow(problem, row, 0), load<u32>(problem, Problem.denseCount));
}
