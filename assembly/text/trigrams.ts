import { Block, gather, newBlock } from "./heap";
import { KeyIndex, NUMBER_BITS, newKeyIndex } from "./key-index";
import {
  countFour,
  countSlot,
  countsStart,
  endCounting,
  NO_ROOM,
  reserveSlotCounts,
  startSlotCounts,
  touchedStart,
  writeSlotCounts,
} from "./slot-counts";
import { Vocabulary } from "./vocabulary";

// The distinct sequences of three units, numbered from 0 on in order of first appearance. Those of ASCII alone have a
// table with a place for each.
//
//   units  u16[slotCount][3]
//   ascii  u32[2²¹]           slot + 1, at first × 2¹⁴ + second × 2⁷ + third

const ASCII_BYTES: usize = 4 << 21;
const ASCII_KEYS: u32 = (1 << 21) - 1;
export const BEYOND_ASCII: u64 = 0xff80ff80ff80;
/** Trigrams looked up at a time. */
const GROUP: usize = 512;
/** Of so many units (log2) one may be beyond ASCII, and trigrams are still looked up four at a time. */
const FEW_LOG: u32 = 4;
const NUMBERS: u64 = ((<u64>1) << NUMBER_BITS) - 1;

/** There are no more slots than this. */
let most: u32 = <u32>NUMBERS;
let slotCount: u32 = 0;
let units = changetype<Block>(0);
let ascii = changetype<Block>(0);
let others = changetype<KeyIndex>(0);
/** u32: the slots of the row at hand. */
let slots = changetype<Block>(0);
// Of a group: where its trigrams are looked for, what stands there, what has to stand above the number, those to be looked at
// one by one.
let places = changetype<Block>(0);
let looked = changetype<Block>(0);
let tags = changetype<Block>(0);
let todo = changetype<Block>(0);

export function startTrigrams(): void {
  units = newBlock();
  ascii = newBlock();
  ascii.reserveZeroed(ASCII_BYTES);
  others = newKeyIndex();
  slots = newBlock();
  places = newBlock();
  looked = newBlock();
  tags = newBlock();
  todo = newBlock();
  places.reserve(GROUP << 2);
  looked.reserve(GROUP << 3);
  tags.reserve(GROUP << 3);
  todo.reserve((GROUP + 1) << 2);
  startSlotCounts();
}

export function trigramCount(): u32 {
  return slotCount;
}

export function trigramUnits(): usize {
  return units.at;
}

/** Gives the next slots to `count` trigrams, u16[count][3]. Returns false when one of them has a slot already. */
export function takeTrigrams(from: usize, count: u32): bool {
  units.reserve(<usize>(slotCount + count) * 6);
  others.reserve(count, false);
  for (const end = from + <usize>count * 6; from < end; from += 6) {
    const key = keyAt(from);
    const next = slotCount;
    if (slotOf(key) != next) return false;
  }
  return true;
}

/**
 * Makes room for so many more trigrams, where tables are large, piece by piece. Returns whether there is more to do; none may
 * be counted meanwhile.
 */
export function growTrigrams(more: u32): bool {
  return units.growing(<usize>(slotCount + more) * 6) || others.growing(more);
}

/** From now on trigrams that are not there get no slot. */
export function freezeTrigrams(): void {
  reserveSlotCounts(slotCount);
  most = slotCount;
}

/**
 * Writes the slots (u32) and counts scaled to length 1 (f32) of the trigrams of a text of `length` bytes, or of `length` units of two
 * bytes. Returns how many there are.
 */
export function countTrigrams(text: usize, length: u32, isAscii: bool, indices: usize, values: usize): u32 {
  if (length < 3) return 0;
  if (slotCount < most) {
    units.reserve(<usize>(slotCount + length) * 6);
    reserveSlotCounts(slotCount + length);
    if (!isAscii) others.reserve(length, false);
  }
  if (isAscii || isMostlyAscii(text, length)) countByFours(text, length, isAscii);
  else countByGroups(text, length);
  return writeSlotCounts(slotCount, indices, values);
}

