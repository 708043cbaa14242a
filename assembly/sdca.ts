import { visitDense } from "./dense";
import { setEntryWeights } from "./elastic-net";
import { startRowScores } from "./folding";
import { Problem } from "./layout";
import { addBiases, addRowMarginUpdate, addRowScores, addRowUpdate, rowMargin } from "./sparse";
import { stepRow, stepTwoClassRow } from "./step";

// Stochastic dual coordinate ascent for the multinomial log-loss
//
//   P(W) = (1/n) Σ −c_i ln softmax(W x_i)[y_i] + (λ/2) |W|²,  c_i > 0 the weight of row i, (1/n) Σ c_i = 1
//
// after Shalev-Shwartz and Zhang (2013) and Yu, Huang and Lin (2011): one distribution q_i per row, weights
// W(q) = (1/N) Σ c_i (e_y − q_i) x_iᵀ with N = λ n, each visit maximising the dual along softmax(z_i) − q_i (step.ts).
//
// Rows are visited in batches of consecutive rows of an order that is drawn anew for each epoch. A batch's rows are all
// scored against the weights at its start; then their steps are taken one after another, and at last their updates are
// added in that order. Only the biases, which every row shares, are always up to date. So the result depends on the
// batch size but not on who scores and who updates: one thread here, several in together.ts. While rows of a batch share
// little (mean overlap factor at most 3, see batchSizeFor in src/train/batch-size.ts), epochs are as good as with batches
// of one.
//
// Lines of weights are dealt out to shards (src/train/deal-lines.ts), of which a thread has some for its own. A score is the sum of what
// each shard adds to it, whoever has computed that. A row's own features have no weights: what they add to its scores
// follows from its q, and counts with the last shard. See folding.ts.

/** Visits the rows order[first] … order[end − 1], batch after batch. */
export function visitRows(problem: usize, order: usize, first: u32, end: u32): void {
  const batchSize = load<u32>(problem, Problem.batchSize);
  for (let start = first; start < end; start += batchSize) {
    const rows = order + ((<usize>start) << 2);
    const size = <usize>min(batchSize, end - start);
    fetchRows(problem, rows, rows + (size << 2));
    fetchSteps(problem, rows, rows + (size << 2));
    for (let i: usize = 0; i < size; i += 2) visitPair(problem, rows, i, size, 0, false);
    for (let i: usize = 0; i < size; i++) stepInBatch(problem, load<u32>(rows + (i << 2)), i);
    for (let i: usize = 0; i < size; i += 2) visitPair(problem, rows, i, size, 0, true);
  }
}

/**
 * Reads a word of each cache line of the entries that the rows listed from `rows` to `end` have on plain lines of the record's
 * shards: memory then sends many at once, where scoring waits for one after another.
 */
export function fetchRows(problem: usize, rows: usize, end: usize): void {
  const shards = <usize>load<u32>(problem, Problem.shards);
  const first = (<usize>load<u32>(problem, Problem.firstShard)) << 2;
  const last = (<usize>load<u32>(problem, Problem.endShard)) << 2;
  for (; rows < end; rows += 4) {
    const bounds = <usize>load<u32>(problem, Problem.bounds) + ((<usize>load<u32>(rows) * shards) << 3);
    const stop = (<usize>load<u32>(bounds + last)) << 2;
    for (let k = (<usize>load<u32>(bounds + first)) << 2; k < stop; k += 64) {
      load<u32>(<usize>load<u32>(problem, Problem.indices) + k);
      load<u32>(<usize>load<u32>(problem, Problem.values) + k);
    }
  }
}

/** The same of what the steps of the rows read and write, each in an array of its own. */
function fetchSteps(problem: usize, rows: usize, end: usize): void {
  const twoClasses = load<u32>(problem, Problem.classCount) == 2;
  const lineBytes = (<usize>(twoClasses ? 1 : load<u32>(problem, Problem.stride))) << 2;
  const duals = <usize>load<u32>(problem, Problem.duals);
  const labels = <usize>load<u32>(problem, Problem.labels);
  const norms = <usize>load<u32>(problem, Problem.norms);
  const rowWeights = <usize>load<u32>(problem, Problem.rowWeights);
  const residuals = <usize>load<u32>(problem, Problem.residuals);
  const divergences = <usize>load<u32>(problem, Problem.divergences);
  const losses = <usize>load<u32>(problem, Problem.losses);
  for (; rows < end; rows += 4) {
    const row = <usize>load<u32>(rows);
    const offset = row << 2;
    load<u32>(labels + offset);
    load<u32>(norms + offset);
    load<u32>(rowWeights + offset);
    load<u32>(residuals + offset);
    load<u32>(divergences + offset);
    load<u32>(losses + offset);
    const q = duals + row * lineBytes;
    for (let at: usize = 0; at < lineBytes; at += 64) load<u32>(q + at);
  }
}

/**
 * Scores the i-th row of a batch and the next, where there is one, for the record's shards and without the biases; or adds their
 * updates to the weights of those shards, when their steps are taken. `firstSlot`: of the batch in what is kept of batches.
 */
export function visitPair(
  problem: usize,
  rows: usize,
  i: usize,
  size: usize,
  firstSlot: usize,
  updates: bool,
): void {
  const last = min(i + 1, size - 1);
  for (let at = i; at <= last; at++) {
    const row = load<u32>(rows + (at << 2));
    if (updates) updateFromBatch(problem, row, firstSlot + at);
    else scoreInBatch(problem, row, firstSlot + at);
  }
  if (load<u32>(problem, Problem.denseCount) == 0) return;
  const row0 = load<u32>(rows + (i << 2));
  visitDense(problem, row0, load<u32>(rows + (last << 2)), firstSlot + i, firstSlot + last, updates);
}

