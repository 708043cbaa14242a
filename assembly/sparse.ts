// Kernels on one CSR row. A row is nnz parallel pairs (feature id, value):
//
//   indices  u32[nnz]                     strictly ascending, each < featureCount
//   values   f32[nnz]                     normalised n-gram weights, no unit
//   weights  f32[featureCount][stride]    one line of class weights per feature
//   scores   f32[stride]                  class margins (logits)
//
// stride is classCount rounded up to whole v128 registers; the spare lanes of weights hold 0 and stay 0. WASM has no
// gather, so the classes of a feature lie side by side and the SIMD lanes run over classes. Each score is summed in the
// order of k, whichever of the paths below computes it.

function line(weights: usize, indices: usize, k: usize, lineBytes: usize): usize {
  return weights + <usize>load<u32>(indices + k) * lineBytes;
}

function multiplyAdd(sum: v128, value: v128, address: usize): v128 {
  return f32x4.add(sum, f32x4.mul(value, v128.load(address)));
}

/** scores[c] += Σₖ values[k] · weights[indices[k]][c] */
export function addRowScores(
  scores: usize,
  indices: usize,
  values: usize,
  nnz: u32,
  weights: usize,
  stride: u32,
): void {
  const lineBytes = (<usize>stride) << 2;
  const rowBytes = (<usize>nnz) << 2;
  if (stride == 4) {
    let sum = v128.load(scores);
    for (let k: usize = 0; k < rowBytes; k += 4) {
      sum = multiplyAdd(sum, v128.load32_splat(values + k), line(weights, indices, k, 16));
    }
    v128.store(scores, sum);
    return;
  }
  if (stride == 8) {
    let sum0 = v128.load(scores);
    let sum1 = v128.load(scores, 16);
    for (let k: usize = 0; k < rowBytes; k += 4) {
      const value = v128.load32_splat(values + k);
      const at = line(weights, indices, k, 32);
      sum0 = multiplyAdd(sum0, value, at);
      sum1 = multiplyAdd(sum1, value, at + 16);
    }
    v128.store(scores, sum0);
    v128.store(scores, sum1, 16);
    return;
  }
  // Four features at a time: their lines are fetched side by side and each score is loaded and stored once for four. Two registers
  // at a time, as an offset that stands in an instruction costs nothing, and the sum of two addresses does.
  const quadBytes = rowBytes & ~15;
  const end = scores + lineBytes;
  let k: usize = 0;
  for (; k < quadBytes; k += 16) {
    const value0 = v128.load32_splat(values + k);
    const value1 = v128.load32_splat(values + k, 4);
    const value2 = v128.load32_splat(values + k, 8);
    const value3 = v128.load32_splat(values + k, 12);
    let at0 = line(weights, indices, k, lineBytes);
    let at1 = line(weights, indices, k + 4, lineBytes);
    let at2 = line(weights, indices, k + 8, lineBytes);
    let at3 = line(weights, indices, k + 12, lineBytes);
    let to = scores;
    for (; to + 32 <= end; to += 32) {
      let low = multiplyAdd(v128.load(to), value0, at0);
      let high = f32x4.add(v128.load(to, 16), f32x4.mul(value0, v128.load(at0, 16)));
      low = multiplyAdd(low, value1, at1);
      high = f32x4.add(high, f32x4.mul(value1, v128.load(at1, 16)));
      low = multiplyAdd(low, value2, at2);
      high = f32x4.add(high, f32x4.mul(value2, v128.load(at2, 16)));
      low = multiplyAdd(low, value3, at3);
      high = f32x4.add(high, f32x4.mul(value3, v128.load(at3, 16)));
      v128.store(to, low);
      v128.store(to, high, 16);
      at0 += 32;
      at1 += 32;
      at2 += 32;
      at3 += 32;
    }
    if (to < end) {
      let sum = multiplyAdd(v128.load(to), value0, at0);
      sum = multiplyAdd(sum, value1, at1);
      sum = multiplyAdd(sum, value2, at2);
      v128.store(to, multiplyAdd(sum, value3, at3));
    }
  }
  for (; k < rowBytes; k += 4) {
    const value = v128.load32_splat(values + k);
    const at = line(weights, indices, k, lineBytes);
    for (let lane: usize = 0; lane < lineBytes; lane += 16) {
      v128.store(scores + lane, multiplyAdd(v128.load(scores + lane), value, at + lane));
    }
  }
}

/** scores[c] += biases[c] */
export function addBiases(scores: usize, biases: usize, stride: u32): void {
  for (let lane: usize = 0; lane < (<usize>stride) << 2; lane += 16) {
    v128.store(scores + lane, f32x4.add(v128.load(scores + lane), v128.load(biases + lane)));
  }
}

