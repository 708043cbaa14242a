import type { Model } from "../model/model.js";
import type { Prediction } from "../model/prediction.js";
import { loadModelFile } from "../node/model-files.js";
import { type DataOptions, textColumnOf } from "./data-options.js";
import { writeJson } from "./json-text.js";
import type { Session } from "./session.js";
import { textLines, textsOfColumn } from "./text-lines.js";

export interface PredictOptions extends DataOptions {
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
  const column = textColumnOf(model);
  const answer = async (texts: readonly string[]) => {
    for (let first = 0; first < texts.length; first += BLOCK_TEXTS) {
      session.signal.throwIfAborted();
      await session.print(linesOf(model, texts.slice(first, first + BLOCK_TEXTS), options, session));
    }
  };
  if (options.text !== undefined) await answer(await textsOfColumn(file, options, column, session));
  else for await (const lines of textLines(file, session.signal)) await answer(lines);
}

function linesOf(model: Model, texts: readonly string[], { topK }: PredictOptions, session: Session): string {
  const predictions = model.predictAll(texts, topK === undefined ? {} : { topK });
  return predictions
    .map((prediction) => `${session.json ? writeJson(prediction) : textOf(prediction)}\n`)
    .join("");
}

/** Label and probability, or those of the most probable labels, separated by tabs. */
function textOf(prediction: Prediction): string {
  const labels = prediction.top ?? [prediction];
  return labels.map(({ label, probability }) => `${label}\t${probability.toFixed(6)}`).join("\t");
}
