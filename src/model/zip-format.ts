/**
 * The parts of a zip file that its reader and its writer both know (PKWARE, "APPNOTE.TXT - .ZIP File Format
 * Specification", sections 4.3.7, 4.3.12 and 4.3.16). Numbers are little-endian.
 *
 *   local header     signature, shared fields, extra length, name, extra; the data follows
 *   directory entry  signature, made-by, shared fields, extra length, …, offset of the local header, name, extra
 *   end record       signature, …, entry count, size and offset of the directory, comment length; the comment follows
 */
export const LOCAL_SIGNATURE = 0x04034b50;
export const DIRECTORY_SIGNATURE = 0x02014b50;
export const END_SIGNATURE = 0x06054b50;

/** Bytes of the fixed parts. */
export const LOCAL_BYTES = 30;
export const DIRECTORY_BYTES = 46;
export const END_BYTES = 22;

/** The shared fields: equal bytes in a local header and in its directory entry. Name length is the last of them. */
export const LOCAL_SHARED = 4;
export const DIRECTORY_SHARED = 6;
export const SHARED_BYTES = 24;

export const STORED = 0;
export const DEFLATED = 8;

/** Offsets, sizes and counts of this value stand for one in a zip64 record, which model files do not have. */
export const ZIP64_U32 = 0xffffffff;
export const ZIP64_U16 = 0xffff;

/** Fields that a local header and a directory entry share. */
export interface SharedFields {
  readonly version: number;
  readonly flags: number;
  readonly method: number;
  readonly time: number;
  readonly date: number;
  readonly crc32: number;
  readonly storedBytes: number;
  readonly byteLength: number;
  readonly nameLength: number;
}

/** Those that say something to a reader. */
export function readShared(view: DataView, at: number): Omit<SharedFields, "version" | "time" | "date"> {
  return {
    flags: view.getUint16(at + 2, true),
    method: view.getUint16(at + 4, true),
    crc32: view.getUint32(at + 10, true),
    storedBytes: view.getUint32(at + 14, true),
    byteLength: view.getUint32(at + 18, true),
    nameLength: view.getUint16(at + 22, true),
  };
}

export function writeShared(view: DataView, at: number, fields: SharedFields): void {
  view.setUint16(at, fields.version, true);
  view.setUint16(at + 2, fields.flags, true);
  view.setUint16(at + 4, fields.method, true);
  view.setUint16(at + 6, fields.time, true);
  view.setUint16(at + 8, fields.date, true);
  view.setUint32(at + 10, fields.crc32, true);
  view.setUint32(at + 14, fields.storedBytes, true);
  view.setUint32(at + 18, fields.byteLength, true);
  view.setUint16(at + 22, fields.nameLength, true);
}

/**
 * The comment that ends a file: the checksum of all that is neither entry data nor this comment (local headers in file
 * order, directory, end record). With the checksums of the entries it covers every byte.
 */
export const HEADERS_COMMENT = /^headers-crc32:([0-9a-f]{8})$/;
export const HEADERS_COMMENT_BYTES = 22;

export function headersComment(crcText: string): string {
  return `headers-crc32:${crcText}`;
}

/** A checksum as eight hexadecimal digits. */
export function crc32Text(crc: number): string {
  return crc.toString(16).padStart(8, "0");
}

export function asciiBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}
