import type { Dataset } from "../data/dataset.js";
import { checkOptionNames, DualTextError } from "../errors.js";
import type { Fitted, StageRun, Start } from "../stage.js";
import { loadTextCore } from "../wasm/core.js";
import { countNgrams } from "./count-ngrams.js";
import { charSlotCount, type NgramTables, wordSlotCount } from "./ngram-tables.js";
import { TextFeaturizer } from "./text-featurizer.js";

/** Options of `featurizeText`. The rest is as ML.NET's defaults have it. */
export interface FeaturizeTextOptions {
  /** Whether the vector has a block of words and pairs of words. Default true. */
  readonly words?: boolean;
  /** Whether the vector has a block of character trigrams. Default true. */
  readonly chars?: boolean;
}

/** Throws `bad-option`. */
export function checkFeaturizeTextOptions(options: FeaturizeTextOptions): void {
  checkOptionNames("featurizeText", options, ["words", "chars"]);
  const { words = true, chars = true } = options;
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

/**
 * Learns the n-grams of the input columns. The matrix made on the way is handed to the first reader of the output column
 * and not kept: whoever reads it again has it computed again. Where a trainer starts from a model, the n-grams of that
 * model keep their order, and those that are new come after them, block by block.
 * Rejects with `bad-column`, `no-features` (a block that no row has an n-gram for), `signal.reason`.
 */
export async function fitFeaturizer(
  data: Dataset,
  options: FitFeaturizerOptions,
  run: StageRun,
): Promise<Fitted> {
  const { output, inputs, words = true, chars = true } = options;
  const before = run.start?.features === output ? tablesBefore(run.start, chars, words) : undefined;
  const { matrix, tables } = await countNgrams(data, inputs, { chars, words }, run, before);
  for (const [isThere, slotCount, name] of [
    [chars, charSlotCount(tables), "character trigrams"],
    [words, wordSlotCount(tables), "words"],
  ] as const) {
    if (isThere && slotCount === 0) {
      const columns = inputs.map((input) => `"${input}"`).join(", ");
      throw new DualTextError(
        "no-features",
        `No text in column ${columns} has ${name}: there is nothing to learn from. Check that this is the column of the texts.`,
      );
    }
  }
  const transformer = new TextFeaturizer(output, inputs, tables, await loadTextCore());
  return { transformer, output: transformer.withMatrix(data, matrix) };
}

/** The n-grams to begin from. Throws `bad-option` when they were not made with the same options. */
function tablesBefore({ featurizer }: Start, chars: boolean, words: boolean): NgramTables | undefined {
  if (featurizer === undefined) return undefined;
  const refuse = (made: string): never => {
    const wanted = [chars && "chars", words && "words"].filter(Boolean).join(" and ");
    throw new DualTextError(
      "bad-option",
      `The model to start from has features made ${made}, this pipeline by featurizeText of ${wanted}. ` +
        "Give the pipeline the stages and options of the model.",
    );
  };
  if (!(featurizer instanceof TextFeaturizer)) return refuse(`by ${featurizer.stage}`);
  const { tables } = featurizer;
  const hasChars = tables.trigrams !== undefined;
  const hasWords = tables.words !== undefined;
  if (hasChars === chars && hasWords === words) return tables;
  return refuse(
    `by featurizeText of ${[hasChars && "chars", hasWords && "words"].filter(Boolean).join(" and ")}`,
  );
}
