import { denseRow } from "./dense";
import { fillResidualLine, massBesideLabel, rowWeight, signedMass, targetOf } from "./dual-lines";
import { storeShrunk } from "./elastic-net";
import { countOf, measureOwn } from "./folding";
import { Blocks, Cursor, Problem } from "./layout";
import { expF64x2, logF64x2, logs, promoted, promotedNext, sumF64x2, sumOfSquares } from "./vector-math";

// The confirming pass: everything a certificate consists of, in f64.
//
//   gap = (1/n) Σ c_i KL(q_i ‖ softmax(z_i)) + (λ/2) |W − W(q)|²,  W(q) = W₀ + (1/N) Σ c_i (e_y − q_i) x_iᵀ
//
// It is P(W) − D(q) for any W. The label's own entry of q is 1 less the others, computed here, so q is a distribution.

/** Sums kept by {@link measureRows}, as byte offsets into f64 fields. */
const SUM_DIVERGENCE: usize = 0;
const SUM_LOSS: usize = 8;
/** Of own features: squares of what rounding took off their weights, and of the weights. */
const SUM_OWN: usize = 16;

/** Makes every q a distribution: where rounding left the entries beside the label's above 1 in sum, scales them down. */
export function settleDuals(problem: usize, first: u32, end: u32): void {
  const stride = load<u32>(problem, Problem.stride);
  for (let row = first; row < end; row++) {
    if (load<u32>(problem, Problem.classCount) == 2) {
      const at = <usize>load<u32>(problem, Problem.duals) + ((<usize>row) << 2);
      store<f32>(at, min<f32>(max<f32>(load<f32>(at), 0), 1));
      continue;
    }
    const q = <usize>load<u32>(problem, Problem.duals) + ((<usize>row * stride) << 2);
    const label = load<u32>(<usize>load<u32>(problem, Problem.labels) + ((<usize>row) << 2));
    const others = massBesideLabel(q, label, stride);
    if (others <= 1) continue;
    // A little below 1 / others, so that rounding the products cannot bring the sum above 1 again.
    const scale = <f32>((1 - 2.4e-7) / others);
    const end = q + ((<usize>stride) << 2);
    for (let at = q; at < end; at += 4) store<f32>(at, load<f32>(at) * scale);
  }
}

/** Sets the cursors to the first entry of each row, and no block is begun: to be done before `Work.rebuild`. */
export function resetCursors(problem: usize): void {
  const cursors = <usize>load<u32>(problem, Problem.cursors);
  const indptr = <usize>load<u32>(problem, Problem.indptr);
  const indices = <usize>load<u32>(problem, Problem.indices);
  const rowCount = load<u32>(problem, Problem.rowCount);
  for (let row: usize = 0; row < rowCount; row++) {
    const first = load<u32>(indptr + (row << 2));
    const isEmpty = first == load<u32>(indptr + (row << 2), 4);
    store<u32>(cursors + (row << 3), first);
    store<u32>(
      cursors + (row << 3),
      isEmpty ? Cursor.NO_LINE : load<u32>(indices + ((<usize>first) << 2)),
      4,
    );
  }
  store<u32>(problem, 0, Problem.openRow);
}

/**
 * Adds to `sums` what the rows from `row` on say of W(q) on lines first … end − 1, until some milliseconds are over; returns
 * the row to go on with, 0 after the last. Blocks of lines must come in ascending order, though some may be left out: the
 * cursors keep for each row the position of its next entry and that entry's line, `Cursor.NO_LINE` at the end.
 */
