import { Block, newBlock } from "./heap";
import { LONG, longKey, RECORD_HIGH, UNITS_MARK, WIDE_UNITS, wideKey } from "./word-keys";

// Words as they are read, not yet looked up: of each its key and, if it is not short, its record (words.ts), whose content
// counts from address 0 on.

const SHORT: u32 = 8;
const WIDE: u32 = 16;

/** u64[]: keys. */
export let keys = changetype<Block>(0);
/** u32[]: of words that are not short the address of their record. */
export let addresses = changetype<Block>(0);
export let readCount: u32 = 0;
/** Records and contents. */
let row = changetype<Block>(0);
let rowBytes: usize = 0;

export function startReading(): void {
  keys = newBlock();
  addresses = newBlock();
  row = newBlock();
}

/** Forgets the words read before, and makes room to read words of `tokenCount` tokens, `units` units in all. */
export function beginReading(tokenCount: u32, units: u32): void {
  readCount = 0;
  rowBytes = 0;
  keys.reserve((<usize>tokenCount + 1) << 3);
  addresses.reserve((<usize>tokenCount + 1) << 2);
  // At most two bytes a unit; each long word has a record and eight bytes before and up to seven behind.
  row.reserve(((<usize>units) << 1) + ((<usize>tokenCount) << 5));
}

/** Reads the words of ASCII text: tokens that end at the addresses `ends` (u32), the first beginning at `first`. */
export function readAsciiWords(first: usize, ends: usize, tokenCount: u32): u32 {
  const before = readCount;
  let at = keys.at + ((<usize>before) << 3);
  let start = first;
  for (let t: usize = 0; t < (<usize>tokenCount) << 2; t += 4) {
    const end = <usize>load<u32>(ends + t);
    const length = <u32>(end - start);
    if (length > SHORT) {
      if (length > WIDE) readLongAscii(at, start, length);
      else readWide(at, load<u64>(start), lastUnits(load<u64>(start, 8), length - SHORT));
      at += 8;
    } else {
      store<u64>(at, lastUnits(load<u64>(start), length));
      at += (<usize>(length != 0)) << 3;
    }
    start = end + 1;
  }
  readCount = <u32>((at - keys.at) >> 3);
  return readCount - before;
}

/** The first `count` of eight units of ASCII, with the mark of the last. */
function lastUnits(units: u64, count: u32): u64 {
  const bits = <u64>(count << 3);
  return (units & (<u64>-1 >> (64 - bits))) | ((<u64>1) << (bits - 1));
}

function readLongAscii(at: usize, start: usize, length: u32): void {
  const content = row.at + rowBytes + 16;
  const end = content + 8 + (((<usize>length + 7) >> 3) << 3);
  for (let i: usize = 0; i < <usize>length; i += 8) store<u64>(content + 8 + i, load<u64>(start + i));
  store<u64>(end - 8, load<u64>(end - 8) & (<u64>-1 >> ((<u64>(-(<i32>length) & 7)) << 3)));
  readLong(at, content, end, (<u64>length) << 1);
}

/** The word whose key is to stand at `at` has this record. */
function readWide(at: usize, low: u64, high: u64): void {
  store<u64>(at, wideKey(low, high));
  readRecord(at, low, high);
}

/** The same of a long word, whose content ends at `end`; its head is still to be written. */
function readLong(at: usize, content: usize, end: usize, head: u64): void {
  store<u64>(content, head);
  store<u64>(at, longKey(content));
  readRecord(at, <u64>content, LONG);
  rowBytes = end - row.at;
}

function readRecord(at: usize, low: u64, high: u64): void {
  const record = row.at + rowBytes;
  store<u64>(record, low);
  store<u64>(record, high, RECORD_HIGH);
  store<u32>(addresses.at + ((at - keys.at) >> 1), <u32>record);
  rowBytes += 16;
}

/** Reads the words of text in UTF-16 units; the same keys for the same words. */
export function readUnitWords(first: usize, ends: usize, tokenCount: u32): u32 {
  const before = readCount;
  let start = first;
  for (let t: usize = 0; t < (<usize>tokenCount) << 2; t += 4) {
    const end = <usize>load<u32>(ends + t);
    if (end > start) readUnitWord(start, <u32>((end - start) >> 1));
    start = end + 2;
  }
  return readCount - before;
}

/** Reads a word of so many units. Up to 32 bytes from its beginning on are read. */
export function readUnitWord(start: usize, length: u32): void {
  const at = keys.at + ((<usize>readCount) << 3);
  readCount++;
  if (length <= WIDE) {
    const first = v128.load(start);
    const second = v128.load(start, 16);
    const most = i16x8.splat(0x7f);
    const beyond = i8x16.bitmask(i8x16.narrow_i16x8_s(i16x8.gt_u(first, most), i16x8.gt_u(second, most)));
    if ((beyond & ((1 << length) - 1)) == 0) {
      const bytes = i8x16.narrow_i16x8_u(first, second);
      const low = <u64>i64x2.extract_lane(bytes, 0);
      if (length <= SHORT) store<u64>(at, lastUnits(low, length));
      else readWide(at, low, lastUnits(<u64>i64x2.extract_lane(bytes, 1), length - SHORT));
      return;
    }
    if (length <= WIDE_UNITS) {
      const there = i16x8.lt_u(i16x8(0, 1, 2, 3, 4, 5, 6, 7), i16x8.splat(<i16>length));
      const units = v128.and(first, there);
      const mark = UNITS_MARK | ((<u64>length) << 48);
      readWide(at, i64x2.extract_lane(units, 0), <u64>i64x2.extract_lane(units, 1) | mark);
      return;
    }
  }
  const bytes = (<usize>length) << 1;
  let all: u32 = 0;
  for (let i: usize = 0; i < bytes; i += 2) all |= load<u16>(start + i);
  const isAscii = all <= 0x7f;
  const content = row.at + rowBytes + 16;
  const end = content + 8 + (((isAscii ? <usize>length : bytes) + 7) & ~7);
  store<u64>(end - 8, 0);
  if (isAscii) {
    for (let i: usize = 0; i < <usize>length; i++) store<u8>(content + 8 + i, load<u8>(start + (i << 1)));
  } else {
    memory.copy(content + 8, start, bytes);
  }
  readLong(at, content, end, ((<u64>length) << 1) | <u64>!isAscii);
}
