import { Problem as Field } from "../../assembly/layout.js";
import { type CsrMatrix, longestRowOf, ranges, rowRanges } from "../data/csr.js";
import { clearInPieces, copyInPieces } from "../data/pieces.js";
import type { CoreExports } from "../wasm/core.js";
import { clearing, type Plan, planBlocks, reserve, willBeWritten } from "../wasm/memory.js";

/** Foldings tried, each with other hashes, before the columns are left as they are. */
const FOLDINGS_TRIED = 4;
/** Each is looked up somewhere in a table that is new to the machine: 2.5 μs of page faults where there are millions. */
const FEATURES_A_PIECE = 8192;

/** Stands for a line where a feature is one row's own, or in no row; see `assembly/fold-rows.ts`. */
export const OWN = 0xffffffff;
export const ABSENT = 0xfffffffe;

// Fields of the record by block, written out so that bundlers can inline the numbers and leave the enum away.
const firstFields = {
  indptr: Field.indptr,
  indices: Field.indices,
  values: Field.values,
  sharedAt: Field.sharedAt,
  ownIndptr: Field.ownIndptr,
  lineOf: Field.lineOf,
} as const;
const foldedFields = {
  counts: Field.counts,
  ownFeatures: Field.ownFeatures,
  ownValues: Field.ownValues,
  norms: Field.norms,
  ownNorms: Field.ownNorms,
} as const;

/** Blocks that hold the rows; see `assembly/layout.ts`. */
export type RowBlock = "record" | keyof typeof firstFields | keyof typeof foldedFields;

/** Shape of rows once they are folded. */
export interface FoldedCounts {
  /** Lines of weights; those from `firstShared` on are shared by several features. */
  readonly lineCount: number;
  readonly firstShared: number;
  /** Entries that belong to features which one row alone holds. */
  readonly ownCount: number;
}

export interface Placement<Block extends string> {
  /** Whether each row has a bias, which is the weight of a feature that is 1. */
  readonly hasBias: boolean;
  /** Whether columns that need no weights of their own are folded; else each feature gets a line. */
  readonly folds: boolean;
  /**
   * Whether features that no row has get lines as well, where columns are not folded: rows then need not be touched. Folding leaves
   * them without lines.
   */
  readonly keepsAbsent?: boolean;
  /** Called with what all will take before more than the rows is allocated; throws to refuse it. */
  readonly admit?: (totalBytes: number, blocks: Record<Block | "weights", number>) => void;
  /** Named by the error when memory does not suffice. */
  readonly purpose: string;
  /** Further blocks, in bytes; those of the weights have at least four bytes a line. */
  readonly blocks: (folded: FoldedCounts) => Record<Block | "weights", number>;
}

/**
 * Copies the rows into a fresh core, folds them there, and plans and reserves the other blocks, which are all 0. The
 * record's fields that describe the rows are set. Yields now and then. Throws `out-of-memory`.
 */
