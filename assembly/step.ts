import { targetOf } from "./dual-lines";
import { Problem } from "./layout";
import { expF32x4, Inlined, logF32x4, maxF32x4, sumF32x4 } from "./vector-math";

// The dual step of one row: move its distribution q towards p = softmax(z), by the length that gains most.
//
// Along q + γ (p − q) the dual gain has the derivative ψ'(γ) = −Σ d (ln(q + γ d) − ln p) − s γ |d|², with d = p − q and
// s = c |x|² / N, c the row's weight; ψ' falls from ψ'(0) ≥ 0 to ψ'(1) ≤ 0. Start: γ = min(1, (KL(q ‖ p) + |d|²) / (|d|² (2 + s))), the step
// that is sure to gain (Shalev-Shwartz and Zhang, Stochastic Dual Coordinate Ascent, 2013); then two Newton steps.

/** The smallest number that a logarithm is taken of. */
const TINY: f32 = 1e-37;
/** Below this squared distance q and p are equal for f32. */
const CONVERGED: f32 = 1e-14;
function atLeastTiny(v: v128): v128 {
  return f32x4.pmax(v, f32x4.splat(TINY));
}

/**
 * Steps row `row`, whose current scores stand at `scores` (stride f32; overwritten). Writes the row's new q, and to
 * `change` (stride f32) what its score-space move is: c (q before − q after) / N per class. Returns false if nothing moved.
 */
export function stepRow(problem: usize, row: u32, scores: usize, change: usize): bool {
  const stride = load<u32>(problem, Problem.stride);
  const lineBytes = (<usize>stride) << 2;
  const rowOffset = (<usize>row) << 2;
  const weight = load<f32>(<usize>load<u32>(problem, Problem.rowWeights) + rowOffset);
  const inverseN = weight * load<f32>(problem, Problem.inverseN);
  const q = <usize>load<u32>(problem, Problem.duals) + <usize>row * lineBytes;
  const labelOffset = (<usize>load<u32>(<usize>load<u32>(problem, Problem.labels) + rowOffset)) << 2;
  const s = load<f32>(<usize>load<u32>(problem, Problem.norms) + rowOffset) * inverseN;

  let largest = v128.load(scores);
  for (let lane: usize = 16; lane < lineBytes; lane += 16) {
    largest = f32x4.pmax(largest, v128.load(scores + lane));
  }
  const shift = f32x4.splat(maxF32x4(largest));
  let sums = f32x4.splat(0);
  for (let lane: usize = 0; lane < lineBytes; lane += 16) {
    const e = Inlined.exp(f32x4.sub(v128.load(scores + lane), shift));
    sums = f32x4.add(sums, e);
    v128.store(change + lane, e);
  }
  const total = sumF32x4(sums);
  const scale = f32x4.splat(<f32>1 / total);
  const logTotal = f32x4.extract_lane(logF32x4(f32x4.splat(total)), 0);
  const logShift = f32x4.add(shift, f32x4.splat(logTotal));

  // From here on `scores` holds ln p and `change` holds d.
  let divergences = f32x4.splat(0);
  let squares = f32x4.splat(0);
  for (let lane: usize = 0; lane < lineBytes; lane += 16) {
    const p = f32x4.mul(v128.load(change + lane), scale);
    const before = v128.load(q + lane);
    const d = f32x4.sub(p, before);
    const logP = f32x4.sub(v128.load(scores + lane), logShift);
    const logBefore = Inlined.log(atLeastTiny(before));
    const logRatio = f32x4.sub(logBefore, logP);
    // q ln(q/p) − q + p is never negative, and Σ (p − q) = 0.
    divergences = f32x4.add(divergences, f32x4.add(f32x4.mul(before, logRatio), d));
    squares = f32x4.add(squares, f32x4.mul(d, d));
    v128.store(scores + lane, logP);
    v128.store(change + lane, d);
  }
  const residual = sumF32x4(squares);
  const divergence = max<f32>(sumF32x4(divergences), 0);
  store<f32>(<usize>load<u32>(problem, Problem.residuals) + rowOffset, weight * residual);
  store<f32>(<usize>load<u32>(problem, Problem.divergences) + rowOffset, weight * divergence);
  const target = targetOf(problem, row, stride);
  let logLikelihood = load<f32>(scores + labelOffset);
  if (target != 0) {
    let cross = f32x4.splat(0);
    for (let lane: usize = 0; lane < lineBytes; lane += 16) {
      cross = f32x4.add(cross, f32x4.mul(v128.load(target + lane), v128.load(scores + lane)));
    }
    logLikelihood = sumF32x4(cross);
  }
  store<f32>(<usize>load<u32>(problem, Problem.losses) + rowOffset, weight * -logLikelihood);
  if (residual < CONVERGED) return false;

  let length = min<f32>(1, (divergence + residual) / (residual * (2 + s)));
  for (let newton = 0; newton < 2; newton++) {
    const lengths = f32x4.splat(length);
    let slopes = f32x4.splat(0);
    let curvatures = f32x4.splat(0);
    for (let lane: usize = 0; lane < lineBytes; lane += 16) {
      const d = v128.load(change + lane);
      const moved = atLeastTiny(f32x4.add(v128.load(q + lane), f32x4.mul(lengths, d)));
      const logRatio = f32x4.sub(Inlined.log(moved), v128.load(scores + lane));
      slopes = f32x4.sub(slopes, f32x4.mul(d, logRatio));
      curvatures = f32x4.add(curvatures, f32x4.div(f32x4.mul(d, d), moved));
    }
    const slope = sumF32x4(slopes) - s * length * residual;
    const curvature = sumF32x4(curvatures) + s * residual;
    // ψ' is positive at 0 and falls steeply there: a step that would leave (0, 1] goes half the way instead.
    const next = length + slope / curvature;
    length = next > 1 ? (length + 1) * 0.5 : next > 0 ? next : length * 0.5;
  }

  const lengths = f32x4.splat(length);
  const zero = f32x4.splat(0);
  for (let lane: usize = 0; lane < lineBytes; lane += 16) {
    const before = v128.load(q + lane);
    const after = f32x4.pmax(zero, f32x4.add(before, f32x4.mul(lengths, v128.load(change + lane))));
    v128.store(q + lane, after);
    v128.store(change + lane, f32x4.sub(before, after));
  }
  // The label's own entry follows from the others, so that q sums to 1 and the change to 0 whatever was rounded.
  store<f32>(q + labelOffset, 0);
  store<f32>(change + labelOffset, 0);
  let masses = f32x4.splat(0);
  let changes = f32x4.splat(0);
  for (let lane: usize = 0; lane < lineBytes; lane += 16) {
    masses = f32x4.add(masses, v128.load(q + lane));
    changes = f32x4.add(changes, v128.load(change + lane));
  }
  store<f32>(q + labelOffset, max<f32>(1 - sumF32x4(masses), 0));
  store<f32>(change + labelOffset, -sumF32x4(changes));
  for (let lane: usize = 0; lane < lineBytes; lane += 16) {
    v128.store(change + lane, f32x4.mul(v128.load(change + lane), f32x4.splat(inverseN)));
  }
  return true;
}

