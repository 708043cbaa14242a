import { access, constants, type FileHandle, open, readdir, rename, stat, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { DualTextError } from "../errors.js";
import type { FilePiece } from "../model/zip-writer.js";

/** Pieces are gathered into writes of this size. */
const WRITE_BYTES = 1 << 20;
/** Bytes after which the disk is asked to take what it has got, while others are still being made. */
const FLUSHED_BYTES = 1 << 25;
let written = 0;

/**
 * Writes a file as a whole or not at all: to a temporary name in the same folder, flushed to the disk, then renamed. On
 * any error the temporary file is removed and an older file of that name is untouched.
 * Rejects with `file-write`, or `signal.reason` when aborted before the renaming.
 */
export async function writeFileAtomically(
  path: string,
  pieces: Iterable<FilePiece>,
  signal?: AbortSignal,
): Promise<void> {
  checkPath(path);
  signal?.throwIfAborted();
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}-${++written}.tmp`);
  let file: FileHandle | undefined;
  try {
    await refuseFolder(path);
    file = await open(temporary, "wx");
    await writeAll(file, pieces, signal);
    await file.sync();
    await file.close();
    file = undefined;
    signal?.throwIfAborted();
    await rename(temporary, path);
  } catch (error) {
    await file?.close();
    await unlink(temporary).catch(ignoreMissing);
    throw signal?.aborted ? error : asWriteError(error, path);
  }
  await syncFolder(dirname(path));
}

/**
 * Asks whether {@link writeFileAtomically} would find the folder and may write there: before work whose result is to be
 * written. Rejects with `file-write`.
 */
export async function checkWritable(path: string): Promise<void> {
  checkPath(path);
  try {
    await refuseFolder(path);
    // The slash says that it has to be a folder.
    await access(join(dirname(path), "/"), constants.W_OK | constants.X_OK);
  } catch (error) {
    throw asWriteError(error, path);
  }
}

function checkPath(path: string): void {
  if (typeof path === "string" && path !== "") return;
  const what = path === "" ? "empty" : String(path);
  throw new DualTextError("file-write", `The path to write to is ${what}; it must be the path of a file.`);
}

async function refuseFolder(path: string): Promise<void> {
  if ((await stat(path).catch(() => undefined))?.isDirectory()) {
    throw Object.assign(new Error("it is a folder"), { code: "EISDIR" });
  }
}

function asWriteError(error: unknown, path: string): unknown {
  if (!isSystemError(error)) return error;
  return new DualTextError("file-write", `Cannot write ${path}: ${reasonOf(error)}`, { cause: error });
}

/** Removes temporary files of a path that a process which is gone has left beside it, killed while it wrote. */
export async function removeStaleTemporaries(path: string): Promise<void> {
  const folder = dirname(path);
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    if (!name.startsWith(`.${basename(path)}.`)) continue;
    const [, pid] = /\.(\d+)-\d+\.tmp$/.exec(name) ?? [];
    if (pid !== undefined && !isRunning(Number(pid))) await unlink(join(folder, name)).catch(ignoreMissing);
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

async function writeAll(
  file: FileHandle,
  pieces: Iterable<FilePiece>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const writer = new PieceWriter(file, signal);
  try {
    for (const { at, bytes } of pieces) await writer.write(at, bytes);
    await writer.end();
  } finally {
    await writer.idle();
  }
}

/** Writes pieces of a file while the next are being made. */
class PieceWriter {
  readonly #file: FileHandle;
  readonly #signal: AbortSignal | undefined;
  #buffer = new Uint8Array(WRITE_BYTES);
  #other = new Uint8Array(WRITE_BYTES);
  /** Where in the file the buffer begins, and how much of it is filled. */
  #start = 0;
  #filled = 0;
  #unflushed = 0;
  #writing: Promise<unknown> = Promise.resolve();
  #flushing: Promise<unknown> = Promise.resolve();

  constructor(file: FileHandle, signal: AbortSignal | undefined) {
    this.#file = file;
    this.#signal = signal;
  }

  /** In any order; what is left out is 0. Rejects with what has befallen earlier pieces, too. */
  async write(at: number, bytes: Uint8Array): Promise<void> {
    const before = bytes.subarray(0, Math.max(0, this.#start - at));
    if (before.length > 0) {
      await this.#writing;
      await this.#writeAt(before, at);
    }
    for (let done = before.length; done < bytes.length; ) {
      const from = at + done - this.#start;
      if (from >= WRITE_BYTES) {
        await this.#flush();
        this.#start = Math.max(this.#start, at + done);
        continue;
      }
      const part = bytes.subarray(done, done + WRITE_BYTES - from);
      this.#buffer.set(part, from);
      done += part.length;
      this.#filled = Math.max(this.#filled, from + part.length);
      if (this.#filled === WRITE_BYTES) await this.#flush();
    }
  }

  /** Writes what is left. */
  async end(): Promise<void> {
    await this.#flush();
    await Promise.all([this.#writing, this.#flushing]);
  }

  /** Resolves when nothing is being written any more, be it because that failed. */
  async idle(): Promise<void> {
    await Promise.allSettled([this.#writing, this.#flushing]);
  }

  /** Begins to write what has been gathered, once what was gathered before is written. */
  async #flush(): Promise<void> {
    await this.#writing;
    this.#signal?.throwIfAborted();
    const [bytes, start] = [this.#buffer.subarray(0, this.#filled), this.#start];
    [this.#buffer, this.#other] = [this.#other, this.#buffer];
    this.#buffer.fill(0);
    this.#start += this.#filled;
    this.#filled = 0;
    this.#writing = inBackground(this.#writeAt(bytes, start));
    this.#unflushed += bytes.length;
    if (this.#unflushed < FLUSHED_BYTES) return;
    this.#unflushed = 0;
    await this.#flushing;
    this.#flushing = inBackground(this.#file.datasync());
  }

  async #writeAt(bytes: Uint8Array, start: number): Promise<void> {
    for (let at = 0; at < bytes.length; )
      at += (await this.#file.write(bytes, at, bytes.length - at, start + at)).bytesWritten;
  }
}

/** The same promise, which will be awaited later: until then a rejection is not taken for one that nobody handles. */
function inBackground(work: Promise<void>): Promise<void> {
  work.catch(() => undefined);
  return work;
}

/** Makes the renaming last. Folders cannot be opened everywhere (Windows); there the file system sees to it. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT" && error.code !== "ENOTDIR") throw error;
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "code" in error && !(error instanceof DualTextError);
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "the folder does not exist. Make it first, or choose another path.",
  ENOTDIR: "a part of the path is not a folder. Choose another path.",
  EISDIR: "it is a folder. Give the path of a file in it.",
  EACCES: "permission denied.",
  EPERM: "permission denied.",
  EROFS: "the file system is read-only.",
  ENOSPC: "the disk is full.",
};

function reasonOf(error: NodeJS.ErrnoException): string {
  return reasons[error.code ?? ""] ?? error.message;
}
