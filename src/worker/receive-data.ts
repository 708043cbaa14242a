import type { TextInput } from "../data/byte-source.js";
import type { Column } from "../data/columns.js";
import { Dataset } from "../data/dataset.js";
import type { DataMessage } from "./messages.js";
import type { TrainerInput } from "./training-run.js";

/** Puts together one input that `sendData` has sent. */
export class ReceivedData {
  #text: TextInput | undefined;
  #pieces: Uint8Array<ArrayBuffer>[] | undefined;
  #rows: object[] | undefined;
  readonly #columns: Record<string, Column> = {};

  add(message: DataMessage): void {
    if (message.type === "text") this.#text = message.input;
    else if (message.type === "piece") this.#pieces = appended(this.#pieces, [message.bytes]);
    else if (message.type === "rows") this.#rows = appended(this.#rows, message.rows);
    else this.#addColumn(message.name, message.column);
  }

  #addColumn(name: string, piece: Column): void {
    const column = Object.hasOwn(this.#columns, name) ? this.#columns[name] : undefined;
    if (piece.kind !== "text" && piece.kind !== "texts") this.#columns[name] = piece;
    else {
      const values = appended((column as typeof piece | undefined)?.values, piece.values as unknown[]);
      this.#columns[name] = { ...piece, values } as Column;
    }
  }

  get input(): TrainerInput {
    const read = this.#pieces && new Blob(this.#pieces);
    return (this.#text ?? read ?? this.#rows ?? Dataset.of(this.#columns)) as TrainerInput;
  }
}

/** The list itself, longer. */
function appended<T>(list: readonly T[] | undefined, more: readonly T[]): T[] {
  if (list === undefined) return [...more];
  for (const item of more) (list as T[]).push(item);
  return list as T[];
}
