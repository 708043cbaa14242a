import { Block, gather, newBlock } from "./heap";
import { KeyIndex, NUMBER_BITS, newKeyIndex } from "./key-index";
import { readUnitWord } from "./read-words";
import {
  reserveRowSlots,
  rowsTogether,
  rowTag,
  sortRowSlots,
  startRowSlots,
  writeRowSlots,
} from "./row-slots";
import { Vocabulary } from "./vocabulary";
import {
  beginWords,
  findWords,
  freezeWords,
  growWords,
  reserveWords,
  setSlots,
  startWords,
  wordCount,
} from "./words";

// The distinct words and pairs of words that follow each other, numbered from 0 on in order of first appearance (a, a|b,
// b, b|c, c).
//
//   pairs  i32[slotCount][2]  the number of the first word, or −1 for a single one, and of the last

export const NO_PREFIX: u32 = -1;

/** There are no more slots than this. */
let most: u32 = ((<u32>1) << (<u32>NUMBER_BITS)) - 1;
let slotCount: u32 = 0;
let pairs = changetype<Block>(0);
/** u32: of the words that are new, the slot of the word alone + 1. */
let newWordSlots = changetype<Block>(0);
/** Words that are not new. */
let oldWords: u32 = 0;
let index = changetype<KeyIndex>(0);
// Of the words that were read: u32 number and u32 slot + 1 (`findWords`); hashes of the pair that each ends, the places to look
// at first and what stands there.
let ids = changetype<Block>(0);
let hashes = changetype<Block>(0);
let places = changetype<Block>(0);
let looked = changetype<Block>(0);
/**
 * Entries of the slots of all rows, one after the other, with repetitions (`row-slots.ts`); without those that are new,
 * which are the highest of their row and follow each other.
 */
let nextSlot: usize = 0;
/** Where the entries begin that are not yet sorted. */
let unsorted: usize = 0;
/** Words that have to be looked at one by one. */
let todo = changetype<Block>(0);
/** u32: of each new slot, from `firstNew` on, how often it occurs in the row that it is new in. */
let newCounts = changetype<Block>(0);
let firstNew: u32 = 0;
/** Words that were read together, at most. */
let mostWords: u32 = 0;
let nextNew: u32 = 0;
/** The first slot that is new in the row at hand. */
let rowBase: u32 = 0;
/** The factor that the hashes were made with. */
let factor: u64 = 0;

export function startWordNgrams(): void {
  startWords();
  pairs = newBlock();
  newWordSlots = newBlock();
  index = newKeyIndex();
  startRowSlots();
  todo = newBlock();
  ids = newBlock();
  hashes = newBlock();
  places = newBlock();
  looked = newBlock();
  newCounts = newBlock();
}

export function wordNgramCount(): u32 {
  return slotCount;
}

export function wordNgramPairs(): usize {
  return pairs.at;
}

/** Room for what {@link takeWords} and {@link takePairs} are going to be given. */
export function reserveWordNgrams(words: u32, pairCount: u32): void {
  reserveWords(words, words << 1);
  index.reserve(pairCount, true);
}

/**
 * Makes room for twice as many words as were read together so far, where tables are large, piece by piece. Returns whether
 * there is more to do; no words may be read meanwhile.
 */
export function growWordNgrams(): bool {
  if (growWords(2 * mostWords)) return true;
  if (pairs.growing((<usize>slotCount + 4 * mostWords) << 3)) return true;
  return index.growing(2 * mostWords);
}

/**
 * Numbers `count` words, whose units (u16) stand one after the other; `ends` is u32[count][2]: in bytes where each ends,
 * and the slot of the word alone + 1. Returns false when one of them was there already.
 */
