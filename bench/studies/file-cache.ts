// Vectors of an encoder in one file, so that a study that is run again does not encode again: a record is the SHA-256 of
// the text, 32 bytes, then the vector in f32.
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import type { EmbeddingCache } from "../../src/text/embedding-cache.js";

export class FileCache implements EmbeddingCache {
  readonly #vectors = new Map<string, Float32Array>();
  readonly #path: string;

  /** @param dimension numbers a vector */
  constructor(path: string, dimension: number) {
    this.#path = path;
    if (!existsSync(path)) return;
    const bytes = readFileSync(path);
    const size = 32 + 4 * dimension;
    for (let at = 0; at + size <= bytes.length; at += size) {
      const vector = new Float32Array(
        bytes.buffer.slice(bytes.byteOffset + at + 32, bytes.byteOffset + at + size),
      );
      this.#vectors.set(bytes.toString("hex", at, at + 32), vector);
    }
  }

  get(key: string): Float32Array | undefined {
    return this.#vectors.get(digestOf(key));
  }

  set(key: string, vector: Float32Array): void {
    this.#vectors.set(digestOf(key), vector);
    const values = Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength);
    appendFileSync(this.#path, Buffer.concat([Buffer.from(digestOf(key), "hex"), values]));
  }
}

function digestOf(key: string): string {
  return key.slice(key.lastIndexOf("/") + 1);
}
