import { DualTextError } from "../errors.js";
import { crc32 } from "./crc32.js";
import {
  asciiBytes,
  crc32Text,
  DIRECTORY_BYTES,
  DIRECTORY_SHARED,
  DIRECTORY_SIGNATURE,
  END_BYTES,
  END_SIGNATURE,
  HEADERS_COMMENT_BYTES,
  headersComment,
  LOCAL_BYTES,
  LOCAL_SHARED,
  LOCAL_SIGNATURE,
  type SharedFields,
  STORED,
  writeShared,
  ZIP64_U16,
  ZIP64_U32,
} from "./zip-format.js";

/** Data starts at multiples of it: a cache line, and more than any element of an array needs. */
export const ALIGNMENT = 64;
/** Extra field that Android's tools pad with: its id, its length, the alignment, zeros. */
const PADDING_ID = 0xd935;
const PADDING_LEAST_BYTES = 6;

/** Version 2.0 of the format, for the writer and as the least that a reader needs. */
const ZIP_VERSION = 20;
/** 1 January 1980, midnight: the first moment that a zip file can name. */
const DATE = 0x21;
const TIME = 0;

/** An entry before its data is known. */
export interface ZipItem {
  /** ASCII. */
  readonly name: string;
  readonly byteLength: number;
}

/** An entry that is to be written. */
export interface ZipSource extends ZipItem {
  /** The data in pieces, `byteLength` bytes in all. */
  chunks(): Iterable<Uint8Array>;
}

/** Bytes of a file and where they stand in it. */
export interface FilePiece {
  readonly at: number;
  readonly bytes: Uint8Array;
}

interface Plan {
  /** Of each entry: where its local header begins, and how long the padding in it is. */
  readonly entries: readonly { readonly offset: number; readonly extraBytes: number }[];
  readonly directoryOffset: number;
  readonly directoryBytes: number;
  readonly totalBytes: number;
}

/** Exact size of the zip file of these entries. Throws `file-write` when it is above what the format can hold. */
export function zipBytes(items: readonly ZipItem[]): number {
  return plan(items).totalBytes;
}

/**
 * A zip file in pieces: entries stored as they are, each aligned, without times or attributes, so that equal entries
 * give equal bytes. The data of an entry comes before its header, which holds its checksum; otherwise pieces come in order. A
 * piece need not be valid longer than until the next one is asked for.
 */
export function* zipPieces(sources: readonly ZipSource[]): Generator<FilePiece> {
  const { entries, directoryOffset, directoryBytes } = plan(sources);
  const ending = new Uint8Array(directoryBytes + END_BYTES + HEADERS_COMMENT_BYTES);
  const view = new DataView(ending.buffer);
  let headersCrc = 0;
  let end = 0;
  for (const [i, source] of sources.entries()) {
    const { offset, extraBytes } = entries[i]!;
    let at = offset + LOCAL_BYTES + source.name.length + extraBytes;
    let crc = 0;
    for (const bytes of source.chunks()) {
      crc = crc32(bytes, crc);
      yield { at, bytes };
      at += bytes.length;
    }
    const header = localHeader(source, crc, extraBytes);
    headersCrc = crc32(header, headersCrc);
    yield { at: offset, bytes: header };
    end = putDirectoryEntry(ending, end, source, crc, offset);
  }
  view.setUint32(end, END_SIGNATURE, true);
  view.setUint16(end + 8, sources.length, true);
  view.setUint16(end + 10, sources.length, true);
  view.setUint32(end + 12, directoryBytes, true);
  view.setUint32(end + 16, directoryOffset, true);
  view.setUint16(end + 20, HEADERS_COMMENT_BYTES, true);
  end += END_BYTES;
  headersCrc = crc32(ending.subarray(0, end), headersCrc);
  ending.set(asciiBytes(headersComment(crc32Text(headersCrc))), end);
  yield { at: directoryOffset, bytes: ending };
}

function plan(items: readonly ZipItem[]): Plan {
  if (items.length >= ZIP64_U16) {
    throw new DualTextError(
      "file-write",
      `The model has ${items.length} arrays and a manifest; a zip file holds at most ${ZIP64_U16 - 1} entries.`,
    );
  }
  let offset = 0;
  let directoryBytes = 0;
  const entries = items.map(({ name, byteLength }) => {
    const unpadded = offset + LOCAL_BYTES + name.length;
    let extraBytes = (ALIGNMENT - (unpadded % ALIGNMENT)) % ALIGNMENT;
    if (extraBytes > 0 && extraBytes < PADDING_LEAST_BYTES) extraBytes += ALIGNMENT;
    const entry = { offset, extraBytes };
    offset = unpadded + extraBytes + byteLength;
    directoryBytes += DIRECTORY_BYTES + name.length;
    return entry;
  });
  const totalBytes = offset + directoryBytes + END_BYTES + HEADERS_COMMENT_BYTES;
  if (totalBytes >= ZIP64_U32) {
    throw new DualTextError(
      "file-write",
      `The model file would have ${totalBytes} bytes; a zip file holds less than ${ZIP64_U32}. Use fewer features.`,
    );
  }
  return { entries, directoryOffset: offset, directoryBytes, totalBytes };
}

function sharedFields({ name, byteLength }: ZipItem, crc: number): SharedFields {
  return {
    version: ZIP_VERSION,
    flags: 0,
    method: STORED,
    time: TIME,
    date: DATE,
    crc32: crc,
    storedBytes: byteLength,
    byteLength,
    nameLength: name.length,
  };
}

function localHeader(source: ZipItem, crc: number, extraBytes: number): Uint8Array {
  const { name } = source;
  const header = new Uint8Array(LOCAL_BYTES + name.length + extraBytes);
  const view = new DataView(header.buffer);
  view.setUint32(0, LOCAL_SIGNATURE, true);
  writeShared(view, LOCAL_SHARED, sharedFields(source, crc));
  view.setUint16(28, extraBytes, true);
  header.set(asciiBytes(name), LOCAL_BYTES);
  if (extraBytes > 0) {
    const at = LOCAL_BYTES + name.length;
    view.setUint16(at, PADDING_ID, true);
    view.setUint16(at + 2, extraBytes - 4, true);
    view.setUint16(at + 4, ALIGNMENT, true);
  }
  return header;
}

/** @returns where the next one begins. */
function putDirectoryEntry(
  target: Uint8Array,
  at: number,
  source: ZipItem,
  crc: number,
  offset: number,
): number {
  const view = new DataView(target.buffer);
  view.setUint32(at, DIRECTORY_SIGNATURE, true);
  view.setUint16(at + 4, ZIP_VERSION, true);
  writeShared(view, at + DIRECTORY_SHARED, sharedFields(source, crc));
  view.setUint32(at + 42, offset, true);
  target.set(asciiBytes(source.name), at + DIRECTORY_BYTES);
  return at + DIRECTORY_BYTES + source.name.length;
}
