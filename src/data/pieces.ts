import { ranges } from "./csr.js";

// Plain work on long arrays, which yields every millisecond or less.

export function* clearInPieces(values: Float32Array): Generator<void> {
  for (const [first, end] of ranges(values.length)) {
    values.fill(0, first, end);
    yield;
  }
}

type Numbers = Uint16Array | Int32Array | Uint32Array | Float32Array;

/** A copy. */
export function* copyOf<Values extends Numbers>(values: Values): Generator<void, Values> {
  const copy = new (values.constructor as new (length: number) => Values)(values.length);
  yield* copyInPieces(copy, values);
  return copy;
}

/** Copies `from` to the beginning of `to`. */
export function* copyInPieces<Values extends Numbers>(to: Values, from: Values): Generator<void> {
  for (const [first, end] of ranges(from.length)) {
    to.set(from.subarray(first, end), first);
    yield;
  }
}
