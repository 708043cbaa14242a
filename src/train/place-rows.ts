import { Problem as Field } from "../../assembly/layout.js";
import { type CsrMatrix, longestRowOf, ranges, rowRanges } from "../data/csr.js";
import { clearInPieces, copyInPieces } from "../data/pieces.js";
import type { CoreExports } from "../wasm/core.js";
import { clearing, type Plan, planBlocks, reserve, willBeWritten } from "../wasm/memory.js";
import { DEALING_BYTES, dealLines } from "./deal-lines.js";
import {
  type DenseColumns,
  denseColumnsOf,
  numberDenseLines,
  sparseEntryCount,
  splitRows,
} from "./dense-columns.js";

/** Foldings tried, each with other hashes, before the columns are left as they are. */
const FOLDINGS_TRIED = 4;
/** Each is looked up somewhere in a table that is new to the machine: 2.5 μs of page faults where there are millions. */
const FEATURES_A_PIECE = 8192;

/** In place of a line where a feature is one row's own, from this one on, or in no row; see `assembly/folding.ts`. */
export const OWN = 0x80000000;
export const ABSENT = 0xffffffff;

// Fields of the record by block, written out so that bundlers can inline the numbers and leave the enum away.
const firstFields = {
  dense: Field.dense,
  indptr: Field.indptr,
  indices: Field.indices,
  values: Field.values,
  sharedAt: Field.sharedAt,
  ownIndptr: Field.ownIndptr,
  lineOf: Field.lineOf,
} as const;
const foldedFields = {
  counts: Field.counts,
  ownValues: Field.ownValues,
  norms: Field.norms,
  ownNorms: Field.ownNorms,
} as const;

/** Blocks that hold the rows; see `assembly/layout.ts`. */
export type RowBlock = "record" | "waiting" | keyof typeof firstFields | keyof typeof foldedFields;

/** Shape of rows once they are folded. */
export interface FoldedCounts {
  /** Lines of weights; the first are those of dense columns, those from `firstShared` on are shared by several features. */
  readonly lineCount: number;
  readonly denseCount: number;
  /** Of the dense lines, those that belong to no feature. */
  readonly paddingCount: number;
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
  /** Shards that lines are dealt out to; default 1. */
  readonly shards?: number;
  /** Called with what all will take before more than the rows is allocated; throws to refuse it. */
  readonly admit?: (totalBytes: number, blocks: Record<Block | "weights", number>) => void;
  /** Named by the error when memory does not suffice. */
  readonly purpose: string;
  /** Further blocks, in bytes; those of the weights have at least four bytes a line. */
  readonly blocks: (folded: FoldedCounts) => Record<Block | "weights", number>;
}

/** Where the blocks are, and the lines. */
interface Placed<Block extends string> {
  readonly folded: FoldedCounts;
  readonly plan: Plan<Block | RowBlock | "weights">;
  /** What `dealLines` returns, with more shards than one. */
  readonly starts: readonly number[];
}

/**
 * Copies the rows into a fresh core, folds them there, and plans and reserves the other blocks, which are all 0. The
 * record's fields that describe the rows are set. Yields now and then. Throws `out-of-memory`.
 */
