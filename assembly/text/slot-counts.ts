import { Block, newBlock } from "./heap";

// The distinct slots of one row in ascending order without sorting, where many slots occur in most rows: how often each
// occurs, a bit for each slot that does, above it a bit for each word of bits that is not 0. All is 0 between rows.
//
//   counts   u32[capacity]         occurrences of a slot
//   present  u64[capacity / 64]    of word w: bits of slots 64w … 64w + 63 that occur
//   groups   u64[capacity / 64²]   a bit for each word of `present`

const GROUP_LOG: u32 = 12;

let capacity: u32 = 0;
let counts = changetype<Block>(0);
let present = changetype<Block>(0);
let groups = changetype<Block>(0);
/** u32: the row's distinct slots, in order of first appearance. */
let first = changetype<Block>(0);

export function startSlotCounts(): void {
  counts = newBlock();
  present = newBlock();
  groups = newBlock();
  first = newBlock();
}

/** Makes room for slots below `needed`. Between rows only. */
export function reserveSlotCounts(needed: u32): void {
  if (needed <= capacity) return;
  const groupCount = (max(needed, 2 * capacity) + ((1 << GROUP_LOG) - 1)) >> GROUP_LOG;
  const slots = (<usize>groupCount) << GROUP_LOG;
  groups.reserveZeroed((<usize>groupCount) << 3);
  present.reserveZeroed(slots >> 3);
  counts.reserveZeroed(slots << 2);
  capacity = <u32>slots;
}

/** Counts the slots (u32[count]) of a row, in any order. {@link writeSlotCounts} must follow. */
export function markSlotCounts(slots: usize, count: u32): void {
  first.reserve((<usize>count + 1) << 2);
  const firstStart = first.at;
  const countsAt = counts.at;
  let at = firstStart;
  // Whether a slot is new to the row cannot be foretold: it is listed always, and the list grows only when it is new.
  const end = slots + ((<usize>count) << 2);
  for (let from = slots; from < end; from += 4) {
    const slot = load<u32>(from);
    const counter = countsAt + ((<usize>slot) << 2);
    const before = load<u32>(counter);
    store<u32>(counter, before + 1);
    store<u32>(at, slot);
    at += (<usize>(before == 0)) << 2;
  }
  const presentAt = present.at;
  const groupsAt = groups.at;
  for (let from = firstStart; from < at; from += 4) {
    const slot = load<u32>(from);
    const word = presentAt + ((<usize>(slot >> 6)) << 3);
    store<u64>(word, load<u64>(word) | ((<u64>1) << (<u64>(slot & 63))));
    const group = groupsAt + ((<usize>(slot >> 12)) << 3);
    store<u64>(group, load<u64>(group) | ((<u64>1) << (<u64>((slot >> 6) & 63))));
  }
}

/** Writes the row's slots (u32) and counts (f32) to `indices` and `values`, and forgets it. Returns how many there are. */
export function writeSlotCounts(indices: usize, values: usize): u32 {
  const countsAt = counts.at;
  const presentAt = present.at;
  const groupsAt = groups.at;
  const groupCount = <usize>(capacity >> GROUP_LOG);
  let n: usize = 0;
  for (let g: usize = 0; g < groupCount; g++) {
    let group = load<u64>(groupsAt + (g << 3));
    if (group == 0) continue;
    store<u64>(groupsAt + (g << 3), 0);
    for (; group != 0; group &= group - 1) {
      const w = (g << 6) | <usize>ctz<u64>(group);
      let word = load<u64>(presentAt + (w << 3));
      store<u64>(presentAt + (w << 3), 0);
      do {
        const slot = (w << 6) | <usize>ctz<u64>(word);
        const counter = countsAt + (slot << 2);
        store<u32>(indices + n, <u32>slot);
        store<f32>(values + n, <f32>load<u32>(counter));
        store<u32>(counter, 0);
        n += 4;
        word &= word - 1;
      } while (word != 0);
    }
  }
  return <u32>(n >> 2);
}
