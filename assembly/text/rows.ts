import { Block, enterHome, newBlock, startHeap } from "./heap";
import { readAsciiWords, readUnitWords } from "./read-words";
import { scaleToLength1 } from "./scale";
import { countTrigrams, freezeTrigrams, growTrigrams, startTrigrams, trigramCount } from "./trigrams";
import {
  findWordNgrams,
  freezeWordNgrams,
  growWordNgrams,
  sortWordNgrams,
  startWordNgrams,
  writeWordNgrams,
} from "./word-ngrams";
import { beginWords } from "./words";

// The features of rows of text, many rows at a time: the block of character trigrams, then that of words and pairs of
// words, each scaled to length 1 unless `leaveCounts` was called. Defined by test/reference/featurize-text.ts.
//
//   input       the texts as they are, one after the other, each from an even address on: UTF-8 or UTF-16
//   texts       u32[textCount][2]  bytes of each; and flags: 1 if its row is of ASCII alone, 2 if it is in UTF-16, 4 if it
//                                  is the last of its row
//   text        normalised: of each row that is not empty U+0002, its texts with U+001F between, U+0003
//   rows        u32[rowCount][7]   where the text begins, its units, first and number of token ends, is ASCII, words,
//                                 scratch
//   tokenEnds   u32[]              tokens end at U+0020 and where a text ends
//   indices     u32[], values f32[] what comes of it
//   rowEnds     u32[rowCount][2]   entries until the end of each row's trigrams, and of its words

const DROPPED: u32 = 0x0300;
const SPACE: u32 = 0x20;
const START_OF_TEXT: u32 = 0x02;
const END_OF_TEXT: u32 = 0x03;
const UNIT_SEPARATOR: u32 = 0x1f;
const PADDING: usize = 32;

const IS_ASCII: u32 = 1;
const IS_UTF16: u32 = 2;
const IS_LAST: u32 = 4;

const ROW_BYTES: usize = 28;
const ROW_LENGTH: usize = 4;
const ROW_TOKENS: usize = 8;
const ROW_TOKEN_COUNT: usize = 12;
const ROW_ASCII: usize = 16;
const ROW_WORDS: usize = 20;

let hasChars = false;
let hasWords = false;
/** What is added to slots of words. */
let wordOffset: u32 = 0;
let input = changetype<Block>(0);
let texts = changetype<Block>(0);
let text = changetype<Block>(0);
let rows = changetype<Block>(0);
let tokenEnds = changetype<Block>(0);
let indices = changetype<Block>(0);
let values = changetype<Block>(0);
let rowEnds = changetype<Block>(0);
let unitMap = changetype<Block>(0);
// What `turn` puts in place of those above.
let otherIndices = changetype<Block>(0);
let otherValues = changetype<Block>(0);
let otherRowEnds = changetype<Block>(0);
/** Units of rows that were counted together, at most. */
let mostUnits: u32 = 0;
/** Where the next token end is to stand. */
let nextEnd: usize = 0;

/**
 * Begins with no n-gram, in a memory whose first `unclearBytes` need not be 0. Returns where u16[2¹⁶] has to be put: what each unit becomes, or DROPPED.
 */
export function startText(chars: bool, words: bool, unclearBytes: usize): usize {
  startHeap(unclearBytes, 1);
  return joinText(0, chars, words);
}

/** The same for one of several threads, once one of them has called `startHeap`. @param home where its heap is */
export function joinText(home: u32, chars: bool, words: bool): usize {
  enterHome(home);
  hasChars = chars;
  hasWords = words;
  input = newBlock();
  texts = newBlock();
  text = newBlock();
  rows = newBlock();
  tokenEnds = newBlock();
  indices = newBlock();
  values = newBlock();
  rowEnds = newBlock();
  otherIndices = newBlock();
  otherValues = newBlock();
  otherRowEnds = newBlock();
  unitMap = newBlock();
  unitMap.reserve(2 << 16);
  if (chars) startTrigrams();
  if (words) startWordNgrams();
  return unitMap.at;
}

/** From now on no n-gram is learned, and slots of words come after all those of trigrams. */
export function freezeText(): void {
  if (hasChars) {
    freezeTrigrams();
    wordOffset = trigramCount();
  }
  if (hasWords) freezeWordNgrams();
}

/**
 * Makes room for what the next rows may bring, where tables are large, piece by piece. Returns whether there is more to do; no
 * rows may be counted meanwhile.
 */
export function growText(): bool {
  return (hasChars && growTrigrams(mostUnits)) || (hasWords && growWordNgrams());
}

/** Room for so many bytes of input; returns its address. What was there stays. */
export function reserveInput(bytes: usize): usize {
  input.reserve(bytes + PADDING);
  return input.at;
}

/** Room for so many texts; returns the address of `texts`. What was there stays. */
export function reserveTexts(count: u32): usize {
  texts.reserve((<usize>count) << 3);
  return texts.at;
}

