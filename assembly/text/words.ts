import { allocateRecord, Block, newBlock, touch } from "./heap";
import { NUMBER_BITS } from "./key-index";
import { Vocabulary } from "./vocabulary";
import { BUCKET_LOG, BUCKET_NUMBER, BUCKET_SLOT, newWordBuckets, WordBuckets } from "./word-buckets";
import {
  areEqual,
  contentSize,
  hashOf,
  isLong,
  LONG_MARKS,
  longKey,
  OFFSET_SHIFT,
  offsetOf,
} from "./word-keys";

// The distinct words, numbered from 1 on in order of first appearance. A word has a key of 64 bits:
//
//   short   of 1 … 8 units of ASCII: the units, a byte each, and the highest bit of the last one's byte set, where ASCII
//           has none; so no two short words share a key
//   long    any other: a hash with the highest bits of the first two bytes set, which no short word has. Its content tells
//           words with one key apart:  u64 2 × units, plus 1 when not all are ASCII; then the units, a byte each of ASCII,
//           two of others, filled up with 0 to multiples of eight
//
//   buckets  see word-buckets.ts
//   records  u64[count + 1]  the key if it is short, else LONG_MARKS and where in `contents` it lies × 2¹⁶

export const RECORD_LOG: u32 = 3;
const SHORT: u32 = 8;
/** log2 of the bytes of content that a word is expected to have at most, on average of many. */
const CONTENT_LOG: u32 = 4;

/** No word is numbered beyond this. */
let most: u32 = ((<u32>1) << (<u32>NUMBER_BITS)) - 1;
let count: u32 = 0;
let contentBytes: usize = 0;
let buckets = changetype<WordBuckets>(0);
let records = changetype<Block>(0);
let contents = changetype<Block>(0);
// Of the words read and not yet found: keys, of the long ones the address of their content, places to look at first.
let keys = changetype<Block>(0);
let addresses = changetype<Block>(0);
let places = changetype<Block>(0);
/** Words of a group that have to be looked at one by one. */
let todo = changetype<Block>(0);
/** u32: addresses of the buckets of words that have no slot yet. */
let newBuckets = changetype<Block>(0);
/** Words that have a slot. */
let oldCount: u32 = 0;
let row = changetype<Block>(0);
let readCount: u32 = 0;
let rowBytes: usize = 0;

export function startWords(): void {
  buckets = newWordBuckets();
  records = newBlock();
  contents = newBlock();
  keys = newBlock();
  addresses = newBlock();
  places = newBlock();
  todo = newBlock();
  newBuckets = newBlock();
  row = newBlock();
}

export function wordCount(): u32 {
  return count;
}

/** From now on words that are not there get no number. */
export function freezeWords(): void {
  most = count;
}

/** Forgets the words read before, and makes room to read words of `tokenCount` tokens, `units` units in all. */
export function beginWords(tokenCount: u32, units: u32): void {
  readCount = 0;
  rowBytes = 0;
  keys.reserve((<usize>tokenCount + 1) << 3);
  addresses.reserve((<usize>tokenCount + 1) << 2);
  places.reserve(GROUP << 3);
  todo.reserve(GROUP << 2);
  // At most two bytes a unit; each long word has eight bytes before and up to seven behind.
  row.reserve(((<usize>units) << 1) + ((<usize>tokenCount) << 4) + 32);
  if (count == most) return;
  newBuckets.reserve((<usize>tokenCount + 1) << 2);
  reserveWords(tokenCount, bucketsFor(tokenCount));
}

/** Buckets for so many more words and for others after them. */
function bucketsFor(more: u32): u32 {
  const needed: u32 = (count + more) << 1;
  return needed + (needed >> 1);
}

/** Room for so many more words, and if there is none for them in the buckets, at least `buckets`. */
export function reserveWords(more: u32, bucketCount: u32): void {
  records.reserve((<usize>count + more + 1) << RECORD_LOG);
  store<u64>(records.at, 0);
  buckets.reserve(count + more, bucketCount);
}

/**
 * Makes room for so many more words, where tables are large, piece by piece. Returns whether there is more to do; until then
 * no words may be found.
 */
export function growWords(more: u32): bool {
  if (records.growing((<usize>count + more + 1) << RECORD_LOG)) return true;
  if (contents.growing(contentBytes + ((<usize>more) << CONTENT_LOG))) return true;
  return buckets.growing(count + more, bucketsFor(more));
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
      readCount = <u32>((at - keys.at) >> 3);
      readLongAscii(start, length);
      at += 8;
    } else {
      const bits = <u64>(length << 3);
      store<u64>(at, (load<u64>(start) & (<u64>-1 >> (64 - bits))) | ((<u64>1) << (bits - 1)));
      at += (<usize>(length != 0)) << 3;
    }
    start = end + 1;
  }
  readCount = <u32>((at - keys.at) >> 3);
  return readCount - before;
}

