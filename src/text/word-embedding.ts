import type { ByteSource } from "../data/byte-source.js";
import type { TextsColumn, VectorColumn } from "../data/columns.js";
import type { Dataset } from "../data/dataset.js";
import { readValues, storedArray, storeValues } from "../data/stored-values.js";
import { checkScale, scaleToUnitRows, stretch } from "../data/unit-rows.js";
import { DualTextError, damagedModel } from "../errors.js";
import {
  type Fitted,
  type LoadedStageParts,
  type RunOptions,
  type StageParts,
  type Transformer,
  wholeArray,
} from "../stage.js";
import {
  checkWordVectorOptions,
  readWordVectors,
  type WordVectorReport,
  WordVectors,
} from "./word-vectors.js";

const STAGE = "applyWordEmbedding";
/** What the minima and maxima of a row without a known word are, with its sign. */
const LARGEST = Math.fround(3.4028234663852886e38);

const poolings = ["min", "mean", "max"] as const;
export type Pooling = (typeof poolings)[number];

/** Options of `applyWordEmbedding`. The defaults are what ML.NET does. */
export interface ApplyWordEmbeddingOptions {
  /** Which parts the output has; it has them in the order of the default, `["min", "mean", "max"]`. */
  readonly pooling?: readonly Pooling[];
  /**
   * What a row without a known word gets in its minima and maxima. "extremes" (default): ±3.4028235e38, as ML.NET does,
   * which a trainer refuses. "zero": 0.
   */
  readonly unknownRow?: "extremes" | "zero";
  /** Whether each row is scaled to length 1; needs `unknownRow: "zero"`. Default false. */
  readonly l2Normalize?: boolean;
  /**
   * What each vector is multiplied by at the end, above 0. Default 1. What counts is its length beside that of the other
   * features: the two blocks of `featurizeText` have length 1 each.
   */
  readonly scale?: number;
  /**
   * Which words the model keeps. "all" (default): all of the file, so that words that training did not see count later.
   * "training": those of the training rows; the model is small, and blind to all other words.
   */
  readonly keep?: "all" | "training";
  /** Only the first so many words of the file are read. Default: all. */
  readonly maxWords?: number;
  /** Whether lines that break the format are left out, as ML.NET does, in place of an error. Default false. */
  readonly lenient?: boolean;
  /** Called once the file is read: how many words there were, how many lines were left out. */
  readonly onReport?: (report: WordVectorReport & { readonly wordCount: number }) => void;
}

/** A file of word vectors that is opened whenever a pipeline is fitted. */
export interface VectorFile {
  open(): Promise<ByteSource>;
}

interface Settings {
  readonly pooling: readonly Pooling[];
  readonly unknownRow: "extremes" | "zero";
  readonly l2Normalize: boolean;
  readonly scale: number;
}

function settingsOf(options: ApplyWordEmbeddingOptions): Settings {
  const { pooling = poolings, unknownRow = "extremes", l2Normalize = false, scale = 1 } = options;
  return { pooling, unknownRow, l2Normalize, scale };
}

/** Throws `bad-option`. */
export function checkApplyWordEmbeddingOptions(options: ApplyWordEmbeddingOptions): void {
  const settings = settingsOf(options);
  const fault = faultOf(settings);
  if (fault !== undefined) throw new DualTextError("bad-option", fault);
  checkScale(settings.scale);
  const { keep = "all", ...reading } = options;
  if (keep !== "all" && keep !== "training") {
    throw new DualTextError("bad-option", `keep is ${JSON.stringify(keep)}; it must be "all" or "training".`);
  }
  checkWordVectorOptions(reading as ApplyWordEmbeddingOptions & RunOptions);
}

function faultOf({ pooling, unknownRow, l2Normalize }: Settings): string | undefined {
  const isSubset =
    Array.isArray(pooling) && pooling.length > 0 && pooling.every((part) => poolings.includes(part));
  if (!isSubset || new Set(pooling).size !== pooling.length) {
    return `pooling is ${JSON.stringify(pooling)}; it must list "min", "mean" or "max", each once at most.`;
  }
  if (unknownRow !== "extremes" && unknownRow !== "zero") {
    return `unknownRow is ${JSON.stringify(unknownRow)}; it must be "extremes" or "zero".`;
  }
  if (typeof l2Normalize !== "boolean") return "l2Normalize must be true or false.";
  if (l2Normalize && unknownRow !== "zero") return 'l2Normalize needs unknownRow: "zero".';
  return undefined;
}

/**
 * Reads the word vectors and makes the stage. Rejects with `bad-column` and with all that `loadWordVectors` rejects with.
 */
export async function fitWordEmbedding(
  data: Dataset,
  source: WordVectors | VectorFile,
  columns: { readonly output: string; readonly input: string },
  options: ApplyWordEmbeddingOptions,
  run: RunOptions,
): Promise<Fitted> {
  const { keep = "all", maxWords, lenient, onReport } = options;
  checkInput(data, columns.input);
  const needed = keep === "training" ? wordsOf(data.column(columns.input) as TextsColumn) : undefined;
  const isNeeded = needed && ((word: string) => needed.has(word));
  let vectors: WordVectors;
  if (source instanceof WordVectors) vectors = isNeeded ? source.filtered(isNeeded) : source;
  else {
    const reading = { ...run, ...(maxWords !== undefined && { maxWords }), ...(lenient && { lenient }) };
    vectors = await readWordVectors(await source.open(), reading, isNeeded);
  }
  onReport?.({ ...vectors.report, wordCount: vectors.wordCount });
  const transformer = new WordEmbedding(columns, vectors, settingsOf(options));
  return { transformer, output: transformer.transform(data) };
}

