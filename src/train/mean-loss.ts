import { ranges } from "../data/csr.js";
import type { ProblemMemory } from "./problem-memory.js";

/** Rows that are measured without a pause. */
const ROWS_A_PIECE = 32;

/** Mean log-loss of the rows listed, by weight, with the weights as they stand. In nats. Yields now and then. */
export function* meanLossOf(memory: ProblemMemory, rows: Uint32Array): Generator<void, number> {
  const { record, cursors } = memory.at;
  // Between epochs nobody needs the cursors.
  memory.u32("cursors", rows.length).set(rows);
  for (const [first, end] of ranges(rows.length, ROWS_A_PIECE)) {
    memory.core.measureLosses(record, cursors + 4 * first, end - first);
    yield;
  }
  const sum = (block: "losses" | "rowWeights") => memory.core.sumOf(memory.at[block], cursors, rows.length);
  return sum("losses") / sum("rowWeights");
}
