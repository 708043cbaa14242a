import { concatenate } from "./line-reader.js";

/** Pieces of bytes, each valid until the next is asked for. */
export type Pieces = AsyncGenerator<Uint8Array, void, undefined>;

/** The pieces, decompressed by `gunzip` where their first two bytes are those of gzip, which begin no text. */
export async function* withoutGzip(
  pieces: Pieces,
  gunzip: (compressed: Pieces) => AsyncIterable<Uint8Array>,
): Pieces {
  const start = await readStart(pieces);
  const all = startingWith(start, pieces);
  yield* start[0] === 0x1f && start[1] === 0x8b ? gunzip(all) : all;
}

/** At least two bytes, unless there are no more. */
async function readStart(pieces: Pieces): Promise<Uint8Array> {
  let start: Uint8Array = new Uint8Array(0);
  while (start.length < 2) {
    const next = await pieces.next();
    if (next.done) break;
    start = start.length === 0 ? next.value : concatenate([start, next.value]);
  }
  return start;
}

async function* startingWith(start: Uint8Array, rest: Pieces): Pieces {
  yield start;
  yield* rest;
}