/** Scores a row, the i-th of its batch, without its dense values. */
function scoreInBatch(problem: usize, row: u32, i: usize): void {
  const stride = load<u32>(problem, Problem.stride);
  const shards = <usize>load<u32>(problem, Problem.shards);
  const first = <usize>load<u32>(problem, Problem.firstShard);
  const end = <usize>load<u32>(problem, Problem.endShard);
  const bounds = <usize>load<u32>(problem, Problem.bounds) + ((<usize>row * shards) << 3);
  const indices = <usize>load<u32>(problem, Problem.indices);
  const values = <usize>load<u32>(problem, Problem.values);
  const weights = <usize>load<u32>(problem, Problem.weights);
  const twoClasses = load<u32>(problem, Problem.classCount) == 2;
  const lineBytes = (<usize>(twoClasses ? 1 : stride)) << 2;
  let scores = <usize>load<u32>(problem, Problem.scores) + (i * shards + first) * lineBytes;
  for (let shard = first; shard < end; shard++) {
    const plain = bounds + (shard << 2);
    const shared = plain + (shards << 2);
    const from = <usize>load<u32>(plain);
    const nnz = load<u32>(plain, 4) - <u32>from;
    if (twoClasses) {
      store<f32>(scores, rowMargin(indices + (from << 2), values + (from << 2), nnz, weights));
    } else {
      startRowScores(problem, row, shard + 1 == shards, load<u32>(shared), load<u32>(shared, 4), scores);
      addRowScores(scores, indices + (from << 2), values + (from << 2), nnz, weights, stride);
    }
    scores += lineBytes;
  }
}

/** Adds the scores of all shards to those of the first, in pairs, then pairs of pairs: `lines` of so many bytes. */
export function joinShards(lines: usize, shards: usize, lineBytes: usize): void {
  for (let distance: usize = 1; distance < shards; distance <<= 1) {
    for (let shard: usize = 0; shard < shards; shard += distance << 1) {
      const to = lines + shard * lineBytes;
      const from = to + distance * lineBytes;
      if (lineBytes == 4) {
        store<f32>(to, load<f32>(to) + load<f32>(from));
        continue;
      }
      for (let lane: usize = 0; lane < lineBytes; lane += 16) {
        v128.store(to + lane, f32x4.add(v128.load(to + lane), v128.load(from + lane)));
      }
    }
  }
}

/**
 * Takes the step of the i-th row of the batch and brings the biases up to date. Steps must be taken in order, when all
 * shards of the row are scored.
 */
export function stepInBatch(problem: usize, row: u32, i: usize): void {
  const mark = <usize>load<u32>(problem, Problem.marks) + i;
  const biases = <usize>load<u32>(problem, Problem.biases);
  const shards = <usize>load<u32>(problem, Problem.shards);
  const scores = <usize>load<u32>(problem, Problem.scores);
  const changes = <usize>load<u32>(problem, Problem.changes);
  const hasBias = load<u32>(problem, Problem.hasBias) != 0;
  const stride = load<u32>(problem, Problem.stride);
  const twoClasses = load<u32>(problem, Problem.classCount) == 2;
  const lineBytes = (<usize>(twoClasses ? 1 : stride)) << 2;
  const rowScores = scores + i * shards * lineBytes;
  const change = changes + i * lineBytes;
  joinShards(rowScores, shards, lineBytes);
  if (twoClasses) {
    const move = stepTwoClassRow(problem, row, load<f32>(rowScores) + load<f32>(biases));
    store<f32>(change, move);
    store<u8>(mark, <u8>(move != 0));
    if (hasBias) store<f32>(biases, load<f32>(biases) + move);
    return;
  }
  addBiases(rowScores, biases, stride);
  const moved = stepRow(problem, row, rowScores, change);
  store<u8>(mark, <u8>moved);
  if (hasBias && moved) addBiases(biases, change, stride);
}

/** Adds the update of a row, the i-th of its batch, to the weights of the record's shards, but for the dense lines. */
function updateFromBatch(problem: usize, row: u32, i: usize): void {
  if (load<u8>(<usize>load<u32>(problem, Problem.marks) + i) == 0) return;
  const shards = <usize>load<u32>(problem, Problem.shards);
  const first = (<usize>load<u32>(problem, Problem.firstShard)) << 2;
  const end = (<usize>load<u32>(problem, Problem.endShard)) << 2;
  const bounds = <usize>load<u32>(problem, Problem.bounds) + ((<usize>row * shards) << 3);
  const shared = bounds + (shards << 2);
  if (end - first == shards << 2) {
    updateEntries(problem, i, load<u32>(bounds), load<u32>(shared + end));
  } else {
    updateEntries(problem, i, load<u32>(bounds + first), load<u32>(bounds + end));
    updateEntries(problem, i, load<u32>(shared + first), load<u32>(shared + end));
  }
}

function updateEntries(problem: usize, i: usize, from: u32, end: u32): void {
  const indices = <usize>load<u32>(problem, Problem.indices) + ((<usize>from) << 2);
  const values = <usize>load<u32>(problem, Problem.values) + ((<usize>from) << 2);
  const accumulated = <usize>load<u32>(problem, Problem.accumulated);
  const weights = accumulated == 0 ? <usize>load<u32>(problem, Problem.weights) : accumulated;
  const changes = <usize>load<u32>(problem, Problem.changes);
  if (load<u32>(problem, Problem.classCount) == 2) {
    addRowMarginUpdate(weights, indices, values, end - from, load<f32>(changes + (i << 2)));
  } else {
    const stride = load<u32>(problem, Problem.stride);
    addRowUpdate(weights, indices, values, end - from, changes + i * ((<usize>stride) << 2), stride);
  }
  if (accumulated != 0) setEntryWeights(problem, indices, end - from);
}
