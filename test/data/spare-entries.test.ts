import { createHash } from "node:crypto";
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { VectorColumn } from "../../src/data/columns.js";
import type { CsrMatrix } from "../../src/data/csr.js";
import { fitEnded, spareEntries, takeEntries } from "../../src/data/spare-entries.js";
import {
  type Dataset,
  featurizeText,
  fromRows,
  mapKeyToValue,
  mapValueToKey,
  saveModel,
  sdcaMaximumEntropy,
} from "../../src/index.js";
import { labelledTexts, rowsOf } from "../helpers/texts.js";

function matrixWithRoom(room: number, nnz: number): CsrMatrix {
  const [indices, values] = [new Uint32Array(room).subarray(0, nnz), new Float32Array(room).subarray(0, nnz)];
  return { layout: "sparse", rowCount: 1, columnCount: nnz, indptr: Uint32Array.of(0, nnz), indices, values };
}

test("in a program's first fit nothing is given away, which would raise its peak of memory", () => {
  const matrix = matrixWithRoom(100, 60);
  spareEntries(matrix);
  expect(takeEntries(80).values.buffer).not.toBe(matrix.values.buffer);
  fitEnded();
});

beforeEach(() => {
  // Whatever earlier fits have left.
  spareEntries(matrixWithRoom(0, 0));
});

describe("takeEntries", () => {
  test("gives what was given away with all its room, once", () => {
    const matrix = matrixWithRoom(100, 60);
    spareEntries(matrix);
    const { indices, values } = takeEntries(80);
    expect(indices.buffer).toBe(matrix.indices.buffer);
    expect(values.buffer).toBe(matrix.values.buffer);
    expect([indices.length, values.length]).toEqual([100, 100]);
    expect(takeEntries(80).values.buffer).not.toBe(matrix.values.buffer);
  });

  test("gives new arrays where the others are too small or far too large, and keeps those", () => {
    const matrix = matrixWithRoom(100, 60);
    spareEntries(matrix);
    for (const count of [101, 49]) {
      const { indices, values } = takeEntries(count);
      expect([indices.length, values.length]).toEqual([count, count]);
    }
    expect(takeEntries(50).values.buffer).toBe(matrix.values.buffer);
  });
});

/** About the room of the arrays of these rows. */
const ENTRIES = 150_000;
// Enough entries for arrays that grow, so that what was given away is taken.
const rows = rowsOf(
  labelledTexts(4000).map(({ text, label }, i) => ({ text: `${text} word${i % 97}`, label })),
);
const others = rows.map(({ Text, Label }, i) => ({
  Text: `${Text} other${i % 53}`,
  Label: `${Label}${i % 2}`,
}));
const pipeline = featurizeText("Features", "Text")
  .append(mapValueToKey("Label"))
  .append(sdcaMaximumEntropy({ maxEpochs: 2 }))
  .append(mapKeyToValue("PredictedLabel"));
type Rows = typeof rows;
const digest = async (data: Rows, options = {}) =>
  createHash("sha256")
    .update(saveModel(await pipeline.fit(fromRows(data), { threads: 1, ...options })))
    .digest("hex");
const features = (data: Dataset) => (data.column("Features") as VectorColumn).matrix as CsrMatrix;
const contents = ({ indptr, indices, values }: CsrMatrix) =>
  [indptr, indices, values].map((array) => createHash("sha256").update(array).digest("hex"));

test("fits give their matrices away, and the next ones take them", async () => {
  // No second passes, so that it is held for certain.
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    await digest(rows);
    const first = takeEntries(ENTRIES);
    expect(first.values.some((value) => value !== 0)).toBe(true);
    for (const train of [() => digest(rows), () => featurizeText("Features", "Text").fit(fromRows(rows))]) {
      spareEntries({ ...matrixWithRoom(0, 0), ...first });
      await train();
      expect(takeEntries(ENTRIES).values.buffer).toBe(first.values.buffer);
    }
  } finally {
    vi.useRealTimers();
  }
});

test("fits one after the other and at the same time give the same models as alone", async () => {
  const [first, other] = [await digest(rows), await digest(others)];
  for (let i = 0; i < 2; i++) {
    expect(await digest(others)).toBe(other);
    expect(await digest(rows)).toBe(first);
  }
  const together = await Promise.all([rows, others, rows, others].map((data) => digest(data)));
  expect(together).toEqual([first, other, first, other]);
});

test("what a caller has read from a dataset stays as it is, and what it reads later is right", async () => {
  const expected = contents(
    features((await featurizeText("Features", "Text").fit(fromRows(rows))).transform(fromRows(rows))),
  );
  let kept: Dataset | undefined;
  let read: CsrMatrix | undefined;
  const model = await digest(rows, {
    onStageFitted: ({ stage }: { stage: string }, output: Dataset) => {
      if (stage !== "featurizeText") return;
      kept = output;
      read = features(output);
    },
  });
  expect(await digest(rows)).toBe(model);
  await digest(others);
  expect(contents(read!)).toEqual(expected);
  expect(contents(features(kept!))).toEqual(expected);
});

test("a dataset that nobody has read before the end of a fit has its features computed", async () => {
  let kept: Dataset | undefined;
  await featurizeText("Features", "Text").fit(fromRows(rows), {
    onStageFitted: (_, output) => {
      kept = output;
    },
  });
  const before = contents(features(kept!));
  await digest(others);
  await digest(rows);
  expect(contents(features(kept!))).toEqual(before);
});

test("a state that a model keeps is not given away", async () => {
  const keeping = featurizeText("Features", "Text")
    .append(mapValueToKey("Label"))
    .append(sdcaMaximumEntropy({ maxEpochs: 2, keepState: true }));
  const model = await keeping.fit(fromRows(rows), { threads: 1 });
  const bytes = saveModel(model);
  await digest(others);
  await digest(rows);
  expect(Buffer.compare(saveModel(model), bytes)).toBe(0);
});
