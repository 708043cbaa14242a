import { asBytes } from "../bytes.js";
import { DualTextError } from "../errors.js";
import { type Pieces, withoutGzip } from "./gzip.js";

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

/**
 * What text can be loaded from: a string, bytes, a stream of bytes, a `File` or other `Blob`, or the `Response` of a
 * `fetch`. Bytes of gzip are decompressed on the way.
 */
export type TextInput = string | Uint8Array | ArrayBuffer | Blob | Response | ReadableStream<Uint8Array>;

/**
 * @param name what errors call it. Default: the name of a file, the address of a response.
 * Throws `bad-argument` for any other input, `file-read` for a response that is an error or was read before.
 */
export function byteSource(input: TextInput, name: string | undefined): ByteSource {
  if (typeof input === "string") return new StringSource(input, name);
  const bytes = asBytes(input);
  if (bytes) return new BytesSource(bytes, name);
  if (isObject(input)) {
    if (isStream(input)) return new StreamSource(input, name, Number.POSITIVE_INFINITY);
    if (isBlob(input)) return new StreamSource(input.stream(), name ?? fileName(input), input.size);
    if (isResponse(input)) return responseSource(input, name);
  }
  throw new DualTextError(
    "bad-argument",
    `The input is ${input === null ? "null" : typeof input}; ` +
      "it must be a string, a Uint8Array, an ArrayBuffer, a Blob, a Response or a ReadableStream of Uint8Array.",
  );
}

// Inputs are told by what they can do, because a class of another realm is not this realm's.
function isObject(input: unknown): input is object {
  return typeof input === "object" && input !== null;
}

function isStream(input: object): input is ReadableStream<Uint8Array> {
  return "getReader" in input && typeof input.getReader === "function";
}

function isBlob(input: object): input is Blob {
  return "stream" in input && typeof input.stream === "function" && "size" in input;
}

function isResponse(input: object): input is Response {
  return "body" in input && "ok" in input && "headers" in input;
}

function fileName(blob: Blob): string | undefined {
  return "name" in blob && typeof blob.name === "string" && blob.name !== "" ? blob.name : undefined;
}

function responseSource(response: Response, name = response.url || undefined): ByteSource {
  const what = name ?? "The response";
  if (!response.ok) {
    const status = `${response.status} ${response.statusText}`.trim();
    throw new DualTextError("file-read", `${what} was answered with ${status}. Check the address.`);
  }
  if (response.bodyUsed) {
    throw new DualTextError(
      "file-read",
      `${what} has been read already. Fetch it again, or clone() it first.`,
    );
  }
  if (response.body === null) return new BytesSource(new Uint8Array(0), name);
  // The length is that of the bytes on the wire, which are not those read here where the server compressed them.
  const isEncoded = response.headers.get("content-encoding") !== null;
  const length = isEncoded ? null : response.headers.get("content-length");
  return new StreamSource(response.body, name, length === null ? Number.POSITIVE_INFINITY : Number(length));
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

  pieces(): Pieces {
    return withoutGzip(this.#counted(), (compressed) => gunzip(compressed, this.name));
  }

  async *#counted(): Pieces {
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

  async *pieces(): Pieces {
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
  bytesRead = 0;

  constructor(
    private readonly stream: ReadableStream<Uint8Array>,
    readonly name: string | undefined,
    readonly totalBytes: number,
  ) {}

  async *pieces(signal: AbortSignal | undefined): Pieces {
    const reader = this.stream.getReader();
    // A read that waits for bytes ends at once when the stream is cancelled.
    const cancel = () => void reader.cancel(signal?.reason).catch(() => undefined);
    signal?.addEventListener("abort", cancel, { once: true });
    try {
      yield* withoutGzip(this.#counted(reader), (compressed) => gunzip(compressed, this.name, signal));
    } finally {
      signal?.removeEventListener("abort", cancel);
      cancel();
    }
  }

  async *#counted(reader: ReadableStreamDefaultReader<Uint8Array>): Pieces {
    for await (const bytes of readAll(reader)) {
      yield* cutPieces(bytes);
      this.bytesRead += bytes.length;
    }
  }
}

async function* readAll(reader: ReadableStreamDefaultReader<Uint8Array>): Pieces {
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    const bytes = asBytes(next.value);
    if (bytes) yield bytes;
    else {
      throw new DualTextError(
        "bad-argument",
        `The stream holds ${typeof next.value} pieces; they must be Uint8Array.`,
      );
    }
  }
}

/** Decompresses with the host's `DecompressionStream`. Throws `file-read`, and `signal.reason` when aborted. */
async function* gunzip(compressed: Pieces, name = "The input", signal?: AbortSignal): Pieces {
  if (typeof DecompressionStream !== "function") {
    throw new DualTextError(
      "file-read",
      `${name} is gzip, which this engine has no DecompressionStream for. Decompress it first.`,
    );
  }
  let failure: { readonly error: unknown } | undefined;
  const bytes = new ReadableStream<BufferSource>({
    pull: async (controller) => {
      const { done, value } = await compressed.next().catch((error: unknown) => {
        failure = { error };
        throw error;
      });
      if (done) controller.close();
      // A copy: the piece is valid until the next one only, and the stream asks ahead.
      else controller.enqueue(value.slice());
    },
  });
  const reader = bytes.pipeThrough<Uint8Array>(new DecompressionStream("gzip")).getReader();
  try {
    for await (const piece of readAll(reader)) yield* cutPieces(piece);
  } catch (cause) {
    signal?.throwIfAborted();
    // What went wrong before the decompression is told as it is.
    if (failure) throw failure.error;
    throw new DualTextError(
      "file-read",
      `${name} is gzip that is damaged or cut off. Copy or download it again.`,
      { cause },
    );
  } finally {
    reader.cancel().catch(() => undefined);
  }
}
