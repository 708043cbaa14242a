import { byteSource } from "../../src/data/byte-source.js";
import { Concatenator } from "../../src/data/concatenate.js";
import type { Dataset } from "../../src/data/dataset.js";
import { fitMapKeyToValue } from "../../src/data/map-key-to-value.js";
import { fitMapValueToKey, type MapValueToKeyOptions } from "../../src/data/map-value-to-key.js";
import { fileSource } from "../../src/node/load-text-file.js";
import type { Transformer } from "../../src/stage.js";
import { fitFeaturizer } from "../../src/text/featurize-text.js";
import {
  type NormalizeTextOptions,
  resolveNormalizeTextOptions,
  TextNormalizer,
} from "../../src/text/normalize-text.js";
import { resolveSeparators, WordTokenizer } from "../../src/text/tokenize-into-words.js";
import type { Weighting } from "../../src/text/weigh-ngrams.js";
import { fitWordEmbedding } from "../../src/text/word-embedding.js";
import { columnOf, NotBuilt } from "./case-data.js";
import type { Json, JsonObject, Step } from "./golden.js";

// Steps of a case as stages of this library.

interface FeaturizeStep {
  readonly op: string;
  readonly output: string;
  readonly inputs: string[];
  readonly options?: JsonObject;
}

/** Options whose value here is the default, which is what this library has. */
const builtFeaturizeOptions: JsonObject = {
  case: "Lower",
  keepDiacritics: false,
  keepPunctuations: true,
  keepNumbers: true,
  norm: "L2",
};

/** The same of its blocks. */
const builtBlockOptions: { readonly word: JsonObject; readonly char: JsonObject } = {
  word: { ngramLength: 2, skipLength: 0, useAllLengths: true, maximumNgramsCount: 10_000_000 },
  char: { ngramLength: 3, skipLength: 0, useAllLengths: false, maximumNgramsCount: 10_000_000 },
};

type FitStep = (data: Dataset, step: Step) => Promise<Transformer> | Transformer;

const stages: { readonly [op: string]: FitStep } = {
  mapValueToKey(data, step) {
    const { keyOrdinality, keyData, ...rest } = optionsOf(step, [
      "keyOrdinality",
      "keyData",
      "maximumNumberOfKeys",
      "addKeyValueAnnotationsAsText",
    ]);
    const columns = columnsOf(step);
    const options = {
      ...rest,
      ...(keyOrdinality && { keyOrdinality: firstLower(keyOrdinality as string) }),
      ...(keyData && { keyData: keyDataOf(keyData as JsonObject) }),
    } as MapValueToKeyOptions;
    return fitMapValueToKey(data, columns, options);
  },
  async featurizeText(data, step) {
    const { inputs, options = {}, output, ...rest } = step as unknown as FeaturizeStep;
    optionsOf(rest as Step, []);
    const { word, char, ...others } = options;
    checkBuilt("featurizeText", others, builtFeaturizeOptions);
    if (word === null && char === null) throw new NotBuilt("featurizeText without blocks");
    const blocks = { words: weightingOf("word", word), chars: weightingOf("char", char) };
    return (await fitFeaturizer(data, { output, inputs, blocks }, {})).transformer;
  },
  normalizeText(_, step) {
    const { case: caseMode, ...flags } = optionsOf(step, [
      "case",
      "keepDiacritics",
      "keepPunctuations",
      "keepNumbers",
    ]);
    const options = { ...flags, ...(caseMode && { caseMode: firstLower(caseMode as string) }) };
    const { output, input = output } = columnsOf(step);
    return new TextNormalizer(input, output, resolveNormalizeTextOptions(options as NormalizeTextOptions));
  },
  tokenizeIntoWords(_, step) {
    const options = optionsOf(step, ["separators"]) as { separators?: string[] };
    const { output, input = output } = columnsOf(step);
    return new WordTokenizer(input, output, resolveSeparators(options));
  },
  async applyWordEmbedding(data, step) {
    const { file } = optionsOf(step, ["file"]) as { file: string | null };
    const { output, input = output } = columnsOf(step);
    const source = {
      open: async () => (file === null ? fileSource("missing.txt", "missing.txt") : byteSource(file, "file")),
    };
    return (await fitWordEmbedding(data, source, { output, input }, { lenient: true }, {})).transformer;
  },
  concatenate(_, step) {
    optionsOf(step, []);
    return new Concatenator(step.inputs as unknown as string[], columnsOf(step).output);
  },
  mapKeyToValue(data, step) {
    optionsOf(step, []);
    return fitMapKeyToValue(data, columnsOf(step));
  },
};

/** Throws {@link NotBuilt} for an option whose value is not the one that is built. */
function checkBuilt(step: string, options: JsonObject, built: JsonObject): void {
  const missing = Object.keys(options).find((name) => options[name] !== built[name]);
  if (missing !== undefined) throw new NotBuilt(`${step} ${missing}`);
}

/** How a block is weighted; undefined where there is none. */
function weightingOf(name: "word" | "char", block: Json | undefined): Weighting | undefined {
  if (block === null) return undefined;
  const { weighting = "Tf", ...others } = (block ?? {}) as JsonObject;
  checkBuilt(`featurizeText ${name}`, others, builtBlockOptions[name]);
  return firstLower(weighting as string) as Weighting;
}

/** Throws {@link NotBuilt} for a step that this library does not have. */
export function checkStep({ op }: Step): void {
  if (!Object.hasOwn(stages, op)) throw new NotBuilt(op);
}

/** Fits one step. Throws {@link NotBuilt} for an option that this library does not have. */
export async function fitStep(data: Dataset, step: Step): Promise<Transformer> {
  return stages[step.op]!(data, step);
}

/** The options of a step: all but its name and columns. */
function optionsOf(step: Step, built: readonly string[]): JsonObject {
  const { op, output, input, inputs, ...options } = step;
  const missing = Object.keys(options).find((name) => !built.includes(name));
  if (missing !== undefined) throw new NotBuilt(`${op} ${missing}`);
  return options;
}

function columnsOf(step: Step): { output: string; input?: string } {
  return step as { op: string; output: string; input?: string };
}

function keyDataOf(keyData: JsonObject): MapValueToKeyOptions["keyData"] {
  return columnOf(keyData.type as string, keyData.values as Json[]) as MapValueToKeyOptions["keyData"] &
    object;
}

function firstLower(name: string): string {
  return name[0]!.toLowerCase() + name.slice(1);
}
