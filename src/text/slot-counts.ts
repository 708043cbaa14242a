/**
 * The slots of one row with their counts, given out in ascending order without sorting, for slots of which many occur
 * in most rows; {@link SlotBits} suits those that are many and rare. All is 0 between rows.
 *
 *   counts   i32[capacity]        occurrences of a slot
 *   present  i32[capacity / 32]   of word w: bits of slots 32w … 32w + 31 that occur
 *   groups   i32[capacity / 32²]  a bit for each word of `present` that is not 0
 */
export class SlotCounts {
  #counts = new Int32Array(0);
  #present = new Int32Array(0);
  #groups = new Int32Array(0);
  /** The row's distinct slots, in order of first appearance. */
  #first = new Int32Array(0);

  /** Makes room for slots below `capacity`. Between rows only. */
  reserve(capacity: number): void {
    if (capacity <= this.#counts.length) return;
    const groupCount = Math.ceil(Math.max(capacity, 2 * this.#counts.length) / 32 ** 2);
    this.#groups = new Int32Array(groupCount);
    this.#present = new Int32Array(groupCount * 32);
    this.#counts = new Int32Array(groupCount * 32 ** 2);
  }

  /**
   * Counts a row: the slot of each of its n-grams, in any order; {@link write} gives them out. Returns the sum of the
   * squared counts. Between two calls the row must be written.
   */
  mark(slots: Int32Array, count: number): number {
    if (count > this.#first.length) this.#first = new Int32Array(2 * count);
    const counts = this.#counts;
    const first = this.#first;
    let firstCount = 0;
    let squares = 0;
    // Whether a slot is new to the row cannot be foretold: it is listed always, and the list grows only when it is new.
    for (let i = 0; i < count; i++) {
      const slot = slots[i]!;
      const before = counts[slot]!;
      counts[slot] = before + 1;
      first[firstCount] = slot;
      firstCount += (before - 1) >>> 31;
      squares += 2 * before + 1;
    }
    const present = this.#present;
    const groups = this.#groups;
    for (let i = 0; i < firstCount; i++) {
      const slot = first[i]!;
      const w = slot >>> 5;
      present[w]! |= 1 << slot;
      groups[w >>> 5]! |= 1 << w;
    }
    return squares;
  }

  /**
   * Writes the row and forgets it: slots to `indices`, counts times `scale` to `values`, from `at` on. Returns the
   * position after the last.
   */
  write(indices: Uint32Array, values: Float32Array, at: number, scale: number): number {
    const counts = this.#counts;
    const present = this.#present;
    const groups = this.#groups;
    let position = at;
    for (let g = 0; g < groups.length; g++) {
      let group = groups[g]!;
      if (group === 0) continue;
      groups[g] = 0;
      for (; group !== 0; group &= group - 1) {
        const w = (g << 5) | (31 - Math.clz32(group & -group));
        let word = present[w]!;
        present[w] = 0;
        for (; word !== 0; word &= word - 1) {
          const slot = (w << 5) | (31 - Math.clz32(word & -word));
          indices[position] = slot;
          values[position] = scale * counts[slot]!;
          counts[slot] = 0;
          position++;
        }
      }
    }
    return position;
  }
}
