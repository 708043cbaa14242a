/**
 * The slots of one row with their counts, given out in ascending order without sorting: a bit for each slot, above it a
 * bit for each word of bits that is not 0, and so on in three levels. All is 0 between rows.
 *
 *   bits      i32[2 × capacity / 32]   of word w: bits of slots 32w … 32w + 31 that occur, then of those that occur again
 *   groups    i32[capacity / 32²]      a bit for each word of slots
 *   regions   i32[capacity / 32³]      a bit for each word of `groups`
 *   repeats   i32[capacity]            occurrences of a slot after its first
 */
export class SlotBits {
  bits = new Int32Array(0);
  groups = new Int32Array(0);
  regions = new Int32Array(0);
  repeats = new Int32Array(0);

  /** Makes room for slots below `capacity`. Between rows only. */
  reserve(capacity: number): void {
    if (capacity <= this.repeats.length) return;
    const regionCount = Math.ceil(Math.max(capacity, 1.5 * this.repeats.length) / 32 ** 3);
    this.regions = new Int32Array(regionCount);
    this.groups = new Int32Array(regionCount * 32);
    this.bits = new Int32Array(regionCount * 32 ** 2 * 2);
    this.repeats = new Int32Array(regionCount * 32 ** 3);
  }

  /**
   * Writes the row and forgets it: slots plus `offset` to `indices`, counts times `scale` to `values`, from `at` on.
   * Returns the position after the last.
   */
  write(indices: Uint32Array, values: Float32Array, at: number, offset: number, scale: number): number {
    const { bits, groups, regions, repeats } = this;
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
          const w = (g << 5) | (31 - Math.clz32(group & -group));
          let word = bits[2 * w]!;
          const repeated = bits[2 * w + 1]!;
          bits[2 * w] = 0;
          if (repeated === 0) {
            for (; word !== 0; word &= word - 1) {
              indices[position] = offset + ((w << 5) | (31 - Math.clz32(word & -word)));
              values[position] = scale;
              position++;
            }
          } else {
            bits[2 * w + 1] = 0;
            for (; word !== 0; word &= word - 1) {
              const slot = (w << 5) | (31 - Math.clz32(word & -word));
              indices[position] = offset + slot;
              values[position] = scale * (1 + repeats[slot]!);
              repeats[slot] = 0;
              position++;
            }
          }
        }
      }
    }
    return position;
  }
}
