// What the rows of a test file can say of a choice among fits: only so much as there are rows that decide.
import { Random } from "../../src/random.js";

/** Times that halves are drawn, and rows drawn anew. */
const DRAWS = 1000;
/** What no excess of a choice is to be above. */
export const MOST_EXCESS = 0.08;

export interface TestExcess {
  /** Of the choice, over the best of the others: on all rows. */
  readonly whole: number;
  /** Of nine in ten samples of as many rows, drawn with replacement, the excess is between these. */
  readonly from: number;
  readonly to: number;
  /** Of the fit that is best on one random half of the rows, on the other half over the best there: the mean. */
  readonly byHalf: number;
  /** The share of halves where that is above {@link MOST_EXCESS}. */
  readonly aboveMost: number;
}

/** @param choice losses of the rows by the fit chosen @param others the same by each of the fits to choose from */
export function testExcess(choice: Float64Array, others: readonly Float64Array[]): TestExcess {
  const random = new Random(1);
  const rows = Uint32Array.from(choice.keys());
  const excessOn = (fit: Float64Array, drawn: Uint32Array) =>
    meanOf(fit, drawn) / Math.min(...others.map((other) => meanOf(other, drawn))) - 1;
  const resampled: number[] = [];
  const byHalf: number[] = [];
  for (let draw = 0; draw < DRAWS; draw++) {
    const again = rows.map(() => random.nextBelow(rows.length));
    resampled.push(excessOn(choice, again));
    const shuffled = random.shuffle(rows.slice());
    const [one, other] = [shuffled.subarray(0, rows.length >> 1), shuffled.subarray(rows.length >> 1)];
    const losses = others.map((fit) => meanOf(fit, one));
    byHalf.push(excessOn(others[losses.indexOf(Math.min(...losses))]!, other));
  }
  resampled.sort((a, b) => a - b);
  return {
    whole: excessOn(choice, rows),
    from: resampled[Math.floor(0.05 * DRAWS)]!,
    to: resampled[Math.floor(0.95 * DRAWS)]!,
    byHalf: byHalf.reduce((sum, excess) => sum + excess, 0) / DRAWS,
    aboveMost: byHalf.filter((excess) => excess > MOST_EXCESS).length / DRAWS,
  };
}

function meanOf(losses: Float64Array, rows: Uint32Array): number {
  let sum = 0;
  for (const row of rows) sum += losses[row]!;
  return sum / rows.length;
}
