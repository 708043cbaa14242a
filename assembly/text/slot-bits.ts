import { allocateRecord, Block, newBlock } from "./heap";

// The distinct slots of one row in ascending order without sorting: a bit for each slot, above it a bit for each word of
// bits that is not 0, and so on in three levels; and how often each occurs. All is 0 between rows.
//
//   present  u64[capacity / 64]    of word w: bits of slots 64w … 64w + 63
//   groups   u64[capacity / 64²]   a bit for each word of `present`
//   regions  u64[capacity / 64³]   a bit for each word of `groups`
//   again    u64[capacity / 64]    slots that occur more than once
//   repeats  u32[capacity]         occurrences after the first

const REGION_LOG: u32 = 18;

@unmanaged
export class SlotBits {
  capacity: u32;
  present: Block;
  groups: Block;
  regions: Block;
  again: Block;
  repeats: Block;
  /** u32: slots of the row at hand, in order of first appearance; and its further ones. */
  first: Block;
  further: Block;

  /** Makes room for slots below `capacity`. Between rows only. */
  reserve(capacity: u32): void {
    if (capacity <= this.capacity) return;
    const regionCount = (max(capacity, 2 * this.capacity) + ((1 << REGION_LOG) - 1)) >> REGION_LOG;
    const slots = (<usize>regionCount) << REGION_LOG;
    this.regions.reserveZeroed((<usize>regionCount) << 3);
    this.groups.reserveZeroed(slots >> 9);
    this.present.reserveZeroed(slots >> 3);
    this.again.reserveZeroed(slots >> 3);
    this.repeats.reserveZeroed(slots << 2);
    this.capacity = <u32>slots;
  }

  /** Marks the slots (u32[count]) of a row, in any order. {@link write} must follow. */
  mark(slots: usize, count: u32): void {
    this.first.reserve((<usize>count + 1) << 2);
    this.further.reserve((<usize>count + 1) << 2);
    const present = this.present.at;
    const firstStart = this.first.at;
    let first = firstStart;
    let further = this.further.at;
    // Whether a slot is new to the row cannot be foretold: both lists are written always, and only one grows.
    for (let i: usize = 0; i < (<usize>count) << 2; i += 4) {
      const slot = load<u32>(slots + i);
      const at = present + ((<usize>(slot >> 6)) << 3);
      const word = load<u64>(at);
      const seen = <usize>((word >> <u64>(slot & 63)) & 1);
      store<u64>(at, word | ((<u64>1) << (<u64>(slot & 63))));
      store<u32>(first, slot);
      store<u32>(further, slot);
      further += seen << 2;
      first += (seen ^ 1) << 2;
    }
    const groups = this.groups.at;
    const regions = this.regions.at;
    for (let at = firstStart; at < first; at += 4) {
      const slot = load<u32>(at);
      const group = groups + ((<usize>(slot >> 12)) << 3);
      store<u64>(group, load<u64>(group) | ((<u64>1) << (<u64>((slot >> 6) & 63))));
      const region = regions + ((<usize>(slot >> 18)) << 3);
      store<u64>(region, load<u64>(region) | ((<u64>1) << (<u64>((slot >> 12) & 63))));
    }
    const again = this.again.at;
    const repeats = this.repeats.at;
    for (let at = this.further.at; at < further; at += 4) {
      const slot = load<u32>(at);
      const word = again + ((<usize>(slot >> 6)) << 3);
      store<u64>(word, load<u64>(word) | ((<u64>1) << (<u64>(slot & 63))));
      const repeat = repeats + ((<usize>slot) << 2);
      store<u32>(repeat, load<u32>(repeat) + 1);
    }
  }

  /**
   * Writes the row's slots (u32) and counts (f32) to `indices` and `values`, and forgets it. Returns how many there are.
   */
  write(indices: usize, values: usize): u32 {
    const present = this.present.at;
    const groups = this.groups.at;
    const regions = this.regions.at;
    const again = this.again.at;
    const repeats = this.repeats.at;
    const regionCount = <usize>(this.capacity >> REGION_LOG);
    let n: usize = 0;
    for (let r: usize = 0; r < regionCount; r++) {
      let region = load<u64>(regions + (r << 3));
      if (region == 0) continue;
      store<u64>(regions + (r << 3), 0);
      for (; region != 0; region &= region - 1) {
        const g = (r << 6) | <usize>ctz<u64>(region);
        let group = load<u64>(groups + (g << 3));
        store<u64>(groups + (g << 3), 0);
        for (; group != 0; group &= group - 1) {
          const w = (g << 6) | <usize>ctz<u64>(group);
          let word = load<u64>(present + (w << 3));
          let repeated = load<u64>(again + (w << 3));
          store<u64>(present + (w << 3), 0);
          do {
            store<u32>(indices + n, <u32>((w << 6) | <usize>ctz<u64>(word)));
            store<f32>(values + n, 1);
            n += 4;
            word &= word - 1;
          } while (word != 0);
          if (repeated == 0) continue;
          store<u64>(again + (w << 3), 0);
          // Repeated slots are among those just written; they are rare.
          for (; repeated != 0; repeated &= repeated - 1) {
            const slot = (w << 6) | <usize>ctz<u64>(repeated);
            let at = n - 4;
            while (load<u32>(indices + at) != <u32>slot) at -= 4;
            store<f32>(values + at, <f32>(load<u32>(repeats + (slot << 2)) + 1));
            store<u32>(repeats + (slot << 2), 0);
          }
        }
      }
    }
    return <u32>(n >> 2);
  }
}

export function newSlotBits(): SlotBits {
  const bits = changetype<SlotBits>(allocateRecord(offsetof<SlotBits>()));
  bits.present = newBlock();
  bits.groups = newBlock();
  bits.regions = newBlock();
  bits.again = newBlock();
  bits.repeats = newBlock();
  bits.first = newBlock();
  bits.further = newBlock();
  bits.reserve(1);
  return bits;
}
