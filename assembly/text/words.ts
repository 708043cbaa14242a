import { allocateRecord, Block, gatherPairs, newBlock } from "./heap";
import { NUMBER_BITS } from "./key-index";
import { addresses, beginReading, keys, readCount, startReading } from "./read-words";
import { Vocabulary } from "./vocabulary";
import { BUCKET_LOG, BUCKET_NUMBER, BUCKET_SLOT, newWordBuckets, WordBuckets } from "./word-buckets";
import {
  areEqual,
  contentSize,
  HIGHEST_BITS,
  hashOf,
  isHash,
  LONG,
  RECORD_HIGH,
  RECORD_LOG,
  UNITS_MARK,
  WIDE_UNITS,
} from "./word-keys";

// The distinct words, numbered from 1 on in order of first appearance. A word has a record of two u64, which no other has but
// one that is long:
//
//   short   of 1 … 8 units of ASCII: the units, a byte each, and the highest bit of the last one's byte set, where ASCII
//           has none; then 0
//   wide    of 9 … 16 units of ASCII: the same in 16 bytes. Or of 1 … 7 others: the units, two bytes each, then how many there
//           are, with the highest bit set as well, and 0xff, which do not follow each other in ASCII
//   long    any other: where its content lies, and LONG. The content is  u64 2 × units, plus 1 when not all are ASCII; then the
//           units, a byte each of ASCII, two of others, filled up with 0 to multiples of eight
//
// and a key of 64 bits: of a short one the first half of the record, of the others a hash with the highest bits of the first two
// bytes set, which no short word has. Records tell words with one key apart.
//
//   buckets  see word-buckets.ts
//   records  u64[count + 1][2]

/** log2 of the bytes of content that a word is expected to have at most, on average of many. */
const CONTENT_LOG: u32 = 4;

/** No word is numbered beyond this. */
let most: u32 = ((<u32>1) << (<u32>NUMBER_BITS)) - 1;
let count: u32 = 0;
let contentBytes: usize = 0;
let buckets = changetype<WordBuckets>(0);
let records = changetype<Block>(0);
let contents = changetype<Block>(0);
// Of a group of words: places to look at first and what stands there.
let places = changetype<Block>(0);
let looked = changetype<Block>(0);
/** Words of a group that have to be looked at one by one. */
let todo = changetype<Block>(0);
/** u32: addresses of the buckets of words that have no slot yet. */
let newBuckets = changetype<Block>(0);
/** Words that have a slot. */
let oldCount: u32 = 0;

export function startWords(): void {
  startReading();
  buckets = newWordBuckets();
  records = newBlock();
  contents = newBlock();
  places = newBlock();
  looked = newBlock();
  todo = newBlock();
  newBuckets = newBlock();
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
  beginReading(tokenCount, units);
  places.reserve(GROUP << 2);
  looked.reserve(GROUP << 4);
  todo.reserve(GROUP << 2);
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
  v128.store(records.at, i64x2.splat(0));
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
  gatherPairs(places.at, <u32>(end - start), looked.at);
  const lookedAt = looked.at - (start << 4);
  const todoStart = todo.at;
  let todoEnd = todoStart;
  // Most are short and in their first bucket: without branches, as which are cannot be foretold.
  for (let i = start; i < end; i++) {
    const key = load<u64>(keysAt + (i << 3));
    store<u64>(found + (i << 3), load<u64>(lookedAt + (i << 4), BUCKET_NUMBER));
    store<u32>(todoEnd, <u32>i);
    todoEnd += (<usize>(load<u64>(lookedAt + (i << 4)) != key) | <usize>isHash(key)) << 2;
  }
  todoEnd = leaveWide(todoStart, todoEnd, found);
  const last = home + ((<usize>1) << (log + BUCKET_LOG));
  for (let at = todoStart; at < todoEnd; at += 4) {
    const i = <usize>load<u32>(at);
    const key = load<u64>(keysAt + (i << 3));
    let bucket = home + ((<usize>(hashOf(key) >> shift)) << BUCKET_LOG);
    let word: u64;
    for (;;) {
      const other = load<u64>(bucket);
      if (other == 0) {
        word = <u64>add(i, key, bucket);
        break;
      }
      word = load<u64>(bucket, BUCKET_NUMBER);
      if (other == key && (!isHash(key) || isSame(i, <u32>word))) break;
      bucket += 1 << BUCKET_LOG;
      if (bucket == last) bucket = home;
    }
    store<u64>(found + (i << 3), word);
  }
}

