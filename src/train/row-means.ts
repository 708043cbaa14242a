import { ranges } from "../data/csr.js";
import type { ProblemMemory } from "./problem-memory.js";

/** Rows that are measured without a pause. */
const ROWS_A_PIECE = 32;

/** The mean of the values, or of those of the rows listed. */
export function meanOver(values: Float32Array, rows?: Uint32Array): number {
  let sum = 0;
  if (rows) for (const row of rows) sum += values[row]!;
  else for (let row = 0; row < values.length; row++) sum += values[row]!;
  return sum / (rows ?? values).length;
}

/** Mean log-loss of the rows listed, by weight, with the weights as they stand. In nats. Yields now and then. */
export function* meanLossOf(memory: ProblemMemory, rows: Uint32Array): Generator<void, number> {
  const { record, cursors } = memory.at;
  // Between epochs nobody needs the cursors.
  memory.u32("cursors", rows.length).set(rows);
  for (const [first, end] of ranges(rows.length, ROWS_A_PIECE)) {
    memory.core.measureLosses(record, cursors + 4 * first, end - first);
    yield;
  }
  const meanOf = (block: "losses" | "rowWeights") => meanOver(memory.f32(block, memory.rowCount), rows);
  return meanOf("losses") / meanOf("rowWeights");
}
