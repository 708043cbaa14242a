import { DualTextError } from "../errors.js";

/** A file or the like, to be read once. */
export interface ByteSource {
  /** What errors call it. */
  readonly name: string | undefined;
  /** Bytes in all; Infinity when that is not known. */
  readonly totalBytes: number;
  /** Bytes read so far, of `totalBytes`. */
  readonly bytesRead: number;
  /** The contents, in pieces that are valid until the next one is asked for. Stops early when `signal` is aborted. */
  pieces(signal: AbortSignal | undefined): AsyncIterable<Uint8Array>;
}

/** Bytes handed over at a time, so that between two pieces progress is reported and an abort noticed. */
const PIECE_BYTES = 256 * 1024;

/** A text, bytes or a stream of bytes. Throws `bad-argument` for anything else. */
export function byteSource(
  input: string | Uint8Array | ReadableStream<Uint8Array>,
  name: string | undefined,
): ByteSource {
  if (typeof input === "string") return new StringSource(input, name);
  if (input instanceof Uint8Array) return new BytesSource(input, name);
  if (typeof input?.getReader === "function") return new StreamSource(input, name);
  throw new DualTextError(
    "bad-argument",
    `The input is ${input === null ? "null" : typeof input}; it must be a string, a Uint8Array or a ReadableStream of Uint8Array.`,
  );
}

/** Pieces of an array, as views. */
export function* cutPieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += PIECE_BYTES) {
    yield bytes.subarray(start, start + PIECE_BYTES);
  }
}

class BytesSource implements ByteSource {
  bytesRead = 0;

  constructor(
    private readonly bytes: Uint8Array,
    readonly name: string | undefined,
  ) {}

  get totalBytes(): number {
    return this.bytes.length;
  }

  async *pieces(): AsyncGenerator<Uint8Array> {
    for (const piece of cutPieces(this.bytes)) {
      yield piece;
      this.bytesRead += piece.length;
    }
  }
}

class StringSource implements ByteSource {
  #unitsRead = 0;

  constructor(
    private readonly text: string,
    readonly name: string | undefined,
  ) {}

  /** Counted in UTF-16 units, because the length in UTF-8 is known only at the end. */
  get totalBytes(): number {
    return this.text.length;
  }

  get bytesRead(): number {
    return this.#unitsRead;
  }

  async *pieces(): AsyncGenerator<Uint8Array> {
    const encoder = new TextEncoder();
    while (this.#unitsRead < this.text.length) {
      let end = Math.min(this.#unitsRead + PIECE_BYTES, this.text.length);
      // A pair of surrogates stays together.
      if (end < this.text.length && (this.text.charCodeAt(end - 1) & 0xfc00) === 0xd800) end++;
      const piece = this.text.slice(this.#unitsRead, end);
      const lone = piece.search(/[\ud800-\udfff]/u);
      if (lone >= 0) throw this.#loneSurrogate(this.#unitsRead + lone);
      yield encoder.encode(piece);
      this.#unitsRead = end;
    }
  }

  #loneSurrogate(at: number): DualTextError {
    const lines = this.text.slice(0, at).split(/\r\n|\r|\n/);
    return new DualTextError(
      "bad-line",
      `${this.name === undefined ? "L" : `${this.name}, l`}ine ${lines.length}: the text holds half a surrogate pair, U+${this.text.charCodeAt(at).toString(16)}. Repair it with toWellFormed().`,
    );
  }
}

class StreamSource implements ByteSource {
  readonly totalBytes = Number.POSITIVE_INFINITY;
  bytesRead = 0;

  constructor(
    private readonly stream: ReadableStream<Uint8Array>,
    readonly name: string | undefined,
  ) {}

  async *pieces(signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
    const reader = this.stream.getReader();
    // A read that waits for bytes ends at once when the stream is cancelled.
    const cancel = () => void reader.cancel(signal?.reason).catch(() => undefined);
    signal?.addEventListener("abort", cancel, { once: true });
    try {
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        if (!(next.value instanceof Uint8Array)) {
          throw new DualTextError(
            "bad-argument",
            `The stream holds ${typeof next.value} pieces; they must be Uint8Array.`,
          );
        }
        yield* cutPieces(next.value);
        this.bytesRead += next.value.length;
      }
    } finally {
      signal?.removeEventListener("abort", cancel);
      cancel();
    }
  }
}
