import type { TextColumn, TextsColumn } from "../data/columns.js";
import type { Dataset } from "../data/dataset.js";
import { checkOptionNames, DualTextError, damagedModel } from "../errors.js";
import type { LoadedStageParts, StageParts, Transformer } from "../stage.js";
import { textKindOf } from "./text-columns.js";

const STAGE = "tokenizeIntoWords";
const SPACE = 0x20;

/** Options of `tokenizeIntoWords`. */
export interface TokenizeIntoWordsOptions {
  /** UTF-16 units that end a word, each a string of length 1. Default: the space alone. */
  readonly separators?: readonly string[];
}

/** Throws `bad-option`. */
export function resolveSeparators(options: TokenizeIntoWordsOptions): readonly string[] {
  checkOptionNames("tokenizeIntoWords", options, ["separators"]);
  const { separators = [" "] } = options;
  const isList =
    Array.isArray(separators) &&
    separators.length > 0 &&
    separators.every((separator) => typeof separator === "string" && separator.length === 1);
  if (isList) return separators;
  throw new DualTextError(
    "bad-option",
    `separators is ${JSON.stringify(separators)}; it must be a list of strings of one UTF-16 unit each.`,
  );
}

/**
 * The stage that splits texts into words, as ML.NET's `TokenizeIntoWords` does: at every separator, without the spaces
 * around a word and without empty words. The words of several texts in a row come one after the other.
 */
export class WordTokenizer implements Transformer {
  readonly stage = STAGE;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly #separators: readonly string[];
  /** 1 for units that end a word. */
  readonly #ends = new Uint8Array(0x10000);

  constructor(input: string, output: string, separators: readonly string[]) {
    this.inputs = [input];
    this.outputs = [output];
    this.#separators = separators;
    for (const separator of separators) this.#ends[separator.charCodeAt(0)] = 1;
  }

  /** Throws `bad-column`. */
  transform(data: Dataset): Dataset {
    const [input] = this.inputs as [string];
    textKindOf(data, input, STAGE);
    return data.with(this.outputs[0]!, { kind: "texts" }, (start, end) => {
      const column = data.block(input, start, end) as TextColumn | TextsColumn;
      const values = Array.from<string | readonly string[], string[]>(column.values, (texts) => {
        const words: string[] = [];
        if (typeof texts === "string") this.#addWords(texts, words);
        else for (const text of texts) this.#addWords(text, words);
        return words;
      });
      return { kind: "texts", values };
    });
  }

  #addWords(text: string, words: string[]): void {
    const ends = this.#ends;
    let first = 0;
    for (let i = 0; i <= text.length; i++) {
      if (i < text.length && ends[text.charCodeAt(i)] === 0) continue;
      let last = i;
      while (first < last && text.charCodeAt(first) === SPACE) first++;
      while (last > first && text.charCodeAt(last - 1) === SPACE) last--;
      if (last > first) words.push(text.slice(first, last));
      first = i + 1;
    }
  }

  toParts(): StageParts {
    const separators = this.#separators.map((separator) => separator.charCodeAt(0));
    return {
      stage: STAGE,
      options: { input: this.inputs[0]!, output: this.outputs[0]!, separators },
      arrays: {},
    };
  }
}

/** Makes the stage again from its parts. Throws `bad-model-file`. */
export function readWordTokenizer({ options }: LoadedStageParts): WordTokenizer {
  const { input, output, separators } = (options ?? {}) as Record<string, unknown>;
  const isUnit = (unit: unknown) =>
    Number.isInteger(unit) && (unit as number) >= 0 && (unit as number) <= 0xffff;
  if (
    typeof input !== "string" ||
    typeof output !== "string" ||
    !Array.isArray(separators) ||
    !separators.every(isUnit)
  )
    throw damagedModel(`the options of its stage ${STAGE}`);
  return new WordTokenizer(
    input,
    output,
    separators.map((unit: number) => String.fromCharCode(unit)),
  );
}
