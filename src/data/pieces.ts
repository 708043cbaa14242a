import { ranges } from "./csr.js";

// Plain work on long arrays, which yields every millisecond or less.

export function* clearInPieces(values: Float32Array): Generator<void> {
  for (const [first, end] of ranges(values.length)) {
    values.fill(0, first, end);
    yield;
  }
}

/** Copies `from` to the beginning of `to`. */
export function* copyInPieces<Values extends Uint32Array | Float32Array>(
  to: Values,
  from: Values,
): Generator<void> {
  for (const [first, end] of ranges(from.length)) {
    to.set(from.subarray(first, end), first);
    yield;
  }
}
