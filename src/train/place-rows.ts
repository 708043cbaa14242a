import { Problem as Field } from "../../assembly/layout.js";
import { type CsrMatrix, longestRowOf, ranges, rowRanges } from "../data/csr.js";
import { clearInPieces, copyInPieces } from "../data/pieces.js";
import type { CoreExports } from "../wasm/core.js";
import { clearing, type Plan, planBlocks, reserve, willBeWritten } from "../wasm/memory.js";
import { DEALING_BYTES, dealLines } from "./deal-lines.js";
import { type DenseColumns, sparseEntryCount, splitRows } from "./dense-columns.js";
import { markColumns, numberDenseLines } from "./number-lines.js";
import { rowTraits } from "./row-traits.js";

/** Foldings tried, each with other hashes, before the columns are left as they are. */
const FOLDINGS_TRIED = 4;
/** Each is looked up somewhere in a table that is new to the machine: 2.5 μs of page faults where there are millions. */
const FEATURES_A_PIECE = 8192;

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
  /** Of the matrix; default: found. */
  readonly denseColumns?: DenseColumns | undefined;
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
  const columns = placement.denseColumns ?? (yield* rowTraits(core, matrix)).denseColumns;
  const entryCount = yield* sparseEntryCount(matrix, columns);
  const placing = new Placing(core, matrix, placement, columns, entryCount);
  for (let salt = 0; ; salt++) {
    yield* placing.takeRows();
    const counts =
      placement.folds && salt < FOLDINGS_TRIED
        ? yield* placing.planFolding(salt)
        : yield* placing.giveLinesToAll();
    const placed = yield* placing.takeBlocks(counts);
    yield;
    if (!placement.folds && placement.keepsAbsent) {
      yield* placing.measure();
      return placed;
    }
    if (yield* placing.fold(placed.plan, counts.length)) return placed;
  }
}

/** The parts of {@link placeRows}, in their order; a folding whose hashes were wrong begins anew. */
class Placing<Block extends string> {
  readonly #core: CoreExports;
  readonly #matrix: CsrMatrix;
  readonly #placement: Placement<Block>;
  readonly #columns: DenseColumns;
  /** Entries that are not in dense columns. */
  readonly #entryCount: number;
  /** Of the blocks that are there before the lines are known. */
  readonly #first: Plan<"record" | keyof typeof firstFields>;
  /** Of the table of columns, a power of two. */
  readonly #bucketCount: number;
  /** Behind the first blocks: records of columns and their table. */
  readonly #scratchBytes: number;

