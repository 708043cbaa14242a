import type { Model } from "../model/model.js";
import type { Prediction } from "../model/prediction.js";
import { loadModelFile } from "../node/model-files.js";
import { writeJson } from "./json-text.js";
import type { Session } from "./session.js";
import { type TextOptions, textsOf } from "./text-lines.js";

export interface PredictOptions extends TextOptions {
  readonly topK?: number;
}

/** Texts predicted at a time. */
const BLOCK_TEXTS = 1024;

/**
 * `dualtext predict`: a line of result for each text. Texts are the lines of a file or of standard input, answered as
 * they come; with `--text`, a column of a delimited file.
 */
export async function predict(
  modelFile: string,
  file: string,
  options: PredictOptions,
  session: Session,
): Promise<void> {
  const model = await loadModelFile(modelFile);
  for await (const texts of textsOf(model, file, options, session)) {
    for (let first = 0; first < texts.length; first += BLOCK_TEXTS) {
      session.signal.throwIfAborted();
      await session.print(linesOf(model, texts.slice(first, first + BLOCK_TEXTS), options, session));
    }
  }
}

function linesOf(model: Model, texts: readonly string[], { topK }: PredictOptions, session: Session): string {
  const predictions = model.predictAll(texts, topK === undefined ? {} : { topK });
  return predictions
    .map((prediction) => `${session.json ? writeJson(prediction) : resultOf(prediction)}\n`)
    .join("");
}

/** Label and probability, or those of the most probable labels, separated by tabs. */
function resultOf(prediction: Prediction): string {
  const labels = prediction.top ?? [prediction];
  return labels.map(({ label, probability }) => `${label}\t${probability.toFixed(6)}`).join("\t");
}
