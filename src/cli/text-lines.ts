import { DualTextError } from "../errors.js";
import { fileSource } from "../node/load-text-file.js";
import { type DataOptions, loadColumns } from "./data-options.js";
import type { Session } from "./session.js";

/** The texts of a column of a delimited file, which `--text` names. Rejects with `bad-option` for standard input. */
export async function textsOfColumn(
  file: string,
  options: DataOptions,
  column: string,
  session: Session,
): Promise<readonly string[]> {
  if (file === "-") {
    throw new DualTextError(
      "bad-option",
      "--text names a column of a file: give the file instead of standard input.",
    );
  }
  const data = await loadColumns(file, options, { text: column }, session);
  return (data.column(column) as { values: readonly string[] }).values;
}

/** The lines of a file, also compressed with gzip, or of standard input (-), as they come. Rejects with `bad-line`. */
export async function* textLines(file: string, signal: AbortSignal): AsyncGenerator<string[]> {
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
