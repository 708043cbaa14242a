import type { TextColumn, TextsColumn, VectorColumn } from "../data/columns.js";
import type { CsrMatrix } from "../data/csr.js";
import type { Dataset } from "../data/dataset.js";
import { DualTextError } from "../errors.js";
import { Slices } from "../slices.js";
import {
  type Fitted,
  type LoadedStageParts,
  type RunOptions,
  type StageParts,
  type Transformer,
  wholeArray,
} from "../stage.js";
import { CharTrigrams } from "./char-trigrams.js";
import { MatrixBuilder, RowBuilder, type RowTexts } from "./row-builder.js";
import { slotNamesOf } from "./slot-names.js";
import { WordNgrams } from "./word-ngrams.js";

const STAGE = "featurizeText";
/** Rows between two looks at the clock. */
const ROWS_A_PIECE = 64;

/** Options of `featurizeText`. The rest is as ML.NET's defaults have it. */
export interface FeaturizeTextOptions {
  /** Whether the vector has a block of words and pairs of words. Default true. */
  readonly words?: boolean;
  /** Whether the vector has a block of character trigrams. Default true. */
  readonly chars?: boolean;
}

/** Throws `bad-option`. */
export function checkFeaturizeTextOptions({ words = true, chars = true }: FeaturizeTextOptions): void {
  if (typeof words !== "boolean" || typeof chars !== "boolean") {
    throw new DualTextError("bad-option", "words and chars must be true or false.");
  }
  if (!words && !chars)
    throw new DualTextError("bad-option", "Words and chars are both off: there would be no feature.");
}

/** Options with the names of the columns. */
export interface FitFeaturizerOptions extends FeaturizeTextOptions {
  readonly output: string;
  readonly inputs: readonly string[];
}

/** A row of the texts of one or several columns. */
type ReadTexts = (start: number, end: number) => (row: number) => RowTexts;

/**
 * Learns the n-grams of the input columns. The matrix made on the way is handed to the first reader of the output column
 * and not kept: whoever reads it again has it computed again.
 * Rejects with `bad-column`, `no-features` (a block that no row has an n-gram for), `signal.reason`.
 */
export async function fitFeaturizer(
  data: Dataset,
  options: FitFeaturizerOptions,
  run: RunOptions,
): Promise<Fitted> {
  const { output, inputs, words = true, chars = true } = options;
  const rows = RowBuilder.empty(chars, words);
  const { rowCount } = data;
  const textsOf = textReader(data, inputs)(0, rowCount);
  const builder = new MatrixBuilder(rows, rowCount);
  const start = performance.now();
  let done = 0;
  const report = () => {
    const elapsed = performance.now() - start;
    const etaMs = done > 0 ? { etaMs: (elapsed / done) * (rowCount - done) } : {};
    run.onProgress?.({ phase: "featurize", done, total: rowCount, ...etaMs });
  };
  const slices = new Slices(run.signal, report);
  run.signal?.throwIfAborted();
  while (done < rowCount) {
    const end = Math.min(done + ROWS_A_PIECE, rowCount);
    for (; done < end; done++) builder.add(textsOf(done), 0);
    if (slices.isDue) await slices.pause();
  }
  report();
  rows.freeze();
  for (const [block, name] of [
    [rows.chars, "character trigrams"],
    [rows.words, "words"],
  ] as const) {
    if (block?.slotCount === 0) {
      const columns = inputs.map((input) => `"${input}"`).join(", ");
      throw new DualTextError(
        "no-features",
        `No text in column ${columns} has ${name}: there is nothing to learn from.`,
      );
    }
  }
  const transformer = new TextFeaturizer(output, inputs, rows);
  return { transformer, output: transformer.withMatrix(data, builder.finish(rows.charSlotCount)) };
}

/** Texts of the input columns. Throws `bad-column`. */
function textReader(data: Dataset, inputs: readonly string[]): ReadTexts {
  for (const input of inputs) {
    const { kind } = data.typeOf(input);
    if (kind === "text" || kind === "texts") continue;
    throw new DualTextError(
      "bad-column",
      `Column "${input}" is ${kind}; featurizeText reads columns of text.`,
    );
  }
  return (start, end) => {
    const columns = inputs.map((input) => (data.block(input, start, end) as TextColumn | TextsColumn).values);
    if (columns.length === 1) return (row) => columns[0]![row]!;
    return (row) => columns.flatMap((values) => values[row]!);
  };
}