export function addRows(problem: usize, first: u32, end: u32, row: u32): u32 {
  const cursors = <usize>load<u32>(problem, Problem.cursors);
  const rowCount = load<u32>(problem, Problem.rowCount);
  // Then a row's entries end where the row does.
  const isLast = end == load<u32>(problem, Problem.lineCount);
  const twoClasses = load<u32>(problem, Problem.classCount) == 2;
  const columns = <usize>(twoClasses ? 1 : load<u32>(problem, Problem.stride));
  const indptr = <usize>load<u32>(problem, Problem.indptr);
  const indices = <usize>load<u32>(problem, Problem.indices);
  const values = <usize>load<u32>(problem, Problem.values);
  const line = <usize>load<u32>(problem, Problem.wide);
  const dense = max(min(end, load<u32>(problem, Problem.denseCount)), first) - first;
  const denseLines = <usize>load<u32>(problem, Problem.columns) + ((<usize>first) << 2);
  if (row == 0) {
    memory.fill(<usize>load<u32>(problem, Problem.sums), 0, (<usize>(end - first) * columns) << 3);
  }
  let added: usize = 0;
  for (; row < rowCount && added < <usize>Blocks.ADDED; row++) {
    const cursor = cursors + ((<usize>row) << 3);
    let current = load<u32>(cursor, 4);
    let from = (<usize>load<u32>(cursor)) << 2;
    const stop = (<usize>load<u32>(indptr + ((<usize>row) << 2), 4)) << 2;
    let k = from;
    if (isLast && current >= first) {
      k = stop;
      current = Cursor.NO_LINE;
    }
    while (current < end) {
      k += 4;
      // Another thread has the blocks between.
      if (current < first) from = k;
      current = k < stop ? load<u32>(indices + k) : Cursor.NO_LINE;
    }
    store<u32>(cursor, <u32>(k >> 2));
    store<u32>(cursor, current, 4);
    const nnz = <u32>((k - from) >> 2);
    if (nnz + dense == 0) continue;
    fillRowLine(problem, row, line);
    addEntries(problem, first, denseLines, denseRow(problem, row, first), dense);
    addEntries(problem, first, indices + from, values + from, nnz);
    added += columns * <usize>(1 + nnz + dense);
  }
  return row < rowCount ? row : 0;
}

/** Adds `nnz` entries of the row whose residuals are in `wide` to the sums of their lines, of which the first is `first`. */
function addEntries(problem: usize, first: u32, indices: usize, values: usize, nnz: u32): void {
  const sums = <usize>load<u32>(problem, Problem.sums);
  const line = <usize>load<u32>(problem, Problem.wide);
  const bytes = (<usize>nnz) << 2;
  if (load<u32>(problem, Problem.classCount) == 2) {
    const mass = load<f64>(line);
    for (let k: usize = 0; k < bytes; k += 4) {
      const at = sums + ((<usize>(load<u32>(indices + k) - first)) << 3);
      store<f64>(at, load<f64>(at) + <f64>load<f32>(values + k) * mass);
    }
    return;
  }
  // Some lanes side by side, as in `addRowScores`.
  const lineBytes = (<usize>load<u32>(problem, Problem.stride)) << 3;
  for (let k: usize = 0; k < bytes; k += 4) {
    let at = sums + <usize>(load<u32>(indices + k) - first) * lineBytes;
    let from = line;
    const end = at + lineBytes;
    const factor = f64x2.splat(<f64>load<f32>(values + k));
    for (; at + 64 <= end; at += 64) {
      v128.store(at, f64x2.add(v128.load(at), f64x2.mul(factor, v128.load(from))));
      v128.store(at, f64x2.add(v128.load(at, 16), f64x2.mul(factor, v128.load(from, 16))), 16);
      v128.store(at, f64x2.add(v128.load(at, 32), f64x2.mul(factor, v128.load(from, 32))), 32);
      v128.store(at, f64x2.add(v128.load(at, 48), f64x2.mul(factor, v128.load(from, 48))), 48);
      from += 64;
    }
    if (at < end) {
      v128.store(at, f64x2.add(v128.load(at), f64x2.mul(factor, v128.load(from))));
      v128.store(at, f64x2.add(v128.load(at, 16), f64x2.mul(factor, v128.load(from, 16))), 16);
    }
  }
}

/**
 * Sets lines first … end − 1 of the weights to what all rows have added to `sums`, W(q), rounded to f32; returns
 * Σ (W − W(q))² over the features on them after that rounding. `n`: N.
 */
export function storeLines(problem: usize, first: u32, end: u32, n: f64): f64 {
  const sums = <usize>load<u32>(problem, Problem.sums);
  const columns = <usize>(
    (load<u32>(problem, Problem.classCount) == 2 ? 1 : load<u32>(problem, Problem.stride))
  );
  const offset = (<usize>first * columns) << 2;
  if (load<u32>(problem, Problem.accumulated) != 0) {
    return storeShrunk(problem, offset, sums, <usize>(end - first) * columns, n);
  }
  const weights = <usize>load<u32>(problem, Problem.weights) + offset;
  let origin = <usize>load<u32>(problem, Problem.origin);
  if (origin != 0) origin += offset;
  const firstShared = min(max(load<u32>(problem, Problem.firstShared), first), end);
  let drift = storeRounded(weights, sums, origin, <usize>(firstShared - first) * columns, n);
  for (let shared = firstShared; shared < end; shared++) {
    const at = <usize>(shared - first) * columns;
    const lineOrigin: usize = origin == 0 ? 0 : origin + (at << 2);
    const lineDrift = storeRounded(weights + (at << 2), sums + (at << 3), lineOrigin, columns, n);
    drift += <f64>countOf(problem, shared) * lineDrift;
  }
  return drift;
}