function readLongAscii(start: usize, length: u32): void {
  const content = row.at + rowBytes;
  const end = content + 8 + (((<usize>length + 7) >> 3) << 3);
  for (let i: usize = 0; i < <usize>length; i += 8) store<u64>(content + 8 + i, load<u64>(start + i));
  store<u64>(end - 8, load<u64>(end - 8) & (<u64>-1 >> ((<u64>(-(<i32>length) & 7)) << 3)));
  addLong(content, end, (<u64>length) << 1);
}

/** Numbers the long word whose content ends at `end`; its head is still to be written. */
function addLong(content: usize, end: usize, head: u64): void {
  store<u64>(content, head);
  store<u64>(keys.at + ((<usize>readCount) << 3), longKey(content, end));
  store<u32>(addresses.at + ((<usize>readCount) << 2), <u32>content);
  rowBytes = end - row.at;
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

/** Reads a word of so many units. Up to 16 bytes from its beginning on are read. */
export function readUnitWord(start: usize, length: u32): void {
  if (length <= SHORT) {
    const eight = v128.load(start);
    const beyond = i16x8.bitmask(i16x8.gt_u(eight, i16x8.splat(0x7f)));
    if ((beyond & ((1 << length) - 1)) == 0) {
      const bits = <u64>(length << 3);
      const bytes = i64x2.extract_lane(i8x16.narrow_i16x8_u(eight, eight), 0);
      const key = (bytes & (<u64>-1 >> (64 - bits))) | ((<u64>1) << (bits - 1));
      store<u64>(keys.at + ((<usize>readCount) << 3), key);
      readCount++;
      return;
    }
  }
  const bytes = (<usize>length) << 1;
  let all: u32 = 0;
  for (let at: usize = 0; at < bytes; at += 2) all |= load<u16>(start + at);
  const content = row.at + rowBytes;
  if (all > 0x7f) {
    const end = content + 8 + (((bytes + 7) >> 3) << 3);
    store<u64>(end - 8, 0);
    memory.copy(content + 8, start, bytes);
    addLong(content, end, ((<u64>length) << 1) | 1);
    readCount++;
    return;
  }
  const end = content + 8 + (((<usize>length + 7) >> 3) << 3);
  store<u64>(end - 8, 0);
  for (let i: usize = 0; i < <usize>length; i++) {
    store<u8>(content + 8 + i, load<u8>(start + (i << 1)));
  }
  addLong(content, end, (<u64>length) << 1);
  readCount++;
}

/** Words looked up at a time: as many as the processor's page tables hold addresses for. */
const GROUP: usize = 512;

/**
 * Finds all words that were read, in order: writes for each u32 number, u32 slot + 1 or 0 for words that have none yet. Those
 * are to be given one by {@link setSlots}.
 */
export function findWords(found: usize): void {
  for (let first: usize = 0; first < <usize>readCount; first += GROUP) {
    findGroup(found, first, min(first + GROUP, <usize>readCount));
  }
}

/** Gives words that have none their slots + 1, u32 for each in order of their numbers. */
export function setSlots(slots: usize): void {
  const words = (<usize>(count - oldCount)) << 2;
  for (let i: usize = 0; i < words; i += 4) {
    store<u32>(<usize>load<u32>(newBuckets.at + i), load<u32>(slots + i), BUCKET_SLOT);
  }
  oldCount = count;
}

function findGroup(found: usize, start: usize, end: usize): void {
  const keysAt = keys.at;
  const placesAt = places.at - (start << 2);
  const home = buckets.at;
  const log = buckets.log;
  const shift = <u64>(64 - log);
  for (let i = start; i < end; i++) {
    const place = home + ((<usize>(hashOf(load<u64>(keysAt + (i << 3))) >> shift)) << BUCKET_LOG);
    store<u32>(placesAt + (i << 2), <u32>place);
  }
  touch(places.at, <u32>(end - start));
  const todoStart = todo.at;
  let todoEnd = todoStart;
  // Most are short and in their first bucket: without branches, as which are cannot be foretold.
  for (let i = start; i < end; i++) {
    const key = load<u64>(keysAt + (i << 3));
    const bucket = <usize>load<u32>(placesAt + (i << 2));
    store<u64>(found + (i << 3), load<u64>(bucket, BUCKET_NUMBER));
    store<u32>(todoEnd, <u32>i);
    todoEnd += (<usize>(load<u64>(bucket) != key) | <usize>isLong(key)) << 2;
  }
  touchContents(todoStart, todoEnd, found);
  const last = home + ((<usize>1) << (log + BUCKET_LOG));
  for (let at = todoStart; at < todoEnd; at += 4) {
    const i = <usize>load<u32>(at);
    const key = load<u64>(keysAt + (i << 3));
    let bucket = <usize>load<u32>(placesAt + (i << 2));
    let word: u64;
    for (;;) {
      const other = load<u64>(bucket);
      if (other == 0) {
        word = <u64>add(i, key, bucket);
        break;
      }
      word = load<u64>(bucket, BUCKET_NUMBER);
      if (other == key && (!isLong(key) || isSame(i, <u32>word))) break;
      bucket += 1 << BUCKET_LOG;
      if (bucket == last) bucket = home;
    }
    store<u64>(found + (i << 3), word);
  }
}

/** Asks for what long words are compared with: the content of the word in the first bucket. */
function touchContents(todoStart: usize, todoEnd: usize, found: usize): void {
  const asked = places.at + (GROUP << 2);
  for (let at = todoStart; at < todoEnd; at += 4) {
    const number = load<u32>(found + ((<usize>load<u32>(at)) << 3));
    const record = load<u64>(records.at + ((<usize>number) << RECORD_LOG));
    store<u32>(asked + at - todoStart, isLong(record) ? <u32>contentOf(record) : <u32>asked);
  }
  touch(asked, <u32>((todoEnd - todoStart) >> 2));
}

/** Where the content of a long word with this record begins. */
function contentOf(record: u64): usize {
  return contents.at + offsetOf(record);
}

/** Whether the long word i that was read is the one with this number. */
function isSame(i: usize, number: u32): bool {
  const content = <usize>load<u32>(addresses.at + (i << 2));
  return areEqual(content, contentOf(load<u64>(records.at + ((<usize>number) << RECORD_LOG))));
}

/** Numbers the word i that was read. Returns 0 when there may be no more. */
function add(i: usize, key: u64, bucket: usize): u32 {
  if (count == most) return 0;
  const id = ++count;
  store<u64>(bucket, key);
  store<u32>(bucket, id, BUCKET_NUMBER);
  store<u32>(newBuckets.at + ((<usize>(id - oldCount - 1)) << 2), <u32>bucket);
  const record = records.at + ((<usize>id) << RECORD_LOG);
  store<u64>(record, key);
  if (isLong(key)) {
    const content = <usize>load<u32>(addresses.at + (i << 2));
    const size = contentSize(content);
    contents.reserve(contentBytes + size);
    memory.copy(contents.at + contentBytes, content, size);
    store<u64>(record, ((<u64>contentBytes) << OFFSET_SHIFT) | LONG_MARKS);
    contentBytes += size;
  }
  return id;
}

/** Units of a word. */
function lengthOf(record: usize): u32 {
  const key = load<u64>(record);
  if (!isLong(key)) return 8 - (<u32>clz<u64>(key & 0x8080808080808080) >> 3);
  return <u32>(load<u64>(contentOf(key)) >> 1);
}

/**
 * u32[]: where each word ends when all words' units stand one after the other, see {@link wordUnits}.
 * @param numbers u32[count + 1]: only of words whose number here is above `before`; 0: of all
 */
export function wordEnds(numbers: usize, before: u32): usize {
  const ends = allocateRecord((<usize>count) << 2);
  let end: u32 = 0;
  let to = ends;
  for (let id: usize = 1; id <= <usize>count; id++) {
    if (numbers != 0 && load<u32>(numbers + (id << 2)) <= before) continue;
    end += lengthOf(records.at + (id << RECORD_LOG));
    store<u32>(to, end);
    to += 4;
  }
  return ends;
}

/** u16[unitCount]: the units of these words one after the other. */
export function wordUnits(unitCount: u32, numbers: usize, before: u32): usize {
  const units = allocateRecord((<usize>unitCount) << 1);
  let to = units;
  for (let id: usize = 1; id <= <usize>count; id++) {
    if (numbers != 0 && load<u32>(numbers + (id << 2)) <= before) continue;
    const record = records.at + (id << RECORD_LOG);
    const key = load<u64>(record);
    const length = <usize>lengthOf(record);
    if (!isLong(key)) {
      for (let i: usize = 0; i < length; i++) store<u16>(to + (i << 1), <u16>(load<u8>(record + i) & 0x7f));
    } else {
      const content = contentOf(key);
      if ((load<u64>(content) & 1) != 0) memory.copy(to, content + 8, length << 1);
      else for (let i: usize = 0; i < length; i++) store<u16>(to + (i << 1), <u16>load<u8>(content + 8 + i));
    }
    to += length << 1;
  }
  return units;
}

export function describeWords(to: Vocabulary): void {
  to.wordCount = count;
  to.wordLog = buckets.log;
  to.wordBuckets = buckets.at;
  to.wordRecords = records.at;
  to.wordContents = contents.at;
  to.contentBytes = contentBytes;
}

/** Goes on from what another thread has found. */
export function adoptWords(from: Vocabulary): void {
  count = from.wordCount;
  oldCount = count;
  contentBytes = from.contentBytes;
  buckets.adopt(from.wordBuckets, from.wordLog);
  records.copyFrom(from.wordRecords, (<usize>count + 1) << RECORD_LOG);
  contents.copyFrom(from.wordContents, contentBytes);
}
