import { allocateRecord, Block, gather, newBlock } from "./heap";
import { NUMBER_BITS } from "./key-index";
import { adoptTrigrams, BEYOND_ASCII, describeTrigrams, placeIn } from "./trigrams";
import { Vocabulary } from "./vocabulary";
import { BUCKET_LOG, BUCKET_NUMBER } from "./word-buckets";
import { areEqual, hashOf, isHash, keyOf, RECORD_LOG } from "./word-keys";
import { adoptWordNgrams, describeWordNgrams, NO_PREFIX } from "./word-ngrams";
import { adoptWords, describeWords } from "./words";

// What several threads have found in their shares of the rows, one share after the other, becomes one vocabulary: n-grams
// are numbered in order of first appearance, so first those of the first share as they are, then those of the second that
// are not in the first, and so on. All go on from what was found in the first rows of all, which has its numbers for good.
// Nothing is put into a table: each other n-gram of a later share is looked up in the shares before it. In arrays of
// `numbers`, one for each later share and kind, an n-gram's number among all + 1 comes to stand:
//
//   0                          not looked up yet, or new in this share and not numbered yet
//   number + 1                 as it is in the end
//   IN_LATER | address / 4     it is new in another share but the first: where its number stands
//
// Words have numbers from 1 on already; a word's number stands for number + 1.

const IN_LATER: u32 = 0x80000000;
/** In place of where the first share's numbers are: it has none. */
const FIRST: usize = 1;
/** N-grams looked up at a time. */
const GROUP: u32 = 512;

let places = changetype<Block>(0);
let keys = changetype<Block>(0);
/** What stands at those places. */
let looked = changetype<Block>(0);

/** What this thread has found: a {@link Vocabulary}. */
export function vocabulary(chars: bool, words: bool): usize {
  const to = changetype<Vocabulary>(allocateRecord(offsetof<Vocabulary>()));
  if (words) {
    describeWords(to);
    describeWordNgrams(to);
  }
  if (chars) describeTrigrams(to);
  return changetype<usize>(to);
}

/** Goes on from what another thread has found. */
export function adopt(from: Vocabulary, chars: bool, words: bool): void {
  if (words) {
    adoptWords(from);
    adoptWordNgrams(from);
  }
  if (chars) adoptTrigrams(from);
}

/** Numbers and matches of the first `count` words, which are the same in all shares. */
export function keepWords(numbers: usize, matches: usize, count: u32): void {
  for (let word: usize = 1; word <= <usize>count; word++) {
    store<u32>(numbers + (word << 2), <u32>word);
    store<u64>(matches + (word << 3), <u64>word);
  }
}

function reserveGroup(): void {
  if (changetype<usize>(places) == 0) {
    places = newBlock();
    keys = newBlock();
    looked = newBlock();
  }
  places.reserve((<usize>GROUP) << 2);
  keys.reserve((<usize>GROUP) << 3);
  looked.reserve((<usize>GROUP) << 3);
}

/** What a number becomes that is looked up in one share after the other. @param theirs FIRST, or where the numbers are there */
function found(at: usize, number: u32, theirs: usize): void {
  if (theirs == FIRST) store<u32>(at, number);
  else if (number != 0 && load<u32>(at) == 0) {
    store<u32>(at, IN_LATER | <u32>((theirs >> 2) + number - 1));
  }
}

/**
 * Looks up the words first … end − 1 of a share, which count from 1 on, in an earlier one.
 * @param theirNumbers of the words of that share; FIRST for the first share, which must come first
 * @param matches u64[] of each word: u32 its number there or 0, u32 the slot of the word alone there + 1 or 0
 */
export function matchWords(
  share: Vocabulary,
  earlier: Vocabulary,
  first: u32,
  end: u32,
  numbers: usize,
  theirNumbers: usize,
  matches: usize,
): void {
  reserveGroup();
  const shift = <u64>(64 - earlier.wordLog);
  const home = earlier.wordBuckets;
  const last = home + ((<usize>1) << (earlier.wordLog + BUCKET_LOG));
  for (let start = first; start < end; start += GROUP) {
    const size = min(GROUP, end - start);
    const records = share.wordRecords + ((<usize>start) << RECORD_LOG);
    for (let i: usize = 0; i < <usize>size; i++) {
      const key = keyOf(records + (i << RECORD_LOG), share.wordContents);
      store<u64>(keys.at + (i << 3), key);
      store<u32>(places.at + (i << 2), <u32>home + ((<u32>(hashOf(key) >> shift)) << (<u32>BUCKET_LOG)));
    }
    gather(places.at, size, looked.at);
    for (let i: usize = 0; i < <usize>size; i++) {
      const key = load<u64>(keys.at + (i << 3));
      let bucket = <usize>load<u32>(places.at + (i << 2));
      let match: u64 = 0;
      for (;;) {
        const other = load<u64>(bucket);
        if (other == 0) break;
        if (
          other == key &&
          (!isHash(key) || isSameWord(share, records + (i << RECORD_LOG), earlier, bucket))
        ) {
          match = load<u64>(bucket, BUCKET_NUMBER);
          break;
        }
        bucket += 1 << BUCKET_LOG;
        if (bucket == last) bucket = home;
      }
      const word = <usize>start + i;
      store<u64>(matches + (word << 3), match);
      found(numbers + (word << 2), <u32>match, theirNumbers == FIRST ? FIRST : theirNumbers + 4);
    }
  }
}

