import { describe, expect, test } from "vitest";
import { Problem as Field } from "../../assembly/layout.js";
import { paddedClasses } from "../../src/wasm/weight-layout.js";
import { builds, place } from "../helpers/place.js";

// Rows whose last entries are on lines that several features share: lines from `firstShared` on.
const firstShared = 9;
const counts = Float32Array.of(2, 5, 3);
const rows: readonly [name: string, lines: readonly number[]][] = [
  ["no entry", []],
  ["one line of its own", [4]],
  ["four lines at a time", [0, 2, 5, 8]],
  ["five, and shared ones", [1, 2, 3, 6, 7, 9, 11]],
  ["shared ones alone", [9, 10, 11]],
];

describe.each(builds)("%s build", (build) => {
  describe.each([3, 8, 77])("%d classes", (classCount) => {
    test.each(rows)("scoreWide: a row with %s", (_, lines) => {
      const stride = paddedClasses(classCount);
      const weights = Float32Array.from({ length: 12 * stride }, (_, i) =>
        i % stride < classCount ? Math.sin(i + 1) : 0,
      );
      const values = Float32Array.from(lines, (line) => Math.cos(line));
      const biases = Float32Array.from({ length: stride }, (_, c) => c / 7);
      const shared = lines.findIndex((line) => line >= firstShared);
      const { core, at, read } = place(
        {
          record: new Uint32Array(Field.BYTES / 4),
          // The second of two rows: the first has one entry.
          indptr: Uint32Array.of(0, 1, 1 + lines.length),
          sharedAt: Uint32Array.of(1, 1 + (shared < 0 ? lines.length : shared)),
          indices: Uint32Array.of(0, ...lines),
          values: Float32Array.of(9, ...values),
          counts,
          weights,
          biases,
          wide: new Float64Array(2 * stride).fill(7),
        },
        build,
      );
      const record = new Uint32Array(core.memory.buffer, at.record, Field.BYTES / 4);
      for (const name of [
        "indptr",
        "sharedAt",
        "indices",
        "values",
        "counts",
        "weights",
        "biases",
        "wide",
      ] as const)
        record[Field[name] / 4] = at[name];
      record[Field.stride / 4] = stride;
      record[Field.classCount / 4] = classCount;
      record[Field.firstShared / 4] = firstShared;
      core.scoreWide(at.record, 1);
      // In double precision, in the order of the entries: the same bits.
      const expected = Array.from(biases, (bias, c) =>
        lines.reduce((sum, line, k) => {
          const copies = line < firstShared ? 1 : counts[line - firstShared]!;
          return sum + copies * values[k]! * weights[line * stride + c]!;
        }, bias),
      );
      expect(Array.from(read("wide")).slice(0, stride)).toEqual(expected);
    });
  });
});