/** The same for the biases: the weights of a feature that is 1 in every row. */
export function rebuildBiases(problem: usize, n: f64): f64 {
  if (load<u32>(problem, Problem.hasBias) == 0) return 0;
  const sums = <usize>load<u32>(problem, Problem.sums);
  const rowCount = load<u32>(problem, Problem.rowCount);
  const classCount = load<u32>(problem, Problem.classCount);
  const columns = <usize>(classCount == 2 ? 1 : classCount);
  const line = <usize>load<u32>(problem, Problem.wide);
  memory.fill(sums, 0, columns << 3);
  for (let row: u32 = 0; row < rowCount; row++) {
    fillRowLine(problem, row, line);
    for (let c: usize = 0; c < columns; c++) {
      const at = sums + (c << 3);
      store<f64>(at, load<f64>(at) + load<f64>(line + (c << 3)));
    }
  }
  const biases = <usize>load<u32>(problem, Problem.biases);
  const origin = <usize>load<u32>(problem, Problem.originBiases);
  return storeRounded(biases, sums, origin, columns, n);
}

/** What a row's q adds to the sums of W(q), times a value of the row: see `fillResidualLine` and `signedMass`. */
function fillRowLine(problem: usize, row: u32, line: usize): void {
  if (load<u32>(problem, Problem.classCount) == 2) store<f64>(line, signedMass(problem, row));
  else fillResidualLine(problem, row, line);
}

/** target f32[count] = origin + sums / n, rounded; returns the sum of the squared roundings. An origin at 0 is none. */
function storeRounded(target: usize, sums: usize, origin: usize, count: usize, n: f64): f64 {
  let drift: f64 = 0;
  for (let i: usize = 0; i < count; i++) {
    let exact = load<f64>(sums + (i << 3)) / n;
    if (origin != 0) exact += <f64>load<f32>(origin + (i << 2));
    const rounded = <f32>exact;
    store<f32>(target + (i << 2), rounded);
    const difference = <f64>rounded - exact;
    drift += difference * difference;
  }
  return drift;
}

/**
 * Adds to `totals` (f64[4]) of rows first … end − 1: c KL(q ‖ softmax(z)), −c ln softmax(z)[label], and of their own features
 * Σ (W − W(q))² and Σ W². `n`: N.
 */
export function measureRows(problem: usize, first: u32, end: u32, n: f64, totals: usize): void {
  const twoClasses = load<u32>(problem, Problem.classCount) == 2;
  for (let row = first; row < end; row++) {
    if (twoClasses) measureTwoClassRow(problem, row, totals);
    else measureRow(problem, row, n, totals);
  }
}

/** Scores of a row without its own features, in f64, to `wide`; of more than two classes. */
export function scoreWide(problem: usize, row: u32): void {
  const stride = <usize>load<u32>(problem, Problem.stride);
  const indptr = <usize>load<u32>(problem, Problem.indptr) + ((<usize>row) << 2);
  const indices = <usize>load<u32>(problem, Problem.indices);
  const values = <usize>load<u32>(problem, Problem.values);
  const weights = <usize>load<u32>(problem, Problem.weights);
  const biases = <usize>load<u32>(problem, Problem.biases);
  const z = <usize>load<u32>(problem, Problem.wide);
  const lineBytes = stride << 2;
  for (let c: usize = 0; c < stride; c++) store<f64>(z + (c << 3), <f64>load<f32>(biases + (c << 2)));
  const stop = (<usize>load<u32>(indptr, 4)) << 2;
  const shared = (<usize>load<u32>(<usize>load<u32>(problem, Problem.sharedAt) + ((<usize>row) << 2))) << 2;
  const columns = <usize>load<u32>(problem, Problem.columns);
  const denseBytes = (<usize>load<u32>(problem, Problem.denseCount)) << 2;
  addWideScores(z, columns, denseRow(problem, row, 0), denseBytes, weights, lineBytes);
  let k = (<usize>load<u32>(indptr)) << 2;
  k += addWideScores(z, indices + k, values + k, shared - k, weights, lineBytes);
  for (; k < stop; k += 4) {
    const line = load<u32>(indices + k);
    const count = k < shared ? 1 : <f64>countOf(problem, line);
    const value = f64x2.splat(<f64>load<f32>(values + k) * count);
    const at = weights + <usize>line * lineBytes;
    for (let lane: usize = 0; lane < lineBytes; lane += 8) {
      const to = z + (lane << 1);
      v128.store(to, f64x2.add(v128.load(to), f64x2.mul(value, promoted(at + lane))));
    }
  }
}

