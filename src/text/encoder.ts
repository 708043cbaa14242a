import { DualTextError } from "../errors.js";
import { sha256 } from "../sha256.js";
import { Slices } from "../slices.js";
import type { RunOptions } from "../stage.js";
import type { EmbeddingCache } from "./embedding-cache.js";

/**
 * Turns texts into vectors of numbers, one each, all of one length. It may take as long as it likes; `signal` is that of the
 * call that needs the vectors.
 */
export type Encode = (
  texts: string[],
  options: { readonly signal?: AbortSignal },
) => PromiseLike<ArrayLike<ArrayLike<number>>>;

/** An encoder under the name by which models know it. */
export interface Encoder {
  /** Models are saved with this name, and it is part of the keys of caches: name the weights and their version. */
  readonly name: string;
  readonly encode: Encode;
}

/** How texts are sent to an encoder. */
export interface EncodingOptions {
  /** Most texts in one call of the encoder. */
  readonly batchSize: number;
  readonly cache: EmbeddingCache | undefined;
  /** What errors call the source of the texts: the column. */
  readonly column: string;
  /** Length of the vectors, where it is known already. */
  readonly dimension: number | undefined;
}

/** Vectors of texts: f32[texts][dimension]. */
export interface Encoded {
  readonly dimension: number;
  readonly values: Float32Array;
}

/** A text that is embedded when a model is fitted and again when it is loaded, to know the encoder by. */
export const PROBE = "The quick brown fox jumps over the lazy dog.";

/**
 * Vectors of texts, each distinct text encoded once, those in the cache not at all. Rejects with `bad-encoder` when the
 * encoder throws or gives what is no vector of finite numbers of the right length, and with `signal.reason` as soon as the
 * signal is aborted, also while the encoder is at work.
 */
export async function encodeTexts(
  { name, encode }: Encoder,
  texts: readonly string[],
  { batchSize, cache, column, dimension }: EncodingOptions,
  run: RunOptions,
): Promise<Encoded> {
  const { signal } = run;
  signal?.throwIfAborted();
  const rowsOf = new Map<string, number[]>();
  texts.forEach((text, row) => {
    const rows = rowsOf.get(text);
    if (rows) rows.push(row);
    else rowsOf.set(text, [row]);
  });
  const distinct = [...rowsOf];
  let size = dimension;
  let values: Float32Array | undefined;
  const put = (rows: readonly number[], vector: Float32Array) => {
    size ??= vector.length;
    values ??= new Float32Array(texts.length * size);
    for (const row of rows) values.set(vector, row * size);
  };

  const start = performance.now();
  let done = 0;
  const report = () => {
    const etaMs = done > 0 ? { etaMs: ((performance.now() - start) / done) * (distinct.length - done) } : {};
    run.onProgress?.({ phase: "embed", done, total: distinct.length, ...etaMs });
  };
  const slices = new Slices(signal, report);
  let waiting: { text: string; rows: readonly number[]; key: string }[] = [];
  const flush = async () => {
    if (waiting.length === 0) return;
    const batch = waiting;
    waiting = [];
    const vectors = await callEncoder(
      name,
      encode,
      batch.map(({ text }) => text),
      (i) => `row ${batch[i]!.rows[0]} of column "${column}" (${shown(batch[i]!.text)})`,
      signal,
    );
    for (const [i, { rows, key, text }] of batch.entries()) {
      const place = () => `row ${rows[0]} of column "${column}" (${shown(text)})`;
      const vector = checkedVector(name, vectors[i], size, place);
      put(rows, vector);
      if (cache) await cache.set(key, vector);
    }
    done += batch.length;
  };

  report();
  for (const [text, rows] of distinct) {
    const key = cache ? `${name}/${digestOf(text)}` : "";
    const found = cache && (await cache.get(key));
    if (found) {
      const place = () => `row ${rows[0]} of column "${column}", from the cache`;
      put(rows, checkedVector(name, found, size, place));
      done++;
    } else waiting.push({ text, rows, key });
    if (waiting.length === batchSize) {
      await flush();
      report();
    }
    if (slices.isDue) await slices.pause();
  }
  await flush();
  report();
  return { dimension: size ?? 0, values: values ?? new Float32Array(0) };
}

/** The vector of {@link PROBE}, fresh from the encoder. */
export async function probeVector({ name, encode }: Encoder, signal?: AbortSignal): Promise<Float32Array> {
  const place = () => "the text by which it is checked";
  const vectors = await callEncoder(name, encode, [PROBE], place, signal);
  return checkedVector(name, vectors[0], undefined, place);
}

async function callEncoder(
  name: string,
  encode: Encode,
  texts: string[],
  placeOf: (i: number) => string,
  signal: AbortSignal | undefined,
): Promise<ArrayLike<ArrayLike<number>>> {
  const range = texts.length === 1 ? placeOf(0) : `${texts.length} texts, from ${placeOf(0)} on`;
  let vectors: ArrayLike<ArrayLike<number>>;
  try {
    vectors = await untilAborted(Promise.resolve(encode([...texts], signal ? { signal } : {})), signal);
  } catch (cause) {
    signal?.throwIfAborted();
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DualTextError("bad-encoder", `The encoder "${name}" failed on ${range}: ${reason}`, { cause });
  }
  if (vectors?.length === texts.length) return vectors;
  const found = typeof vectors?.length === "number" ? `${vectors.length} vectors` : `a ${typeof vectors}`;
  throw new DualTextError(
    "bad-encoder",
    `The encoder "${name}" gave ${found} for ${range}; it must give one vector a text.`,
  );
}

/** Rejects with the signal's reason as soon as it is aborted, whatever the work does then. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", stop!);
  }
}

function checkedVector(
  name: string,
  vector: ArrayLike<number> | undefined,
  size: number | undefined,
  placeOf: () => string,
): Float32Array {
  const length = vector?.length;
  if (typeof vector !== "object" || vector === null || typeof length !== "number" || length === 0) {
    throw new DualTextError("bad-encoder", `The encoder "${name}" gave no vector for ${placeOf()}.`);
  }
  if (size !== undefined && length !== size) {
    throw new DualTextError(
      "bad-encoder",
      `The encoder "${name}" gave ${length} numbers for ${placeOf()}; its vectors have ${size}.`,
    );
  }
  const values = Float32Array.from(vector);
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return values;
  throw new DualTextError(
    "bad-encoder",
    `The encoder "${name}" gave ${String(vector[bad])} as number ${bad} for ${placeOf()}; numbers must be finite.`,
  );
}

/** SHA-256 of a text's UTF-16 units, low byte first. */
function digestOf(text: string): string {
  const bytes = new Uint8Array(2 * text.length);
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    bytes[2 * i] = unit & 0xff;
    bytes[2 * i + 1] = unit >> 8;
  }
  return sha256(bytes);
}

function shown(text: string): string {
  return text.length <= 60 ? JSON.stringify(text) : `${JSON.stringify(text.slice(0, 60))}…`;
}
