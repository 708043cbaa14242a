/**
 * The slots of one row with their counts, given out in ascending order without sorting: a bit for each slot, above it a
 * bit for each word of bits that is not 0, and so on in three levels. All is 0 between rows.
 *
 *   present   i32[capacity / 32]    of word w: bits of slots 32w … 32w + 31 that occur
 *   again     i32[capacity / 32]    of those, the ones that occur more than once
 *   groups    i32[capacity / 32²]   a bit for each word of slots
 *   regions   i32[capacity / 32³]   a bit for each word of `groups`
 *   repeats   i32[capacity]         occurrences of a slot after its first
 */
export class SlotBits {
  #present = new Int32Array(0);
  #again = new Int32Array(0);
  #groups = new Int32Array(0);
  #regions = new Int32Array(0);
  #repeats = new Int32Array(0);
  // Occurrences of the row at hand, in the order in which they came: first ones, and further ones.
  #first = new Int32Array(0);
  #further = new Int32Array(0);

  /** Makes room for slots below `capacity`. Between rows only. */
  reserve(capacity: number): void {
    if (capacity <= this.#repeats.length) return;
    const regionCount = Math.ceil(Math.max(capacity, 2 * this.#repeats.length) / 32 ** 3);
    this.#regions = new Int32Array(regionCount);
    this.#groups = new Int32Array(regionCount * 32);
    this.#present = new Int32Array(regionCount * 32 ** 2);
    this.#again = new Int32Array(regionCount * 32 ** 2);
    this.#repeats = new Int32Array(regionCount * 32 ** 3);
  }

  /**
   * Marks a row: the slot of each of its n-grams, in any order; {@link write} gives them out. Returns the sum of the
   * squared counts. Between two calls the row must be written.
   */
  mark(slots: Int32Array, count: number): number {
    if (count > this.#first.length) {
      this.#first = new Int32Array(2 * count);
      this.#further = new Int32Array(2 * count);
    }
    const present = this.#present;
    const first = this.#first;
    const further = this.#further;
    let firstCount = 0;
    let furtherCount = 0;
    // Whether a slot is new to the row cannot be foretold: both lists are written always, and only one grows.
    for (let i = 0; i < count; i++) {
      const slot = slots[i]!;
      const w = slot >>> 5;
      const word = present[w]!;
      const seen = (word >>> slot) & 1;
      present[w] = word | (1 << slot);
      first[firstCount] = slot;
      firstCount += seen ^ 1;
      further[furtherCount] = slot;
      furtherCount += seen;
    }
    const groups = this.#groups;
    const regions = this.#regions;
    for (let i = 0; i < firstCount; i++) {
      const w = first[i]! >>> 5;
      groups[w >>> 5]! |= 1 << w;
      regions[w >>> 10]! |= 1 << (w >>> 5);
    }
    const again = this.#again;
    const repeats = this.#repeats;
    let squares = firstCount;
    for (let i = 0; i < furtherCount; i++) {
      const slot = further[i]!;
      again[slot >>> 5]! |= 1 << slot;
      const repeat = repeats[slot]! + 1;
      repeats[slot] = repeat;
      squares += 2 * repeat + 1;
    }
    return squares;
  }

  /**
   * Writes the row and forgets it: slots plus `offset` to `indices`, counts times `scale` to `values`, from `at` on.
   * Returns the position after the last.
   */
  write(indices: Uint32Array, values: Float32Array, at: number, offset: number, scale: number): number {
    const present = this.#present;
    const again = this.#again;
    const groups = this.#groups;
    const regions = this.#regions;
    const repeats = this.#repeats;
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
          let word = present[w]!;
          const repeated = again[w]!;
          present[w] = 0;
          if (repeated === 0) {
            for (; word !== 0; word &= word - 1) {
              indices[position] = offset + ((w << 5) | (31 - Math.clz32(word & -word)));
              values[position] = scale;
              position++;
            }
          } else {
            again[w] = 0;
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