export function takeWords(units: usize, ends: usize, count: u32): bool {
  const all = wordCount() + count;
  const last = ends + ((<usize>count) << 3);
  beginWords(count, load<u32>(last - 8) >> 1);
  newWordSlots.reserve((<usize>count) << 2);
  let start = units;
  let slot = newWordSlots.at;
  for (let at = ends; at < last; at += 8) {
    const end = units + <usize>load<u32>(at);
    readUnitWord(start, <u32>((end - start) >> 1));
    store<u32>(slot, load<u32>(at, 4));
    slot += 4;
    start = end;
  }
  ids.reserve((<usize>count) << 3);
  findWords(ids.at);
  setSlots(newWordSlots.at);
  oldWords = wordCount();
  return oldWords == all;
}

/** Gives the next slots to `count` n-grams as in `pairs`. Returns false when a pair of them has a slot already. */
export function takePairs(from: usize, count: u32): bool {
  hashes.reserve((<usize>count) << 3);
  places.reserve((<usize>count) << 2);
  looked.reserve((<usize>count) << 3);
  const home = index.buckets.at;
  const rest = index.restBits();
  factor = index.factor;
  for (let i: usize = 0; i < <usize>count; i++) {
    const hash = index.hash(keyOfPair(from + (i << 3)));
    store<u64>(hashes.at + (i << 3), hash);
    store<u32>(places.at + (i << 2), <u32>home + ((<u32>(hash >> rest)) << 3));
  }
  gather(places.at, count, looked.at);
  for (let i: usize = 0; i < <usize>count; i++) {
    slotCount++;
    const pair = from + (i << 3);
    if (load<u32>(pair) == NO_PREFIX) continue;
    const hash = index.factor == factor ? load<u64>(hashes.at + (i << 3)) : index.hash(keyOfPair(pair));
    if (index.find(hash, slotCount) != 0) return false;
  }
  return true;
}

function keyOfPair(pair: usize): u64 {
  return ((<u64>load<u32>(pair)) << NUMBER_BITS) | <u64>load<u32>(pair, 4);
}

/** From now on words and pairs that are not there get no slot. */
export function freezeWordNgrams(): void {
  freezeWords();
  oldWords = wordCount();
  most = slotCount;
}

/** Words looked up at a time: as many as the processor's page tables hold addresses for. */
const GROUP: u32 = 512;

/**
 * Finds the slots of all words that were read. `rowWords` is u32[rowCount][2] at a distance of `step` bytes: how many
 * words each row has; it becomes the number of slots to write, see {@link writeWordNgrams}: known ones and new ones.
 */
export function findWordNgrams(count: u32, rowCount: u32, rowWords: usize, step: usize): void {
  const bytes = (<usize>count + 4) << 2;
  mostWords = max(mostWords, count);
  ids.reserve(bytes << 1);
  hashes.reserve((<usize>GROUP) << 3);
  places.reserve((<usize>GROUP) << 2);
  looked.reserve((<usize>GROUP) << 3);
  if (slotCount < most) {
    pairs.reserve((<usize>slotCount + 2 * count) << 3);
    index.reserve(count, false);
  }
  unsorted = reserveRowSlots(2 * count + 4, slotCount + 2 * count);
  todo.reserve((<usize>GROUP) << 2);
  findWords(ids.at);
  const newWords = <usize>(wordCount() - oldWords);
  newWordSlots.reserve((newWords + 1) << 2);
  memory.fill(newWordSlots.at, 0, newWords << 2);
  newCounts.reserve(bytes << 1);
  firstNew = slotCount;
  rowBase = slotCount;
  nextSlot = unsorted;
  let row = rowWords;
  let rowSlots = nextSlot;
  let rowLeft = load<u32>(row);
  let isFirst = true;
  let tag: u32 = 0;
  const nextTag = rowTag(1);
  for (let first: u32 = 0; first < count; first += GROUP) {
    const end = min(first + GROUP, count);
    lookAhead(first, end);
    for (let from = first; from < end; ) {
      while (rowLeft == 0) {
        store<u32>(row, <u32>((nextSlot - rowSlots) >> 2));
        store<u32>(row, slotCount - rowBase, 4);
        rowSlots = nextSlot;
        rowBase = slotCount;
        row += step;
        rowLeft = load<u32>(row);
        isFirst = true;
        tag += nextTag;
      }
      const size = min(rowLeft, end - from);
      if (index.factor != factor) lookAhead(first, end);
      findSlots(from, from + size, first, isFirst, tag);
      isFirst = false;
      from += size;
      rowLeft -= size;
    }
  }
  for (const last = rowWords + <usize>rowCount * step; row < last; row += step) {
    store<u32>(row, <u32>((nextSlot - rowSlots) >> 2));
    store<u32>(row, slotCount - rowBase, 4);
    rowSlots = nextSlot;
    rowBase = slotCount;
  }
  nextNew = firstNew;
  setSlots(newWordSlots.at);
  oldWords = wordCount();
}

