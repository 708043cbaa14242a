import { byteSource, type TextInput } from "./data/byte-source.js";
import { DualTextError } from "./errors.js";
import type { StageEstimator } from "./pipeline.js";
import { checkColumnName, Stage } from "./stage-maker.js";
import {
  checkEncoder,
  type EmbedTextOptions,
  fitEmbedText,
  resolveEmbedTextOptions,
} from "./text/embed-text.js";
import type { Encoder } from "./text/encoder.js";
import {
  type ApplyWordEmbeddingOptions,
  checkApplyWordEmbeddingOptions,
  fitWordEmbedding,
  type VectorFile,
} from "./text/word-embedding.js";
import { WordVectors } from "./text/word-vectors.js";

/**
 * Where word vectors come from. A stream or a response can be read once, and so by one fit; the others as often as one
 * likes.
 */
export type WordVectorSource = WordVectors | Exclude<TextInput, string> | VectorFile;

/**
 * Turns the words of each row into one dense vector: the least, the mean and the greatest of each component over the
 * vectors of its words, as ML.NET's `ApplyWordEmbedding` does. Words are looked up as they are: lower-case the text first
 * where the vectors are of lower-case words.
 *
 * ```ts
 * normalizeText("Normal", "Text")
 *   .append(tokenizeIntoWords("Words", "Normal"))
 *   .append(applyWordEmbedding("Embedding", vectors, "Words", { pooling: ["mean"], unknownRow: "zero" }));
 * ```
 *
 * @param output name of the vector column made
 * @param vectors vectors that `loadWordVectors` has read, or the bytes of a file in the text format of GloVe, fastText or
 * word2vec; with `dualtext/node` also its path
 * @param input column of words, made by `tokenizeIntoWords`. Default: the output's name.
 * Throws `bad-option`, `bad-argument`. `fit` rejects with `bad-column` and all that `loadWordVectors` rejects with.
 */
export function applyWordEmbedding<O extends string, I extends string = O>(
  output: O,
  vectors: WordVectorSource,
  input?: I,
  options: ApplyWordEmbeddingOptions = {},
): StageEstimator<Record<I, "texts">, Record<O, "vector">> {
  checkColumnName(output, "output column");
  if (input !== undefined) checkColumnName(input, "input column");
  checkApplyWordEmbeddingOptions(options);
  const source = vectorSource(vectors);
  const columns = { output, input: input ?? output };
  const call = ["applyWordEmbedding", output, vectors, columns.input, options] as const;
  return new Stage(call, (data, run) => fitWordEmbedding(data, source, columns, options, run));
}

function vectorSource(vectors: WordVectorSource): WordVectors | VectorFile {
  if (typeof vectors !== "object" || vectors === null) {
    throw new DualTextError(
      "bad-argument",
      `The word vectors are ${typeof vectors === "string" ? "a string" : typeof vectors}; they must be a Uint8Array, a Blob, a stream, a response or what loadWordVectors gives. The path of a file is taken by "dualtext/node".`,
    );
  }
  if (vectors instanceof WordVectors || "open" in vectors) return vectors;
  return { open: async () => byteSource(vectors, undefined) };
}

/**
 * Gives each text the vector of an encoder: any function from a list of texts to a promise of a list of vectors, such as a
 * sentence encoder that runs in transformers.js, ONNX Runtime Web or TensorFlow.js. The encoder stays as it is; what is
 * trained is the classifier after it. Each distinct text is encoded once. A pipeline with this stage gives an
 * `AsyncModel`; the encoder's name and dimension are saved with it, and `loadModel` has to be given the encoder again.
 *
 * ```ts
 * const encoder = { name: "universal-sentence-encoder-lite", encode: (texts) => use.embed(texts) };
 * embedText("Features", encoder, "Text").append(mapValueToKey("Label")).append(sdcaMaximumEntropy());
 * ```
 *
 * @param output name of the vector column made @param input column of text. Default: the output's name.
 * Throws `bad-option`, `bad-argument`. `fit` rejects with `bad-column`, `empty-input`, `bad-encoder`, `signal.reason`.
 */
export function embedText<O extends string, I extends string = O>(
  output: O,
  encoder: Encoder,
  input?: I,
  options: EmbedTextOptions = {},
): StageEstimator<Record<I, "text">, Record<O, "vector">, "async"> {
  checkColumnName(output, "output column");
  if (input !== undefined) checkColumnName(input, "input column");
  checkEncoder(encoder);
  const resolved = resolveEmbedTextOptions(options);
  const columns = { output, input: input ?? output };
  const call = ["embedText", output, encoder, columns.input, options] as const;
  return new Stage(call, (data, run) => fitEmbedText(data, encoder, columns, resolved, run));
}
