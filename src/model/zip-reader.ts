import { textOf } from "../data/stored-values.js";
import { damagedModel as damaged } from "../errors.js";
import { crc32 } from "./crc32.js";
import {
  crc32Text,
  DEFLATED,
  DIRECTORY_BYTES,
  DIRECTORY_SHARED,
  DIRECTORY_SIGNATURE,
  END_BYTES,
  END_SIGNATURE,
  HEADERS_COMMENT,
  HEADERS_COMMENT_BYTES,
  LOCAL_BYTES,
  LOCAL_SHARED,
  LOCAL_SIGNATURE,
  readShared,
  SHARED_BYTES,
  STORED,
  ZIP64_U16,
  ZIP64_U32,
} from "./zip-format.js";

/** Flags that change nothing for this reader: how hard the writer tried to compress, and that names are UTF-8. */
const HARMLESS_FLAGS = 0x0806;
/** Deflate gives at most 258 bytes for two bits. */
const LARGEST_EXPANSION = 1032;

export interface ZipEntry {
  readonly name: string;
  readonly method: number;
  readonly crc32: number;
  /** Bytes in the file, and bytes of the data that they stand for. */
  readonly storedBytes: number;
  readonly byteLength: number;
  /** Where the local header begins, and where its directory entry does. */
  readonly offset: number;
  readonly directoryEntryOffset: number;
  readonly flags: number;
}

export interface ZipDirectory {
  readonly entries: ReadonlyMap<string, ZipEntry>;
  readonly offset: number;
  /** Where the end record ends. */
  readonly end: number;
  /** What the comment says the checksum of all headers is; none in a file that another program packed. */
  readonly headersCrc: string | undefined;
}

/** Reads the list of entries at the end of a zip file. Undefined where the bytes do not end as a zip file does. */
export function readDirectory(bytes: Uint8Array): ZipDirectory | undefined {
  const view = viewOf(bytes);
  const commentBytes = [0, HEADERS_COMMENT_BYTES].find((length) => isEndRecord(view, length));
  if (commentBytes === undefined) return undefined;
  const end = bytes.length - commentBytes;
  const record = end - END_BYTES;
  const headersCrc = HEADERS_COMMENT.exec(textAt(bytes, end, commentBytes))?.[1];
  if (commentBytes > 0 && headersCrc === undefined) throw damaged("the comment at its end is not a checksum");
  const entryCount = view.getUint16(record + 10, true);
  const size = view.getUint32(record + 12, true);
  const offset = view.getUint32(record + 16, true);
  if (entryCount === ZIP64_U16 || size === ZIP64_U32 || offset === ZIP64_U32) {
    throw damaged("it is in zip64 format, which model files never are");
  }
  if (view.getUint32(record + 4, true) !== 0 || view.getUint16(record + 8, true) !== entryCount) {
    throw damaged("it is one part of a zip file that was split");
  }
  if (offset + size !== record) {
    throw damaged(`its directory is said to end at byte ${offset + size}, but ends at ${record}`);
  }
  const entries = new Map<string, ZipEntry>();
  let at = offset;
  for (let i = 0; i < entryCount; i++) {
    const { entry, next } = readDirectoryEntry(bytes, view, at, record);
    if (entries.has(entry.name)) throw damaged(`it has two entries named "${entry.name}"`);
    entries.set(entry.name, entry);
    at = next;
  }
  if (at !== record) throw damaged(`its directory has ${record - at} bytes that belong to no entry`);
  return { entries, offset, end, headersCrc };
}

