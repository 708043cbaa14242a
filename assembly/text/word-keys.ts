// Keys and contents of words; see words.ts.

/** A record of a long word has the offset of its content above so many bits. */
export const OFFSET_SHIFT: u64 = 16;
export const LONG_MARKS: u64 = 0x8080;

export function isLong(key: u64): bool {
  return (key & LONG_MARKS) == LONG_MARKS;
}

export function hashOf(key: u64): u64 {
  const mixed = key * 0x9e3779b97f4a7c15;
  return (mixed ^ (mixed >> 32)) * 0xd6e8feb86659fd93;
}

/** The key of the long word whose content this is. */
export function longKey(content: usize, end: usize): u64 {
  let hash = load<u64>(content);
  for (let at = content + 8; at < end; at += 8) {
    hash = (hash ^ load<u64>(at)) * 0x9e3779b97f4a7c15;
    hash ^= hash >> 29;
  }
  return hash | LONG_MARKS;
}

/** Where the content of a long word with this record begins, from the beginning of all contents on. */
export function offsetOf(record: u64): usize {
  return <usize>(record >> OFFSET_SHIFT);
}

/** Bytes of a long word's content, its head included. */
export function contentSize(content: usize): usize {
  const head = load<u64>(content);
  const bytes = (head & 1) == 0 ? <usize>(head >> 1) : <usize>(head & ~1);
  return 8 + ((bytes + 7) & ~7);
}

/** Whether two long words have the same content. */
export function areEqual(content: usize, other: usize): bool {
  const size = contentSize(content);
  for (let at: usize = 0; at < size; at += 8) {
    if (load<u64>(content + at) != load<u64>(other + at)) return false;
  }
  return true;
}