/** Leaves out the wide words that are those in their first buckets, likewise without branches; returns where the others end. */
function leaveWide(todoStart: usize, todoEnd: usize, found: usize): usize {
  const count = <u32>((todoEnd - todoStart) >> 2);
  for (let at = todoStart; at < todoEnd; at += 4) {
    const number = load<u32>(found + ((<usize>load<u32>(at)) << 3));
    store<u32>(places.at + at - todoStart, <u32>records.at + (number << RECORD_LOG));
  }
  gatherPairs(places.at, count, looked.at);
  const keysAt = keys.at;
  const addressesAt = addresses.at;
  let record = looked.at;
  let left = todoStart;
  for (let at = todoStart; at < todoEnd; at += 4) {
    const i = load<u32>(at);
    const isShort = !isHash(load<u64>(keysAt + ((<usize>i) << 3)));
    const read = select<usize>(record, <usize>load<u32>(addressesAt + ((<usize>i) << 2)), isShort);
    const isOther = <usize>isShort | <usize>v128.any_true(v128.xor(v128.load(record), v128.load(read)));
    store<u32>(left, i);
    left += isOther << 2;
    record += 16;
  }
  return left;
}

function recordOf(number: u32): usize {
  return records.at + ((<usize>number) << RECORD_LOG);
}

/** Whether the word i that was read, which is not short, is the one with this number. */
function isSame(i: usize, number: u32): bool {
  return areEqual(<usize>load<u32>(addresses.at + (i << 2)), 0, recordOf(number), contents.at);
}

/** Numbers the word i that was read. Returns 0 when there may be no more. */
function add(i: usize, key: u64, bucket: usize): u32 {
  if (count == most) return 0;
  const id = ++count;
  store<u64>(bucket, key);
  store<u32>(bucket, id, BUCKET_NUMBER);
  store<u32>(newBuckets.at + ((<usize>(id - oldCount - 1)) << 2), <u32>bucket);
  const record = recordOf(id);
  if (!isHash(key)) {
    v128.store(record, i64x2(<i64>key, 0));
    return id;
  }
  const read = <usize>load<u32>(addresses.at + (i << 2));
  v128.store(record, v128.load(read));
  if (load<u64>(read, RECORD_HIGH) == LONG) {
    const content = <usize>load<u64>(read);
    const size = contentSize(content);
    contents.reserve(contentBytes + size);
    memory.copy(contents.at + contentBytes, content, size);
    store<u64>(record, <u64>contentBytes);
    contentBytes += size;
  }
  return id;
}

/** Units of a word. */
function lengthOf(record: usize): u32 {
  const high = load<u64>(record, RECORD_HIGH);
  if (high == 0) return 8 - (<u32>clz<u64>(load<u64>(record) & HIGHEST_BITS) >> 3);
  if (high == LONG) return <u32>(load<u64>(contents.at + load<usize>(record)) >> 1);
  return hasUnits(high) ? <u32>(high >> 48) & WIDE_UNITS : 16 - (<u32>clz<u64>(high & HIGHEST_BITS) >> 3);
}

/** Whether a wide word with this second half of its record has units of two bytes. */
function hasUnits(high: u64): bool {
  return high >= UNITS_MARK;
}

/**
 * u32[]: where each word ends when all words' units stand one after the other, see {@link wordUnits}.
 * @param numbers u32[count + 1]: only of words whose number here is above `before`; 0: of all
 */
export function wordEnds(numbers: usize, before: u32): usize {
  const ends = allocateRecord((<usize>count) << 2);
  let end: u32 = 0;
  let to = ends;
  for (let id: u32 = 1; id <= count; id++) {
    if (numbers != 0 && load<u32>(numbers + ((<usize>id) << 2)) <= before) continue;
    end += lengthOf(recordOf(id));
    store<u32>(to, end);
    to += 4;
  }
  return ends;
}

/** u16[unitCount]: the units of these words one after the other. */
export function wordUnits(unitCount: u32, numbers: usize, before: u32): usize {
  const units = allocateRecord((<usize>unitCount) << 1);
  let to = units;
  for (let id: u32 = 1; id <= count; id++) {
    if (numbers != 0 && load<u32>(numbers + ((<usize>id) << 2)) <= before) continue;
    const record = recordOf(id);
    const high = load<u64>(record, RECORD_HIGH);
    const length = <usize>lengthOf(record);
    let from = record;
    let isWide = hasUnits(high);
    if (high == LONG) {
      const content = contents.at + load<usize>(record);
      from = content + 8;
      isWide = (load<u64>(content) & 1) != 0;
    }
    if (isWide) memory.copy(to, from, length << 1);
    else for (let i: usize = 0; i < length; i++) store<u16>(to + (i << 1), <u16>(load<u8>(from + i) & 0x7f));
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
