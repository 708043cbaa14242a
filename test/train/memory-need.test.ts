import { afterEach, describe, expect, test } from "vitest";
import { Dataset } from "../../src/data/dataset.js";
import { nodeHostMemory } from "../../src/node/host-memory.js";
import { sdcaMaximumEntropy } from "../../src/stages.js";
import { admission, type ProblemBytes } from "../../src/train/memory-need.js";
import { Problem } from "../../src/train/problem.js";
import { setHostMemory } from "../../src/wasm/host-memory.js";
import { freshCore } from "../helpers/place.js";
import { randomRows } from "../helpers/rows.js";

const PAGE_BYTES = 65_536;
const shape = { rowCount: 400, featureCount: 900, classCount: 300 };

function dataOf({ rowCount, featureCount, classCount }: typeof shape) {
  const { matrix, labels } = randomRows({ rowCount, featureCount, classCount, density: 20 });
  return Dataset.of({
    Label: { kind: "key", count: classCount, keys: labels.map((label) => label + 1) },
    Features: { kind: "vector", size: featureCount, matrix },
  });
}

/** What a problem says it will take, and what it has taken. */
function bytesOf(columnCount: number, folds: boolean): { told: ProblemBytes; taken: number } {
  const { matrix, labels } = randomRows({ ...shape, density: 20 });
  const core = freshCore();
  let told: ProblemBytes | undefined;
  new Problem(core, {
    matrix: { ...matrix, columnCount },
    labels,
    classCount: shape.classCount,
    scaledL2: 0.1,
    hasBias: true,
    batchSize: 8,
    folds,
    admit: (bytes) => {
      told = bytes;
    },
  });
  return { told: told!, taken: core.memory.buffer.byteLength };
}

afterEach(() => setHostMemory(undefined));

describe.each([true, false])("folds: %s", (folds) => {
  test("what is told is what is taken", () => {
    const { told, taken } = bytesOf(shape.featureCount, folds);
    expect(taken - told.total).toBeGreaterThanOrEqual(0);
    expect(taken - told.total).toBeLessThan(PAGE_BYTES);
    expect(told.duals).toBe(4 * 400 * 300);
    expect(told.weights).toBeLessThanOrEqual(4 * 900 * 300);
  });

  test("features that do not occur take no weights", () => {
    const more = 50_000;
    const few = bytesOf(shape.featureCount, folds).told;
    const many = bytesOf(shape.featureCount + more, folds).told;
    expect(many.weights).toBe(few.weights);
    // Their numbers stand in one table, and in the scratch of folding where nothing else is larger.
    expect(many.total - few.total).toBeLessThanOrEqual(24 * more);
  });
});

describe("a run that cannot fit is refused", () => {
  test("by the option, with figures; with as much as it needs it is not", async () => {
    const data = dataOf(shape);
    const run = sdcaMaximumEntropy({ maxMemoryBytes: 1e6 }).fit(data);
    const error = await run.catch((error) => error);
    expect(error).toMatchObject({
      code: "out-of-memory",
      message: expect.stringMatching(
        /^Training on 400 rows, 900 features, 300 classes needs (\d+) MB: 1 MB for duals, .* The option maxMemoryBytes allows 1 MB\. Most of it grows with features × classes/,
      ),
    });
    const [, megabytes] = /needs (\d+) MB/.exec(error.message)!;
    const enough = sdcaMaximumEntropy({ maxMemoryBytes: Number(megabytes) * 1e6 });
    expect((await enough.fit(data)).training[0]!.rowCount).toBe(400);
    const less = sdcaMaximumEntropy({ maxMemoryBytes: (Number(megabytes) - 1) * 1e6 });
    await expect(less.fit(data)).rejects.toMatchObject({ code: "out-of-memory" });
  });

  test("by the machine's memory, where the host tells it", async () => {
    setHostMemory(() => ({ totalBytes: 1e9, usedBytes: 1e9 - 1e6 }));
    const data = dataOf(shape);
    await expect(sdcaMaximumEntropy().fit(data)).rejects.toMatchObject({
      message: expect.stringContaining("This machine has 1000 MB, of which 999 MB are in use."),
    });
    await sdcaMaximumEntropy({ maxMemoryBytes: Number.POSITIVE_INFINITY }).fit(data);
  });

  test("for many rows the advice is fewer of them", () => {
    const admit = admission({ rowCount: 1e6, featureCount: 1000, classCount: 100 }, 1e9);
    const bytes = { total: 2e9, present: 1e6, duals: 1.5e9, weights: 1e8 };
    expect(() => admit(bytes)).toThrow(/needs \d{4} MB: 1500 MB for duals.*train on fewer rows/);
    expect(() => admit({ total: 5e8, present: 1e6, duals: 3e8, weights: 1e8 })).not.toThrow();
  });

  test.each([0, -1, Number.NaN, "1"])("maxMemoryBytes %s is no number of bytes", (maxMemoryBytes) => {
    expect(() => sdcaMaximumEntropy({ maxMemoryBytes } as never)).toThrow(
      expect.objectContaining({ code: "bad-option" }),
    );
  });
});

test("Node tells figures that make sense", () => {
  const { totalBytes, usedBytes } = nodeHostMemory();
  expect(usedBytes).toBeGreaterThan(10e6);
  expect(totalBytes).toBeGreaterThan(usedBytes);
  expect(totalBytes).toBeLessThan(1e15);
});
