import type { TextColumn, TextsColumn, VectorColumn, VectorType } from "../data/columns.js";
import type { CsrMatrix } from "../data/csr.js";
import type { Dataset } from "../data/dataset.js";
import { DualTextError } from "../errors.js";
import { atOnce, Slices } from "../slices.js";
import { type LoadedStageParts, type StageParts, type Transformer, wholeArray } from "../stage.js";
import { loadTextCore, type TextCoreFactory } from "../wasm/core.js";
import { damagedFeatures, FEATURIZE_TEXT, readFeaturizerParts } from "./featurizer-parts.js";
import { FittedNgrams } from "./fitted-ngrams.js";
import { idfParts, readIdf } from "./idf-parts.js";
import { matchSlots } from "./match-ngrams.js";
import { type NgramTables, slotCount } from "./ngram-tables.js";
import type { RowTexts } from "./row-texts.js";
import { slotNamesOf } from "./slot-names.js";

/** A row of the texts of one or several columns. */
type ReadTexts = (start: number, end: number) => (row: number) => RowTexts;

/** Texts of the input columns. Throws `bad-column`. */
export function textReader(data: Dataset, inputs: readonly string[]): ReadTexts {
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
  readonly stage = FEATURIZE_TEXT;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly #tables: NgramTables;
  readonly #type: VectorType;
  readonly #core: TextCoreFactory;
  #ngrams: FittedNgrams | undefined;

  /** @param ngrams made of the tables when needed, unless given */
  constructor(
    output: string,
    inputs: readonly string[],
    tables: NgramTables,
    core: TextCoreFactory,
    ngrams?: FittedNgrams,
  ) {
    this.inputs = inputs;
    this.outputs = [output];
    this.#tables = tables;
    this.#type = { kind: "vector", size: slotCount(tables), slotNames: slotNamesOf(tables) };
    this.#core = core;
    this.#ngrams = ngrams;
  }

  get slotCount(): number {
    return slotCount(this.#tables);
  }

  get tables(): NgramTables {
    return this.#tables;
  }

  /** The same with other n-grams. */
  withTables(tables: NgramTables): TextFeaturizer {
    return new TextFeaturizer(this.outputs[0]!, this.inputs, tables, this.#core);
  }

  transform(data: Dataset): Dataset {
    return data.with(this.outputs[0]!, this.#type, this.#reader(data));
  }

  slotsIn(other: Transformer): Int32Array | undefined {
    return other instanceof TextFeaturizer ? matchSlots(this.#tables, other.#tables) : undefined;
  }

  /** The data with the output column, whose first reader gets the matrix that is there already, which nobody else has. */
  withMatrix(data: Dataset, matrix: CsrMatrix): Dataset {
    return data.withMade(this.outputs[0]!, this.#reader(data), { ...this.#type, matrix });
  }

  #reader(data: Dataset): (start: number, end: number) => VectorColumn {
    const read = textReader(data, this.inputs);
    return (start, end) => {
      const textsOf = read(start, end);
      return { ...this.#type, matrix: this.fittedNgrams.matrix(end - start, textsOf) };
    };
  }

  /** Its n-grams, to make features without a dataset. */
  get fittedNgrams(): FittedNgrams {
    return this.#ngrams ?? atOnce(this.preparing());
  }

  /** Makes what it takes to read rows, if it is not there yet. Yields now and then. Throws `out-of-memory`. */
  *preparing(): Generator<void, FittedNgrams> {
    this.#ngrams ??= yield* FittedNgrams.making(this.#core(), this.#tables);
    if (this.#ngrams === undefined) throw new Error("The n-grams of a featurizer contradict each other.");
    return this.#ngrams;
  }

  toParts(): StageParts {
    const { trigrams, words, idf } = this.#tables;
    const weights = idf && idfParts(idf);
    return {
      stage: FEATURIZE_TEXT,
      options: {
        output: this.outputs[0]!,
        inputs: [...this.inputs],
        chars: trigrams !== undefined,
        words: words !== undefined,
        ...weights?.options,
      },
      arrays: {
        ...(trigrams && { trigrams: wholeArray(trigrams) }),
        ...(words && {
          wordUnits: wholeArray(words.units),
          wordEnds: wholeArray(words.ends),
          wordNgrams: wholeArray(words.ngrams),
        }),
        ...weights?.arrays,
      },
    };
  }
}

/** Makes the stage again from its parts. Rejects with `bad-model-file`, `out-of-memory`. */
export async function readFeaturizer(parts: LoadedStageParts): Promise<TextFeaturizer> {
  const { output, inputs, tables: ngramTables } = readFeaturizerParts(parts);
  const tables = { ...ngramTables, idf: readIdf(parts, ngramTables) };
  const core = await loadTextCore();
  const slices = new Slices(undefined, () => undefined);
  const ngrams = (await slices.run(FittedNgrams.making(core(), tables))) ?? damagedFeatures("the n-grams");
  return new TextFeaturizer(output, inputs, tables, core, ngrams);
}
