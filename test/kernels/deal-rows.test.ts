import { describe, expect, test } from "vitest";
import { Problem as Field } from "../../assembly/layout.js";
import { builds, place } from "../helpers/place.js";

const NONE = 0xffffffff;
/** First lines of the shards: plain ones, then shared ones, of which some shards have none. */
const dealt = [
  { shards: 1, plain: [0], shared: [10] },
  { shards: 2, plain: [0, 4], shared: [10, 15] },
  { shards: 4, plain: [0, 2, 4, 7], shared: [10, 10, 13, 15] },
];
/** Lines of the entries of each row, plain ones and shared ones. */
const rows = [
  { plain: [7], shared: [] },
  { plain: [], shared: [] },
  { plain: [4, 0, 9, 1, 3, 5], shared: [14, 10] },
  { plain: [], shared: [10, 14, 11, 12, 13] },
  { plain: [0, 1, 4, 9], shared: [10] },
  { plain: [9, 8, 7, 6, 5, 4, 3, 2, 1, 0], shared: [] },
];
const longest = Math.max(...rows.map(({ plain, shared }) => plain.length + shared.length));

describe.each(builds)("%s build", (build) => {
  test.each(dealt)("dealRows: $shards shards", ({ shards, plain, shared }) => {
    const lines = rows.flatMap((row) => [...row.plain, ...row.shared]);
    const indptr = [0];
    for (const row of rows) indptr.push(indptr.at(-1)! + row.plain.length + row.shared.length);
    const groups = 2 * shards;
    const padded = (starts: readonly number[]) => [...starts, ...new Array(4 - starts.length).fill(NONE)];
    const { core, at, read } = place(
      {
        record: new Uint32Array(Field.BYTES / 4),
        indptr: Uint32Array.from(indptr),
        sharedAt: Uint32Array.from(rows, ({ plain }, row) => indptr[row]! + plain.length),
        indices: Uint32Array.from(lines),
        values: Float32Array.from(lines, (_, i) => i + 0.5),
        dealing: Uint32Array.of(...padded(plain), ...padded(shared), ...new Array(4 + 2 * longest).fill(7)),
        bounds: new Uint32Array(groups * rows.length + 1),
      },
      build,
    );
    const record = new DataView(core.memory.buffer, at.record, Field.BYTES);
    record.setUint32(Field.shards, shards, true);
    for (const block of ["indptr", "sharedAt", "indices", "values", "bounds"] as const)
      record.setUint32(Field[block], at[block], true);

    core.dealRows(at.record, at.dealing, 0, 2);
    core.dealRows(at.record, at.dealing, 2, rows.length);
    const starts = [...plain, ...shared];
    const groupOf = (line: number) => starts.findLastIndex((start) => start <= line);
    const order = rows.flatMap((_, row) => {
      const entries = [...lines.keys()].slice(indptr[row], indptr[row + 1]);
      return entries.sort((a, b) => groupOf(lines[a]!) - groupOf(lines[b]!));
    });
    expect([...read("indices")]).toEqual(order.map((i) => lines[i]));
    expect([...read("values")]).toEqual(order.map((i) => i + 0.5));
    const bounds = rows.flatMap((_, row) => {
      const groupsOfRow = lines.slice(indptr[row], indptr[row + 1]).map(groupOf);
      const before = (group: number) => groupsOfRow.filter((other) => other < group).length;
      return Array.from({ length: groups }, (_, group) => indptr[row]! + before(group));
    });
    expect([...read("bounds")]).toEqual([...bounds, lines.length]);
  });
});