export function* placeRows<Block extends string>(
  core: CoreExports,
  matrix: CsrMatrix,
  placement: Placement<Block>,
): Generator<void, { folded: FoldedCounts; plan: Plan<Block | RowBlock | "weights"> }> {
  const { rowCount, columnCount, indptr, indices, values } = matrix;
  const { memory } = core;
  const nnz = indices.length;
  const first = planBlocks({
    record: Field.BYTES,
    sharedAt: 4 * rowCount,
    ownIndptr: 4 * (rowCount + 1),
    indptr: 4 * (rowCount + 1),
    indices: 4 * nnz,
    values: 4 * nnz,
    lineOf: 4 * columnCount,
  });
  let bucketCount = 16;
  while (bucketCount < 2 * columnCount) bucketCount *= 2;
  const scratch = first.totalBytes;
  const scratchBytes = placement.folds ? 16 * columnCount + 4 * bucketCount : 0;
  const longestRow = longestRowOf(matrix);
  for (let salt = 0; ; salt++) {
    yield* clearing(memory, first.at.indptr);
    willBeWritten(memory, scratch);
    yield* clearing(memory, scratch + scratchBytes);
    reserve(memory, scratch + scratchBytes, placement.purpose);
    const record = new DataView(memory.buffer, first.at.record, Field.BYTES);
    const set = (field: Field, value: number) => record.setUint32(field, value, true);
    const get = (field: Field) => record.getUint32(field, true);
    new Uint32Array(memory.buffer, first.at.indptr, rowCount + 1).set(indptr);
    yield* copyInPieces(new Uint32Array(memory.buffer, first.at.indices, nnz), indices);
    yield* copyInPieces(new Float32Array(memory.buffer, first.at.values, nnz), values);
    set(Field.rowCount, rowCount);
    set(Field.featureCount, columnCount);
    set(Field.hasBias, placement.hasBias ? 1 : 0);
    for (const [block, field] of Object.entries(firstFields))
      set(field, first.at[block as keyof typeof firstFields]);
    let counts = new Float32Array(0);
    if (placement.folds && salt < FOLDINGS_TRIED) {
      for (const [from, end] of rowRanges(matrix)) {
        core.hashColumns(first.at.record, salt, scratch, from, end);
        yield;
      }
      for (const field of [Field.lineCount, Field.firstShared, Field.ownCount]) set(field, 0);
      for (const [from, end] of ranges(columnCount, FEATURES_A_PIECE)) {
        core.planFolding(first.at.record, scratch, bucketCount, from, end);
        yield;
      }
      core.numberLines(first.at.record, scratch);
      yield;
      counts = new Float32Array(
        memory.buffer,
        scratch,
        get(Field.lineCount) - get(Field.firstShared),
      ).slice();
      yield* clearInPieces(new Float32Array(memory.buffer, scratch, scratchBytes / 4));
    } else {
      const lineOf = new Uint32Array(memory.buffer, first.at.lineOf, columnCount);
      const lineCount = yield* numberLines(lineOf, indices, placement.keepsAbsent ?? false);
      set(Field.lineCount, lineCount);
      set(Field.firstShared, lineCount);
      set(Field.ownCount, 0);
      set(Field.sharedEntries, 0);
    }
    const folded = {
      lineCount: get(Field.lineCount),
      firstShared: get(Field.firstShared),
      ownCount: get(Field.ownCount),
    };
    const sizes = {
      counts: 4 * counts.length,
      ownFeatures: 4 * folded.ownCount,
      ownValues: 4 * folded.ownCount,
      norms: 4 * rowCount,
      ownNorms: 4 * rowCount,
      waiting: 8 * (1 + longestRow),
    };
    const blocks = placement.blocks(folded);
    const second = planBlocks({ ...sizes, ...blocks }, first.totalBytes);
    placement.admit?.(second.totalBytes, blocks);
    yield* clearing(memory, second.totalBytes);
    reserve(memory, second.totalBytes, placement.purpose);
    const at = { ...first.at, ...second.at } as Plan<Block | RowBlock | "waiting" | "weights">["at"];
    const again = new DataView(memory.buffer, at.record, Field.BYTES);
    for (const [block, field] of Object.entries(foldedFields))
      again.setUint32(field, at[block as keyof typeof foldedFields], true);
    new Float32Array(memory.buffer, at.counts, counts.length).set(counts);
    yield;
    if (!placement.folds && placement.keepsAbsent) {
      for (const [from, end] of rowRanges(matrix)) {
        core.leaveRows(at.record, from, end);
        yield;
      }
      return { folded, plan: { at, totalBytes: second.totalBytes } };
    }
    // The weights lend their room to what folding has to remember.
    let areSame = true;
    for (const [from, end] of rowRanges(matrix)) {
      areSame = core.foldRows(at.record, at.weights, at.waiting, from, end) !== 0;
      if (!areSame) break;
      yield;
    }
    if (!areSame) {
      new Uint8Array(memory.buffer, first.totalBytes).fill(0);
      continue;
    }
    new Uint8Array(memory.buffer, at.weights, 4 * counts.length).fill(0);
    return { folded, plan: { at, totalBytes: second.totalBytes } };
  }
}

/** A line for each feature, in their order, or only for those that occur; returns how many there are. Yields now and then. */
function* numberLines(
  lineOf: Uint32Array,
  indices: Uint32Array,
  keepsAbsent: boolean,
): Generator<void, number> {
  lineOf.fill(keepsAbsent ? 0 : ABSENT);
  for (const [first, end] of ranges(keepsAbsent ? 0 : indices.length)) {
    for (let k = first; k < end; k++) lineOf[indices[k]!] = 0;
    yield;
  }
  let count = 0;
  for (const [first, end] of ranges(lineOf.length)) {
    for (let feature = first; feature < end; feature++) {
      if (lineOf[feature] !== ABSENT) lineOf[feature] = count++;
    }
    yield;
  }
  return count;
}