/** Bytes as a text of one letter each. */
function textAt(bytes: Uint8Array, at: number, length: number): string {
  return textOf(bytes.subarray(at, at + length));
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function isEndRecord(view: DataView, commentBytes: number): boolean {
  const at = view.byteLength - commentBytes - END_BYTES;
  if (at < 0 || view.getUint32(at, true) !== END_SIGNATURE) return false;
  return view.getUint16(at + 20, true) === commentBytes;
}

function readDirectoryEntry(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  limit: number,
): { entry: ZipEntry; next: number } {
  if (at + DIRECTORY_BYTES > limit || view.getUint32(at, true) !== DIRECTORY_SIGNATURE) {
    throw damaged(`there is no directory entry at byte ${at}`);
  }
  const { flags, method, crc32, storedBytes, byteLength, nameLength } = readShared(
    view,
    at + DIRECTORY_SHARED,
  );
  const extraBytes = view.getUint16(at + 30, true);
  const commentBytes = view.getUint16(at + 32, true);
  const next = at + DIRECTORY_BYTES + nameLength + extraBytes + commentBytes;
  if (next > limit) throw damaged(`the directory entry at byte ${at} is longer than the directory`);
  const name = textAt(bytes, at + DIRECTORY_BYTES, nameLength);
  const offset = view.getUint32(at + 42, true);
  const entry = {
    name,
    method,
    crc32,
    storedBytes,
    byteLength,
    offset,
    directoryEntryOffset: at,
    flags,
  };
  return { entry, next };
}

/**
 * Checks that local headers agree with the directory, that entries lie one behind the other from the first byte to the
 * directory, and the checksum of all headers if there is one. Where each entry's data begins, by name.
 */
export function checkLayout(bytes: Uint8Array, directory: ZipDirectory): ReadonlyMap<string, number> {
  const view = viewOf(bytes);
  const dataOffsets = new Map<string, number>();
  let at = 0;
  let headersCrc = 0;
  for (const entry of [...directory.entries.values()].sort((a, b) => a.offset - b.offset)) {
    const { name, offset, storedBytes } = entry;
    if (offset !== at) throw damaged(`entry "${name}" begins at byte ${offset} instead of ${at}`);
    checkReadable(entry);
    const data = checkLocalHeader(bytes, view, entry, directory.offset);
    headersCrc = crc32(bytes.subarray(offset, data), headersCrc);
    dataOffsets.set(name, data);
    at = data + storedBytes;
  }
  if (at !== directory.offset) {
    throw damaged(`its entries end at byte ${at}, its directory begins at ${directory.offset}`);
  }
  headersCrc = crc32(bytes.subarray(at, directory.end), headersCrc);
  if (directory.headersCrc !== undefined && crc32Text(headersCrc) !== directory.headersCrc) {
    throw damaged(`its headers have checksum ${crc32Text(headersCrc)} instead of ${directory.headersCrc}`);
  }
  return dataOffsets;
}

function checkReadable({ name, flags, method, storedBytes, byteLength }: ZipEntry): void {
  if ((flags & ~HARMLESS_FLAGS) !== 0) {
    throw damaged(`entry "${name}" has zip flags ${flags}, as for encryption`);
  }
  if (method !== STORED && method !== DEFLATED) {
    throw damaged(`entry "${name}" is compressed by method ${method} instead of 0 or 8`);
  }
  const fits = method === STORED ? storedBytes === byteLength : byteLength <= LARGEST_EXPANSION * storedBytes;
  if (!fits) {
    throw damaged(`entry "${name}" cannot hold ${byteLength} bytes in the ${storedBytes} that it has`);
  }
}

/** @returns where the data begins. */
function checkLocalHeader(bytes: Uint8Array, view: DataView, entry: ZipEntry, limit: number): number {
  const { name, offset, directoryEntryOffset, storedBytes } = entry;
  const isThere = offset + LOCAL_BYTES <= limit && view.getUint32(offset, true) === LOCAL_SIGNATURE;
  if (!isThere) throw damaged(`there is no entry "${name}" at byte ${offset}`);
  const data = offset + LOCAL_BYTES + name.length + view.getUint16(offset + 28, true);
  if (data + storedBytes > limit) throw damaged(`entry "${name}" reaches into the directory`);
  const [local, listed] = [offset + LOCAL_SHARED, directoryEntryOffset + DIRECTORY_SHARED];
  if (textAt(bytes, local, SHARED_BYTES) !== textAt(bytes, listed, SHARED_BYTES)) {
    throw damaged(`the header of entry "${name}" does not agree with the directory`);
  }
  const localName = textAt(bytes, offset + LOCAL_BYTES, name.length);
  if (localName !== name) throw damaged(`entry "${name}" is named "${localName}" in its own header`);
  return data;
}

/** The CRC-32 of bytes, perhaps computed piece by piece. */
export type Checksum = (bytes: Uint8Array) => number | Promise<number>;

/**
 * The data of an entry, its checksum verified: a view of the file's bytes where it is stored as it is.
 * @param dataOffset from {@link checkLayout}, which has found that the entry lies inside the bytes.
 */
export async function readEntry(
  bytes: Uint8Array,
  entry: ZipEntry,
  dataOffset: number,
  checksum: Checksum,
): Promise<Uint8Array> {
  const stored = bytes.subarray(dataOffset, dataOffset + entry.storedBytes);
  const data = entry.method === STORED ? stored : await inflate(entry, stored);
  const found = await checksum(data);
  if (found === entry.crc32) return data;
  throw damaged(
    `entry "${entry.name}" has checksum ${crc32Text(found)} instead of ${crc32Text(entry.crc32)}`,
  );
}

/** With the host's `DecompressionStream`. */
async function inflate({ name, byteLength }: ZipEntry, stored: Uint8Array): Promise<Uint8Array> {
  if (typeof DecompressionStream !== "function") {
    throw damaged(`entry "${name}" is compressed, for which this engine has no DecompressionStream`);
  }
  const data = new Uint8Array(byteLength);
  let length = 0;
  const inflated = new Response(stored as BodyInit).body!.pipeThrough(new DecompressionStream("deflate-raw"));
  const reader = inflated.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      const { value } = next;
      if (length + value.length > byteLength) {
        reader.cancel().catch(() => undefined);
        length = Number.POSITIVE_INFINITY;
        break;
      }
      data.set(value, length);
      length += value.length;
    }
  } catch (cause) {
    throw damaged(`the compressed data of entry "${name}" is broken`, cause);
  }
  if (length === byteLength) return data;
  const found = length > byteLength ? "more" : `only ${length}`;
  throw damaged(`entry "${name}" should hold ${byteLength} bytes and holds ${found}`);
}
