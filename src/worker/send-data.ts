import { byteSource, type TextInput } from "../data/byte-source.js";
import type { Column } from "../data/columns.js";
import type { Dataset } from "../data/dataset.js";
import { DualTextError } from "../errors.js";
import { Slices } from "../slices.js";
import type { DataMessage } from "./messages.js";
import type { TrainerInput } from "./training-run.js";

/** Rows, or texts of a column, in one message. */
const ROWS_A_MESSAGE = 1000;

/**
 * Sends data to another thread, in messages short enough for the caller's thread to go on with other work in between.
 * Resolves to what errors call the input, where it has a name.
 *
 * Rejects with `bad-argument` for what cannot be sent, with what `loadText` rejects with for text that cannot be read, and
 * with `signal.reason`.
 */
export async function sendData(
  input: TrainerInput | readonly object[],
  post: (message: DataMessage) => void,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const slices = new Slices(signal, () => {});
  if (Array.isArray(input)) {
    if (input.length === 0) post({ type: "rows", rows: [] });
    for (let row = 0; row < input.length; row += ROWS_A_MESSAGE) {
      post({ type: "rows", rows: input.slice(row, row + ROWS_A_MESSAGE) });
      if (slices.isDue) await slices.pause();
    }
  } else if (isDataset(input)) {
    for (const name of input.columnNames) {
      for (const column of piecesOf(name, input.column(name))) {
        post({ type: "column", name, column });
        if (slices.isDue) await slices.pause();
      }
    }
  } else {
    const source = byteSource(input as TextInput, undefined);
    if (isRead(input as TextInput)) {
      post({ type: "piece", bytes: new Uint8Array(0) });
      for await (const piece of source.pieces(signal)) post({ type: "piece", bytes: piece.slice() });
    } else post({ type: "text", input: input as Exclude<TextInput, Response | ReadableStream> });
    return source.name;
  }
  return undefined;
}

function isDataset(input: object | string): input is Dataset {
  return typeof input === "object" && input !== null && "columnNames" in input;
}

/** A column, its texts in pieces: arrays of numbers are copied at once, texts one by one. */
function* piecesOf(name: string, column: Column): Generator<Column> {
  if (column.kind === "vector" && column.slotNames) {
    throw new DualTextError(
      "bad-argument",
      `Column "${name}" is computed by a stage, which a dataset for a worker must not be: give its inputs and the stage.`,
    );
  }
  if (column.kind !== "text" && column.kind !== "texts") return yield column;
  const { values } = column;
  let row = 0;
  do {
    yield { ...column, values: values.slice(row, row + ROWS_A_MESSAGE) } as Column;
    row += ROWS_A_MESSAGE;
  } while (row < values.length);
}

/** Whether it is something to be read piece by piece; all else goes into one message, a file as a mere reference. */
function isRead(input: TextInput): input is Response | ReadableStream<Uint8Array> {
  return typeof input === "object" && ("getReader" in input || "body" in input);
}
