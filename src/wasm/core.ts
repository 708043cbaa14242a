import { coreModule, textCoreModule } from "./core-modules.js";

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
  squaredNorm(values: number, nnz: number): number;
  softmax(probabilities: number, scores: number, stride: number): void;
  stepRow(problem: number, row: number, scores: number, change: number): number;
  stepTwoClassRow(problem: number, row: number, margin: number): number;
  visitRows(problem: number, order: number, first: number, end: number): void;
  settleDuals(problem: number, first: number, end: number): void;
  resetCursors(problem: number, cursors: number): void;
  rebuildWeights(
    problem: number,
    first: number,
    end: number,
    cursors: number,
    sums: number,
    n: number,
  ): number;
  rebuildBiases(problem: number, sums: number, n: number): number;
  measureRows(problem: number, first: number, end: number, n: number, totals: number): void;
  planFolding(problem: number, salt: number, scratch: number, bucketCount: number): void;
  foldRows(problem: number, positions: number, waiting: number): number;
  squaredLines(problem: number): number;
  ownSquares(problem: number): number;
  setNorms(problem: number): void;
  writeOwnLines(problem: number, row: number, first: number, end: number, n: number, lines: number): void;
  sumOfSquares(values: number, count: number): number;
  sumOfSquaredDifferences(values: number, origin: number, count: number): number;
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

/** The functions of `assembly/text/index.ts`. Addresses and counts are u32. */
export interface TextCoreExports {
  readonly memory: CoreMemory;
  startText(chars: number, words: number): number;
  reserveInput(bytes: number): number;
  reserveTexts(count: number): number;
  countRows(textCount: number, rowCount: number): number;
  entryIndices(): number;
  entryValues(): number;
  entryRowEnds(): number;
  trigramCount(): number;
  trigramUnits(): number;
  wordNgramCount(): number;
  wordNgramPairs(): number;
  wordCount(): number;
  wordEnds(): number;
  wordUnits(unitCount: number): number;
  refusedBytes(): number;
}

/** Makes instances of a compiled module, each with a memory of its own that is freed with it. */
export type Factory<Exports> = () => Exports;
export type CoreFactory = Factory<CoreExports>;

/** Compiles a module once for the whole process; a failed attempt is not kept. */
function loader<Exports>(compiled: () => Promise<WebAssembly.Module>): () => Promise<Factory<Exports>> {
  let factory: Promise<Factory<Exports>> | undefined;
  return () => {
    factory ??= instances<Exports>(compiled).catch((error: unknown) => {
      factory = undefined;
      throw error;
    });
    return factory;
  };
}

/**
 * The solver and the scorer. Compiled once for the whole process.
 * Throws `no-wasm-simd` where WebAssembly or its SIMD instructions are missing, `wasm-blocked` where they may not be used.
 */
export const loadCore = loader<CoreExports>(coreModule);

/** What counts n-grams, likewise. */
export const loadTextCore = loader<TextCoreExports>(textCoreModule);

async function instances<Exports>(compiled: () => Promise<WebAssembly.Module>): Promise<Factory<Exports>> {
  const [{ instantiateSync }, module] = await Promise.all([import("./loader.js"), compiled()]);
  return () => instantiateSync(module).exports as unknown as Exports;
}