export function entryIndices(): usize {
  return indices.at;
}

export function entryValues(): usize {
  return values.at;
}

export function entryRowEnds(): usize {
  return rowEnds.at;
}

/**
 * Puts a second set of entries in place of the first, or the other way round: while rows go to the one, another thread reads
 * the other.
 */
export function turn(): void {
  let block = indices;
  indices = otherIndices;
  otherIndices = block;
  block = values;
  values = otherValues;
  otherValues = block;
  block = rowEnds;
  rowEnds = otherRowEnds;
  otherRowEnds = block;
}

/** Counts the n-grams of the rows that stand in `input`. Returns how many entries there are. */
export function countRows(textCount: u32, rowCount: u32): u32 {
  return countRowsAt(input.at, texts.at, textCount, rowCount);
}

/** Counts the n-grams of rows that stand elsewhere. */
export function countRowsAt(inputAt: usize, textsAt: usize, textCount: u32, rowCount: u32): u32 {
  const tokenCount = normalize(inputAt, textsAt, textCount, rowCount);
  const units = unitsOf(rowCount);
  mostUnits = max(mostUnits, units);
  if (hasWords) {
    beginWords(tokenCount, units);
    let wordCount: u32 = 0;
    for (let r: u32 = 0; r < rowCount; r++) wordCount += readRow(r);
    findWordNgrams(wordCount, rowCount, rows.at + ROW_WORDS, ROW_BYTES);
  }
  const most = ((<usize>units + 2 * <usize>tokenCount) << 2) + 2 * PADDING;
  indices.reserve(most);
  values.reserve(most);
  rowEnds.reserve((<usize>rowCount) << 3);
  let n: u32 = 0;
  let sorted: u32 = 0;
  for (let r: u32 = 0; r < rowCount; r++) {
    const row = rows.at + <usize>r * ROW_BYTES;
    const ends = rowEnds.at + ((<usize>r) << 3);
    if (hasChars) {
      const isAscii = load<u32>(row, ROW_ASCII) != 0;
      const at = (<usize>n) << 2;
      const count = countTrigrams(
        <usize>load<u32>(row),
        load<u32>(row, ROW_LENGTH),
        isAscii,
        indices.at + at,
        values.at + at,
      );
      n += count;
    }
    store<u32>(ends, n);
    if (hasWords) {
      if (r == sorted) sorted += sortWordNgrams(row + ROW_WORDS, rowCount - r, ROW_BYTES);
      const at = (<usize>n) << 2;
      const known = load<u32>(row, ROW_WORDS);
      const fresh = load<u32>(row, ROW_WORDS + 4);
      const count = writeWordNgrams(known, fresh, indices.at + at, values.at + at, wordOffset);
      scaleToLength1(values.at + at, count);
      n += count;
    }
    store<u32>(ends, n, 4);
  }
  return n;
}

/** Units of the normalised rows. */
function unitsOf(rowCount: u32): u32 {
  let units: u32 = 0;
  for (let r: u32 = 0; r < rowCount; r++) units += load<u32>(rows.at + <usize>r * ROW_BYTES, ROW_LENGTH);
  return units;
}

/** Reads the words of a row; returns how many there are. */
function readRow(r: u32): u32 {
  const row = rows.at + <usize>r * ROW_BYTES;
  const start = <usize>load<u32>(row);
  const ends = tokenEnds.at + ((<usize>load<u32>(row, ROW_TOKENS)) << 2);
  const count = load<u32>(row, ROW_TOKEN_COUNT);
  const isAscii = load<u32>(row, ROW_ASCII) != 0;
  const words = isAscii ? readAsciiWords(start + 1, ends, count) : readUnitWords(start + 2, ends, count);
  store<u32>(row, words, ROW_WORDS);
  return words;
}

