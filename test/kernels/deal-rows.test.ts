import { describe, expect, test } from "vitest";
import { builds, place } from "../helpers/place.js";

const shards = 2;
/** Plain lines 0 … 9 of two shards, shared lines 10 … 14 of two, of which the second has none. */
const starts = [0, 4, 10, 15, 15];
const rows = [
  { name: "an empty row", lines: [] },
  { name: "one entry", lines: [7] },
  { name: "entries of each shard", lines: [4, 0, 9, 1, 3, 5, 14, 10] },
  { name: "all of the last group that has any", lines: [10, 11, 12, 14] },
  { name: "in order already", lines: [0, 1, 4, 9, 10] },
];

/** What stands behind a row, which must be left alone. */
const NEXT = 99;

describe.each(builds)("%s build", (build) => {
  test.each(rows)("dealRow: $name", ({ lines }) => {
    const groups = 2 * shards;
    const { core, at, read } = place(
      {
        indices: Uint32Array.of(...lines, NEXT),
        values: Float32Array.of(...lines.map((_, i) => i + 0.5), NEXT),
        starts: Uint32Array.of(...starts, ...new Array(2 * lines.length).fill(0)),
        bounds: new Uint32Array(groups),
      },
      build,
    );
    core.dealRow(at.indices, at.values, 4 * lines.length, at.starts, 4 * groups, at.bounds, 1000);
    const groupOf = (line: number) => starts.findLastIndex((start) => start <= line);
    const order = [...lines.keys()].sort((a, b) => groupOf(lines[a]!) - groupOf(lines[b]!));
    expect([...read("indices")]).toEqual([...order.map((i) => lines[i]), NEXT]);
    expect([...read("values")]).toEqual([...order.map((i) => i + 0.5), NEXT]);
    const before = (group: number) => lines.filter((line) => groupOf(line) < group).length;
    expect([...read("bounds")]).toEqual(Array.from({ length: groups }, (_, group) => 1000 + before(group)));
  });
});