  constructor(
    core: CoreExports,
    matrix: CsrMatrix,
    placement: Placement<Block>,
    columns: DenseColumns,
    entryCount: number,
  ) {
    const { rowCount, columnCount } = matrix;
    this.#core = core;
    this.#matrix = matrix;
    this.#placement = placement;
    this.#columns = columns;
    this.#entryCount = entryCount;
    this.#first = planBlocks({
      record: Field.BYTES,
      sharedAt: 4 * rowCount,
      ownIndptr: 4 * (rowCount + 1),
      indptr: 4 * (rowCount + 1),
      dense: 4 * rowCount * columns.lineCount,
      indices: 4 * entryCount,
      values: 4 * entryCount,
      lineOf: 4 * columnCount,
    });
    let bucketCount = 16;
    while (bucketCount < 2 * columnCount) bucketCount *= 2;
    this.#bucketCount = bucketCount;
    this.#scratchBytes = placement.folds ? 16 * columnCount + 4 * bucketCount : 0;
  }

  /** Copies the rows as they come, and writes what the record says of them so far. */
  *takeRows(): Generator<void> {
    const { memory } = this.#core;
    const { at, totalBytes } = this.#first;
    const { rowCount, columnCount } = this.#matrix;
    yield* clearing(memory, at.indptr);
    willBeWritten(memory, totalBytes);
    yield* clearing(memory, totalBytes + this.#scratchBytes);
    reserve(memory, totalBytes + this.#scratchBytes, this.#placement.purpose);
    yield* copyRows(this.#matrix, this.#columns, {
      dense: new Float32Array(memory.buffer, at.dense, rowCount * this.#columns.lineCount),
      indptr: new Uint32Array(memory.buffer, at.indptr, rowCount + 1),
      indices: this.#indices(),
      values: new Float32Array(memory.buffer, at.values, this.#entryCount),
    });
    this.#set(Field.rowCount, rowCount);
    this.#set(Field.featureCount, columnCount);
    this.#set(Field.denseCount, this.#columns.lineCount);
    this.#set(Field.hasBias, this.#placement.hasBias ? 1 : 0);
    for (const [block, field] of Object.entries(firstFields))
      this.#set(field, at[block as keyof typeof firstFields]);
  }

  /** Gives columns lines by hashes of what they hold. Returns how many columns share each shared line. */
  *planFolding(salt: number): Generator<void, Float32Array> {
    const core = this.#core;
    const { at, totalBytes: scratch } = this.#first;
    const { columnCount } = this.#matrix;
    const { lineCount } = this.#columns;
    for (const [from, end] of rowRanges(this.#matrix)) {
      core.hashColumns(at.record, salt, scratch, from, end);
      yield;
    }
    this.#set(Field.lineCount, lineCount);
    for (const field of [Field.firstShared, Field.ownCount]) this.#set(field, 0);
    for (const [from, end] of ranges(columnCount, FEATURES_A_PIECE)) {
      core.planFolding(at.record, scratch, this.#bucketCount, from, end);
      yield;
    }
    const sharedCount = this.#get(Field.firstShared);
    this.#set(Field.firstShared, this.#get(Field.lineCount) - sharedCount);
    this.#set(Field.sharedEntries, 0);
    const { buffer } = core.memory;
    // The buckets are read no more.
    const state = scratch + 16 * columnCount;
    new Uint32Array(buffer, state, 2).set([lineCount, 0]);
    for (const [from, end] of ranges(columnCount)) {
      core.numberFolded(at.record, scratch, state, from, end);
      yield;
    }
    const counts = new Float32Array(buffer, scratch, sharedCount).slice();
    yield* clearInPieces(new Float32Array(buffer, scratch, this.#scratchBytes / 4));
    return counts;
  }

  /** Gives each column a line of its own; returns that none is shared. */
  *giveLinesToAll(): Generator<void, Float32Array> {
    const { keepsAbsent = false } = this.#placement;
    const lineOf = this.#lineOf();
    yield* markColumns(lineOf, this.#indices(), this.#columns, keepsAbsent);
    let lineCount = this.#columns.lineCount;
    for (const [first, end] of ranges(lineOf.length)) {
      lineCount = this.#core.numberLines(this.#first.at.lineOf, first, end, lineCount);
      yield;
    }
    this.#set(Field.lineCount, lineCount);
    this.#set(Field.firstShared, lineCount);
    this.#set(Field.ownCount, 0);
    this.#set(Field.sharedEntries, 0);
    return new Float32Array(0);
  }

  /** Deals the lines out, and plans and reserves the blocks whose sizes are known now. */
  *takeBlocks(counts: Float32Array): Generator<void, Placed<Block>> {
    const { memory } = this.#core;
    const { rowCount } = this.#matrix;
    const { shards = 1, admit, purpose } = this.#placement;
    const { lineCount: denseCount, columnCount: denseColumnCount } = this.#columns;
    const folded = {
      lineCount: this.#get(Field.lineCount),
      denseCount,
      paddingCount: denseCount - denseColumnCount,
      firstShared: this.#get(Field.firstShared),
      ownCount: this.#get(Field.ownCount),
    };
    const starts = shards === 1 ? [] : yield* dealLines(this.#lineOf(), counts, folded, shards);
    numberDenseLines(this.#lineOf(), this.#columns);
    const sizes = {
      counts: 4 * counts.length,
      ownValues: 4 * folded.ownCount,
      norms: 4 * rowCount,
      ownNorms: 4 * rowCount,
      waiting: DEALING_BYTES + 8 * longestRowOf(this.#matrix),
    };
    const blocks = this.#placement.blocks(folded);
    const second = planBlocks({ ...sizes, ...blocks }, this.#first.totalBytes);
    admit?.(second.totalBytes, blocks);
    yield* clearing(memory, second.totalBytes);
    reserve(memory, second.totalBytes, purpose);
    const at = { ...this.#first.at, ...second.at } as Placed<Block>["plan"]["at"];
    for (const [block, field] of Object.entries(foldedFields))
      this.#set(field, at[block as keyof typeof foldedFields]);
    new Float32Array(memory.buffer, at.counts, counts.length).set(counts);
    return { folded, plan: { at, totalBytes: second.totalBytes }, starts };
  }

  /** Of rows that stay as they are: puts lines in place of columns, where they differ, and writes the norms. */
  *measure(): Generator<void> {
    const core = this.#core;
    const { record } = this.#first.at;
    const { shards = 1 } = this.#placement;
    const isMoved = this.#columns.runs.length > 0 || shards > 1;
    for (const [first, end] of ranges(isMoved ? this.#entryCount : 0)) {
      core.setLines(record, first, end);
      yield;
    }
    for (const [first, end] of rowRanges(this.#matrix)) {
      core.measureNorms(record, first, end);
      yield;
    }
  }

  /** Folds the rows. Returns false, all behind the first blocks being 0 again, if columns of one hash were not alike. */
  *fold({ at }: Placed<Block>["plan"], sharedCount: number): Generator<void, boolean> {
    const core = this.#core;
    // The weights lend their room to what folding has to remember.
    for (const [from, end] of rowRanges(this.#matrix)) {
      if (core.foldRows(at.record, at.weights, at.waiting, from, end) === 0) {
        new Uint8Array(core.memory.buffer, this.#first.totalBytes).fill(0);
        return false;
      }
      yield;
    }
    new Uint8Array(core.memory.buffer, at.weights, 4 * sharedCount).fill(0);
    return true;
  }

  #lineOf(): Uint32Array {
    return new Uint32Array(this.#core.memory.buffer, this.#first.at.lineOf, this.#matrix.columnCount);
  }

  #indices(): Uint32Array {
    return new Uint32Array(this.#core.memory.buffer, this.#first.at.indices, this.#entryCount);
  }

  #record(): DataView {
    return new DataView(this.#core.memory.buffer, this.#first.at.record, Field.BYTES);
  }

  #set(field: Field, value: number): void {
    this.#record().setUint32(field, value, true);
  }

  #get(field: Field): number {
    return this.#record().getUint32(field, true);
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