/** Normalises the texts into `text`, `rows` and `tokenEnds`; returns how many tokens there are. */
function normalize(inputAt: usize, textsAt: usize, textCount: u32, rowCount: u32): u32 {
  const textsEnd = textsAt + ((<usize>textCount) << 3);
  let bytes: usize = 0;
  for (let i = textsAt; i < textsEnd; i += 8) bytes += <usize>load<u32>(i);
  // A byte of UTF-8 becomes one unit at most.
  text.reserve((bytes << 1) + ((<usize>textCount + <usize>rowCount) << 3) + PADDING);
  tokenEnds.reserve((bytes + <usize>textCount + 16) << 2);
  rows.reserve(<usize>rowCount * ROW_BYTES);
  nextEnd = tokenEnds.at;
  let from = inputAt;
  let at = text.at;
  let row = rows.at;
  let start = at;
  let tokens = nextEnd;
  for (let i = textsAt; i < textsEnd; i += 8) {
    const length = <usize>load<u32>(i);
    const flags = load<u32>(i, 4);
    const isAscii = (flags & IS_ASCII) != 0;
    const width: usize = isAscii ? 1 : 2;
    if (at == start) {
      store<u16>(at, <u16>START_OF_TEXT);
      at += width;
    }
    const before = at;
    if (isAscii) at = lowerAscii(from, at, <u32>length);
    else if ((flags & IS_UTF16) != 0) at = mapUtf16(from, at, length);
    else at = mapUtf8(from, at, length);
    from += (length + 1) & ~1;
    if (at > before) {
      store<u32>(nextEnd, <u32>at);
      nextEnd += 4;
      store<u16>(at, <u16>UNIT_SEPARATOR);
      at += width;
    }
    if ((flags & IS_LAST) == 0) continue;
    if (at == start + width) at = start;
    else store<u16>(at - width, <u16>END_OF_TEXT);
    store<u32>(row, <u32>start);
    store<u32>(row, <u32>((at - start) / width), ROW_LENGTH);
    store<u32>(row, <u32>((tokens - tokenEnds.at) >> 2), ROW_TOKENS);
    store<u32>(row, <u32>((nextEnd - tokens) >> 2), ROW_TOKEN_COUNT);
    store<u32>(row, isAscii, ROW_ASCII);
    row += ROW_BYTES;
    tokens = nextEnd;
    at = (at + 1) & ~1;
    start = at;
  }
  return <u32>((nextEnd - tokenEnds.at) >> 2);
}

/** Writes ASCII in lower case to `to` and the ends of its tokens at spaces; returns where it ends. */
function lowerAscii(from: usize, to: usize, count: u32): usize {
  let ends = nextEnd;
  for (let i: u32 = 0; i < count; i += 16) {
    const v = v128.load(from + <usize>i);
    const capitals = i8x16.le_u(i8x16.sub(v, i8x16.splat(0x41)), i8x16.splat(25));
    v128.store(to + <usize>i, v128.or(v, v128.and(capitals, i8x16.splat(0x20))));
    let spaces = <u32>i8x16.bitmask(i8x16.eq(v, i8x16.splat(<i8>SPACE)));
    const left = count - i;
    if (left < 16) spaces &= (1 << left) - 1;
    const base = <u32>to + i;
    // Four are written always and counted only if they are there: most groups have no more.
    const next = ends + ((<usize>popcnt<u32>(spaces)) << 2);
    store<u32>(ends, base + ctz<u32>(spaces));
    spaces &= spaces - 1;
    store<u32>(ends, base + ctz<u32>(spaces), 4);
    spaces &= spaces - 1;
    store<u32>(ends, base + ctz<u32>(spaces), 8);
    spaces &= spaces - 1;
    store<u32>(ends, base + ctz<u32>(spaces), 12);
    spaces &= spaces - 1;
    for (ends += 16; spaces != 0; spaces &= spaces - 1) {
      store<u32>(ends, base + ctz<u32>(spaces));
      ends += 4;
    }
    ends = next;
  }
  nextEnd = ends;
  return to + <usize>count;
}

/** Where the unit after `at` stands, once `unit`, already mapped, stands at it or is left out. */
function put(at: usize, unit: u32): usize {
  store<u16>(at, <u16>unit);
  store<u32>(nextEnd, <u32>at);
  nextEnd += (<usize>(unit == SPACE)) << 2;
  return at + ((<usize>(unit != DROPPED)) << 1);
}

/** Writes what the units of UTF-16 become to `to` and the ends of their tokens at spaces; returns where they end. */
function mapUtf16(from: usize, to: usize, bytes: usize): usize {
  const map = unitMap.at;
  let at = to;
  for (let i = from; i < from + bytes; i += 2) {
    at = put(at, <u32>load<u16>(map + ((<usize>load<u16>(i)) << 1)));
  }
  return at;
}

/** The same of UTF-8, which is well-formed. */
function mapUtf8(from: usize, to: usize, bytes: usize): usize {
  const map = unitMap.at;
  const end = from + bytes;
  let at = to;
  for (let i = from; i < end; ) {
    const first = <u32>load<u8>(i);
    let unit: u32;
    if (first < 0x80) {
      unit = first;
      i += 1;
    } else if (first < 0xe0) {
      unit = ((first & 0x1f) << 6) | (load<u8>(i, 1) & 0x3f);
      i += 2;
    } else if (first < 0xf0) {
      unit = ((first & 0x0f) << 12) | ((<u32>load<u8>(i, 1) & 0x3f) << 6) | (load<u8>(i, 2) & 0x3f);
      i += 3;
    } else {
      const high = ((first & 0x07) << 18) | ((<u32>load<u8>(i, 1) & 0x3f) << 12);
      const point = high | ((<u32>load<u8>(i, 2) & 0x3f) << 6) | (load<u8>(i, 3) & 0x3f);
      i += 4;
      at = put(at, <u32>load<u16>(map + ((<usize>(0xd7c0 + (point >> 10))) << 1)));
      unit = 0xdc00 | (point & 0x3ff);
    }
    at = put(at, <u32>load<u16>(map + ((<usize>unit) << 1)));
  }
  return at;
}
