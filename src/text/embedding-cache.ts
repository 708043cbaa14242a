/**
 * Keeps the vectors of texts, by the name of the encoder and the SHA-256 of the text. Implement it over a folder, IndexedDB
 * or the like to keep vectors between runs; errors that it throws end the run.
 */
export interface EmbeddingCache {
  get(key: string): ArrayLike<number> | undefined | PromiseLike<ArrayLike<number> | undefined>;
  set(key: string, vector: Float32Array): void | PromiseLike<void>;
}

/** Bytes of vectors that are kept by default. */
const DEFAULT_BYTES = 64 * 1024 * 1024;

/** Keeps vectors in memory, up to a number of bytes; the oldest give way. */
export class MemoryCache implements EmbeddingCache {
  readonly #vectors = new Map<string, Float32Array>();
  readonly #mostBytes: number;
  #bytes = 0;

  /** @param mostBytes of the vectors, without what the map itself takes. Default 64 MiB. */
  constructor(mostBytes = DEFAULT_BYTES) {
    this.#mostBytes = mostBytes;
  }

  get(key: string): Float32Array | undefined {
    return this.#vectors.get(key);
  }

  set(key: string, vector: Float32Array): void {
    this.#bytes += vector.byteLength - (this.#vectors.get(key)?.byteLength ?? 0);
    this.#vectors.set(key, vector);
    for (const [oldest, { byteLength }] of this.#vectors) {
      if (this.#bytes <= this.#mostBytes) break;
      this.#vectors.delete(oldest);
      this.#bytes -= byteLength;
    }
  }
}