/** Logarithms of a mass and of what it leaves of 1, at least of TINY. */
function logsOfMass(mass: f32): v128 {
  return logF32x4(atLeastTiny(f32x4.replace_lane(f32x4.splat(mass), 1, <f32>1 - mass)));
}

/**
 * The same for two classes, where q is one number: the mass on the wrong class. Scores are −margin and margin, so a move
 * of the mass by t changes the row's own margin difference by 2 s t. Returns the change of the weight column's
 * coefficient for this row, (c t / N) with the sign of the label, or 0.
 */
export function stepTwoClassRow(problem: usize, row: u32, margin: f32): f32 {
  const rowOffset = (<usize>row) << 2;
  const weight = load<f32>(<usize>load<u32>(problem, Problem.rowWeights) + rowOffset);
  const inverseN = weight * load<f32>(problem, Problem.inverseN);
  const at = <usize>load<u32>(problem, Problem.duals) + rowOffset;
  const isSecond = load<u32>(<usize>load<u32>(problem, Problem.labels) + rowOffset) != 0;
  const s = <f64>(load<f32>(<usize>load<u32>(problem, Problem.norms) + rowOffset) * inverseN);
  const lead = isSecond ? margin : -margin;
  const difference = 2 * <f64>lead;
  const before = load<f32>(at);
  // As sigmoidOfMargin.
  const t = f32x4.extract_lane(expF32x4(f32x4.splat(<f32>-2 * abs(margin))), 0);
  const large = <f32>1 / (<f32>1 + t);
  const small = t * large;
  const p = lead >= 0 ? small : large;
  const right = lead >= 0 ? large : small;

  const d = <f64>p - <f64>before;
  const residual = 2 * d * d;
  const logsBefore = logsOfMass(before);
  const logsAfter = logF32x4(atLeastTiny(f32x4.replace_lane(f32x4.splat(p), 1, right)));
  const logP = <f64>f32x4.extract_lane(logsAfter, 0);
  const logRight = <f64>f32x4.extract_lane(logsAfter, 1);
  const kept = <f64>(<f32>1 - before);
  // As above; d + (right − kept) is what rounding has left.
  const divergence = max(
    <f64>before * (<f64>f32x4.extract_lane(logsBefore, 0) - logP) +
      kept * (<f64>f32x4.extract_lane(logsBefore, 1) - logRight) +
      (d + (<f64>right - kept)),
    0,
  );
  store<f32>(<usize>load<u32>(problem, Problem.residuals) + rowOffset, weight * <f32>residual);
  store<f32>(<usize>load<u32>(problem, Problem.divergences) + rowOffset, weight * <f32>divergence);
  const target = targetOf(problem, row, 1);
  const wrong: f64 = target == 0 ? 0 : <f64>load<f32>(target);
  const loss = wrong * (logRight - logP) - logRight;
  store<f32>(<usize>load<u32>(problem, Problem.losses) + rowOffset, weight * <f32>loss);
  if (residual < <f64>CONVERGED) return 0;

  let length = min(1.0, (divergence + residual) / (residual * (2 + s)));
  for (let newton = 0; newton < 2; newton++) {
    const single = max(<f32>(<f64>before + length * d), TINY);
    const logs = logsOfMass(single);
    const logOdds = <f64>f32x4.extract_lane(logs, 1) - <f64>f32x4.extract_lane(logs, 0);
    const mass = <f64>single;
    const slope = d * (logOdds - difference - 2 * s * length * d);
    const curvature = d * d * (1 / (mass * (1 - mass)) + 2 * s);
    const next = length + slope / curvature;
    length = next > 1 ? (length + 1) * 0.5 : next > 0 ? next : length * 0.5;
  }
  const after = <f32>(<f64>before + length * d);
  store<f32>(at, after);
  const change = <f32>(<f64>after - <f64>before) * inverseN;
  return isSecond ? change : -change;
}