/** The fitted stage: adds a vector column of n-gram weights. */
export class TextFeaturizer implements Transformer {
  readonly stage = STAGE;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly #rows: RowBuilder;

  constructor(output: string, inputs: readonly string[], rows: RowBuilder) {
    this.inputs = inputs;
    this.outputs = [output];
    this.#rows = rows;
  }

  get slotCount(): number {
    return this.#rows.slotCount;
  }

  transform(data: Dataset): Dataset {
    return this.#with(data, this.#reader(data), true);
  }

  /** The data with the output column, whose first reader gets the matrix that is there already. */
  withMatrix(data: Dataset, matrix: CsrMatrix): Dataset {
    const again = this.#reader(data);
    let first: CsrMatrix | undefined = matrix;
    const read = (start: number, end: number): CsrMatrix => {
      if (first === undefined || start !== 0 || end !== data.rowCount) return again(start, end);
      const whole = first;
      first = undefined;
      return whole;
    };
    return this.#with(data, read, false);
  }

  #with(data: Dataset, read: (start: number, end: number) => CsrMatrix, keep: boolean): Dataset {
    const type = { kind: "vector", size: this.slotCount, slotNames: slotNamesOf(this.#rows) } as const;
    const readColumn = (start: number, end: number): VectorColumn => ({ ...type, matrix: read(start, end) });
    return data.with(this.outputs[0]!, type, readColumn, keep);
  }

  #reader(data: Dataset): (start: number, end: number) => CsrMatrix {
    const read = textReader(data, this.inputs);
    return (start, end) => {
      const textsOf = read(start, end);
      const builder = new MatrixBuilder(this.#rows, end - start);
      for (let row = 0; row < end - start; row++) builder.add(textsOf(row), this.#rows.charSlotCount);
      return builder.finish(0);
    };
  }

  toParts(): StageParts {
    const { chars, words } = this.#rows;
    const stored = words?.words.toUnits();
    return {
      stage: STAGE,
      options: {
        output: this.outputs[0]!,
        inputs: [...this.inputs],
        chars: chars !== undefined,
        words: words !== undefined,
      },
      arrays: {
        ...(chars && { trigrams: wholeArray(chars.toUnits()) }),
        ...(words && {
          wordUnits: wholeArray(stored!.units),
          wordEnds: wholeArray(stored!.ends),
          wordNgrams: wholeArray(words.pairs.slice(0, 2 * words.slotCount)),
        }),
      },
    };
  }
}

/** Makes the stage again from its parts. Throws `bad-model-file`. */
export function readFeaturizer({ options, arrays }: LoadedStageParts): TextFeaturizer {
  const fail = (what: string): never => {
    throw new DualTextError("bad-model-file", `The model file is damaged: ${what} of its text features.`);
  };
  const { output, inputs, chars, words } = (options ?? {}) as Record<string, unknown>;
  if (typeof output !== "string") return fail("the output column");
  if (!Array.isArray(inputs) || inputs.length === 0 || !inputs.every((input) => typeof input === "string")) {
    return fail("the input columns");
  }
  if (chars !== true && words !== true) return fail("the blocks");
  let trigrams: CharTrigrams | undefined;
  if (chars === true) {
    const units = arrays.trigrams;
    if (!(units instanceof Uint16Array) || units.length === 0 || units.length % 3 !== 0)
      return fail("the trigrams");
    trigrams = CharTrigrams.fromUnits(units) ?? fail("the trigrams");
  }
  let ngrams: WordNgrams | undefined;
  if (words === true) {
    const { wordUnits, wordEnds, wordNgrams } = arrays;
    if (!(wordUnits instanceof Uint16Array) || !(wordEnds instanceof Uint32Array)) return fail("the words");
    const ascending = wordEnds.every((end, i) => end > (i === 0 ? 0 : wordEnds[i - 1]!));
    if (!ascending || (wordEnds.at(-1) ?? 0) !== wordUnits.length) return fail("the words");
    if (!(wordNgrams instanceof Int32Array) || wordNgrams.length % 2 !== 0) return fail("the word n-grams");
    ngrams = new WordNgrams(wordNgrams.length);
    if (!ngrams.words.restore(wordUnits, wordEnds)) return fail("the words");
    if (!ngrams.restore(Int32Array.from(wordNgrams))) return fail("the word n-grams");
  }
  return new TextFeaturizer(output, inputs as string[], new RowBuilder(trigrams, ngrams));
}
