import { ownMargin, sharedMargin, startRowScores } from "./folding";
import { Problem } from "./layout";
import { addBiases, addRowMarginUpdate, addRowScores, addRowUpdate, rowMargin } from "./sparse";
import { stepRow, stepTwoClassRow } from "./step";

// Stochastic dual coordinate ascent for the multinomial log-loss
//
//   P(W) = (1/n) Σ −ln softmax(W x_i)[y_i] + (λ/2) |W|²
//
// after Shalev-Shwartz and Zhang (2013) and Yu, Huang and Lin (2011): one distribution q_i per row, weights
// W(q) = (1/N) Σ (e_y − q_i) x_iᵀ with N = λ n, each visit maximising the dual along softmax(z_i) − q_i (step.ts).
//
// Rows are visited in batches of consecutive rows of an order that is drawn anew for each epoch. A batch's rows are all
// scored against the weights at its start; then their steps are taken one after another, and at last their updates are
// added in that order. Only the biases, which every row shares, are always up to date. So the result depends on the
// batch size but not on who scores and who updates. While rows of a batch share little (mean overlap factor at most 3,
// see batchSizeFor in src/train/batch-size.ts), epochs are as good as with batches of one.
//
// A row's own features have no weights: what they add to its scores follows from its q. See folding.ts.

/** Visits the rows order[first] … order[end − 1], batch after batch. */
export function visitRows(problem: usize, order: usize, first: u32, end: u32): void {
  const batchSize = load<u32>(problem, Problem.batchSize);
  const twoClasses = load<u32>(problem, Problem.classCount) == 2;
  for (let i = first; i < end; i += batchSize) {
    const size = min(batchSize, end - i);
    if (twoClasses) visitTwoClassBatch(problem, order + ((<usize>i) << 2), size);
    else visitBatch(problem, order + ((<usize>i) << 2), size);
  }
}

/** Whether the row sits this epoch out; counts its rest down. */
function rests(problem: usize, row: u32): bool {
  const at = <usize>load<u32>(problem, Problem.rests) + <usize>row;
  const left = load<u8>(at);
  if (left == 0) return false;
  store<u8>(at, left - 1);
  return true;
}

function visitBatch(problem: usize, rows: usize, size: u32): void {
  const stride = load<u32>(problem, Problem.stride);
  const lineBytes = (<usize>stride) << 2;
  const indptr = <usize>load<u32>(problem, Problem.indptr);
  const sharedAt = <usize>load<u32>(problem, Problem.sharedAt);
  const indices = <usize>load<u32>(problem, Problem.indices);
  const values = <usize>load<u32>(problem, Problem.values);
  const weights = <usize>load<u32>(problem, Problem.weights);
  const biases = <usize>load<u32>(problem, Problem.biases);
  const scores = <usize>load<u32>(problem, Problem.scores);
  const changes = <usize>load<u32>(problem, Problem.changes);
  const marks = <usize>load<u32>(problem, Problem.marks);
  const hasBias = load<u32>(problem, Problem.hasBias) != 0;

  for (let i: u32 = 0; i < size; i++) {
    const row = load<u32>(rows + ((<usize>i) << 2));
    store<u8>(marks + <usize>i, <u8>!rests(problem, row));
    if (load<u8>(marks + <usize>i) == 0) continue;
    const from = <usize>load<u32>(indptr + ((<usize>row) << 2));
    const nnz = load<u32>(sharedAt + ((<usize>row) << 2)) - <u32>from;
    const rowScores = scores + <usize>i * lineBytes;
    startRowScores(problem, row, rowScores);
    addRowScores(rowScores, indices + (from << 2), values + (from << 2), nnz, weights, stride);
  }

  for (let i: u32 = 0; i < size; i++) {
    if (load<u8>(marks + <usize>i) == 0) continue;
    const row = load<u32>(rows + ((<usize>i) << 2));
    const rowScores = scores + <usize>i * lineBytes;
    const change = changes + <usize>i * lineBytes;
    addBiases(rowScores, biases, stride);
    const moved = stepRow(problem, row, rowScores, change);
    store<u8>(marks + <usize>i, <u8>moved);
    if (hasBias && moved) addBiases(biases, change, stride);
  }

  for (let i: u32 = 0; i < size; i++) {
    if (load<u8>(marks + <usize>i) == 0) continue;
    const row = load<u32>(rows + ((<usize>i) << 2));
    const from = <usize>load<u32>(indptr + ((<usize>row) << 2));
    const nnz = load<u32>(indptr + ((<usize>row) << 2), 4) - <u32>from;
    addRowUpdate(
      weights,
      indices + (from << 2),
      values + (from << 2),
      nnz,
      changes + <usize>i * lineBytes,
      stride,
    );
  }
}

function visitTwoClassBatch(problem: usize, rows: usize, size: u32): void {
  const indptr = <usize>load<u32>(problem, Problem.indptr);
  const sharedAt = <usize>load<u32>(problem, Problem.sharedAt);
  const indices = <usize>load<u32>(problem, Problem.indices);
  const values = <usize>load<u32>(problem, Problem.values);
  const weights = <usize>load<u32>(problem, Problem.weights);
  const biases = <usize>load<u32>(problem, Problem.biases);
  const scores = <usize>load<u32>(problem, Problem.scores);
  const changes = <usize>load<u32>(problem, Problem.changes);
  const marks = <usize>load<u32>(problem, Problem.marks);
  const hasBias = load<u32>(problem, Problem.hasBias) != 0;

  for (let i: u32 = 0; i < size; i++) {
    const row = load<u32>(rows + ((<usize>i) << 2));
    store<u8>(marks + <usize>i, <u8>!rests(problem, row));
    if (load<u8>(marks + <usize>i) == 0) continue;
    const from = <usize>load<u32>(indptr + ((<usize>row) << 2));
    const nnz = load<u32>(sharedAt + ((<usize>row) << 2)) - <u32>from;
    store<f32>(
      scores + ((<usize>i) << 2),
      rowMargin(indices + (from << 2), values + (from << 2), nnz, weights) +
        (sharedMargin(problem, row) + ownMargin(problem, row)),
    );
  }

  for (let i: u32 = 0; i < size; i++) {
    if (load<u8>(marks + <usize>i) == 0) continue;
    const row = load<u32>(rows + ((<usize>i) << 2));
    const change = stepTwoClassRow(problem, row, load<f32>(scores + ((<usize>i) << 2)) + load<f32>(biases));
    store<f32>(changes + ((<usize>i) << 2), change);
    store<u8>(marks + <usize>i, <u8>(change != 0));
    if (hasBias) store<f32>(biases, load<f32>(biases) + change);
  }

  for (let i: u32 = 0; i < size; i++) {
    if (load<u8>(marks + <usize>i) == 0) continue;
    const row = load<u32>(rows + ((<usize>i) << 2));
    const from = <usize>load<u32>(indptr + ((<usize>row) << 2));
    const nnz = load<u32>(indptr + ((<usize>row) << 2), 4) - <u32>from;
    const change = load<f32>(changes + ((<usize>i) << 2));
    addRowMarginUpdate(weights, indices + (from << 2), values + (from << 2), nnz, change);
  }
}
