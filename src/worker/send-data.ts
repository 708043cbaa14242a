import type { Column } from "../data/columns.js";
import type { Dataset } from "../data/dataset.js";
import { DualTextError } from "../errors.js";
import type { Slices } from "../slices.js";
import type { DataMessage, SentText } from "./messages.js";
import type { TextInput, TrainerInput } from "./training-run.js";

/** Rows, or texts of a column, in one message. */
const ROWS_A_MESSAGE = 1000;

/**
 * Sends data to another thread, in messages short enough for the caller's thread to go on with other work in between.
 * Throws `bad-argument` for what cannot be sent.
 */
export async function sendData(
  input: TrainerInput | readonly object[],
  post: (message: DataMessage) => void,
  slices: Slices,
): Promise<void> {
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
    post({ type: "text", input: await textOf(input as TextInput) });
  }
}

function isDataset(input: object | string): input is Dataset {
  return typeof input === "object" && "columnNames" in input;
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

/** Text in a form that every thread takes; a stream is read into a `Blob`, which the browser may keep on disk. */
async function textOf(input: TextInput): Promise<SentText> {
  if (typeof input === "string" || input instanceof Uint8Array || input instanceof Blob) return input;
  const response: Response = "getReader" in input ? new Response(input as ReadableStream) : input;
  return response.blob();
}
