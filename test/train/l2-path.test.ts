import { describe, expect, test } from "vitest";
import { takeRows } from "../../src/data/csr.js";
import { loadModel } from "../../src/index.js";
import { Random } from "../../src/random.js";
import { atOnce } from "../../src/slices.js";
import type { Progress } from "../../src/stage.js";
import { isClearlyLower } from "../../src/train/choose-l2.js";
import { heldOutRows } from "../../src/train/folds.js";
import { findL2 } from "../../src/train/l2-path.js";
import { type Certificate, Problem, type ProblemInput } from "../../src/train/problem.js";
import type { SolveOptions } from "../../src/train/solve.js";
import { trainClassifier } from "../../src/train-classifier.js";
import { freshCore } from "../helpers/place.js";
import { randomRows } from "../helpers/rows.js";
import { labelledTexts } from "../helpers/texts.js";
import { weightsOf } from "../helpers/weights.js";

const shape = { rowCount: 300, featureCount: 80, classCount: 4 };
const { matrix, labels } = randomRows(shape);
const limits: SolveOptions = {
  ...{ tolerance: 1e-3, maxEpochs: 200, maxMs: Number.POSITIVE_INFINITY },
  ...{ onAbort: "reject", seed: 1 },
};

function posed(extra: Partial<ProblemInput> = {}): Problem {
  const input = { matrix, labels, classCount: shape.classCount, scaledL2: 0.1, hasBias: true, batchSize: 4 };
  return new Problem(freshCore(), { ...input, ...extra });
}

function certify(problem: Problem): Certificate {
  const pass = problem.certify();
  for (;;) {
    const step = pass.next();
    if (step.done) return step.value;
  }
}

const listsOf = (...rows: Parameters<typeof heldOutRows>) => atOnce(heldOutRows(...rows));

/** Held-out loss at λn, mean over the lists, each trained from the start until nothing moves. */
function convergedLoss(lists: readonly Uint32Array[], scaledL2: number): number {
  const losses = lists.map((heldOut) => {
    const problem = posed();
    const held = new Set(heldOut);
    const rows = Uint32Array.from(labels.keys()).filter((row) => !held.has(row));
    atOnce(problem.restart(scaledL2, rows));
    const random = new Random(5);
    for (let epoch = 0; epoch < 300; epoch++) {
      atOnce(problem.startFullEpoch(random));
      problem.visit(0, problem.activeRowCount);
      if (problem.seen().divergence < 1e-6) break;
    }
    return atOnce(problem.meanLossOf(heldOut));
  });
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}

describe("heldOutRows", () => {
  test("holds each row out once, classes spread evenly", () => {
    const lists = listsOf(matrix, labels);
    expect(lists).toHaveLength(5);
    expect(lists.flatMap((rows) => [...rows]).sort((a, b) => a - b)).toEqual([...labels.keys()]);
    const firsts = lists.map((rows) => rows.filter((row) => labels[row] === 0).length);
    expect(Math.max(...firsts) - Math.min(...firsts)).toBeLessThanOrEqual(1);
  });

  test("keeps rows that are equal together, whatever their labels", () => {
    const rows = Uint32Array.from({ length: 900 }, (_, i) => i % 300);
    const repeated = takeRows(matrix, rows) as typeof matrix;
    const lists = listsOf(
      repeated,
      Uint32Array.from(rows, (row, i) => (labels[row]! + i) % 4),
    );
    for (const list of lists) {
      const held = new Set(list);
      for (const row of list) expect(held.has((row + 300) % 900)).toBe(true);
    }
  });

  test("holds out one fifth of many rows", () => {
    const many = randomRows({ rowCount: 10_001, featureCount: 40, classCount: 3 });
    const lists = listsOf(many.matrix, many.labels);
    expect(lists).toHaveLength(1);
    expect(lists[0]!.length).toBeGreaterThan(1500);
    expect(lists[0]!.length).toBeLessThan(2500);
  });

  test("does not depend on the order of the rows", () => {
    const order = new Random(4).permutation(shape.rowCount);
    const shuffled = takeRows(matrix, order) as typeof matrix;
    const there = listsOf(
      shuffled,
      order.map((row) => labels[row]!),
    );
    const sets = (lists: Uint32Array[]) => lists.map((rows) => [...rows].sort((a, b) => a - b));
    expect(sets(there.map((rows) => rows.map((i) => order[i]!)))).toEqual(sets(listsOf(matrix, labels)));
  });
});

