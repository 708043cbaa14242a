import { Problem as Field } from "../../assembly/layout.js";
import { clearInPieces } from "../data/pieces.js";
import type { CoreExports } from "../wasm/core.js";
import { dealRows } from "./deal-lines.js";
import { purposeOf } from "./memory-need.js";
import { placeRows } from "./place-rows.js";
import { type Block, ownBytes, type ProblemShape, problemBlocks, writeRecord } from "./problem-blocks.js";
import type { ProblemInput } from "./problem-input.js";
import { ProblemMemory } from "./problem-memory.js";
import { sharingOf, ThreadRecords } from "./thread-records.js";
import { setTargets } from "./warm-start.js";

/** τ as the core has it, so that objective and gap are those of the same number. */
export function singleL1(l1 = 0): number {
  return Math.fround(l1);
}

/** A problem in the memory of a core. */
export interface PlacedProblem {
  readonly memory: ProblemMemory;
  /** Bytes of the memory, from address 0 on, that it uses. */
  readonly usedBytes: number;
  readonly records: ThreadRecords;
}

/**
 * Brings a problem into a fresh core: its rows, folded and dealt out, their labels, weights and norms, and the records.
 * Yields now and then. Throws `out-of-memory`.
 */
export function* placeProblem(core: CoreExports, input: ProblemInput): Generator<void, PlacedProblem> {
  const { matrix, labels, classCount, threads = 1, shards = 1 } = input;
  const { rowCount, columnCount } = matrix;
  const hasOrigin = input.origin !== undefined;
  const problem: ProblemShape = {
    rowCount,
    classCount,
    batchSize: input.batchSize,
    hasOrigin,
    hasTargets: input.targets !== undefined,
    l1: singleL1(input.l1),
    sharing: sharingOf(threads, shards, matrix.values.length / rowCount),
  };
  const keepsAll = hasOrigin || (classCount === 2 && problem.l1 === 0);
  const { folded, plan, starts } = yield* placeRows<Block>(core, matrix, {
    hasBias: input.hasBias,
    folds: !keepsAll && problem.l1 === 0 && (input.folds ?? true),
    keepsAbsent: keepsAll,
    denseColumns: input.denseColumns,
    shards,
    admit: (total, { duals, weights }) =>
      input.admit?.({ total, present: core.memory.buffer.byteLength, duals, weights }),
    purpose: purposeOf({ rowCount, featureCount: columnCount, classCount }),
    blocks: (counts) => problemBlocks(problem, counts),
  });
  const { at } = plan;
  const memory = new ProblemMemory(core, at, folded, problem);
  writeRecord(new DataView(core.memory.buffer, at.record, Field.BYTES), problem, at, input.scaledL2);
  const own = ownBytes(problem, folded);
  const records = new ThreadRecords(core.memory, at, own, problem.sharing, input.batchSize);
  // Pages that are read before they are written cost twice as much, and with several threads many times.
  if (threads > 1) yield* clearInPieces(memory.f32("weights", memory.weightCount));
  yield;
  yield* dealRows(memory, shards, starts);
  const columns = memory.u32("columns", folded.denseCount);
  for (let i = 0; i < columns.length; i++) columns[i] = i;
  memory.u32("labels", rowCount).set(labels);
  memory.f32("rowWeights", rowCount).set(input.rowWeights ?? new Float32Array(rowCount).fill(1));
  if (input.targets) setTargets(memory, labels, input.targets);
  return { memory, usedBytes: plan.totalBytes, records };
}