function isSameWord(share: Vocabulary, record: usize, earlier: Vocabulary, bucket: usize): bool {
  const theirs = earlier.wordRecords + ((<usize>load<u32>(bucket, BUCKET_NUMBER)) << RECORD_LOG);
  return areEqual(record, share.wordContents, theirs, earlier.wordContents);
}

/** Looks up word n-grams likewise. @param matches what {@link matchWords} has left of all words and the same share */
export function matchPairs(
  share: Vocabulary,
  earlier: Vocabulary,
  first: u32,
  end: u32,
  numbers: usize,
  theirNumbers: usize,
  matches: usize,
): void {
  reserveGroup();
  const index = earlier.pairIndex;
  const home = index.buckets.at;
  const rest = index.restBits();
  for (let start = first; start < end; start += GROUP) {
    const size = min(GROUP, end - start);
    const pairs = share.pairs + ((<usize>start) << 3);
    for (let i: usize = 0; i < <usize>size; i++) {
      const prefix = load<u32>(pairs + (i << 3));
      const match = load<u64>(matches + ((<usize>load<u32>(pairs + (i << 3), 4)) << 3));
      const before = prefix == NO_PREFIX ? 0 : <u64>load<u32>(matches + ((<usize>prefix) << 3));
      const word = match & 0xffffffff;
      // Of a word alone the slot is known; a pair is looked for if both its words are there.
      const isThere = before != 0 && word != 0;
      const hash = index.hash((before << NUMBER_BITS) | word);
      store<u64>(keys.at + (i << 3), isThere ? hash : <u64>-1);
      store<u32>(places.at + (i << 2), <u32>home + (isThere ? (<u32>(hash >> rest)) << 3 : 0));
      if (prefix == NO_PREFIX) {
        found(numbers + ((<usize>start + i) << 2), <u32>(match >> 32), theirNumbers);
      }
    }
    gather(places.at, size, looked.at);
    for (let i: usize = 0; i < <usize>size; i++) {
      if (load<u32>(pairs + (i << 3)) == NO_PREFIX) continue;
      const hash = load<u64>(keys.at + (i << 3));
      const number = hash == <u64>-1 ? 0 : index.find(hash, 0);
      found(numbers + ((<usize>start + i) << 2), number, theirNumbers);
    }
  }
}

/** Looks up trigrams likewise. */
export function matchTrigrams(
  share: Vocabulary,
  earlier: Vocabulary,
  first: u32,
  end: u32,
  numbers: usize,
  theirNumbers: usize,
): void {
  const others = earlier.others;
  for (let slot = <usize>first; slot < <usize>end; slot++) {
    const units = share.trigramUnits + slot * 6;
    const key =
      ((<u64>load<u16>(units)) << 32) | ((<u64>load<u16>(units, 2)) << 16) | <u64>load<u16>(units, 4);
    const number =
      (key & BEYOND_ASCII) == 0 ? load<u32>(placeIn(earlier.ascii, key)) : others.find(others.hash(key), 0);
    found(numbers + (slot << 2), number, theirNumbers);
  }
}

/** How many of `count` n-grams are new. */
export function countNew(numbers: usize, count: u32): u32 {
  let n: u32 = 0;
  for (let i: usize = 0; i < (<usize>count) << 2; i += 4) n += <u32>(load<u32>(numbers + i) == 0);
  return n;
}

/** Numbers those that are new, from `number` on. */
export function numberNew(numbers: usize, count: u32, number: u32): void {
  let next = number + 1;
  for (let i: usize = 0; i < (<usize>count) << 2; i += 4) {
    if (load<u32>(numbers + i) == 0) store<u32>(numbers + i, next++);
  }
}

/** Puts numbers in place of where they stand. */
export function resolveNumbers(numbers: usize, count: u32): void {
  for (let i: usize = 0; i < (<usize>count) << 2; i += 4) {
    const number = load<u32>(numbers + i);
    if ((number & IN_LATER) != 0) store<u32>(numbers + i, load<u32>((<usize>(number & ~IN_LATER)) << 2));
  }
}

/** The pairs of a share from `first` on that are new in it, whose numbers are above `before`, in numbers of words among all. */
export function newPairs(
  share: Vocabulary,
  first: u32,
  numbers: usize,
  wordNumbers: usize,
  before: u32,
  to: usize,
): void {
  for (let slot = <usize>first; slot < <usize>share.ngramCount; slot++) {
    if (load<u32>(numbers + (slot << 2)) <= before) continue;
    const prefix = load<u32>(share.pairs + (slot << 3));
    store<u32>(to, prefix == NO_PREFIX ? prefix : load<u32>(wordNumbers + ((<usize>prefix) << 2)));
    store<u32>(to, load<u32>(wordNumbers + ((<usize>load<u32>(share.pairs + (slot << 3), 4)) << 2)), 4);
    to += 8;
  }
}

/** The units of the trigrams of a share from `first` on that are new in it. */
export function newTrigrams(share: Vocabulary, first: u32, numbers: usize, before: u32, to: usize): void {
  for (let slot = <usize>first; slot < <usize>share.trigramCount; slot++) {
    if (load<u32>(numbers + (slot << 2)) <= before) continue;
    memory.copy(to, share.trigramUnits + slot * 6, 6);
    to += 6;
  }
}