describe("a part of the rows, and another λ", () => {
  test("rows left out change nothing: the same bits as a problem without them, but for their numbers", () => {
    const part = Uint32Array.from({ length: 200 }, (_, i) => i + 50);
    const whole = posed();
    atOnce(whole.restart(0.2, part));
    const alone = posed({
      ...{ matrix: takeRows(matrix, part) as typeof matrix, labels: labels.slice(50, 250) },
      scaledL2: 0.2,
    });
    for (const problem of [whole, alone]) {
      const random = new Random(1);
      for (let epoch = 0; epoch < 3; epoch++) {
        atOnce(problem.startFullEpoch(random));
        problem.visit(0, problem.activeRowCount);
      }
    }
    expect(weightsOf(whole)).toEqual(weightsOf(alone));
    expect(whole.seen()).toEqual(alone.seen());
    expect(whole.l2).toBe(alone.l2);
  });

  test.each([2, 4, 7])("rescaled weights are W(q) of the new duals, %d classes", (classCount) => {
    const rows = randomRows({ ...shape, classCount });
    const origins = [undefined, new Random(3)].map((random) => {
      if (!random) return undefined;
      const columns = classCount === 2 ? 1 : Math.ceil(classCount / 4) * 4;
      const line = (length: number) => Float32Array.from({ length }, () => random.nextFloat() - 0.5);
      const weights = line(shape.featureCount * columns).map((w, i) => (i % columns < classCount ? w : 0));
      return { weights, biases: line(classCount === 2 ? 1 : classCount) };
    });
    for (const origin of origins) {
      const problem = posed({ ...rows, classCount, ...(origin && { origin }) });
      atOnce(problem.startFullEpoch(new Random(1)));
      problem.visit(0, shape.rowCount);
      atOnce(problem.rescale(0.03, 0.4));
      const scaled = weightsOf(problem);
      certify(problem);
      weightsOf(problem).forEach((weight, i) => {
        expect(Math.abs(weight - scaled[i]!)).toBeLessThan(2e-5 * (1 + Math.abs(weight)));
      });
    }
  });

  test.each([
    [2, 1.1],
    [4, 5],
    [7, 5],
  ])("a step foretells what its visits see, %d classes, within a factor of %d", (classCount, factor) => {
    const problem = posed({ ...randomRows({ ...shape, classCount }), classCount, scaledL2: 3 });
    const random = new Random(1);
    for (let epoch = 0; epoch < 40; epoch++) {
      atOnce(problem.startFullEpoch(random));
      problem.visit(0, shape.rowCount);
    }
    const solved = problem.seen();
    atOnce(problem.rescale(1, 0.8, true));
    const foretold = problem.seen();
    // The gap of the start, as no step has been taken: what all visits would see if they came at once.
    const { divergence } = certify(problem);
    expect(solved.divergence).toBeLessThan(divergence / 10);
    expect(foretold.divergence).toBeGreaterThan(divergence / factor);
    expect(foretold.divergence).toBeLessThan(divergence * factor);
    const ratio = foretold.residual / foretold.divergence;
    expect(ratio).toBeGreaterThan(0.1);
    expect(ratio).toBeLessThan(2);
  });

  test("a step foretells numbers, whatever the losses and the weights of rows", () => {
    const rowWeights = Float32Array.from({ length: shape.rowCount }, (_, row) => 0.5 + (row % 3) / 2);
    const problem = posed({ rowWeights, scaledL2: 1e-3 });
    atOnce(problem.startFullEpoch(new Random(1)));
    problem.visit(0, shape.rowCount);
    const { core, at } = problem.placed;
    new Float32Array(core.memory.buffer, at.losses, 3).set([-1e-8, 0, 200]);
    for (const [scaledL2, share] of [
      [1e-6, 1],
      [1e-7, 0.1],
    ] as const) {
      atOnce(problem.rescale(scaledL2, share, true));
      expect(problem.seen().divergence).toBeGreaterThan(0);
      expect(problem.seen().residual).toBeLessThan(2);
      expect(Number.isFinite(problem.seen().divergence)).toBe(true);
    }
  });

  test("restart after all that gives the bits of a fresh problem", () => {
    const used = posed();
    atOnce(used.restart(1, Uint32Array.of(3, 5, 8, 13)));
    used.halveBatches();
    atOnce(used.startEpoch(new Random(2)));
    used.visit(0, 4);
    atOnce(used.rescale(0.5, 0.3));
    atOnce(used.restart(0.1));
    const fresh = posed();
    for (const problem of [used, fresh]) {
      atOnce(problem.startFullEpoch(new Random(1)));
      problem.visit(0, shape.rowCount);
    }
    expect(used.batchSize).toBe(fresh.batchSize);
    expect(weightsOf(used)).toEqual(weightsOf(fresh));
  });
});