/** Adds to z (f64[stride]) the scores of entries, `bytes` of values, four at a time; returns the bytes of those added. */
function addWideScores(
  z: usize,
  indices: usize,
  values: usize,
  bytes: usize,
  weights: usize,
  lineBytes: usize,
): usize {
  let k: usize = 0;
  for (; k + 16 <= bytes; k += 16) {
    const value0 = f64x2.splat(<f64>load<f32>(values + k));
    const value1 = f64x2.splat(<f64>load<f32>(values + k, 4));
    const value2 = f64x2.splat(<f64>load<f32>(values + k, 8));
    const value3 = f64x2.splat(<f64>load<f32>(values + k, 12));
    let at0 = weights + <usize>load<u32>(indices + k) * lineBytes;
    let at1 = weights + <usize>load<u32>(indices + k, 4) * lineBytes;
    let at2 = weights + <usize>load<u32>(indices + k, 8) * lineBytes;
    let at3 = weights + <usize>load<u32>(indices + k, 12) * lineBytes;
    const end = z + (lineBytes << 1);
    for (let to = z; to < end; to += 32) {
      let low = f64x2.add(v128.load(to), f64x2.mul(value0, promoted(at0)));
      let high = f64x2.add(v128.load(to, 16), f64x2.mul(value0, promotedNext(at0)));
      low = f64x2.add(low, f64x2.mul(value1, promoted(at1)));
      high = f64x2.add(high, f64x2.mul(value1, promotedNext(at1)));
      low = f64x2.add(low, f64x2.mul(value2, promoted(at2)));
      high = f64x2.add(high, f64x2.mul(value2, promotedNext(at2)));
      low = f64x2.add(low, f64x2.mul(value3, promoted(at3)));
      high = f64x2.add(high, f64x2.mul(value3, promotedNext(at3)));
      v128.store(to, low);
      v128.store(to, high, 16);
      at0 += 16;
      at1 += 16;
      at2 += 16;
      at3 += 16;
    }
  }
  return k;
}

function measureRow(problem: usize, row: u32, n: f64, totals: usize): void {
  const stride = <usize>load<u32>(problem, Problem.stride);
  const classCount = load<u32>(problem, Problem.classCount);
  const lineBytes = stride << 2;
  const z = <usize>load<u32>(problem, Problem.wide);
  scoreWide(problem, row);
  const q = <usize>load<u32>(problem, Problem.duals) + <usize>row * lineBytes;
  const label = load<u32>(<usize>load<u32>(problem, Problem.labels) + ((<usize>row) << 2));
  measureOwn(problem, row, z + (stride << 3), z, n, totals + SUM_OWN);
  const ownMass = 1 - massBesideLabel(q, label, <u32>stride);
  let largest = load<f64>(z);
  for (let c: u32 = 1; c < classCount; c++) largest = max(largest, load<f64>(z + ((<usize>c) << 3)));
  const shift = f64x2.splat(largest);
  let exponentials = f64x2.splat(0);
  let cross = f64x2.splat(0);
  for (let c: usize = 0; c < stride; c += 2) {
    const shifted = f64x2.sub(v128.load(z + (c << 3)), shift);
    v128.store(z + (c << 3), shifted);
    exponentials = f64x2.add(exponentials, expF64x2(shifted));
    let mass = f64x2.promote_low_f32x4(v128.load64_zero(q + (c << 2)));
    if (<u32>c == label) mass = f64x2.replace_lane(mass, 0, ownMass);
    if (<u32>c + 1 == label) mass = f64x2.replace_lane(mass, 1, ownMass);
    const logMass = logF64x2(f64x2.pmax(mass, f64x2.splat(1e-300)));
    cross = f64x2.add(cross, f64x2.mul(mass, f64x2.sub(logMass, shifted)));
  }
  const logTotal = f64x2.extract_lane(logF64x2(f64x2.splat(sumF64x2(exponentials))), 0);
  const divergence = max(sumF64x2(cross) + logTotal, 0);
  // Σ t z over the classes beside the label, and what they leave for that.
  let likelihood: f64 = load<f64>(z + ((<usize>label) << 3));
  const target = targetOf(problem, row, <u32>stride);
  if (target != 0) {
    const labelScore = likelihood;
    for (let c: usize = 0; c < stride; c++) {
      likelihood += <f64>load<f32>(target + (c << 2)) * (load<f64>(z + (c << 3)) - labelScore);
    }
  }
  addToTotals(problem, row, totals, divergence, logTotal - likelihood);
}

