import { type CsrMatrix, ENTRIES_A_PIECE, rowRanges } from "./csr.js";

// Rows of features in few bytes. Of each row, as whole numbers in groups of seven bits, lowest first, the highest bit of
// a byte set when more follow (LEB128):
//
//   entries; kinds: how many different values the row has, 0 when it has more than MOST_KINDS
//   the kinds, f32 little-endian
//   of each entry (distance − 1) × kinds + kind, or where kinds is 0 distance − 1 and then the value, f32;
//   distance: from the feature of the entry before, the first one's from −1
//
// n-gram counts of a text scaled to length 1 have few kinds, so most entries take one byte or two.

const MOST_KINDS = 64;
/** Bytes that a whole number takes at most. */
const WHOLE_BYTES = 5;

/** Packs rows. Yields now and then. */
export function* packingRows(matrix: CsrMatrix): Generator<void, Uint8Array> {
  const to = { bytes: new Uint8Array(1 << 16), at: 0 };
  for (const [first, end] of rowRanges(matrix)) {
    packRows(to, matrix, first, end);
    yield;
  }
  return to.bytes.slice(0, to.at);
}

function packRows(
  to: { bytes: Uint8Array; at: number },
  { indptr, indices, values }: CsrMatrix,
  firstRow: number,
  endRow: number,
): void {
  let { bytes, at } = to;
  let view = new DataView(bytes.buffer);
  const kinds = new Float32Array(MOST_KINDS + 1);
  for (let row = firstRow; row < endRow; row++) {
    const first = indptr[row]!;
    const end = indptr[row + 1]!;
    const most = at + (WHOLE_BYTES + 4) * (end - first) + 4 * MOST_KINDS + 2 * WHOLE_BYTES;
    if (most > bytes.length) {
      const larger = new Uint8Array(2 * most);
      larger.set(bytes.subarray(0, at));
      bytes = larger;
      view = new DataView(bytes.buffer);
    }
    const kindCount = findKinds(values, first, end, kinds);
    at = putWhole(bytes, at, end - first);
    at = putWhole(bytes, at, kindCount);
    for (let kind = 0; kind < kindCount; kind++, at += 4) view.setFloat32(at, kinds[kind]!, true);
    for (let k = first, next = 0; k < end; k++) {
      const skipped = indices[k]! - next;
      next = indices[k]! + 1;
      if (kindCount === 0) {
        at = putWhole(bytes, at, skipped);
        view.setFloat32(at, values[k]!, true);
        at += 4;
        continue;
      }
      let kind = 0;
      while (kinds[kind] !== values[k]) kind++;
      at = putWhole(bytes, at, skipped * kindCount + kind);
    }
  }
  to.bytes = bytes;
  to.at = at;
}

/** Writes a whole number below 2³² and returns the place after it. */
function putWhole(bytes: Uint8Array, at: number, value: number): number {
  let rest = value;
  while (rest >= 0x80) {
    bytes[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[at] = rest;
  return at + 1;
}

/** Puts the different values of a row into `kinds` and returns how many there are, 0 when there are too many. */
function findKinds(values: Float32Array, first: number, end: number, kinds: Float32Array): number {
  let count = 0;
  for (let k = first; k < end; k++) {
    const value = values[k]!;
    let kind = 0;
    while (kind < count && kinds[kind] !== value) kind++;
    if (kind < count) continue;
    if (count === MOST_KINDS) return 0;
    kinds[count++] = value;
  }
  return count;
}

/** Rows as they are decoded: how far the bytes are read and the entries written. */
interface Decoded {
  at: number;
  nnz: number;
  readonly indptr: Uint32Array;
  readonly indices: Uint32Array;
  readonly values: Float32Array;
}

/**
 * The rows of {@link packingRows}; undefined when the bytes are not those of so many rows of so many features. Yields now and
 * then.
 */
export function* decodingRows(
  bytes: Uint8Array,
  rowCount: number,
  columnCount: number,
): Generator<void, CsrMatrix | undefined> {
  // An entry takes a byte at least.
  const [indices, values] = [new Uint32Array(bytes.length), new Float32Array(bytes.length)];
  const to: Decoded = { at: 0, nnz: 0, indptr: new Uint32Array(rowCount + 1), indices, values };
  for (let row = 0; row < rowCount; ) {
    const next = decodeSome(to, bytes, row, rowCount, columnCount);
    if (next === undefined) return undefined;
    row = next;
    yield;
  }
  if (to.at !== bytes.length) return undefined;
  return {
    ...{ layout: "sparse", rowCount, columnCount, indptr: to.indptr },
    indices: indices.subarray(0, to.nnz),
    values: values.subarray(0, to.nnz),
  };
}

/** Decodes rows from `firstRow` on, some milliseconds of work, and returns the row to go on with; undefined for other bytes. */
function decodeSome(
  to: Decoded,
  bytes: Uint8Array,
  firstRow: number,
  rowCount: number,
  columnCount: number,
): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { indptr, indices, values } = to;
  const kinds = new Float32Array(MOST_KINDS);
  const { length } = bytes;
  let { at, nnz } = to;
  /** Reads a whole number; past the end, and of more than 32 bits, it is too large to be anything. */
  const whole = (): number => {
    let byte = bytes[at++]!;
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    for (let factor = 128; factor <= 2 ** 28; factor *= 128) {
      byte = bytes[at++]!;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
    return Number.POSITIVE_INFINITY;
  };
  let row = firstRow;
  for (const enough = nnz + ENTRIES_A_PIECE; row < rowCount && nnz + row - firstRow < enough; row++) {
    const count = whole();
    const kindCount = whole();
    if (!(nnz + count <= length && kindCount <= MOST_KINDS && at + 4 * kindCount <= length)) return undefined;
    for (let kind = 0; kind < kindCount; kind++, at += 4) kinds[kind] = view.getFloat32(at, true);
    let next = 0;
    for (let k = 0; k < count; k++) {
      const number = whole();
      const skipped = kindCount === 0 ? number : Math.floor(number / kindCount);
      const feature = next + skipped;
      if (!(feature < columnCount && at <= length)) return undefined;
      next = feature + 1;
      indices[nnz] = feature;
      if (kindCount > 0) values[nnz++] = kinds[number - skipped * kindCount]!;
      else {
        if (at + 4 > length) return undefined;
        values[nnz++] = view.getFloat32(at, true);
        at += 4;
      }
    }
    indptr[row + 1] = nnz;
  }
  to.at = at;
  to.nnz = nnz;
  return row;
}
