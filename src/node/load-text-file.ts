import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import type { ByteSource } from "../data/byte-source.js";
import type { Dataset } from "../data/dataset.js";
import { type Pieces, withoutGzip } from "../data/gzip.js";
import type { ColumnOptions, LoadOptions, SchemaOf } from "../data/load-options.js";
import { loadSources } from "../data/text-loader.js";
import { checkOptions, DualTextError } from "../errors.js";

/**
 * Loads a delimited text file, or several in order as one, each with its header dropped. Files compressed with gzip are
 * recognised by their first bytes and decompressed while they are read.
 *
 * ```ts
 * const data = await loadTextFile("data.tsv", { hasHeader: true, columns: { Label: 0, Text: 1 } });
 * ```
 *
 * Progress is in bytes of the files as they lie on disk. Throws what `loadText` throws, and `file-read` when a file does
 * not exist, is a folder, cannot be read or is damaged gzip.
 */
export async function loadTextFile<const C extends ColumnOptions | undefined = undefined>(
  path: string | readonly string[],
  options: LoadOptions<C> = {},
): Promise<Dataset<SchemaOf<C>>> {
  const paths = typeof path === "string" ? [path] : path;
  if (!Array.isArray(paths) || paths.length === 0 || paths.some((one) => typeof one !== "string")) {
    throw new DualTextError("bad-argument", "path must be the path of a file or a list of at least one.");
  }
  checkOptions("loadTextFile", options);
  options.signal?.throwIfAborted();
  const sources = await Promise.all(paths.map((one) => fileSource(one, options.sourceName ?? one)));
  return loadSources(sources, options, options.sourceName ?? paths.join(", "));
}

/** A file as bytes, decompressed where it is gzip. Throws `file-read`. @param name what errors call it */
export async function fileSource(path: string, name: string): Promise<ByteSource> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) {
      throw new DualTextError("file-read", `${name} is a folder. Name the file in it that is to be loaded.`);
    }
    // Pipes and devices have no size.
    return new FileSource(path, name, found.isFile() ? found.size : Number.POSITIVE_INFINITY);
  } catch (cause) {
    throw readError(name, cause);
  }
}

const READ_BYTES = 512 * 1024;

class FileSource implements ByteSource {
  bytesRead = 0;

  constructor(
    private readonly path: string,
    readonly name: string,
    readonly totalBytes: number,
  ) {}

  async *pieces(signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
    const stream = createReadStream(this.path, { highWaterMark: READ_BYTES, ...(signal && { signal }) });
    try {
      // Not as the buffers of Node, whose own indexOf and subarray take several times as long.
      for await (const { buffer, byteOffset, length } of withoutGzip(this.#counted(stream), gunzip))
        yield new Uint8Array(buffer, byteOffset, length);
    } catch (cause) {
      signal?.throwIfAborted();
      throw readError(this.name, cause);
    } finally {
      stream.destroy();
    }
  }

  async *#counted(stream: AsyncIterable<Uint8Array>): Pieces {
    for await (const piece of stream) {
      this.bytesRead += piece.length;
      yield piece;
    }
  }
}

/** All members of the file, one after the other, decompressed on another thread. */
function gunzip(compressed: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const decompressed = createGunzip({ chunkSize: READ_BYTES });
  // An error ends the stream that is read from here, with that error.
  pipeline(Readable.from(compressed), decompressed, () => undefined);
  return decompressed;
}

function readError(name: string, cause: unknown): unknown {
  if (cause instanceof DualTextError || !(cause instanceof Error)) return cause;
  const { code } = cause as NodeJS.ErrnoException;
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: "does not exist. Check the path",
    EACCES: "may not be read. Check its permissions",
    EISDIR: "is a folder. Name the file in it that is to be loaded",
    Z_BUF_ERROR: "is gzip cut off before its end. Copy or download it again",
    Z_DATA_ERROR: "is damaged gzip. Copy or download it again",
  };
  const reason = reasons[code ?? ""] ?? `cannot be read (${cause.message})`;
  return new DualTextError("file-read", `${name} ${reason}.`, { cause });
}