function addToTotals(problem: usize, row: u32, totals: usize, divergence: f64, loss: f64): void {
  const weight = rowWeight(problem, row);
  store<f64>(totals, load<f64>(totals, SUM_DIVERGENCE) + weight * divergence, SUM_DIVERGENCE);
  store<f64>(totals, load<f64>(totals, SUM_LOSS) + weight * loss, SUM_LOSS);
}

/** `margin` and what entries, `bytes` of values, add to it. */
function wideMargin(problem: usize, margin: f64, indices: usize, values: usize, bytes: usize): f64 {
  const weights = <usize>load<u32>(problem, Problem.weights);
  for (let k: usize = 0; k < bytes; k += 4) {
    margin += <f64>load<f32>(values + k) * <f64>load<f32>(weights + ((<usize>load<u32>(indices + k)) << 2));
  }
  return margin;
}

function measureTwoClassRow(problem: usize, row: u32, totals: usize): void {
  const indptr = <usize>load<u32>(problem, Problem.indptr) + ((<usize>row) << 2);
  const indices = <usize>load<u32>(problem, Problem.indices);
  const values = <usize>load<u32>(problem, Problem.values);
  const from = (<usize>load<u32>(indptr)) << 2;
  const bytes = ((<usize>load<u32>(indptr, 4)) << 2) - from;
  const columns = <usize>load<u32>(problem, Problem.columns);
  const denseBytes = (<usize>load<u32>(problem, Problem.denseCount)) << 2;
  let margin = <f64>load<f32>(<usize>load<u32>(problem, Problem.biases));
  margin = wideMargin(problem, margin, columns, denseRow(problem, row, 0), denseBytes);
  margin = wideMargin(problem, margin, indices + from, values + from, bytes);
  const isSecond = load<u32>(<usize>load<u32>(problem, Problem.labels) + ((<usize>row) << 2)) != 0;
  const difference = 2 * (isSecond ? margin : -margin);
  const mass = <f64>load<f32>(<usize>load<u32>(problem, Problem.duals) + ((<usize>row) << 2));
  // −ln σ(t) = max(−t, 0) + ln(1 + exp(−|t|)), for the right class and, with t negated, for the wrong one.
  const e = f64x2.extract_lane(expF64x2(f64x2.splat(-abs(difference))), 0);
  const logSum = f64x2.extract_lane(logs(1 + e, 1), 0);
  const lossRight = max(-difference, 0) + logSum;
  const lossWrong = max(difference, 0) + logSum;
  const logMasses = logs(mass, 1 - mass);
  const divergence = max(
    mass * (f64x2.extract_lane(logMasses, 0) + lossWrong) +
      (1 - mass) * (f64x2.extract_lane(logMasses, 1) + lossRight),
    0,
  );
  const target = targetOf(problem, row, 1);
  const wrong: f64 = target == 0 ? 0 : <f64>load<f32>(target);
  addToTotals(problem, row, totals, divergence, lossRight + wrong * (lossWrong - lossRight));
}

/** Σ W² over lines first … end − 1, each as often as there are features on it, in f64 */
export function squaredLines(problem: usize, first: u32, end: u32): f64 {
  const twoClasses = load<u32>(problem, Problem.classCount) == 2;
  const columns = <usize>(twoClasses ? 1 : load<u32>(problem, Problem.stride));
  const weights = <usize>load<u32>(problem, Problem.weights);
  const firstShared = min(max(load<u32>(problem, Problem.firstShared), first), end);
  let sum = sumOfSquares(weights + ((<usize>first * columns) << 2), (firstShared - first) * <u32>columns);
  for (let line = firstShared; line < end; line++) {
    const at = weights + ((<usize>line * columns) << 2);
    sum += <f64>countOf(problem, line) * sumOfSquares(at, <u32>columns);
  }
  return sum;
}

/** Σ (values[i] − origin[i])², i < count, in f64 */
export function sumOfSquaredDifferences(values: usize, origin: usize, count: u32): f64 {
  let sum: f64 = 0;
  for (let i: usize = 0; i < <usize>count; i++) {
    const difference = <f64>load<f32>(values + (i << 2)) - <f64>load<f32>(origin + (i << 2));
    sum += difference * difference;
  }
  return sum;
}
