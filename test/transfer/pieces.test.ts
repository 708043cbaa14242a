// Updates and loading are done in pieces, so that a page or a service answers in between: the bits are the same whatever the
// pieces are, and no piece is long.
import { beforeEach, describe, expect, test, vi } from "vitest";
import { type CsrMatrix, sliceRows } from "../../src/data/csr.js";
import { decodingRows, packingRows } from "../../src/data/row-codec.js";
import {
  featurizeText,
  fromRows,
  loadModel,
  mapKeyToValue,
  mapValueToKey,
  saveModel,
  sdcaMaximumEntropy,
  updateModel,
} from "../../src/index.js";
import { Random } from "../../src/random.js";
import { atOnce } from "../../src/slices.js";
import type { TextFeaturizer } from "../../src/text/text-featurizer.js";
import { joiningParts, markingSlots, NO_SLOT, type RowPart } from "../../src/transfer/row-parts.js";
import { findingRows } from "../../src/transfer/training-rows.js";
import { pieces } from "../helpers/pieces.js";
import { randomRows } from "../helpers/rows.js";

vi.mock("../../src/data/csr.js", async (original) =>
  (await import("../helpers/pieces.js")).inPieces(await original()),
);
beforeEach(() => {
  pieces.size = undefined;
});

/** Entries that a piece goes through at most, if a row has not more. */
const MOST = 131_072;
const steps = (generator: Generator<unknown>) => {
  let count = 0;
  while (!generator.next().done) count++;
  return count;
};

describe("slots of rows that are joined", () => {
  const { matrix } = randomRows({ rowCount: 50, featureCount: 300, classCount: 3 });
  const labels = new Uint32Array(50).map((_, row) => row % 3);
  const random = new Random(4);
  /** Places of 300 slots, in order: of each the number of slots that are put before it, or −1 where it goes. */
  const places = (gapOf: (slot: number) => number) => {
    let place = 0;
    return Uint32Array.from({ length: 300 }, (_, slot) => {
      const gap = gapOf(slot);
      if (gap < 0) return NO_SLOT;
      place += gap;
      return place++;
    });
  };

  test.each([
    ["as they are", places(() => 0)],
    ["with room in the middle of a block", places((slot) => (slot === 77 ? 1000 : 0))],
    ["with room at the ends of blocks", places((slot) => (slot % 32 === 0 ? 5 : 0))],
    [
      "without some, the last among them",
      places((slot) => (slot === 299 || random.nextFloat() < 0.1 ? -1 : 0)),
    ],
    ["without whole blocks", places((slot) => (slot >= 64 && slot < 160 ? -1 : slot === 200 ? 3 : 0))],
  ])("%s", (_, slots) => {
    const rows = Uint32Array.from(
      Array.from({ length: 50 }, (_, row) => row).filter((row) =>
        matrix.indices
          .subarray(matrix.indptr[row], matrix.indptr[row + 1])
          .every((slot) => slots[slot] !== NO_SLOT),
      ),
    );
    const part: RowPart = { matrix, rows, labels: labels.filter((_, row) => rows.includes(row)), slots };
    const whole: RowPart = { matrix: { ...matrix, columnCount: 5000 }, labels };
    const joined = atOnce(joiningParts([part, whole], 5000));
    const expected = [...rows].map((row) =>
      Array.from(matrix.indices.subarray(matrix.indptr[row], matrix.indptr[row + 1]), (slot) => slots[slot]!),
    );
    const { indptr, indices } = joined.matrix;
    expect(Array.from(rows, (_, i) => [...indices.subarray(indptr[i], indptr[i + 1])])).toEqual(expected);
    expect([...indices.subarray(indptr[rows.length])]).toEqual([...matrix.indices]);
    expect([...joined.labels]).toEqual([...part.labels, ...labels]);
    const isUsed = new Uint8Array(5000);
    atOnce(markingSlots(part, isUsed));
    const used = new Set(expected.flat());
    expect(isUsed.every((mark, place) => mark === (used.has(place) ? 1 : 0))).toBe(true);
  });
});

test("no piece is long, however many rows there are", () => {
  const rowCount = 2000;
  const indptr = new Uint32Array(rowCount + 1).map((_, row) => 300 * row);
  const indices = new Uint32Array(300 * rowCount).map((_, k) => 3 * (k % 300));
  const matrix: CsrMatrix = {
    ...{ layout: "sparse", rowCount, columnCount: 1000, indptr, indices },
    values: new Float32Array(indices.length).fill(0.5),
  };
  const labels = new Uint32Array(rowCount);
  const least = Math.floor(indices.length / MOST);
  const most = Uint32Array.from({ length: rowCount - 1 }, (_, row) => row);
  for (const part of [
    { matrix, labels, slots: new Uint32Array(1000) },
    { matrix, labels, rows: most },
  ]) {
    expect(steps(joiningParts([part], 1000))).toBeGreaterThanOrEqual(least);
    expect(steps(markingSlots(part, new Uint8Array(1000)))).toBeGreaterThanOrEqual(least);
  }
  expect(
    steps(findingRows({ matrix, labels }, { matrix: sliceRows(matrix, 0, 1) as CsrMatrix })),
  ).toBeGreaterThanOrEqual(least);
  const bytes = atOnce(packingRows(matrix));
  expect(steps(decodingRows(bytes, rowCount, 1000))).toBeGreaterThanOrEqual(least);
});

describe("a model that is updated", () => {
  const random = new Random(3);
  const labels = ["red", "green", "blue"];
  const rows = (count: number) =>
    Array.from({ length: count }, () => {
      const k = random.nextBelow(3);
      const words = Array.from({ length: 5 }, () =>
        random.nextFloat() < 0.5 ? `${labels[k]}${random.nextBelow(40)}` : `word${random.nextBelow(200)}`,
      );
      return { Label: labels[k]!, Text: words.join(" ") };
    });
  const trained = (from: ReturnType<typeof rows>) =>
    featurizeText("Features", "Text")
      .append(mapValueToKey("Label"))
      .append(sdcaMaximumEntropy({ keepState: true }))
      .append(mapKeyToValue("PredictedLabel"))
      .fit(fromRows(from));
  const [old, more] = [rows(120), rows(30)];
  const changes = {
    remove: fromRows(old.slice(0, 9)),
    relabel: fromRows(old.slice(20, 23).map((row) => ({ ...row, Label: "red" }))),
  };

  test.each([1, 7])("has the same bytes when it is made in pieces of %s", async (size) => {
    const model = await trained(old);
    const file = saveModel(model);
    const whole = saveModel((await updateModel(model, fromRows(more), changes)).model);
    pieces.size = size;
    const again = await trained(old);
    const { model: inPieces } = await updateModel(await loadModel(file), fromRows(more), changes);
    pieces.size = undefined;
    expect(Buffer.compare(saveModel(again), file)).toBe(0);
    expect(Buffer.compare(saveModel(inPieces), whole)).toBe(0);
  });

  test("its featurizer takes its n-grams some at a time", async () => {
    const { stages } = await trained(rows(2000));
    const featurizer = stages.find(({ stage }) => stage === "featurizeText") as TextFeaturizer;
    expect(featurizer.slotCount).toBeGreaterThan(2 * 4096);
    expect(steps(featurizer.withTables(featurizer.tables).preparing())).toBeGreaterThan(3);
  });
});