/** Hashes of the pairs that the words first … end − 1 end; what stands in their first buckets. */
function lookAhead(first: u32, end: u32): void {
  const hashesAt = hashes.at;
  const placesAt = places.at;
  const idsAt = ids.at;
  const home = index.buckets.at;
  const rest = index.restBits();
  factor = index.factor;
  let before = first > 0 ? <u64>load<u32>(idsAt + ((<usize>first - 1) << 3)) : 0;
  for (let i = <usize>first; i < <usize>end; i++) {
    const id = <u64>load<u32>(idsAt + (i << 3));
    const hash = index.hash((before << NUMBER_BITS) | id);
    const at = i - <usize>first;
    store<u64>(hashesAt + (at << 3), hash);
    store<u32>(placesAt + (at << 2), <u32>home + ((<u32>(hash >> rest)) << 3));
    before = id;
  }
  gather(placesAt, end - first, looked.at);
}

/** Appends the slots of the words first … end − 1 and of the pairs they end; hashes and places count from `base`. */
function findSlots(first: u32, end: u32, base: u32, isRowStart: bool, tag: u32): void {
  const idsAt = ids.at;
  const hashesAt = hashes.at - ((<usize>base) << 3);
  const placesAt = places.at - ((<usize>base) << 2);
  const lookedAt = looked.at - ((<usize>base) << 3);
  const todoStart = todo.at;
  const restMask = ((<u64>1) << index.restBits()) - 1;
  const known = rowBase;
  let at = nextSlot;
  let todoEnd = todoStart;
  let i = <usize>first;
  if (isRowStart) {
    store<u32>(todoEnd, first);
    todoEnd += 4;
    i++;
  }
  // What most words are, known as is the pair: without branches, as which are cannot be foretold.
  for (; i < <usize>end; i++) {
    const bucket = load<u64>(lookedAt + (i << 3));
    const pair = (bucket ^ ((load<u64>(hashesAt + (i << 3)) & restMask) << 32)) - 1;
    const word = load<u32>(idsAt + (i << 3), 4) - 1;
    const isKnown = <usize>(pair < <u64>known) & <usize>(word < known);
    store<u32>(at, tag | <u32>pair);
    store<u32>(at, tag | word, 4);
    at += isKnown << 3;
    store<u32>(todoEnd, <u32>i);
    todoEnd += (isKnown ^ 1) << 2;
  }
  const pairsAt = pairs.at;
  const newCountsAt = newCounts.at - ((<usize>firstNew) << 2);
  const newWordSlotsAt = newWordSlots.at - ((<usize>oldWords + 1) << 2);
  const firstPair = <usize>first + <usize>isRowStart;
  let next = slotCount;
  for (let from = todoStart; from < todoEnd; from += 4) {
    const i = <usize>load<u32>(from);
    const id = load<u32>(idsAt + (i << 3));
    if (i >= firstPair) {
      let hash = load<u64>(hashesAt + (i << 3));
      const place = <usize>load<u32>(placesAt + (i << 2));
      let number: u32 = 0;
      if (index.factor == factor && load<u64>(place) == 0) {
        // Most new ones have a free bucket in the first place.
        if (next != most) index.putFirst(place, hash & restMask, next + 1);
      } else {
        if (index.factor != factor) hash = index.hash(pairKey(i));
        number = index.find(hash, next == most ? 0 : next + 1);
      }
      if (number == 0) {
        if (next != most) {
          const pair = pairsAt + ((<usize>next) << 3);
          store<u32>(pair, load<u32>(idsAt + (i << 3) - 8));
          store<u32>(pair, id, 4);
          store<u32>(newCountsAt + ((<usize>next) << 2), 1);
          next++;
        }
      } else if (number > known) {
        addRepeat(newCountsAt, number - 1);
      } else {
        store<u32>(at, tag | (number - 1));
        at += 4;
      }
    }
    if (id == 0) continue;
    const newSlot = newWordSlotsAt + ((<usize>id) << 2);
    const number = id > oldWords ? load<u32>(newSlot) : load<u32>(idsAt + (i << 3), 4);
    if (number > known) {
      addRepeat(newCountsAt, number - 1);
    } else if (number != 0) {
      store<u32>(at, tag | (number - 1));
      at += 4;
    } else if (next != most) {
      const pair = pairsAt + ((<usize>next) << 3);
      store<u32>(pair, NO_PREFIX);
      store<u32>(pair, id, 4);
      store<u32>(newCountsAt + ((<usize>next) << 2), 1);
      next++;
      store<u32>(newSlot, next);
    }
  }
  slotCount = next;
  nextSlot = at;
}

