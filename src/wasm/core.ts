import { coreModule, textCoreModule } from "./core-modules.js";
import { MAX_PAGES } from "./memory.js";

/** A memory as far as it is used: not every program that compiles our declarations knows the types of WebAssembly. */
export interface CoreMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** The functions of `assembly/index.ts`. Addresses and counts are u32. */
export interface CoreExports {
  readonly memory: CoreMemory;
  addRowScores(
    scores: number,
    indices: number,
    values: number,
    nnz: number,
    weights: number,
    stride: number,
  ): void;
  addRowUpdate(
    weights: number,
    indices: number,
    values: number,
    nnz: number,
    change: number,
    stride: number,
  ): void;
  rowMargin(indices: number, values: number, nnz: number, weights: number): number;
  addRowMarginUpdate(weights: number, indices: number, values: number, nnz: number, change: number): void;
  softmax(probabilities: number, scores: number, stride: number): void;
  stepRow(problem: number, row: number, scores: number, change: number): number;
  stepTwoClassRow(problem: number, row: number, margin: number): number;
  visitRows(problem: number, order: number, first: number, end: number): void;
  visitTogether(problem: number, order: number, end: number, thread: number): number;
  sumOf(values: number, rows: number, count: number): number;
  spreadRows(shares: number, values: number, rowCount: number, large: number, shareCount: number): void;
  countColumns(counts: number, indices: number, nnz: number): void;
  addShared(
    sum: number,
    counts: number,
    indptr: number,
    indices: number,
    values: number,
    rowCount: number,
  ): number;
  nextColumn(counts: number, column: number, end: number, least: number, below: number): number;
  hashBlocks(lanes: number, words: number, end: number): void;
  hashColumns(problem: number, salt: number, scratch: number, first: number, end: number): void;
  planFolding(problem: number, scratch: number, bucketCount: number, first: number, end: number): void;
  numberLines(lineOf: number, first: number, end: number, line: number): number;
  setLines(problem: number, first: number, end: number): void;
  measureNorms(problem: number, first: number, end: number): void;
  numberFolded(problem: number, scratch: number, state: number, first: number, end: number): void;
  foldRows(problem: number, positions: number, waiting: number, first: number, end: number): number;
  moveLabels(problem: number, first: number, end: number, amount: number): void;
  foretellVisits(problem: number, first: number, end: number, factor: number): void;
  scaleMove(values: number, origin: number, count: number, factor: number): void;
  startVisits(record: number): void;
  listRows(record: number, first: number, end: number): void;
  shuffleRows(record: number, first: number, end: number): void;
  rateScale(record: number): number;
  takeDue(record: number, scale: number, most: number, first: number, end: number): number;
  startMoments(record: number, total: number): void;
  drawMoments(record: number, first: number, end: number): void;
  sortMoments(record: number, first: number, end: number): void;
  dealOut(record: number, batchSize: number): number;
  writeWeights(problem: number, first: number, end: number, columns: number, n: number, lines: number): void;
  takeBlocks(problem: number, work: number, most: number, n: number): number;
  rebuildBiases(problem: number, n: number): number;
  sumOfSquares(values: number, count: number): number;
  addSquares(squares: number, indices: number, values: number, count: number): void;
  addOwnShares(
    problem: number,
    squares: number,
    folded: boolean,
    first: number,
    end: number,
    sums: number,
  ): void;
  leaveOut(
    problem: number,
    squares: number,
    row: number,
    scaledL2: number,
    least: number,
    most: number,
    to: number,
  ): void;
  dealRows(problem: number, dealing: number, first: number, end: number): void;
  resetCursors(problem: number): void;
  scoreWide(problem: number, row: number): void;
  measureLosses(problem: number, rows: number, count: number): void;
  measureRows(problem: number, first: number, end: number, n: number, totals: number): void;
  scoreMargins(
    margins: number,
    indptr: number,
    indices: number,
    values: number,
    rowCount: number,
    weights: number,
    biases: number,
  ): void;
  scoreRows(
    probabilities: number,
    indptr: number,
    indices: number,
    values: number,
    rowCount: number,
    weights: number,
    biases: number,
    scratch: number,
    classCount: number,
    stride: number,
  ): void;
}

