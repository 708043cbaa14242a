/**
 * Brings the entries of a row into the order of the groups of lines that they are on, those of a group as they were, and tells
 * where each group begins: src/train/deal-lines.ts.
 *
 *   indices, values   addresses of the row's entries: so many bytes of each
 *   starts            u32[groups + 1]: the first line of each group, and the number of lines; behind it room for as many bytes
 *                     as indices and values have together
 *   groupBytes        4 × groups
 *   bounds            u32[groups]: positions of first entries, that of the row is `first`
 */
export function dealRow(
  indices: usize,
  values: usize,
  bytes: usize,
  starts: usize,
  groupBytes: usize,
  bounds: usize,
  first: u32,
): void {
  const scratch = starts + groupBytes + 4;
  memory.copy(scratch, indices, bytes);
  memory.copy(scratch + bytes, values, bytes);
  let to: usize = 0;
  for (let group: usize = 0; group < groupBytes; group += 4) {
    const line = load<u32>(starts + group);
    const lines = load<u32>(starts + group, 4) - line;
    store<u32>(bounds + group, first + <u32>(to >> 2));
    // Whatever is stored at `to` without being of the group is overwritten by what is next.
    for (let k: usize = 0; to < bytes && k < bytes; k += 4) {
      const index = load<u32>(scratch + k);
      store<u32>(indices + to, index);
      store<u32>(values + to, load<u32>(scratch + bytes + k));
      to += (<usize>(index - line < lines)) << 2;
    }
  }
}
