import { checkOptions } from "../errors.js";
import { Slices } from "../slices.js";
import type { Progress, RunOptions } from "../stage.js";
import { type ByteSource, byteSource, type TextInput } from "./byte-source.js";
import type { Dataset } from "./dataset.js";
import { DelimitedParser } from "./delimited-parser.js";
import type { ColumnOptions, LoadOptions, SchemaOf } from "./load-options.js";
import { resolveLoadOptions } from "./load-settings.js";

/**
 * Loads delimited text (TSV, CSV and the like) from memory, a stream, a `File` or other `Blob`, or the `Response` of a
 * `fetch`: UTF-8, or UTF-16 or UTF-32 with a byte order mark; lines end in LF, CR LF or CR. Spaces before a field are not
 * part of it. Bytes of gzip are recognised and decompressed on the way. Strict by default.
 *
 * ```ts
 * const data = await loadText("Label\tText\nham\tsee you at five\n", { hasHeader: true });
 * const same = await loadText(bytes, { hasHeader: true, columns: { Label: 0, Text: { name: "Text" } } });
 * const dropped = await loadText(event.dataTransfer.files[0], { hasHeader: true });
 * const fetched = await loadText(await fetch("reviews.tsv.gz"), { hasHeader: true });
 * ```
 *
 * Progress is in bytes as they come in (UTF-16 units for a string); `total` is Infinity where their number is not known.
 *
 * Throws `bad-option`; `bad-argument` for input of another type; `bad-column` when the header lacks a column asked for;
 * `bad-line` (too few or too many fields, invalid UTF-8, a NUL, a value that its type cannot hold, faulty quoting) with
 * the line; `file-read` for a response that is an error, or gzip that is damaged; `empty-input` when there are no rows;
 * and `signal.reason` when aborted.
 */
export async function loadText<const C extends ColumnOptions | undefined = undefined>(
  input: TextInput,
  options: LoadOptions<C> = {},
): Promise<Dataset<SchemaOf<C>>> {
  checkOptions("loadText", options);
  const source = byteSource(input, options.sourceName);
  return loadSources([source], options, source.name ?? "The input");
}

/** Loads several sources as one. @param name what errors call them together. */
export async function loadSources(
  sources: readonly ByteSource[],
  options: LoadOptions,
  name: string,
): Promise<Dataset> {
  const settings = resolveLoadOptions(options);
  const { signal } = options;
  signal?.throwIfAborted();
  const parser = new DelimitedParser(settings);
  const pace = new LoadPace(sources, options);
  for (const source of sources) {
    if (parser.isFull) break;
    parser.startFile(source.name);
    for await (const piece of source.pieces(signal)) {
      parser.push(piece);
      if (parser.isFull) break;
      await pace.rest();
    }
    signal?.throwIfAborted();
    parser.endFile();
  }
  const data = parser.finish(name);
  pace.end();
  options.onReport?.(parser.report());
  return data;
}

/** Reports progress, and lets other work of the program go on, between pieces of the input. */
class LoadPace {
  readonly #sources: readonly ByteSource[];
  readonly #options: RunOptions;
  readonly #slices: Slices;
  readonly #startMs = performance.now();

  constructor(sources: readonly ByteSource[], options: RunOptions) {
    this.#sources = sources;
    this.#options = options;
    this.#slices = new Slices(options.signal, () => this.#report());
  }

  async rest(): Promise<void> {
    if (this.#slices.isDue) await this.#slices.pause();
  }

  /** The last report, of everything done. */
  end(): void {
    const done = this.#sum("bytesRead");
    this.#options.onProgress?.({ phase: "load", done, total: done, etaMs: 0 });
  }

  #report(): void {
    const done = this.#sum("bytesRead");
    const total = this.#sum("totalBytes");
    const etaMs = ((performance.now() - this.#startMs) * (total - done)) / done;
    const progress: Progress = { phase: "load", done, total };
    this.#options.onProgress?.(Number.isFinite(etaMs) ? { ...progress, etaMs } : progress);
  }

  #sum(property: "bytesRead" | "totalBytes"): number {
    return this.#sources.reduce((sum, source) => sum + source[property], 0);
  }
}
