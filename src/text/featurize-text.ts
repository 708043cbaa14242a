import type { Dataset } from "../data/dataset.js";
import { checkOptionNames, DualTextError } from "../errors.js";
import type { Fitted, StageRun, Start } from "../stage.js";
import { loadTextCore } from "../wasm/core.js";
import { countNgrams } from "./count-ngrams.js";
import { charSlotCount, type NgramTables, wordSlotCount } from "./ngram-tables.js";
import { TextFeaturizer } from "./text-featurizer.js";
import { type BlockWeightings, type Weighting, weightingsOf } from "./weigh-ngrams.js";

/** Options of a block of n-grams. */
export interface NgramOptions {
  /**
   * What a count c becomes before the block is scaled to length 1, with N rows of which df have the n-gram: "tf" c, "idf"
   * ln(N / df), "tfIdf" c ln(N / df). Default "tf".
   */
  readonly weighting?: Weighting;
}

/** Options of `featurizeText`. The rest is as ML.NET's defaults have it. */
export interface FeaturizeTextOptions {
  /** Whether the vector has a block of words and pairs of words, or its options. Default true. */
  readonly words?: boolean | NgramOptions;
  /** Whether the vector has a block of character trigrams, or its options. Default true. */
  readonly chars?: boolean | NgramOptions;
}

export const weightings: readonly Weighting[] = ["tf", "idf", "tfIdf"];

/** Throws `bad-option`. */
export function resolveFeaturizeTextOptions(options: FeaturizeTextOptions): BlockWeightings {
  checkOptionNames("featurizeText", options, ["words", "chars"]);
  const { words = true, chars = true } = options;
  const blocks = { chars: weightingOf("chars", chars), words: weightingOf("words", words) };
  if (blocks.chars === undefined && blocks.words === undefined)
    throw new DualTextError("bad-option", "Words and chars are both off: there would be no feature.");
  return blocks;
}

function weightingOf(name: string, options: unknown): Weighting | undefined {
  if (typeof options === "boolean") return options ? "tf" : undefined;
  if (typeof options !== "object" || options === null) {
    throw new DualTextError(
      "bad-option",
      `${name} is ${JSON.stringify(options)}; it must be true, false or an object of options.`,
    );
  }
  checkOptionNames(`${name} of featurizeText`, options, ["weighting"]);
  const { weighting = "tf" } = options as NgramOptions;
  if (weightings.includes(weighting)) return weighting;
  throw new DualTextError(
    "bad-option",
    `weighting of ${name} is ${JSON.stringify(weighting)}; it must be "tf", "idf" or "tfIdf".`,
  );
}

/** What to make of which columns. */
export interface FitFeaturizerOptions {
  readonly output: string;
  readonly inputs: readonly string[];
  readonly blocks: BlockWeightings;
}

/**
 * Learns the n-grams of the input columns. The matrix made on the way is handed to the first reader of the output column
 * and not kept: whoever reads it again has it computed again. Where a trainer starts from a model, the n-grams of that
 * model keep their order and weights, and those that are new come after them, block by block.
 * Rejects with `bad-column`, `no-features` (a block that no row has an n-gram for), `signal.reason`.
 */
export async function fitFeaturizer(
  data: Dataset,
  { output, inputs, blocks }: FitFeaturizerOptions,
  run: StageRun,
): Promise<Fitted> {
  const before = run.start?.features === output ? tablesBefore(run.start, blocks) : undefined;
  const { matrix, tables } = await countNgrams(data, inputs, blocks, run, before);
  for (const [weighting, slotCount, name] of [
    [blocks.chars, charSlotCount(tables), "character trigrams"],
    [blocks.words, wordSlotCount(tables), "words"],
  ] as const) {
    if (weighting !== undefined && slotCount === 0) {
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
function tablesBefore({ featurizer }: Start, blocks: BlockWeightings): NgramTables | undefined {
  if (featurizer === undefined) return undefined;
  const refuse = (made: string): never => {
    throw new DualTextError(
      "bad-option",
      `The model to start from has features made by ${made}, this pipeline by ${callOf(blocks)}. ` +
        "Give the pipeline the stages and options of the model.",
    );
  };
  if (!(featurizer instanceof TextFeaturizer)) return refuse(featurizer.stage);
  const { tables } = featurizer;
  const old = weightingsOf(tables);
  return old.chars === blocks.chars && old.words === blocks.words ? tables : refuse(callOf(old));
}

/** How messages name a featurizer. */
export function callOf(blocks: BlockWeightings): string {
  const parts = (["chars", "words"] as const).flatMap((name) => {
    const weighting = blocks[name];
    return weighting === undefined ? [] : [weighting === "tf" ? name : `${name} by ${weighting}`];
  });
  return `featurizeText of ${parts.join(" and ")}`;
}
