import { rowWeight } from "./dual-lines";
import { Problem } from "./layout";
import { expF64x2, logF64x2 } from "./vector-math";

// Where training starts, and from the solution of one λ to a start for another: `src/train/warm-start.ts`.

/** Adds `amount` to the label's entry in the duals of rows first … end − 1, of more than two classes. */
export function moveLabels(problem: usize, first: u32, end: u32, amount: f32): void {
  for (let row = first; row < end; row++) {
    const at = labelDual(problem, row);
    store<f32>(at, load<f32>(at) + amount);
  }
}

function labelDual(problem: usize, row: u32): usize {
  const stride = <usize>load<u32>(problem, Problem.stride);
  const label = <usize>load<u32>(<usize>load<u32>(problem, Problem.labels) + ((<usize>row) << 2));
  return <usize>load<u32>(problem, Problem.duals) + ((<usize>row * stride + label) << 2);
}

/** Keeps 0 / 0 away, and logarithms from 0. */
const TINY: f64 = 1e-30;

/**
 * Sets residuals and divergences of rows first … end − 1 to about what the next visits are to see once scores are `factor` times
 * those of the last: of the label against all other classes, whose odds e^loss − 1 the last loss tells. Not for soft labels.
 */
export function foretellVisits(problem: usize, first: u32, end: u32, factor: f64): void {
  const losses = <usize>load<u32>(problem, Problem.losses);
  const residuals = <usize>load<u32>(problem, Problem.residuals);
  const divergences = <usize>load<u32>(problem, Problem.divergences);
  const duals = <usize>load<u32>(problem, Problem.duals);
  const twoClasses = load<u32>(problem, Problem.classCount) == 2;
  for (let row = first; row < end; row++) {
    const at = (<usize>row) << 2;
    const weight = rowWeight(problem, row);
    // Rounding leaves some losses below 0.
    const loss = max<f64>(<f64>load<f32>(losses + at) / weight, 0);
    const logOdds = factor * (loss + logOf(max<f64>(1 - expOf(-loss), TINY)));
    const tail = expOf(-abs(logOdds));
    const wrong = (logOdds > 0 ? 1 : tail) / (1 + tail);
    const mass = twoClasses ? <f64>load<f32>(duals + at) : 1 - <f64>load<f32>(labelDual(problem, row));
    const difference = wrong - mass;
    const sum = wrong + mass;
    const residual = 2 * weight * difference * difference;
    store<f32>(residuals + at, <f32>residual);
    store<f32>(divergences + at, <f32>(residual / (sum * (2 - sum) + TINY)));
  }
}

function expOf(x: f64): f64 {
  return f64x2.extract_lane(expF64x2(f64x2.splat(x)), 0);
}

function logOf(x: f64): f64 {
  return f64x2.extract_lane(logF64x2(f64x2.splat(x)), 0);
}
