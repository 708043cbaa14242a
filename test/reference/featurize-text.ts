import { DROPPED, defaultUnitMap } from "../../src/text/unit-map.js";

// featurizeText with ML.NET's defaults, written to be read. A row is a list of texts, one for each input column.

export interface PlainRow {
  readonly slots: number[];
  readonly values: number[];
}

export type PlainWeighting = "tf" | "idf" | "tfIdf";

export interface PlainOptions {
  readonly chars?: boolean;
  readonly words?: boolean;
  /** Of both blocks. */
  readonly weighting?: PlainWeighting;
}

const START = "\u0002";
const END = "\u0003";
const BETWEEN = "\u001f";

/** Each UTF-16 unit becomes one other, or none. */
export function plainNormalized(text: string): string {
  const map = defaultUnitMap();
  return Array.from({ length: text.length }, (_, i) => map[text.charCodeAt(i)]!)
    .filter((unit) => unit !== DROPPED)
    .map((unit) => String.fromCharCode(unit))
    .join("");
}

function trigramsOf(texts: readonly string[]): string[] {
  if (texts.length === 0) return [];
  const marked = START + texts.join(BETWEEN) + END;
  return Array.from({ length: Math.max(0, marked.length - 2) }, (_, i) => marked.slice(i, i + 3));
}

/** Words and pairs of words, as JSON, in the order in which they end; pairs before the word that they end with. */
function wordNgramsOf(texts: readonly string[]): string[] {
  const words = texts.flatMap((text) => text.split(" ")).filter((word) => word !== "");
  return words.flatMap((word, i) =>
    [...(i === 0 ? [] : [[words[i - 1], word]]), [word]].map((ngram) => JSON.stringify(ngram)),
  );
}

/** The distinct n-grams of one kind, in order of first appearance. */
class Vocabulary {
  readonly slots = new Map<string, number>();
  /** Of each slot, how many rows have its n-gram. */
  readonly frequencies: number[] = [];
  rowCount = 0;
  readonly #weighting: PlainWeighting;

  constructor(weighting: PlainWeighting) {
    this.#weighting = weighting;
  }

  add(ngrams: readonly string[]): void {
    this.rowCount++;
    for (const ngram of new Set(ngrams)) {
      const slot = this.slots.get(ngram) ?? this.slots.size;
      this.slots.set(ngram, slot);
      this.frequencies[slot] = (this.frequencies[slot] ?? 0) + 1;
    }
  }

  #weighted(slot: number, count: number): number {
    if (this.#weighting === "tf") return count;
    const idf = Math.log(this.rowCount / this.frequencies[slot]!);
    return Math.fround(this.#weighting === "idf" ? idf : count * idf);
  }

  /** Weights of known n-grams by ascending slot, divided by their Euclidean length in single precision. */
  row(ngrams: readonly string[], offset: number): PlainRow {
    const counts = new Map<number, number>();
    for (const ngram of ngrams) {
      const slot = this.slots.get(ngram);
      if (slot !== undefined) counts.set(slot, (counts.get(slot) ?? 0) + 1);
    }
    const entries = [...counts]
      .sort(([a], [b]) => a - b)
      .map(([slot, count]) => [slot, this.#weighted(slot, count)] as const);
    const squares = entries.reduce((sum, [, weight]) => sum + weight * weight, 0);
    const scale = squares > 0 ? Math.fround(1 / Math.fround(Math.sqrt(Math.fround(squares)))) : 1;
    return {
      slots: entries.map(([slot]) => offset + slot),
      values: entries.map(([, weight]) => Math.fround(scale * weight)),
    };
  }
}

/** What featurizeText learns from `trained`, the tokens of each slot's n-gram, and what it makes of `rows`. */
export function plainFeatures(
  trained: readonly (readonly string[])[],
  rows: readonly (readonly string[])[],
  { chars = true, words = true, weighting = "tf" }: PlainOptions = {},
): { ngrams: string[][]; rows: PlainRow[] } {
  const normalized = (texts: readonly string[]) => texts.map(plainNormalized).filter((text) => text !== "");
  const [trigrams, ngrams] = [new Vocabulary(weighting), new Vocabulary(weighting)];
  for (const texts of trained) {
    if (chars) trigrams.add(trigramsOf(normalized(texts)));
    if (words) ngrams.add(wordNgramsOf(normalized(texts)));
  }
  return {
    ngrams: [
      ...[...trigrams.slots.keys()].map((trigram) => Array.from({ length: 3 }, (_, i) => trigram.charAt(i))),
      ...[...ngrams.slots.keys()].map((key) => JSON.parse(key) as string[]),
    ],
    rows: rows.map((texts) => {
      const left = trigrams.row(trigramsOf(normalized(texts)), 0);
      const right = ngrams.row(wordNgramsOf(normalized(texts)), trigrams.slots.size);
      return { slots: [...left.slots, ...right.slots], values: [...left.values, ...right.values] };
    }),
  };
}
