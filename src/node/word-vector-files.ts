import { applyWordEmbedding as applyVectors, type WordVectorSource } from "../embedding-stages.js";
import { DualTextError } from "../errors.js";
import type { StageEstimator } from "../pipeline.js";
import type { ApplyWordEmbeddingOptions, VectorFile } from "../text/word-embedding.js";
import { readWordVectors, type WordVectorOptions, type WordVectors } from "../text/word-vectors.js";
import { fileSource } from "./load-text-file.js";

/**
 * `loadWordVectors` of a file, gzip or not. Rejects with `file-read` and all that `loadWordVectors` rejects with; errors
 * name the file and the line.
 */
export async function loadWordVectorsFile(
  path: string,
  options: WordVectorOptions = {},
): Promise<WordVectors> {
  if (typeof path !== "string") throw new DualTextError("bad-argument", "path must be the path of a file.");
  return readWordVectors(await fileSource(path, options.sourceName ?? path), options);
}

/** The stage `applyWordEmbedding`, which here also takes the path of a file; it is read whenever the pipeline is fitted. */
export function applyWordEmbedding<O extends string, I extends string = O>(
  output: O,
  vectors: string | WordVectorSource,
  input?: I,
  options: ApplyWordEmbeddingOptions = {},
): StageEstimator<Record<I, "texts">, Record<O, "vector">> {
  const source: WordVectorSource =
    typeof vectors === "string"
      ? ({ open: () => fileSource(vectors, vectors) } satisfies VectorFile)
      : vectors;
  return applyVectors(output, source, input, options);
}
