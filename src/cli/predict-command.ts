import { DualTextError } from "../errors.js";
import type { Model } from "../model/model.js";
import type { Prediction } from "../model/prediction.js";
import { fileSource } from "../node/load-text-file.js";
import { loadModelFile } from "../node/model-files.js";
import { type DataOptions, loadColumns, textColumnOf } from "./data-options.js";
import { writeJson } from "./json-text.js";
import type { Session } from "./session.js";

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
  if (options.text !== undefined) {
    if (file === "-") {
      throw new DualTextError(
        "bad-option",
        "--text names a column of a file: give the file instead of standard input.",
      );
    }
    const data = await loadColumns(file, options, { text: column }, session);
    await answer((data.column(column) as { values: readonly string[] }).values);
    return;
  }
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let rest = "";
  let lineCount = 0;
  const decode = (bytes?: Uint8Array): string => {
    try {
      return decoder.decode(bytes, { stream: bytes !== undefined });
    } catch (cause) {
      const where = `${file === "-" ? "Standard input" : file}, after line ${lineCount}`;
      throw new DualTextError("bad-line", `${where}: the bytes are not UTF-8. Convert the text to UTF-8.`, {
        cause,
      });
    }
  };
  for await (const bytes of await piecesOf(file, session.signal)) {
    const lines = (rest + decode(bytes)).split("\n");
    rest = lines.pop()!;
    lineCount += lines.length;
    await answer(lines.map(withoutReturn));
  }
  rest += decode();
  if (rest !== "") await answer([withoutReturn(rest)]);
}

async function piecesOf(file: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
  if (file === "-") return process.stdin;
  return (await fileSource(file, file)).pieces(signal);
}

function withoutReturn(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
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
