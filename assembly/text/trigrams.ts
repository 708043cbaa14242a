import { Block, newBlock } from "./heap";
import { KeyIndex, NUMBER_BITS, newKeyIndex } from "./key-index";
import { markSlotCounts, reserveSlotCounts, startSlotCounts, writeSlotCounts } from "./slot-counts";

// The distinct sequences of three units, numbered from 0 on in order of first appearance. Those of ASCII alone have a
// table with a place for each.
//
//   units  u16[slotCount][3]
//   ascii  u32[2²¹]           slot + 1, at first × 2¹⁴ + second × 2⁷ + third

const ASCII_BYTES: usize = 4 << 21;
const ASCII_KEYS: u32 = (1 << 21) - 1;
const MOST: u32 = ((<u32>1) << (<u32>NUMBER_BITS)) - 1;

let slotCount: u32 = 0;
let units = changetype<Block>(0);
let ascii = changetype<Block>(0);
let others = changetype<KeyIndex>(0);
/** u32: the slots of the row at hand. */
let slots = changetype<Block>(0);

export function startTrigrams(): void {
  units = newBlock();
  ascii = newBlock();
  ascii.reserveZeroed(ASCII_BYTES);
  others = newKeyIndex();
  slots = newBlock();
  startSlotCounts();
}

export function trigramCount(): u32 {
  return slotCount;
}

export function trigramUnits(): usize {
  return units.at;
}

/**
 * Writes the slots (u32) and counts (f32) of the trigrams of a text of `length` bytes, or of `length` units of two
 * bytes. Returns how many there are.
 */
export function countTrigrams(text: usize, length: u32, isAscii: bool, indices: usize, values: usize): u32 {
  if (length < 3) return 0;
  slots.reserve((<usize>length) << 2);
  units.reserve(<usize>(slotCount + length) * 6);
  reserveSlotCounts(slotCount + length);
  if (!isAscii) others.reserve(length);
  markSlotCounts(slots.at, isAscii ? readAscii(text, length) : readUnits(text, length));
  return writeSlotCounts(indices, values);
}

function readAscii(text: usize, length: u32): u32 {
  const table = ascii.at;
  const target = slots.at;
  const count = <usize>length - 2;
  let key = ((<u32>load<u8>(text)) << 7) | load<u8>(text, 1);
  let missing: u32 = 0;
  // Nearly always all are known: looked up without branches, and once more if one was not.
  for (let i: usize = 0; i < count; i++) {
    key = ((key << 7) | load<u8>(text + i, 2)) & ASCII_KEYS;
    const slot = load<u32>(table + ((<usize>key) << 2)) - 1;
    store<u32>(target + (i << 2), slot);
    missing |= slot;
  }
  if (<i32>missing >= 0) return length - 2;
  let n: u32 = 0;
  for (let i: usize = 0; i < count; i++) {
    let slot = load<u32>(target + (i << 2));
    if (<i32>slot < 0) slot = asciiSlot(load<u8>(text + i), load<u8>(text + i, 1), load<u8>(text + i, 2));
    store<u32>(target + ((<usize>n) << 2), slot);
    n += <u32>(<i32>slot >= 0);
  }
  return n;
}

function readUnits(text: usize, length: u32): u32 {
  const target = slots.at;
  let n: u32 = 0;
  let first = <u32>load<u16>(text);
  let second = <u32>load<u16>(text, 2);
  for (let i: usize = 2; i < <usize>length; i++) {
    const third = <u32>load<u16>(text + (i << 1));
    const slot =
      (first | second | third) < 0x80 ? asciiSlot(first, second, third) : otherSlot(first, second, third);
    store<u32>(target + ((<usize>n) << 2), slot);
    n += <u32>(<i32>slot >= 0);
    first = second;
    second = third;
  }
  return n;
}

/** The slot of a trigram of ASCII, a new one if need be; −1 when there may be no more. */
function asciiSlot(first: u32, second: u32, third: u32): u32 {
  const place = ascii.at + ((<usize>((first << 14) | (second << 7) | third)) << 2);
  const known = load<u32>(place);
  if (known != 0) return known - 1;
  if (slotCount == MOST) return -1;
  const slot = add(first, second, third);
  store<u32>(place, slot + 1);
  return slot;
}

function otherSlot(first: u32, second: u32, third: u32): u32 {
  const key = ((<u64>first) << 32) | <u64>((second << 16) | third);
  const known = others.find(others.hash(key), slotCount == MOST ? 0 : slotCount + 1);
  if (known != 0) return known - 1;
  return slotCount == MOST ? -1 : add(first, second, third);
}

function add(first: u32, second: u32, third: u32): u32 {
  const at = units.at + <usize>slotCount * 6;
  store<u16>(at, <u16>first);
  store<u16>(at, <u16>second, 2);
  store<u16>(at, <u16>third, 4);
  return slotCount++;
}