export function* placeRows<Block extends string>(
  core: CoreExports,
  matrix: CsrMatrix,
  placement: Placement<Block>,
): Generator<void, Placed<Block>> {
  const { rowCount, columnCount } = matrix;
  const { shards = 1 } = placement;
  const { memory } = core;
  const columns = yield* denseColumnsOf(matrix);
  const nnz = yield* sparseEntryCount(matrix, columns);
  const first = planBlocks({
    record: Field.BYTES,
    sharedAt: 4 * rowCount,
    ownIndptr: 4 * (rowCount + 1),
    indptr: 4 * (rowCount + 1),
    dense: 4 * rowCount * columns.lineCount,
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
    const sparse = {
      indptr: new Uint32Array(memory.buffer, first.at.indptr, rowCount + 1),
      indices: new Uint32Array(memory.buffer, first.at.indices, nnz),
      values: new Float32Array(memory.buffer, first.at.values, nnz),
    };
    const dense = new Float32Array(memory.buffer, first.at.dense, rowCount * columns.lineCount);
    yield* copyRows(matrix, columns, { dense, ...sparse });
    const lineOf = new Uint32Array(memory.buffer, first.at.lineOf, columnCount);
    set(Field.rowCount, rowCount);
    set(Field.featureCount, columnCount);
    set(Field.denseCount, columns.lineCount);
    set(Field.hasBias, placement.hasBias ? 1 : 0);
    for (const [block, field] of Object.entries(firstFields))
      set(field, first.at[block as keyof typeof firstFields]);
    let counts = new Float32Array(0);
    if (placement.folds && salt < FOLDINGS_TRIED) {
      for (const [from, end] of rowRanges(matrix)) {
        core.hashColumns(first.at.record, salt, scratch, from, end);
        yield;
      }
      set(Field.lineCount, columns.lineCount);
      for (const field of [Field.firstShared, Field.ownCount]) set(field, 0);
      for (const [from, end] of ranges(columnCount, FEATURES_A_PIECE)) {
        core.planFolding(first.at.record, scratch, bucketCount, from, end);
        yield;
      }
      counts = new Float32Array(get(Field.firstShared));
      const firstShared = get(Field.lineCount) - counts.length;
      const records = new Uint32Array(memory.buffer, scratch, 4 * columnCount);
      set(Field.firstShared, firstShared);
      set(
        Field.sharedEntries,
        yield* numberFolded(lineOf, records, { first: columns.lineCount, firstShared }, counts),
      );
      yield* clearInPieces(new Float32Array(memory.buffer, scratch, scratchBytes / 4));
    } else {
      const lineCount = yield* numberLines(lineOf, sparse.indices, columns, placement.keepsAbsent ?? false);
      set(Field.lineCount, lineCount);
      set(Field.firstShared, lineCount);
      set(Field.ownCount, 0);
      set(Field.sharedEntries, 0);
    }
    const folded = {
      lineCount: get(Field.lineCount),
      denseCount: columns.lineCount,
      paddingCount: columns.lineCount - columns.columnCount,
      firstShared: get(Field.firstShared),
      ownCount: get(Field.ownCount),
    };
    const starts = shards === 1 ? [] : yield* dealLines(lineOf, counts, folded, shards);
    numberDenseLines(lineOf, columns);
    const sizes = {
      counts: 4 * counts.length,
      ownValues: 4 * folded.ownCount,
      norms: 4 * rowCount,
      ownNorms: 4 * rowCount,
      waiting: DEALING_BYTES + 8 * longestRow,
    };
    const blocks = placement.blocks(folded);
    const second = planBlocks({ ...sizes, ...blocks }, first.totalBytes);
    placement.admit?.(second.totalBytes, blocks);
    yield* clearing(memory, second.totalBytes);
    reserve(memory, second.totalBytes, placement.purpose);
    const at = { ...first.at, ...second.at } as Plan<Block | RowBlock | "weights">["at"];
    const again = new DataView(memory.buffer, at.record, Field.BYTES);
    for (const [block, field] of Object.entries(foldedFields))
      again.setUint32(field, at[block as keyof typeof foldedFields], true);
    new Float32Array(memory.buffer, at.counts, counts.length).set(counts);
    const placed = {
      folded,
      plan: { at, totalBytes: second.totalBytes },
      starts,
    };
    yield;
    if (!placement.folds && placement.keepsAbsent) {
      if (columns.runs.length > 0 || shards > 1) {
        const { buffer } = memory;
        const lines = new Uint32Array(buffer, at.lineOf, columnCount);
        yield* setLines(new Uint32Array(buffer, at.indices, nnz), lines);
      }
      yield* measureRows(core, at, matrix, { denseCount: columns.lineCount, hasBias: placement.hasBias });
      return placed;
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
    return placed;
  }
}

function* copyRows(
  matrix: CsrMatrix,
  columns: DenseColumns,
  to: Parameters<typeof splitRows>[2],
): Generator<void> {
  if (columns.runs.length > 0) return yield* splitRows(matrix, columns, to);
  to.indptr.set(matrix.indptr);
  yield* copyInPieces(to.indices, matrix.indices);
  yield* copyInPieces(to.values, matrix.values);
}

/** Puts lines in place of features. Yields now and then. */
function* setLines(indices: Uint32Array, lineOf: Uint32Array): Generator<void> {
  for (const [first, end] of ranges(indices.length)) {
    for (let k = first; k < end; k++) indices[k] = lineOf[indices[k]!]!;
    yield;
  }
}

type MeasuredBlock = "indptr" | "sharedAt" | "norms" | "values" | "dense";

/** `sharedAt` and `norms` of rows whose features all have plain lines. Yields now and then. */
function* measureRows(
  core: CoreExports,
  at: Readonly<Record<MeasuredBlock, number>>,
  { rowCount }: CsrMatrix,
  { denseCount, hasBias }: { readonly denseCount: number; readonly hasBias: boolean },
): Generator<void> {
  const { buffer } = core.memory;
  const indptr = new Uint32Array(buffer, at.indptr, rowCount + 1);
  const sharedAt = new Uint32Array(buffer, at.sharedAt, rowCount);
  const norms = new Float32Array(buffer, at.norms, rowCount);
  const biasSquare = hasBias ? 1 : 0;
  for (const [first, end] of rowRanges({ rowCount, indptr })) {
    for (let row = first; row < end; row++) {
      const from = indptr[row]!;
      const stop = indptr[row + 1]!;
      sharedAt[row] = stop;
      const dense = denseCount === 0 ? 0 : core.sumOfSquares(at.dense + 4 * denseCount * row, denseCount);
      norms[row] = biasSquare + dense + core.sumOfSquares(at.values + 4 * from, stop - from);
    }
    yield;
  }
}

/**
 * Gives features that `planFolding` has given a leader the leader's line: to those alone in the order of features, from `first`
 * on, then to those that share one, whose number goes to `counts`. Returns how many entries are on shared lines. Yields now
 * and then.
 * @param records of features: see `assembly/fold-rows.ts`
 */
function* numberFolded(
  lineOf: Uint32Array,
  records: Uint32Array,
  { first, firstShared }: { readonly first: number; readonly firstShared: number },
  counts: Float32Array,
): Generator<void, number> {
  let sharedEntries = 0;
  let plain = first;
  let shared = 0;
  for (const [from, end] of ranges(lineOf.length)) {
    // A leader stands before its followers, and has its line by the time that they ask for it.
    for (let feature = from; feature < end; feature++) {
      const leader = lineOf[feature]!;
      if (leader >= OWN) continue;
      const others = records[4 * feature + 3]!;
      if (leader !== feature) lineOf[feature] = lineOf[leader]!;
      else if (others === 0) lineOf[feature] = plain++;
      else {
        sharedEntries += records[4 * feature + 2]!;
        counts[shared] = others + 1;
        lineOf[feature] = firstShared + shared++;
      }
    }
    yield;
  }
  return sharedEntries;
}

/**
 * A line for each feature that is not dense, in their order after the dense ones, or only for those that occur; returns how many
 * lines there are. Yields now and then.
 */
function* numberLines(
  lineOf: Uint32Array,
  indices: Uint32Array,
  columns: DenseColumns,
  keepsAbsent: boolean,
): Generator<void, number> {
  lineOf.fill(keepsAbsent ? 0 : ABSENT);
  for (const [first, end] of ranges(keepsAbsent ? 0 : indices.length)) {
    for (let k = first; k < end; k++) lineOf[indices[k]!] = 0;
    yield;
  }
  for (const { first, end } of columns.runs) lineOf.fill(ABSENT, first, end);
  let count = columns.lineCount;
  for (const [first, end] of ranges(lineOf.length)) {
    for (let feature = first; feature < end; feature++) {
      if (lineOf[feature] !== ABSENT) lineOf[feature] = count++;
    }
    yield;
  }
  return count;
}
