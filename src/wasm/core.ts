import { DualTextError } from "../errors.js";
import { coreBase64, textCoreBase64 } from "./core-bytes.js";

/** The functions of `assembly/index.ts`. Addresses and counts are u32. */
export interface CoreExports {
  readonly memory: WebAssembly.Memory;
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
  readonly memory: WebAssembly.Memory;
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
function loader<Exports>(base64: string): () => Promise<Factory<Exports>> {
  let factory: Promise<Factory<Exports>> | undefined;
  return () => {
    factory ??= compile<Exports>(base64).catch((error: unknown) => {
      factory = undefined;
      throw error;
    });
    return factory;
  };
}

/**
 * The solver and the scorer. Compiled once for the whole process.
 * Throws `no-wasm-simd` where WebAssembly or its SIMD instructions are missing.
 */
export const loadCore = loader<CoreExports>(coreBase64);

/** What counts n-grams, likewise. */
export const loadTextCore = loader<TextCoreExports>(textCoreBase64);

/** (module (func (drop (v128.const i32x4 0 0 0 0)))): valid only where SIMD is. */
const simdProbe = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, 23, 1, 21, 0],
  ...[253, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 26, 11],
);

async function compile<Exports>(base64: string): Promise<Factory<Exports>> {
  if (typeof WebAssembly !== "object" || !WebAssembly.validate(simdProbe)) {
    throw new DualTextError(
      "no-wasm-simd",
      "This engine has no WebAssembly SIMD, which dualtext needs. " +
        "Use Node 16.4, Chrome 91, Firefox 89 or Safari 16.4, or newer.",
    );
  }
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  // The loader assigns Object.hasOwn when it is imported, so it is imported only where a core is made.
  const [{ instantiateSync }, module] = await Promise.all([
    import("@assemblyscript/loader"),
    WebAssembly.compile(bytes),
  ]);
  return () => instantiateSync(module).exports as unknown as Exports;
}