export function describeTrigrams(to: Vocabulary): void {
  to.trigramCount = slotCount;
  to.trigramUnits = units.at;
  to.ascii = ascii.at;
  to.others = others;
}

/** Goes on from what another thread has found. */
export function adoptTrigrams(from: Vocabulary): void {
  slotCount = from.trigramCount;
  units.copyFrom(from.trigramUnits, <usize>slotCount * 6);
  ascii.copyFrom(from.ascii, ASCII_BYTES);
  others.adopt(from.others);
}

/** Whether of so many units of two bytes few are beyond ASCII. */
function isMostlyAscii(text: usize, length: u32): bool {
  let beyond: u32 = 0;
  const end = text + ((<usize>length & ~7) << 1);
  for (let at = text; at < end; at += 16) {
    beyond += popcnt<u32>(i16x8.bitmask(i16x8.gt_u(v128.load(at), i16x8.splat(0x7f))));
  }
  return beyond < length >> FEW_LOG;
}

function countByFours(text: usize, length: u32, isAscii: bool): void {
  const table = ascii.at;
  const countsAt = countsStart();
  const touchedAt = touchedStart();
  const widthLog: usize = isAscii ? 0 : 1;
  const end = text + ((<usize>length - 2) << widthLog);
  let before: u64 = 0;
  let count = length - 2;
  for (let at = text; at < end; ) {
    const limit = end - min<usize>(end - at, 3 << widthLog);
    // Nearly always four are known.
    while (at < limit) {
      let six: u64;
      if (isAscii) {
        six = load<u64>(at);
      } else {
        const eight = v128.load(at);
        if (v128.any_true(v128.and(eight, i16x8(-128, -128, -128, -128, -128, -128, 0, 0)))) break;
        six = i64x2.extract_lane(i8x16.narrow_i16x8_u(eight, eight), 0);
      }
      let key = ((<u32>six & 0x7f) << 14) | ((<u32>six & 0x7f00) >> 1) | ((<u32>six >> 16) & 0x7f);
      const a = load<u32>(table + ((<usize>key) << 2)) - 1;
      key = ((key << 7) | (<u32>six >> 24)) & ASCII_KEYS;
      const b = load<u32>(table + ((<usize>key) << 2)) - 1;
      key = ((key << 7) | (<u32>(six >> 32) & 0x7f)) & ASCII_KEYS;
      const c = load<u32>(table + ((<usize>key) << 2)) - 1;
      key = ((key << 7) | (<u32>(six >> 40) & 0x7f)) & ASCII_KEYS;
      const d = load<u32>(table + ((<usize>key) << 2)) - 1;
      if (<i32>(a | b | c | d) < 0) break;
      const sum = countFour(countsAt, touchedAt, a, b, c, d);
      if (sum == NO_ROOM) break;
      before += <u64>sum;
      at += 4 << widthLog;
    }
    const last = min(at + (4 << widthLog), end);
    for (; at < last; at += 1 << widthLog) {
      const slot = slotOf(isAscii ? keyOfAscii(at) : keyAt(at));
      if (<i32>slot < 0) count--;
      else before += countSlot(countsAt, touchedAt, slot);
    }
  }
  endCounting(before, count);
}

function keyOfAscii(at: usize): u64 {
  return ((<u64>load<u8>(at)) << 32) | ((<u64>load<u8>(at, 1)) << 16) | <u64>load<u8>(at, 2);
}

