import { DualTextError } from "../errors.js";
import type { Model } from "../model/model.js";
import { fileSource } from "../node/load-text-file.js";
import { type DataOptions, loadColumns, textColumnOf } from "./data-options.js";
import { checkWholeLines } from "./delimited-lines.js";
import type { Session } from "./session.js";

/** Where the texts of a command stand. */
export interface TextOptions extends DataOptions {
  /** Each line is one text, even if it looks like one of a delimited file. */
  readonly lines?: boolean;
}

/**
 * Texts as they come, in pieces: the lines of a file or of standard input (-), or with `--text` a column of a delimited
 * file. Rejects with `bad-option` where lines are plainly those of a delimited file, and for `--text` with standard input.
 */
export async function* textsOf(
  model: Model,
  file: string,
  options: TextOptions,
  session: Session,
): AsyncGenerator<readonly string[]> {
  const column = textColumnOf(model);
  if (options.text !== undefined) {
    yield await textsOfColumn(file, options, column, session);
    return;
  }
  let isChecked = options.lines ?? false;
  for await (const lines of textLines(file, session.signal)) {
    if (!isChecked && lines.length > 0) {
      checkWholeLines(lines, file, model, options, session);
      isChecked = true;
    }
    yield lines;
  }
}

async function textsOfColumn(
  file: string,
  options: TextOptions,
  column: string,
  session: Session,
): Promise<readonly string[]> {
  if (options.lines) {
    throw new DualTextError(
      "bad-option",
      "--text names a column, --lines says that there are none: give one.",
    );
  }
  if (file === "-") {
    throw new DualTextError(
      "bad-option",
      "--text names a column of a file: give the file instead of standard input.",
    );
  }
  const data = await loadColumns(file, options, { text: column }, session);
  return (data.column(column) as { values: readonly string[] }).values;
}

/** The lines of a file, also compressed with gzip, or of standard input (-). Rejects with `bad-line`. */
async function* textLines(file: string, signal: AbortSignal): AsyncGenerator<string[]> {
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
  for await (const bytes of await piecesOf(file, signal)) {
    const lines = (rest + decode(bytes)).split("\n");
    rest = lines.pop()!;
    lineCount += lines.length;
    yield lines.map(withoutReturn);
  }
  rest += decode();
  if (rest !== "") yield [withoutReturn(rest)];
}

async function piecesOf(file: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
  if (file === "-") return process.stdin;
  return (await fileSource(file, file)).pieces(signal);
}

function withoutReturn(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}