describe("findL2", () => {
  const lists = listsOf(matrix, labels);

  test("finds a λ whose held-out loss is within 1 % of the best of a fine grid", async () => {
    const found = (await findL2(posed(), lists, limits, () => undefined))!;
    const grid = Array.from({ length: 17 }, (_, i) => 4 / 1.7 ** i);
    const best = Math.min(...grid.map((scaledL2) => convergedLoss(lists, scaledL2)));
    expect(convergedLoss(lists, found.scaledL2)).toBeLessThanOrEqual(1.01 * best);
  });

  test("the path falls in λ and brackets what is chosen", async () => {
    const { path, scaledL2 } = (await findL2(posed(), lists, limits, () => undefined))!;
    const l2 = scaledL2 / shape.rowCount;
    for (const [i, point] of path.entries()) {
      expect(point.epochs).toBeGreaterThanOrEqual(lists.length);
      if (i > 0) expect(point.l2).toBeCloseTo(path[i - 1]!.l2 / Math.sqrt(10), 12);
    }
    expect(l2).toBeLessThanOrEqual(path[0]!.l2);
    expect(l2).toBeGreaterThanOrEqual(path.at(-1)!.l2);
  });

  test("labels that have nothing to do with the features get a large λ", async () => {
    const random = new Random(11);
    const noise = labels.map(() => random.nextBelow(4));
    const noisy = posed({ labels: noise });
    const found = (await findL2(noisy, listsOf(matrix, noise), limits, () => undefined))!;
    expect(found.scaledL2).toBeGreaterThan(3);
  });

  test("nothing to hold out, or no time: undefined", async () => {
    expect(await findL2(posed(), [], limits, () => undefined)).toBeUndefined();
    expect(await findL2(posed(), [Uint32Array.from(labels.keys())], limits, () => undefined)).toBeUndefined();
    expect(await findL2(posed(), lists, limits, () => "maxMs")).toBeUndefined();
  });
});

test("a path is clearly lower by more than a standard error of the mean difference on the same lists", () => {
  expect(isClearlyLower([1, 1, 1, 1], [1.1, 1.1, 1.1, 1.1])).toBe(true);
  expect(isClearlyLower([1, 1, 1, 1], [1, 1, 1, 1])).toBe(false);
  expect(isClearlyLower([1, 1, 1, 1], [0.9, 1.2, 1.1, 1.2])).toBe(true);
  // Mean 0.05, standard error 0.087.
  expect(isClearlyLower([1, 1, 1, 1], [0.9, 1.2, 0.9, 1.2])).toBe(false);
  expect(isClearlyLower([1.2, 0.5], [1, 0.4])).toBe(false);
  // One list has no standard error.
  expect(isClearlyLower([1], [1.01])).toBe(true);
  expect(isClearlyLower([1], [0.99])).toBe(false);
});

test("the loss of a list is that of the step that is best on the other lists", async () => {
  const lists = atOnce(heldOutRows(matrix, labels));
  const found = (await findL2(posed(), lists, limits, () => undefined))!;
  expect(found.losses).toHaveLength(lists.length);
  const mean = found.losses.reduce((sum, loss) => sum + loss, 0) / lists.length;
  expect(mean).toBeGreaterThanOrEqual(found.loss);
  expect(mean).toBeLessThan(1.2 * found.loss);
});

describe('l2: "auto"', () => {
  const noisy = labelledTexts(150).map((row, i) => (i % 8 === 0 ? { ...row, label: "music" as const } : row));

  test("gives, to the bit, the model of the λ that it names, and the path in the record", async () => {
    const found = await trainClassifier(noisy, { l2: "auto" });
    const { l2, l2Path, ...rest } = found.training;
    const given = await trainClassifier(noisy, { l2 });
    expect(given.training).toEqual({ l2, ...rest });
    expect(given.predict("rain", { topK: 3 })).toEqual(found.predict("rain", { topK: 3 }));
    expect(l2Path!.length).toBeGreaterThan(2);
    expect((await loadModel(found.save())).training[0]).toEqual(found.training);
  });

  test("depends on the data alone, not on seed and tolerance", async () => {
    const [first, other] = await Promise.all([
      trainClassifier(noisy, { l2: "auto" }),
      trainClassifier(noisy, { l2: "auto", seed: 7, tolerance: 1e-5 }),
    ]);
    expect(other.training.l2).toBe(first.training.l2);
  });

  test("rows that are all alike leave nothing to hold out: the default", async () => {
    const alike = Array.from({ length: 12 }, (_, i) => ({ text: "same text", label: i % 2 ? "a" : "b" }));
    const auto = await trainClassifier(alike, { l2: "auto" });
    const plain = await trainClassifier(alike);
    expect(auto.training).toEqual(plain.training);
    expect(auto.predict("same text").probability).toBeCloseTo(0.5, 1);
  });

  test.each([2, 3, 7])("works on %d rows", async (count) => {
    const few = labelledTexts(count);
    expect((await trainClassifier(few, { l2: "auto" })).training.l2).toBeGreaterThan(0);
  });

  test("reports steps, and stops when aborted", async () => {
    const phases: Progress[] = [];
    await trainClassifier(noisy, { l2: "auto", onProgress: (progress) => phases.push(progress) });
    const search = phases.filter(({ phase }) => phase === "search");
    expect(search.length).toBeGreaterThan(5);
    for (const { done, total, etaMs } of search) {
      expect(done).toBeLessThanOrEqual(total);
      if (done === 0) expect(etaMs).toBeUndefined();
      else expect(etaMs).toBeGreaterThan(0);
    }
    const controller = new AbortController();
    const onProgress = ({ phase }: Progress) => phase === "search" && controller.abort("enough");
    const run = trainClassifier(noisy, { l2: "auto", signal: controller.signal, onProgress });
    await expect(run).rejects.toBe("enough");
  });
});
