import { Spare } from "../spare.js";
import type { CsrMatrix } from "./csr.js";

/** Slots and values of a matrix, with room for equally many. */
export interface Entries {
  readonly indices: Uint32Array<ArrayBuffer>;
  readonly values: Float32Array<ArrayBuffer>;
}

const spare = new Spare<Entries>();
/** Times that arrays may be larger than asked for: their whole room lives as long as what is put there. */
const MOST_TIMES = 2;

let hasFitted = false;

/** Most programs fit once, and what waits for another fit raises their peak of memory: matrices do from the second fit on. */
export function fitEnded(): void {
  hasFitted = true;
}

/** Gives away the arrays of a matrix that nobody else has or will get, with all the room behind them. */
export function spareEntries({ indices, values }: CsrMatrix): void {
  if (!hasFitted) return;
  const entries = {
    indices: new Uint32Array(indices.buffer as ArrayBuffer),
    values: new Float32Array(values.buffer as ArrayBuffer),
  };
  spare.give(entries, entries.indices.byteLength + entries.values.byteLength);
}

/** Arrays with room for so many entries, in which anything may stand: those given away last, if they suit. */
export function takeEntries(count: number): Entries {
  const suits = ({ indices, values }: Entries) =>
    values.length >= count && values.length <= MOST_TIMES * count && indices.length === values.length;
  return spare.take(suits) ?? { indices: new Uint32Array(count), values: new Float32Array(count) };
}
