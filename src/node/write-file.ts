import { access, constants, type FileHandle, open, readdir, rename, stat, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { DualTextError } from "../errors.js";

/** Small pieces are gathered into writes of this size. */
const WRITE_BYTES = 1 << 20;
let written = 0;

/**
 * Writes a file as a whole or not at all: to a temporary name in the same folder, flushed to the disk, then renamed. On
 * any error the temporary file is removed and an older file of that name is untouched.
 * Rejects with `file-write`, or `signal.reason` when aborted before the renaming.
 */
export async function writeFileAtomically(
  path: string,
  chunks: Iterable<Uint8Array>,
  signal?: AbortSignal,
): Promise<void> {
  checkPath(path);
  signal?.throwIfAborted();
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}-${++written}.tmp`);
  let file: FileHandle | undefined;
  try {
    await refuseFolder(path);
    file = await open(temporary, "wx");
    await writeAll(file, chunks, signal);
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
  chunks: Iterable<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const buffer = new Uint8Array(WRITE_BYTES);
  let filled = 0;
  const flush = async () => {
    for (let at = 0; at < filled; ) at += (await file.write(buffer, at, filled - at)).bytesWritten;
    filled = 0;
    signal?.throwIfAborted();
  };
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length; ) {
      const part = chunk.subarray(at, at + WRITE_BYTES - filled);
      buffer.set(part, filled);
      filled += part.length;
      at += part.length;
      if (filled === WRITE_BYTES) await flush();
    }
  }
  await flush();
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