function pairKey(i: usize): u64 {
  const before = <u64>load<u32>(ids.at + (i << 3) - 8);
  return (before << NUMBER_BITS) | <u64>load<u32>(ids.at + (i << 3));
}

function addRepeat(counts: usize, slot: u32): void {
  const at = counts + ((<usize>slot) << 2);
  store<u32>(at, load<u32>(at) + 1);
}

/** Puts the rows from `row` on in order, as many as go together; returns how many. */
export function sortWordNgrams(row: usize, rowsLeft: u32, step: usize): u32 {
  const count = min(rowsLeft, rowsTogether());
  unsorted = sortRowSlots(unsorted, row, count, step);
  return count;
}

/**
 * Writes the slots (u32), each plus `offset`, and counts (f32) of the next row, which has so many known ones with repetitions
 * and new ones without; with new ones `offset` is 0. Returns how many are written. Up to three more may be overwritten.
 */
export function writeWordNgrams(
  knownCount: u32,
  newCount: u32,
  indices: usize,
  values: usize,
  offset: u32,
): u32 {
  const n = writeRowSlots(knownCount, indices, values, offset);
  const counts = newCounts.at + ((<usize>(nextNew - firstNew)) << 2);
  const to = (<usize>n) << 2;
  let slots = i32x4.add(i32x4.splat(<i32>nextNew), i32x4(0, 1, 2, 3));
  for (let i: usize = 0; i < (<usize>newCount) << 2; i += 16) {
    v128.store(indices + to + i, slots);
    v128.store(values + to + i, f32x4.convert_i32x4_u(v128.load(counts + i)));
    slots = i32x4.add(slots, i32x4.splat(4));
  }
  nextNew += newCount;
  return n + newCount;
}

export function describeWordNgrams(to: Vocabulary): void {
  to.ngramCount = slotCount;
  to.pairs = pairs.at;
  to.pairIndex = index;
}

/** Goes on from what another thread has found, once the words are there. */
export function adoptWordNgrams(from: Vocabulary): void {
  slotCount = from.ngramCount;
  oldWords = from.wordCount;
  pairs.copyFrom(from.pairs, (<usize>slotCount) << 3);
  index.adopt(from.pairIndex);
}
