import { Block, newBlock } from "./heap";
import { scaleOf, scaleToLength1 } from "./scale";

// The distinct slots of one row in ascending order without sorting, where many slots occur in most rows: how often each
// occurs, a byte for each slot, and a flag for each block of 64 slots in which one does. Where in a block few occur, they are
// taken one by one; where many do, up to eight of sixteen bytes are brought together by a table (Schlegel, Willhalm and
// Lehner, "Fast sorted-set intersection using SIMD instructions", 2011). All is 0 between rows.
//
//   counts   u8[capacity]          occurrences of a slot, 1 … 255, without those of `carries`
//   touched  u8[capacity / 64]     1 when a slot of the block occurs
//   carries  u32[]                 slots that occur 255 times more, for each time that they stand here
//   lanes    u8[256][8]            of each byte of bits the numbers of those that are set

const BLOCK_LOG: usize = 6;
/** Flags are read sixteen at a time. */
const CAPACITY_LOG: usize = BLOCK_LOG + 4;
/** Slots of a block that are taken one by one. */
const FEW: u64 = 4;
const EIGHTS: u64 = 0x0808080808080808;
const MOST: u32 = 255;
export const NO_ROOM: u32 = -1;

let capacity: u32 = 0;
let counts = changetype<Block>(0);
let touched = changetype<Block>(0);
let carries = changetype<Block>(0);
let carryCount: usize = 0;
let lanes = changetype<Block>(0);
/** Sum of the squared occurrences, without carries. */
let squares: u64 = 0;

export function startSlotCounts(): void {
  counts = newBlock();
  touched = newBlock();
  carries = newBlock();
  lanes = newBlock();
  lanes.reserveZeroed(256 << 3);
  for (let bits: usize = 0; bits < 256; bits++) {
    let to = lanes.at + (bits << 3);
    for (let left = <u32>bits; left != 0; left &= left - 1) store<u8>(to++, <u8>ctz<u32>(left));
  }
}

/** Makes room for slots below `needed`. Between rows only. */
export function reserveSlotCounts(needed: u32): void {
  if (needed <= capacity) return;
  const groups = (<usize>max(needed, 2 * capacity) >> CAPACITY_LOG) + 1;
  counts.reserveZeroed(groups << CAPACITY_LOG);
  touched.reserveZeroed(groups << (CAPACITY_LOG - BLOCK_LOG));
  capacity = <u32>(groups << CAPACITY_LOG);
}

/** Where the occurrences of the slots of a row stand, for {@link countSlot}. */
export function countsStart(): usize {
  return counts.at;
}

export function touchedStart(): usize {
  return touched.at;
}

/** Counts an occurrence of a slot; returns how many there were before, of which {@link endCounting} wants the sum. */
export function countSlot(countsAt: usize, touchedAt: usize, slot: usize): u64 {
  let before = <u32>load<u8>(countsAt + slot);
  if (before == MOST) before = carry(<u32>slot);
  store<u8>(countsAt + slot, <u8>(before + 1));
  store<u8>(touchedAt + (slot >> BLOCK_LOG), 1);
  return <u64>before;
}

/**
 * Counts four; returns the sum of how many there were before. When a byte has not enough room for it, none is counted, and
 * NO_ROOM is returned: each is then for {@link countSlot}.
 */
export function countFour(countsAt: usize, touchedAt: usize, a: usize, b: usize, c: usize, d: usize): u32 {
  const beforeA = <u32>load<u8>(countsAt + a);
  store<u8>(countsAt + a, <u8>(beforeA + 1));
  const beforeB = <u32>load<u8>(countsAt + b);
  store<u8>(countsAt + b, <u8>(beforeB + 1));
  const beforeC = <u32>load<u8>(countsAt + c);
  store<u8>(countsAt + c, <u8>(beforeC + 1));
  const beforeD = <u32>load<u8>(countsAt + d);
  store<u8>(countsAt + d, <u8>(beforeD + 1));
  if ((((beforeA + 1) | (beforeB + 1) | (beforeC + 1) | (beforeD + 1)) & (MOST + 1)) != 0) {
    store<u8>(countsAt + d, <u8>beforeD);
    store<u8>(countsAt + c, <u8>beforeC);
    store<u8>(countsAt + b, <u8>beforeB);
    store<u8>(countsAt + a, <u8>beforeA);
    return NO_ROOM;
  }
  store<u8>(touchedAt + (a >> BLOCK_LOG), 1);
  store<u8>(touchedAt + (b >> BLOCK_LOG), 1);
  store<u8>(touchedAt + (c >> BLOCK_LOG), 1);
  store<u8>(touchedAt + (d >> BLOCK_LOG), 1);
  return beforeA + beforeB + beforeC + beforeD;
}

/** To be called when all of a row are counted. {@link writeSlotCounts} must follow. */
export function endCounting(sumBefore: u64, count: u32): void {
  // n² is the sum of the first n odd numbers.
  squares = 2 * sumBefore + <u64>count;
}

function carry(slot: u32): u32 {
  carries.reserve((carryCount + 1) << 2);
  store<u32>(carries.at + (carryCount << 2), slot);
  carryCount++;
  return 0;
}

