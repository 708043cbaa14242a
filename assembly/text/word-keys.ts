// Keys and records of words; see words.ts.

/** Bytes (log2) of a record. */
export const RECORD_LOG: u32 = 4;
/** Where in a record its second half stands. */
export const RECORD_HIGH: usize = 8;
/** The second half of a long word's record. */
export const LONG: u64 = 0x0800000000000000;
/** Of units that are not all of ASCII so many fit in a record. */
export const WIDE_UNITS: u32 = 7;
/** Above the units in a record: these bits and, below them, how many there are. */
export const UNITS_MARK: u64 = 0xff80000000000000;
/** The highest bits of bytes. */
export const HIGHEST_BITS: u64 = 0x8080808080808080;
const HASH_MARKS: u64 = 0x8080;
const FACTOR: u64 = 0x9e3779b97f4a7c15;

/** Whether a key is a hash: the word is not a short one. */
export function isHash(key: u64): bool {
  return (key & HASH_MARKS) == HASH_MARKS;
}

export function hashOf(key: u64): u64 {
  const mixed = key * FACTOR;
  return (mixed ^ (mixed >> 32)) * 0xd6e8feb86659fd93;
}

function mix(hash: u64): u64 {
  const mixed = hash * FACTOR;
  return mixed ^ (mixed >> 29);
}

/** The key of a wide word. */
export function wideKey(low: u64, high: u64): u64 {
  return mix(mix(low) ^ high) | HASH_MARKS;
}

/** The key of the long word whose content this is. */
export function longKey(content: usize): u64 {
  let hash = load<u64>(content);
  const end = content + contentSize(content);
  for (let at = content + 8; at < end; at += 8) hash = mix(hash ^ load<u64>(at));
  return hash | HASH_MARKS;
}

/** The key of the word with this record. */
export function keyOf(record: usize, contents: usize): u64 {
  const low = load<u64>(record);
  const high = load<u64>(record, RECORD_HIGH);
  if (high == 0) return low;
  return high == LONG ? longKey(contents + <usize>low) : wideKey(low, high);
}

/** Bytes of a long word's content, its head included. */
export function contentSize(content: usize): usize {
  const head = load<u64>(content);
  const bytes = (head & 1) == 0 ? <usize>(head >> 1) : <usize>(head & ~1);
  return 8 + ((bytes + 7) & ~7);
}

/** Whether two records are of one word. @param contents what offsets of contents count from */
export function areEqual(record: usize, contents: usize, other: usize, otherContents: usize): bool {
  const low = load<u64>(record);
  const otherLow = load<u64>(other);
  const high = load<u64>(record, RECORD_HIGH);
  if (high != load<u64>(other, RECORD_HIGH)) return false;
  if (high != LONG) return low == otherLow;
  const content = contents + <usize>low;
  const otherContent = otherContents + <usize>otherLow;
  const size = contentSize(content);
  for (let at: usize = 0; at < size; at += 8) {
    if (load<u64>(content + at) != load<u64>(otherContent + at)) return false;
  }
  return true;
}
