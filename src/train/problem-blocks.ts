import { Blocks, Control, Problem as Field } from "../../assembly/layout.js";
import type { CoreExports } from "../wasm/core.js";
import type { Plan } from "../wasm/memory.js";
import { paddedClasses, weightColumns } from "../wasm/weight-layout.js";
import type { FoldedCounts, RowBlock } from "./place-rows.js";
import { scheduleBytes } from "./schedule.js";
import { type OwnBlock, othersBytes, type Sharing } from "./thread-records.js";

/**
 * Bytes of the f64 sums of one block of lines in the confirming pass: they stay in a cache, and there are some for each thread.
 * Rows are gone through once a block.
 */
const REBUILD_BYTES = 2_097_152;

const f32Blocks = ["rowWeights", "residuals", "divergences", "losses"] as const;
/** Blocks beside the rows; `assembly/layout.ts` says what they are. */
export type Block =
  | (typeof f32Blocks)[number]
  | ("labels" | "biases" | "duals" | "scores" | "changes")
  | (
      | "marks"
      | "wide"
      | "order"
      | "schedule"
      | "cursors"
      | "sums"
      | "weights"
      | "accumulated"
      | "targets"
      | "origin"
      | "squares"
      | "originBiases"
    )
  | ("bounds" | "columns" | "zeros" | "results" | "control" | "ready" | "others");

/** What the sizes of blocks depend on, beside the folded rows. */
export interface ProblemShape {
  readonly rowCount: number;
  readonly classCount: number;
  readonly batchSize: number;
  readonly hasOrigin: boolean;
  /** Whether rows are labelled with distributions. */
  readonly hasTargets: boolean;
  /** τ */
  readonly l1: number;
  readonly sharing: Sharing;
}

/** A problem in the memory of a core, for those who read it there. */
export interface PlacedRows extends FoldedCounts {
  readonly core: CoreExports;
  readonly at: Plan<Block | RowBlock>["at"];
  readonly rowCount: number;
  readonly featureCount: number;
  readonly classCount: number;
  readonly hasBias: boolean;
  /** Whether labels are soft: then there is the block "targets". */
  readonly hasTargets: boolean;
  /** Columns of a line of weights or duals, spare lanes included. */
  readonly columns: number;
}

/** Lines of a block of work. */
export function linesABlock(classCount: number): number {
  return Math.max(1, Math.floor(REBUILD_BYTES / (8 * weightColumns(classCount).padded)));
}

/** Blocks of work that there are of rows and of lines. */
export function blockCounts(rowCount: number, lineCount: number, classCount: number) {
  return {
    ofRows: Math.ceil(rowCount / Blocks.ROWS),
    ofLines: Math.ceil(lineCount / linesABlock(classCount)),
  };
}

/** Bytes of what each thread has for itself. */
export function ownBytes(
  { rowCount, classCount }: ProblemShape,
  { lineCount }: FoldedCounts,
): Record<OwnBlock, number> {
  const stride = paddedClasses(classCount);
  const lines = Math.min(linesABlock(classCount), lineCount);
  return {
    record: Field.BYTES,
    wide: 16 * stride,
    cursors: 8 * rowCount,
    sums: 8 * Math.max(stride, lines * weightColumns(classCount).padded),
  };
}

/** Bytes of the blocks beside the rows. */
export function problemBlocks(shape: ProblemShape, folded: FoldedCounts): Record<Block, number> {
  const { rowCount, classCount, batchSize, hasOrigin } = shape;
  const { shards, threads } = shape.sharing;
  const { lineCount, denseCount } = folded;
  const stride = paddedClasses(classCount);
  const columns = weightColumns(classCount).padded;
  const slots = (threads === 1 ? 1 : 2) * batchSize;
  const own = ownBytes(shape, folded);
  const { ofRows, ofLines } = blockCounts(rowCount, lineCount, classCount);
  const { wide, cursors, sums } = own;
  const perRow = Object.fromEntries(f32Blocks.map((block) => [block, 4 * rowCount]));
  return {
    labels: 4 * rowCount,
    biases: 4 * stride,
    duals: 4 * rowCount * columns,
    scores: 4 * slots * shards * stride,
    changes: 4 * slots * stride,
    marks: slots,
    order: 4 * rowCount,
    schedule: scheduleBytes(rowCount),
    wide,
    cursors,
    sums,
    bounds: 4 * (2 * shards * rowCount + 1),
    columns: 4 * denseCount,
    zeros: 4 * stride,
    results: 32 * Math.max(ofRows, ofLines),
    control: Control.BYTES,
    ready: 4 * slots,
    others: othersBytes(threads, own),
    originBiases: hasOrigin ? 4 * stride : 0,
    origin: hasOrigin ? 4 * lineCount * columns : 0,
    weights: 4 * lineCount * columns,
    squares: 4 * lineCount,
    targets: shape.hasTargets ? 4 * rowCount * columns : 0,
    accumulated: shape.l1 > 0 ? 4 * lineCount * columns : 0,
    ...(perRow as Record<(typeof f32Blocks)[number], number>),
  };
}

/** Writes the fields of a record that do not describe the rows. @param scaledL2 N */
export function writeRecord(
  record: DataView,
  shape: ProblemShape,
  at: Plan<Block>["at"],
  scaledL2: number,
): void {
  const { classCount, batchSize, hasOrigin, hasTargets, l1, sharing } = shape;
  const counts: [Field, number][] = [
    [Field.classCount, classCount],
    [Field.stride, paddedClasses(classCount)],
    [Field.batchSize, batchSize],
    [Field.shards, sharing.shards],
    [Field.threads, sharing.threads],
    [Field.linesABlock, linesABlock(classCount)],
  ];
  for (const [field, count] of counts) record.setUint32(field, count, true);
  const addresses: [Field, number][] = [
    [Field.labels, at.labels],
    [Field.rowWeights, at.rowWeights],
    [Field.weights, at.weights],
    [Field.biases, at.biases],
    [Field.targets, hasTargets ? at.targets : 0],
    [Field.accumulated, l1 > 0 ? at.accumulated : 0],
    [Field.duals, at.duals],
    [Field.residuals, at.residuals],
    [Field.divergences, at.divergences],
    [Field.losses, at.losses],
    [Field.scores, at.scores],
    [Field.changes, at.changes],
    [Field.columns, at.columns],
    [Field.zeros, at.zeros],
    [Field.marks, at.marks],
    [Field.bounds, at.bounds],
    [Field.results, at.results],
    [Field.order, at.order],
    [Field.control, at.control],
    [Field.ready, at.ready],
    [Field.origin, hasOrigin ? at.origin : 0],
    [Field.originBiases, hasOrigin ? at.originBiases : 0],
  ];
  for (const [field, address] of addresses) record.setUint32(field, address, true);
  record.setFloat32(Field.threshold, l1, true);
  record.setFloat32(Field.inverseN, 1 / scaledL2, true);
}
