import { rowWeight, targetOf } from "./dual-lines";
import { Problem } from "./layout";
import { fetchRows, joinShards, visitPair } from "./sdca";
import { softmax } from "./softmax";
import { addBiases } from "./sparse";
import { expF32x4, logF32x4 } from "./vector-math";

/** The smallest probability that a logarithm is taken of. */
const TINY: f32 = 1e-37;

/**
 * Log-losses −c Σ t ln softmax(z) of `count` rows listed at `rows`, to the block "losses": scored as an epoch does, but by this thread
 * alone and without a step.
 */
export function measureLosses(problem: usize, rows: usize, count: u32): void {
  const firstShard = load<u32>(problem, Problem.firstShard);
  const endShard = load<u32>(problem, Problem.endShard);
  store<u32>(problem, 0, Problem.firstShard);
  store<u32>(problem, load<u32>(problem, Problem.shards), Problem.endShard);
  const batchSize = load<u32>(problem, Problem.batchSize);
  for (let start: u32 = 0; start < count; start += batchSize) {
    const batch = rows + ((<usize>start) << 2);
    const size = <usize>min(batchSize, count - start);
    fetchRows(problem, batch, batch + (size << 2));
    for (let i: usize = 0; i < size; i += 2) visitPair(problem, batch, i, size, 0, false);
    for (let i: usize = 0; i < size; i++) {
      const row = load<u32>(batch + (i << 2));
      const loss = <usize>load<u32>(problem, Problem.losses) + ((<usize>row) << 2);
      store<f32>(loss, <f32>rowWeight(problem, row) * lossInBatch(problem, row, i));
    }
  }
  store<u32>(problem, firstShard, Problem.firstShard);
  store<u32>(problem, endShard, Problem.endShard);
}

function lossInBatch(problem: usize, row: u32, i: usize): f32 {
  const biases = <usize>load<u32>(problem, Problem.biases);
  const shards = <usize>load<u32>(problem, Problem.shards);
  const stride = load<u32>(problem, Problem.stride);
  const twoClasses = load<u32>(problem, Problem.classCount) == 2;
  const columns: u32 = twoClasses ? 1 : stride;
  const lineBytes = (<usize>columns) << 2;
  const scores = <usize>load<u32>(problem, Problem.scores) + i * shards * lineBytes;
  const label = load<u32>(<usize>load<u32>(problem, Problem.labels) + ((<usize>row) << 2));
  const target = targetOf(problem, row, columns);
  joinShards(scores, shards, lineBytes);
  if (twoClasses) {
    const margin = load<f32>(scores) + load<f32>(biases);
    // ln of the odds of the label, of which the mass beside it in t loses as much again.
    const odds: f32 = (label != 0 ? margin : -margin) * 2;
    const rest = f32x4.add(f32x4.splat(1), expF32x4(f32x4.splat(-abs(odds))));
    const loss = f32x4.extract_lane(logF32x4(rest), 0) + max<f32>(-odds, 0);
    return target == 0 ? loss : loss + load<f32>(target) * odds;
  }
  addBiases(scores, biases, stride);
  softmax(scores, scores, stride);
  if (target == 0) return -logOf(load<f32>(scores + ((<usize>label) << 2)));
  let loss: f32 = 0;
  for (let lane: usize = 0; lane < lineBytes; lane += 4)
    loss -= load<f32>(target + lane) * logOf(load<f32>(scores + lane));
  return loss;
}

function logOf(probability: f32): f32 {
  return f32x4.extract_lane(logF32x4(f32x4.splat(max<f32>(probability, TINY))), 0);
}
