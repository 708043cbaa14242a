import { l2Scale } from "./l2-norm.js";

/** Slots whose bits one word of a level holds. */
const WORD = 32;

/**
 * Counts of the slots of one row, given out in ascending order of slots without sorting: a bit for each slot that
 * occurs, above it a bit for each word of bits that is not 0, and so on, three levels. Everything is 0 between rows.
 *
 *   counts   i32[capacity]
 *   bits     i32[capacity / 32]      bit s mod 32 of word s / 32 is set when slot s occurs
 *   groups   i32[capacity / 32²]     the same for the words of `bits`
 *   regions  i32[capacity / 32³]     the same for the words of `groups`
 */
export class SlotCounter {
  counts = new Int32Array(0);
  bits = new Int32Array(0);
  groups = new Int32Array(0);
  regions = new Int32Array(0);

  /** Makes room for slots below `capacity`, between rows. */
  reserve(capacity: number): void {
    if (capacity <= this.counts.length) return;
    const regionCount = Math.ceil(Math.max(capacity, 1.5 * this.counts.length) / WORD ** 3);
    this.regions = new Int32Array(regionCount);
    this.groups = new Int32Array(regionCount * WORD);
    this.bits = new Int32Array(regionCount * WORD ** 2);
    this.counts = new Int32Array(regionCount * WORD ** 3);
  }

  /**
   * Writes the row and forgets it: slots to `indices`, counts times `scale` to `values`, from position `at` on.
   * Returns the position after the last.
   */
  write(indices: Uint32Array, values: Float32Array, at: number, scale: number): number {
    const { counts, bits, groups, regions } = this;
    let position = at;
    for (let r = 0; r < regions.length; r++) {
      let region = regions[r]!;
      if (region === 0) continue;
      regions[r] = 0;
      for (; region !== 0; region &= region - 1) {
        const g = (r << 5) | (31 - Math.clz32(region & -region));
        let group = groups[g]!;
        groups[g] = 0;
        for (; group !== 0; group &= group - 1) {
          const b = (g << 5) | (31 - Math.clz32(group & -group));
          let word = bits[b]!;
          bits[b] = 0;
          for (; word !== 0; word &= word - 1) {
            const slot = (b << 5) | (31 - Math.clz32(word & -word));
            indices[position] = slot;
            values[position] = scale * counts[slot]!;
            counts[slot] = 0;
            position++;
          }
        }
      }
    }
    return position;
  }
}
void l2Scale;