/**
 * Writes the row's slots (u32) and counts scaled to length 1 (f32) to `indices` and `values`, and forgets it. Up to seven
 * more may be overwritten. Returns how many there are.
 * @param slotCount slots are below it
 */
export function writeSlotCounts(slotCount: u32, indices: usize, values: usize): u32 {
  const scale: f32 = carryCount == 0 ? scaleOf(<f64>squares) : 1;
  const groups = <usize>(slotCount + ((1 << (<u32>CAPACITY_LOG)) - 1)) >> CAPACITY_LOG;
  const scales = f32x4.splat(scale);
  const zero = i8x16.splat(0);
  const countsAt = counts.at;
  const lanesAt = lanes.at;
  let n: usize = 0;
  for (let g: usize = 0; g < groups; g++) {
    const flags = touched.at + (g << 4);
    let blocks = <u32>i8x16.bitmask(i8x16.ne(v128.load(flags), zero));
    v128.store(flags, zero);
    for (; blocks != 0; blocks &= blocks - 1) {
      const first = (g << CAPACITY_LOG) | ((<usize>ctz<u32>(blocks)) << BLOCK_LOG);
      let bits = maskAt(countsAt + first, zero);
      if (popcnt<u64>(bits) <= FEW) {
        for (; bits != 0; bits &= bits - 1) {
          const slot = first | <usize>ctz<u64>(bits);
          store<u32>(indices + n, <u32>slot);
          store<f32>(values + n, <f32>load<u8>(countsAt + slot) * scale);
          store<u8>(countsAt + slot, 0);
          n += 4;
        }
        continue;
      }
      for (let slot = first; bits != 0; bits >>= 16, slot += 16) {
        const there = <u32>bits & 0xffff;
        if (there == 0) continue;
        const sixteen = v128.load(countsAt + slot);
        v128.store(countsAt + slot, zero);
        const lowLanes = load<u64>(lanesAt + ((<usize>(there & 255)) << 3));
        const highLanes = load<u64>(lanesAt + ((<usize>(there >> 8)) << 3)) + EIGHTS;
        const low = popcnt<u32>(there & 255);
        let size = popcnt<u32>(there);
        let left: u32 = 0;
        let some = lowLanes;
        if (size < 8) {
          some |= highLanes << (<u64>(low << 3));
        } else {
          left = size - low;
          size = low;
        }
        do {
          const which = i64x2(<i64>some, 0);
          writeEight(sixteen, which, size, i32x4.splat(<i32>slot), scales, indices + n, values + n);
          n += (<usize>size) << 2;
          size = left;
          some = highLanes;
          left = 0;
        } while (size != 0);
      }
    }
  }
  if (carryCount != 0) addCarries(indices, values, n);
  return <u32>(n >> 2);
}

/** A bit for each of 64 bytes that is not 0. */
function maskAt(at: usize, zero: v128): u64 {
  const a = <u64>i8x16.bitmask(i8x16.eq(v128.load(at), zero));
  const b = <u64>i8x16.bitmask(i8x16.eq(v128.load(at, 16), zero));
  const c = <u64>i8x16.bitmask(i8x16.eq(v128.load(at, 32), zero));
  const d = <u64>i8x16.bitmask(i8x16.eq(v128.load(at, 48), zero));
  return ~(a | (b << 16) | (c << 32) | (d << 48));
}

/** Writes the slots and counts of `size` of sixteen lanes, eight at most; the numbers of the lanes are the first bytes of `which`. */
function writeEight(
  sixteen: v128,
  which: v128,
  size: u32,
  base: v128,
  scales: v128,
  indices: usize,
  values: usize,
): void {
  const some = i16x8.extend_low_i8x16_u(i8x16.swizzle(sixteen, which));
  const offsets = i16x8.extend_low_i8x16_u(which);
  v128.store(indices, i32x4.add(base, i32x4.extend_low_i16x8_u(offsets)));
  v128.store(values, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_u(some)), scales));
  if (size > 4) {
    v128.store(indices, i32x4.add(base, i32x4.extend_high_i16x8_u(offsets)), 16);
    v128.store(values, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_u(some)), scales), 16);
  }
}

/** Adds what was carried to the counts (f32, of `bytes` bytes) of a row, then scales it. */
function addCarries(indices: usize, values: usize, bytes: usize): void {
  for (let at: usize = 0; at < bytes; at += 4) store<u32>(values + at, <u32>load<f32>(values + at));
  for (let i: usize = 0; i < carryCount << 2; i += 4) {
    const slot = load<u32>(carries.at + i);
    let low: usize = 0;
    for (let size = bytes >> 2; size > 1; ) {
      const half = size >> 1;
      if (load<u32>(indices + ((low + half) << 2)) <= slot) low += half;
      size -= half;
    }
    store<u32>(values + (low << 2), load<u32>(values + (low << 2)) + MOST);
  }
  for (let at: usize = 0; at < bytes; at += 4) store<f32>(values + at, <f32>load<u32>(values + at));
  carryCount = 0;
  scaleToLength1(values, <u32>(bytes >> 2));
}