function countByGroups(text: usize, length: u32): void {
  const count = length - 2;
  slots.reserve((<usize>count) << 2);
  const target = slots.at;
  for (let i: u32 = 0; i < count; i += <u32>GROUP) {
    readGroup(text + ((<usize>i) << 1), target + ((<usize>i) << 2), min(GROUP, <usize>(count - i)));
  }
  const countsAt = countsStart();
  const touchedAt = touchedStart();
  let known = count;
  let before: u64 = 0;
  for (let at = target; at < target + ((<usize>count) << 2); at += 4) {
    const slot = load<u32>(at);
    if (<i32>slot < 0) known--;
    else before += countSlot(countsAt, touchedAt, slot);
  }
  endCounting(before, known);
}

/** The slots of the trigrams of `count` + 2 units. */
function readGroup(text: usize, target: usize, count: usize): void {
  const placesAt = places.at;
  const tagsAt = tags.at;
  const todoStart = todo.at;
  const home = others.buckets.at;
  const rest = others.restBits();
  const restMask = ((<u64>1) << rest) - 1;
  for (let i: usize = 0; i < count; i++) {
    const key = keyAt(text + (i << 1));
    const hash = others.hash(key);
    const isAscii = (key & BEYOND_ASCII) == 0;
    const place = isAscii ? asciiPlace(key) & ~7 : home + ((<usize>(hash >> rest)) << 3);
    store<u32>(placesAt + (i << 2), <u32>place);
    store<u64>(tagsAt + (i << 3), isAscii ? 0 : (hash & restMask) << 32);
  }
  gather(placesAt, <u32>count, looked.at);
  const lookedAt = looked.at;
  let todoEnd = todoStart;
  for (let i: usize = 0; i < count; i++) {
    const key = keyAt(text + (i << 1));
    const found = load<u64>(lookedAt + (i << 3));
    const half = found >> ((key & 1) << 5);
    const number = (key & BEYOND_ASCII) == 0 ? half & 0xffffffff : found ^ load<u64>(tagsAt + (i << 3));
    store<u32>(target + (i << 2), <u32>number - 1);
    store<u32>(todoEnd, <u32>i);
    todoEnd += (<usize>(number - 1 >= NUMBERS)) << 2;
  }
  for (let from = todoStart; from < todoEnd; from += 4) {
    const i = <usize>load<u32>(from);
    const key = keyAt(text + (i << 1));
    const slot = slotOf(key);
    store<u32>(target + (i << 2), slot);
  }
}

/** The three units at an address, 16 bits each, the last one lowest. */
function keyAt(text: usize): u64 {
  const three = load<u32>(text);
  return (((<u64>three) << 32) & 0xffff00000000) | <u64>(three & 0xffff0000) | <u64>load<u16>(text, 4);
}

/** Where the slot + 1 of a trigram of ASCII stands. */
function asciiPlace(key: u64): usize {
  return placeIn(ascii.at, key);
}

/** The same in the table at another address. */
export function placeIn(table: usize, key: u64): usize {
  return table + ((<usize>(((key >> 18) & 0x1fc000) | ((key >> 9) & 0x3f80) | (key & 0x7f))) << 2);
}

/** The slot of a trigram, a new one if need be; −1 when there may be no more. */
function slotOf(key: u64): u32 {
  return (key & BEYOND_ASCII) == 0 ? asciiSlot(key) : otherSlot(key);
}

/** The slot of a trigram of ASCII, a new one if need be; −1 when there may be no more. */
function asciiSlot(key: u64): u32 {
  const place = asciiPlace(key);
  const known = load<u32>(place);
  if (known != 0) return known - 1;
  if (slotCount == most) return -1;
  store<u32>(place, slotCount + 1);
  return add(key);
}

function otherSlot(key: u64): u32 {
  const known = others.find(others.hash(key), slotCount == most ? 0 : slotCount + 1);
  if (known != 0) return known - 1;
  return slotCount == most ? -1 : add(key);
}

function add(key: u64): u32 {
  const at = units.at + <usize>slotCount * 6;
  store<u16>(at, <u16>(key >> 32));
  store<u16>(at, <u16>(key >> 16), 2);
  store<u16>(at, <u16>key, 4);
  return slotCount++;
}