/**
 * The functions of `assembly/text/index.ts`. Addresses and counts are u32. Those that only workers call, by their names, are
 * left out: `src/text/shared-counter.ts`, `src/text/merge-shares.ts`.
 */
export interface TextCoreExports {
  readonly memory: CoreMemory;
  startText(chars: number, words: number, unclearBytes: number): number;
  reserveInput(bytes: number): number;
  reserveTexts(count: number): number;
  freezeText(): void;
  leaveCounts(): void;
  countRows(textCount: number, rowCount: number): number;
  growText(): number;
  entryIndices(): number;
  entryValues(): number;
  entryRowEnds(): number;
  takeTrigrams(units: number, count: number): number;
  reserveWordNgrams(words: number, pairs: number): void;
  takeWords(units: number, ends: number, count: number): number;
  takePairs(pairs: number, count: number): number;
  trigramCount(): number;
  trigramUnits(): number;
  wordNgramCount(): number;
  wordNgramPairs(): number;
  wordCount(): number;
  wordEnds(numbers: number, before: number): number;
  wordUnits(unitCount: number, numbers: number, before: number): number;
  refusedBytes(): number;
  usedBytes(): number;
  startHeap(unclearBytes: number, homes: number): void;
  enterHome(home: number): void;
  makeBlock(): number;
  reserveBlock(block: number, bytes: number): number;
}

/**
 * Makes instances of a compiled module, each with a memory of its own that is freed with it: a new one, or one that is all 0
 * and that nobody else uses.
 */
export type Factory<Exports> = (memory?: CoreMemory) => Exports;
export type CoreFactory = Factory<CoreExports>;
export type TextCoreFactory = Factory<TextCoreExports>;

/** An instance whose memory other threads can use too, by instances of the same module. */
export interface SharedCore<Exports = CoreExports> {
  readonly exports: Exports;
  readonly module: WebAssembly.Module;
}

/** Compiles a module once for the whole process; a failed attempt is not kept. */
function once<Result>(make: () => Promise<Result>): () => Promise<Result> {
  let made: Promise<Result> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}

/**
 * The solver and the scorer. Compiled once for the whole process.
 * Throws `no-wasm-simd` where WebAssembly or its SIMD instructions are missing, `wasm-blocked` where they may not be used.
 */
export const loadCore = once(
  async () => (await instances<CoreExports>(coreModule(false), false)).instantiate,
);

/** What learns and counts n-grams, likewise. */
export const loadTextCore = once(
  async () => (await instances<TextCoreExports>(textCoreModule(false), false)).instantiate,
);

/** The solver with memory that threads share. Throws where the host has no such memory. */
export const loadSharedCore = once(() => sharedInstances<CoreExports>(coreModule(true)));

/** What counts n-grams, likewise. */
export const loadSharedTextCore = once(() => sharedInstances<TextCoreExports>(textCoreModule(true)));

async function sharedInstances<Exports>(compiled: Promise<WebAssembly.Module>) {
  const { module, instantiate } = await instances<Exports>(compiled, true);
  return (spare?: CoreMemory): SharedCore<Exports> => ({ exports: instantiate(spare), module });
}

async function instances<Exports>(compiled: Promise<WebAssembly.Module>, shared: boolean) {
  const [{ instantiateSync }, module] = await Promise.all([import("./loader.js"), compiled]);
  const instantiate = (spare?: CoreMemory) => {
    const memory = spare ?? new WebAssembly.Memory({ initial: 1, maximum: MAX_PAGES, shared });
    return instantiateSync(module, { env: { memory: memory as WebAssembly.Memory } })
      .exports as unknown as Exports;
  };
  return { module, instantiate };
}
