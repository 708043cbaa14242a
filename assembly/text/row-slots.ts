import { Block, newBlock } from "./heap";

// The slots of many rows, each row's distinct ones in ascending order with how often each occurs: a radix sort of all rows
// together (Knuth, The Art of Computer Programming 3, 5.2.5), two digits of the slot and then the row.
//
//   entries  u32[]  row × 2^slotBits + slot, row modulo 2^(32 − slotBits)

let slotBits: u32 = 0;
let digitBits: u32 = 0;
/** u32[2][2^digitBits]: where the next entry with such a low, such a high digit goes. */
let places = changetype<Block>(0);
let sorted = changetype<Block>(0);
let entries = changetype<Block>(0);
/** u32[rows]: address of the pair written last. */
let cursors = changetype<Block>(0);
/** u32[2] of each row: nothing, then its slots with how often each occurs. */
let slots = changetype<Block>(0);
let rowStart: usize = 0;
let nextCursor: usize = 0;

/** Entries that are sorted by insertion: a radix sort goes through all digits, however few there are. */
const FEW: usize = 64;

export function startRowSlots(): void {
  places = newBlock();
  sorted = newBlock();
  entries = newBlock();
  cursors = newBlock();
  slots = newBlock();
}

/** Room for `count` entries with slots below `slotCount`; returns where the entries go. */
export function reserveRowSlots(count: u32, slotCount: u32): usize {
  slotBits = 32 - <u32>clz<u32>(slotCount);
  slotBits += slotBits & 1;
  digitBits = slotBits >> 1;
  entries.reserve((<usize>count + 4) << 2);
  sorted.reserve((<usize>count + 4) << 2);
  places.reserve((<usize>8) << digitBits);
  return entries.at;
}

/** What a slot of this row is put together with. */
export function rowTag(row: u32): u32 {
  return row << slotBits;
}

/** Rows that can be sorted together. */
export function rowsTogether(): u32 {
  return (<u32>1) << (32 - slotBits);
}

/**
 * Sorts the entries of some rows, whose numbers of entries are u32 at a distance of `step` bytes. The rows are then read
 * by {@link writeRowSlots}, one after the other.
 */
export function sortRowSlots(start: usize, rowCounts: usize, rowCount: u32, step: usize): usize {
  cursors.reserve((<usize>rowCount) << 2);
  let count: usize = 0;
  for (let r: usize = 0; r < <usize>rowCount; r++) count += <usize>load<u32>(rowCounts + r * step);
  slots.reserve((count + <usize>rowCount + 8) << 3);
  let at = slots.at;
  for (let r: usize = 0; r < <usize>rowCount; r++) {
    store<u32>(cursors.at + (r << 2), <u32>at);
    at += ((<usize>load<u32>(rowCounts + r * step)) << 3) + 8;
  }
  const end = start + (count << 2);
  if (count <= FEW) sortFew(start, end);
  else sortMany(start, end);
  const cursorsAt = cursors.at;
  const slotMask: u32 = (1 << slotBits) - 1;
  // Equal entries follow each other, as their order has been kept.
  let before: u32 = ~load<u32>(start);
  let occurrences: u32 = 0;
  for (let from = start; from < end; from += 4) {
    const entry = load<u32>(from);
    const isSame = <u32>(entry == before);
    const cursor = cursorsAt + ((<usize>(entry >> slotBits)) << 2);
    const to = <usize>load<u32>(cursor) + ((<usize>(isSame ^ 1)) << 3);
    occurrences = (occurrences & -isSame) + 1;
    store<u32>(cursor, <u32>to);
    store<u64>(to, <u64>(entry & slotMask) | ((<u64>occurrences) << 32));
    before = entry;
  }
  rowStart = slots.at;
  nextCursor = cursorsAt;
  return end;
}

/** By the whole entry, row and slot. */
function sortFew(start: usize, end: usize): void {
  for (let from = start + 4; from < end; from += 4) {
    const entry = load<u32>(from);
    let to = from;
    while (to > start && load<u32>(to - 4) > entry) {
      store<u32>(to, load<u32>(to - 4));
      to -= 4;
    }
    store<u32>(to, entry);
  }
}

/** By the slot; the order of rows stays. */
function sortMany(start: usize, end: usize): void {
  const count = (end - start) >> 2;
  const low = places.at;
  const high = low + ((<usize>4) << digitBits);
  const mask: u32 = (1 << digitBits) - 1;
  memory.fill(low, 0, (<usize>8) << digitBits);
  for (let from = start; from < end; from += 4) {
    const entry = load<u32>(from);
    const a = low + ((<usize>(entry & mask)) << 2);
    const b = high + ((<usize>((entry >> digitBits) & mask)) << 2);
    store<u32>(a, load<u32>(a) + 4);
    store<u32>(b, load<u32>(b) + 4);
  }
  let next = <u32>sorted.at;
  let nextHigh = <u32>start;
  for (let a = low; a < high; a += 4) {
    const b = a + ((<usize>4) << digitBits);
    const size = load<u32>(a);
    const sizeHigh = load<u32>(b);
    store<u32>(a, next);
    store<u32>(b, nextHigh);
    next += size;
    nextHigh += sizeHigh;
  }
  scatter(start, end, low, 0);
  scatter(sorted.at, sorted.at + (count << 2), high, digitBits);
}

function scatter(from: usize, end: usize, placesAt: usize, shift: u32): void {
  const mask: u32 = (1 << digitBits) - 1;
  for (; from < end; from += 4) {
    const entry = load<u32>(from);
    const place = placesAt + ((<usize>((entry >> shift) & mask)) << 2);
    const to = load<u32>(place);
    store<u32>(place, to + 4);
    store<u32>(<usize>to, entry);
  }
}

/**
 * Writes the slots (u32), each plus `offset`, and counts (f32) of the next row, which had `count` entries; returns how many
 * are written.
 */
export function writeRowSlots(count: u32, indices: usize, values: usize, offset: u32): u32 {
  const first = rowStart + 8;
  const size = (<usize>load<u32>(nextCursor) + 8 - first) >> 1;
  const offsets = i32x4.splat(<i32>offset);
  for (let at: usize = 0; at < size; at += 16) {
    const a = v128.load(first + (at << 1));
    const b = v128.load(first + (at << 1), 16);
    v128.store(indices + at, i32x4.add(v128.shuffle<i32>(a, b, 0, 2, 4, 6), offsets));
    v128.store(values + at, f32x4.convert_i32x4_u(v128.shuffle<i32>(a, b, 1, 3, 5, 7)));
  }
  nextCursor += 4;
  rowStart += ((<usize>count) << 3) + 8;
  return <u32>(size >> 2);
}