function checkInput(data: Dataset, input: string): void {
  const { kind } = data.typeOf(input);
  if (kind === "texts") return;
  throw new DualTextError(
    "bad-column",
    `Column "${input}" is ${kind}; ${STAGE} reads words: put tokenizeIntoWords before it.`,
  );
}

function wordsOf(column: TextsColumn): Set<string> {
  const words = new Set<string>();
  for (const row of column.values) for (const word of row) words.add(word);
  return words;
}

/**
 * The stage that turns the words of a row into one dense vector: the least, the mean and the greatest of each component
 * over the vectors of the words that have one, as ML.NET's `ApplyWordEmbedding` does. Words are compared unit for unit;
 * sums are in single precision, in the order of the words, repeats counted.
 */
export class WordEmbedding implements Transformer {
  readonly stage = STAGE;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly #vectors: WordVectors;
  readonly #settings: Settings;

  constructor(
    { input, output }: { readonly input: string; readonly output: string },
    vectors: WordVectors,
    settings: Settings,
  ) {
    this.inputs = [input];
    this.outputs = [output];
    this.#vectors = vectors;
    this.#settings = settings;
  }

  get size(): number {
    return this.#settings.pooling.length * this.#vectors.dimension;
  }

  /** Throws `bad-column`. */
  transform(data: Dataset): Dataset {
    const [input] = this.inputs as [string];
    checkInput(data, input);
    const { size } = this;
    return data.with(this.outputs[0]!, { kind: "vector", size }, (start, end): VectorColumn => {
      const rows = (data.block(input, start, end) as TextsColumn).values;
      const values = new Float32Array(rows.length * size);
      rows.forEach((words, row) => {
        this.#pool(words, values.subarray(row * size, (row + 1) * size));
      });
      if (this.#settings.l2Normalize) scaleToUnitRows(values, size);
      stretch(values, this.#settings.scale);
      return {
        kind: "vector",
        size,
        matrix: { layout: "dense", rowCount: rows.length, columnCount: size, values },
      };
    });
  }

  #pool(words: readonly string[], target: Float32Array): void {
    const { dimension, values } = this.#vectors;
    const { pooling, unknownRow } = this.#settings;
    const least = new Float32Array(dimension).fill(LARGEST);
    const sum = new Float32Array(dimension);
    const greatest = new Float32Array(dimension).fill(-LARGEST);
    let count = 0;
    for (const word of words) {
      const place = this.#vectors.placeOf(word);
      if (place < 0) continue;
      count++;
      const offset = place * dimension;
      for (let i = 0; i < dimension; i++) {
        const value = values[offset + i]!;
        if (value < least[i]!) least[i] = value;
        sum[i] = sum[i]! + value;
        if (value > greatest[i]!) greatest[i] = value;
      }
    }
    if (count === 0 && unknownRow === "zero") return;
    if (count > 0) for (let i = 0; i < dimension; i++) sum[i] = sum[i]! / count;
    const parts = { min: least, mean: sum, max: greatest };
    let at = 0;
    for (const part of poolings) {
      if (!pooling.includes(part)) continue;
      target.set(parts[part], at);
      at += dimension;
    }
  }

  toParts(): StageParts {
    const { dimension, words, values } = this.#vectors;
    const { pooling, ...settings } = this.#settings;
    return {
      stage: STAGE,
      options: {
        input: this.inputs[0]!,
        output: this.outputs[0]!,
        pooling: [...pooling],
        ...settings,
        dimension,
      },
      arrays: { ...storeValues({ kind: "text", values: words }, "words"), vectors: wholeArray(values) },
    };
  }
}

/** Makes the stage again from its parts. Throws `bad-model-file`. */
export function readWordEmbedding({ options, arrays }: LoadedStageParts): WordEmbedding {
  const fail = (what: string): never => {
    throw damagedModel(`${what} of its word embedding`);
  };
  const { input, output, dimension, ...rest } = (options ?? {}) as Record<string, unknown>;
  if (typeof input !== "string" || typeof output !== "string") return fail("the columns");
  if (!Number.isInteger(dimension) || (dimension as number) < 1) return fail("the dimension");
  const settings = rest as unknown as Settings;
  if (faultOf(settings) !== undefined || !(settings.scale > 0)) return fail("the options");
  const { values: words } = readValues("text", arrays, "words") as { values: readonly string[] };
  const values = storedArray(arrays, "vectors", Float32Array);
  if (values.length !== words.length * (dimension as number)) return fail("the vectors");
  if (new Set(words).size !== words.length) return fail("the words");
  return new WordEmbedding({ input, output }, new WordVectors(dimension as number, words, values), settings);
}