/**
 * weights[indices[k]][c] += values[k] · change[c], for four registers of classes at a time, whose changes stay at hand, then for
 * two and one: faster than all classes of one feature after another, by a third where lines of weights are long.
 */
export function addRowUpdate(
  weights: usize,
  indices: usize,
  values: usize,
  nnz: u32,
  change: usize,
  stride: u32,
): void {
  const lineBytes = (<usize>stride) << 2;
  const rowBytes = (<usize>nnz) << 2;
  let lane: usize = 0;
  for (; lane + 64 <= lineBytes; lane += 64) {
    const change0 = v128.load(change + lane);
    const change1 = v128.load(change + lane, 16);
    const change2 = v128.load(change + lane, 32);
    const change3 = v128.load(change + lane, 48);
    for (let k: usize = 0; k < rowBytes; k += 4) {
      const value = v128.load32_splat(values + k);
      const at = line(weights, indices, k, lineBytes) + lane;
      v128.store(at, f32x4.add(v128.load(at), f32x4.mul(value, change0)));
      v128.store(at, f32x4.add(v128.load(at, 16), f32x4.mul(value, change1)), 16);
      v128.store(at, f32x4.add(v128.load(at, 32), f32x4.mul(value, change2)), 32);
      v128.store(at, f32x4.add(v128.load(at, 48), f32x4.mul(value, change3)), 48);
    }
  }
  for (; lane + 32 <= lineBytes; lane += 32) {
    const change0 = v128.load(change + lane);
    const change1 = v128.load(change + lane, 16);
    for (let k: usize = 0; k < rowBytes; k += 4) {
      const value = v128.load32_splat(values + k);
      const at = line(weights, indices, k, lineBytes) + lane;
      v128.store(at, f32x4.add(v128.load(at), f32x4.mul(value, change0)));
      v128.store(at, f32x4.add(v128.load(at, 16), f32x4.mul(value, change1)), 16);
    }
  }
  if (lane < lineBytes) {
    const change0 = v128.load(change + lane);
    for (let k: usize = 0; k < rowBytes; k += 4) {
      const at = line(weights, indices, k, lineBytes) + lane;
      v128.store(at, f32x4.add(v128.load(at), f32x4.mul(v128.load32_splat(values + k), change0)));
    }
  }
}

/**
 * Σₖ values[k] · weights[indices[k]] for one column of weights: the margin of two classes. Four partial sums, position
 * k in sum k mod 4, joined as (0 + 1) + (2 + 3).
 */
export function rowMargin(indices: usize, values: usize, nnz: u32, weights: usize): f32 {
  const rowBytes = (<usize>nnz) << 2;
  const quadBytes = rowBytes & ~15;
  let sums = f32x4.splat(0);
  let k: usize = 0;
  const first = load<u32>(indices);
  // Side by side, as dense columns are.
  if (load<u32>(indices + rowBytes - 4) - first == nnz - 1) {
    const lines = weights + ((<usize>first) << 2);
    for (; k < quadBytes; k += 16) {
      sums = f32x4.add(sums, f32x4.mul(v128.load(values + k), v128.load(lines + k)));
    }
  }
  for (; k < quadBytes; k += 16) {
    let line = v128.load32_zero(weights + ((<usize>load<u32>(indices + k)) << 2));
    line = v128.load_lane<u32>(weights + ((<usize>load<u32>(indices + k, 4)) << 2), line, 1);
    line = v128.load_lane<u32>(weights + ((<usize>load<u32>(indices + k, 8)) << 2), line, 2);
    line = v128.load_lane<u32>(weights + ((<usize>load<u32>(indices + k, 12)) << 2), line, 3);
    sums = f32x4.add(sums, f32x4.mul(v128.load(values + k), line));
  }
  let sum0 = f32x4.extract_lane(sums, 0);
  let sum1 = f32x4.extract_lane(sums, 1);
  let sum2 = f32x4.extract_lane(sums, 2);
  const sum3 = f32x4.extract_lane(sums, 3);
  for (; k < rowBytes; k += 4) {
    const product = load<f32>(values + k) * load<f32>(weights + ((<usize>load<u32>(indices + k)) << 2));
    if (k == quadBytes) sum0 += product;
    else if (k == quadBytes + 4) sum1 += product;
    else sum2 += product;
  }
  return sum0 + sum1 + (sum2 + sum3);
}

/** weights[indices[k]] += values[k] · change, for one column of weights */
export function addRowMarginUpdate(
  weights: usize,
  indices: usize,
  values: usize,
  nnz: u32,
  change: f32,
): void {
  const rowBytes = (<usize>nnz) << 2;
  for (let k: usize = 0; k < rowBytes; k += 4) {
    const at = weights + ((<usize>load<u32>(indices + k)) << 2);
    store<f32>(at, load<f32>(at) + load<f32>(values + k) * change);
  }
}
