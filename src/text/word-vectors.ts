import { type ByteSource, byteSource, type TextInput } from "../data/byte-source.js";
import { Utf8Transcoder } from "../data/encoding.js";
import { LineReader } from "../data/line-reader.js";
import { DualTextError } from "../errors.js";
import { Slices } from "../slices.js";
import type { RunOptions } from "../stage.js";
import { WordVectorParser } from "./word-vector-parser.js";

/** How a file of word vectors is read. */
export interface WordVectorOptions extends RunOptions {
  /**
   * False (default): a line whose number of values differs or that holds something else than finite numbers is an error
   * that names it. True: ML.NET to the letter; such lines are left out and counted.
   */
  readonly lenient?: boolean;
  /** Only so many words are read; files usually have the most frequent ones first. Default: all. */
  readonly maxWords?: number;
  /** What errors call the file. */
  readonly sourceName?: string;
}

/** What was found in a file of word vectors. */
export interface WordVectorReport {
  /** Lines whose word was there before: the first one counts. */
  readonly duplicateCount: number;
  /** Lines left out by lenient reading, and messages on the first ten. */
  readonly skippedLineCount: number;
  readonly firstProblems: readonly string[];
}

/** Words with a vector each, all of one dimension. Immutable. */
export class WordVectors {
  readonly dimension: number;
  readonly words: readonly string[];
  /** f32[words][dimension] */
  readonly values: Float32Array;
  readonly report: WordVectorReport;
  readonly #places: Map<string, number>;

  /** @param words all different */
  constructor(
    dimension: number,
    words: readonly string[],
    values: Float32Array,
    report: WordVectorReport = { duplicateCount: 0, skippedLineCount: 0, firstProblems: [] },
  ) {
    this.dimension = dimension;
    this.words = words;
    this.values = values;
    this.report = report;
    this.#places = new Map(words.map((word, place) => [word, place]));
  }

  get wordCount(): number {
    return this.words.length;
  }

  /** Place of a word, compared unit for unit; −1 when it has no vector. */
  placeOf(word: string): number {
    return this.#places.get(word) ?? -1;
  }

  /** These vectors without the words for which `keep` says false. */
  filtered(keep: (word: string) => boolean): WordVectors {
    const { dimension } = this;
    const places = this.words.flatMap((word, place) => (keep(word) ? [place] : []));
    const values = new Float32Array(places.length * dimension);
    places.forEach((place, i) => {
      values.set(this.values.subarray(place * dimension, (place + 1) * dimension), i * dimension);
    });
    return new WordVectors(
      dimension,
      places.map((place) => this.words[place]!),
      values,
      this.report,
    );
  }
}

/**
 * Reads word vectors in the text format of GloVe, fastText and word2vec: on each line a word and its numbers, separated by
 * single spaces or tabs; UTF-8, with or without a first line of two counts. The first of two lines for one word counts.
 *
 * Throws `bad-argument`, `bad-option`, `empty-input` (no line), `bad-line` (see {@link WordVectorOptions.lenient}; a
 * first line whose count of words is not that of the file), `signal.reason`. Progress is in bytes.
 */
export async function loadWordVectors(
  input: Exclude<TextInput, string>,
  options: WordVectorOptions = {},
): Promise<WordVectors> {
  if (typeof input === "string") {
    throw new DualTextError(
      "bad-argument",
      'Word vectors are read from a Uint8Array, a Blob, a stream or a response; loadWordVectorsFile of "dualtext/node" takes the path of a file.',
    );
  }
  return readWordVectors(byteSource(input, options.sourceName), options);
}

/** {@link loadWordVectors} of any source. @param keep words for which it says false are checked and not kept. */
export async function readWordVectors(
  source: ByteSource,
  options: WordVectorOptions,
  keep?: (word: string) => boolean,
): Promise<WordVectors> {
  const { lenient = false, maxWords = Number.POSITIVE_INFINITY, signal } = options;
  checkWordVectorOptions(options);
  signal?.throwIfAborted();
  const parser = new WordVectorParser(source.name, lenient, maxWords, keep);
  const report = () =>
    options.onProgress?.({ phase: "load", done: source.bytesRead, total: source.totalBytes });
  const slices = new Slices(signal, report);
  const transcoder = new Utf8Transcoder(!lenient);
  const lines = new LineReader((bytes, start, end) => parser.takeLine(bytes, start, end));
  for await (const piece of source.pieces(signal)) {
    lines.push(transcoder.push(piece));
    if (lines.stopped) break;
    if (slices.isDue) await slices.pause();
  }
  signal?.throwIfAborted();
  lines.push(transcoder.end());
  lines.end();
  report();
  const { dimension, words, values, ...found } = parser.finish();
  return new WordVectors(dimension, words, values, found);
}

/** Throws `bad-option`. */
export function checkWordVectorOptions({ lenient = false, maxWords = 1 }: WordVectorOptions): void {
  if (typeof lenient !== "boolean") {
    throw new DualTextError("bad-option", `lenient is ${String(lenient)}; it must be true or false.`);
  }
  if (maxWords === Number.POSITIVE_INFINITY || (Number.isInteger(maxWords) && maxWords >= 1)) return;
  throw new DualTextError("bad-option", `maxWords is ${maxWords}; it must be a whole number from 1 on.`);
}
