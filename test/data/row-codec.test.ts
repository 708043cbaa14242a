import { describe, expect, test } from "vitest";
import type { CsrMatrix } from "../../src/data/csr.js";
import { decodingRows, packingRows } from "../../src/data/row-codec.js";
import { Random } from "../../src/random.js";
import { atOnce } from "../../src/slices.js";
import { randomRows } from "../helpers/rows.js";

const packed = (matrix: CsrMatrix) => atOnce(packingRows(matrix));
const decodeRows = (...of: Parameters<typeof decodingRows>) => atOnce(decodingRows(...of));

describe("rows in few bytes", () => {
  const { matrix } = randomRows({ rowCount: 80, featureCount: 5000, classCount: 3 });
  const random = new Random(5);
  const few = { ...matrix, values: matrix.values.map(() => Math.fround(0.1 * (1 + random.nextBelow(3)))) };
  const wide = {
    layout: "sparse" as const,
    rowCount: 3,
    columnCount: 2 ** 25,
    indptr: Uint32Array.of(0, 0, 200, 202),
    indices: Uint32Array.from({ length: 202 }, (_, i) => (i < 200 ? 1000 * i : 2 ** 25 - 202 + i)),
    values: Float32Array.from({ length: 202 }, () => random.nextFloat()),
  };

  test.each([
    ["many values", matrix],
    ["few values", few],
    ["an empty row, more values than kinds, the last features", wide],
  ])("come back the same: %s", (_, rows) => {
    expect(decodeRows(packed(rows), rows.rowCount, rows.columnCount)).toEqual(rows);
  });

  test("n-gram counts take about two bytes an entry", () => {
    expect(packed(few).length / few.values.length).toBeLessThan(4);
  });

  test("bytes cut short, too long, or of features that are not there are refused", () => {
    const bytes = packed(few);
    const decode = (part: Uint8Array, columns = few.columnCount) => decodeRows(part, few.rowCount, columns);
    for (const length of [0, 1, 7, bytes.length - 1])
      expect(decode(bytes.subarray(0, length))).toBeUndefined();
    expect(decode(Uint8Array.of(...bytes, 0))).toBeUndefined();
    expect(decode(bytes, 10)).toBeUndefined();
    expect(decodeRows(bytes, few.rowCount + 1, few.columnCount)).toBeUndefined();
    expect(decode(Uint8Array.from({ length: 300 }, () => 255))).toBeUndefined();
  });
});
