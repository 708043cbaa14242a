import { sigmoidOfMargin, softmax } from "./softmax";
import { addBiases, addRowScores, rowMargin } from "./sparse";

/** Margins of rows of a CSR matrix for two classes, f32[rowCount]; the rest as in {@link scoreRows}. */
export function scoreMargins(
  margins: usize,
  indptr: usize,
  indices: usize,
  values: usize,
  rowCount: u32,
  weights: usize,
  biases: usize,
): void {
  for (let row: u32 = 0; row < rowCount; row++) {
    const from = <usize>load<u32>(indptr + ((<usize>row) << 2));
    const nnz = load<u32>(indptr + ((<usize>row) << 2), 4) - <u32>from;
    const margin = rowMargin(indices + (from << 2), values + (from << 2), nnz, weights) + load<f32>(biases);
    store<f32>(margins + ((<usize>row) << 2), margin);
  }
}

/**
 * Class probabilities of rows of a CSR matrix: probabilities f32[rowCount][classCount], without spare lanes.
 *   indptr u32[rowCount + 1], indices u32[nnz], values f32[nnz]; weights and biases as in `Problem`
 *   scratch f32[2][stride]
 */
export function scoreRows(
  probabilities: usize,
  indptr: usize,
  indices: usize,
  values: usize,
  rowCount: u32,
  weights: usize,
  biases: usize,
  scratch: usize,
  classCount: u32,
  stride: u32,
): void {
  const lineBytes = (<usize>stride) << 2;
  const outBytes = (<usize>classCount) << 2;
  for (let row: u32 = 0; row < rowCount; row++) {
    const from = <usize>load<u32>(indptr + ((<usize>row) << 2));
    const nnz = load<u32>(indptr + ((<usize>row) << 2), 4) - <u32>from;
    const out = probabilities + <usize>row * outBytes;
    if (classCount == 2) {
      const margin = rowMargin(indices + (from << 2), values + (from << 2), nnz, weights) + load<f32>(biases);
      const second = sigmoidOfMargin(margin);
      store<f32>(out, sigmoidOfMargin(-margin));
      store<f32>(out, second, 4);
      continue;
    }
    memory.fill(scratch, 0, lineBytes);
    addRowScores(scratch, indices + (from << 2), values + (from << 2), nnz, weights, stride);
    addBiases(scratch, biases, stride);
    softmax(scratch + lineBytes, scratch, stride);
    memory.copy(out, scratch + lineBytes, outBytes);
  }
}
