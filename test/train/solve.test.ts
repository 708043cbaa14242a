import { describe, expect, test, vi } from "vitest";
import type { Progress } from "../../src/stage.js";
import { Problem } from "../../src/train/problem.js";
import { type SolveOptions, solve } from "../../src/train/solve.js";
import { freshCore } from "../helpers/place.js";
import { randomRows } from "../helpers/rows.js";
import { weightsOf } from "../helpers/weights.js";

const shape = { rowCount: 400, featureCount: 200, classCount: 5, density: 12 };
const { matrix, labels } = randomRows(shape);
const defaults: SolveOptions = {
  tolerance: 1e-4,
  maxEpochs: 500,
  maxMs: Number.POSITIVE_INFINITY,
  onAbort: "reject",
  seed: 1,
};

function posed(batchSize = 4, scaledL2 = 0.1): Problem {
  const input = { matrix, labels, classCount: shape.classCount, scaledL2, hasBias: true, batchSize };
  return new Problem(freshCore(), input);
}

describe("stopping", () => {
  test.each([1e-2, 1e-4, 1e-6])("at a tolerance of %d nats, confirmed", async (tolerance) => {
    const solved = await solve(posed(), { ...defaults, tolerance });
    expect(solved.stoppedBecause).toBe("tolerance");
    expect(solved.certificate.gap).toBeLessThanOrEqual(tolerance);
    expect(solved.certificate.gap).toBeGreaterThan(0);
  });

  test("one epoch later at most where the first estimate of the gap is far too high", async () => {
    const { epochs } = await solve(posed(), defaults);
    const problem = posed();
    vi.spyOn(problem, "estimateGap").mockImplementationOnce(function* ({ divergence }) {
      yield;
      return 1000 * divergence;
    });
    const solved = await solve(problem, defaults);
    expect(solved.stoppedBecause).toBe("tolerance");
    expect(solved.epochs).toBeGreaterThanOrEqual(epochs);
    expect(solved.epochs).toBeLessThanOrEqual(epochs + 1);
  });

  test("after maxEpochs, with the gap it has reached", async () => {
    const solved = await solve(posed(), { ...defaults, tolerance: 1e-9, maxEpochs: 3 });
    expect(solved).toMatchObject({ stoppedBecause: "maxEpochs", epochs: 3 });
    expect(solved.certificate.gap).toBeGreaterThan(1e-9);
  });

  test("after maxMs, with a certificate of whatever there is", async () => {
    const solved = await solve(posed(), { ...defaults, tolerance: 1e-12, maxMs: 1e-6 });
    expect(solved).toMatchObject({ stoppedBecause: "maxMs", epochs: 0 });
    expect(solved.certificate.gap).toBeGreaterThan(0);
    expect(Number.isFinite(solved.certificate.objective)).toBe(true);
  });

  test("an aborted signal rejects with its reason", async () => {
    const reason = new Error("enough");
    await expect(solve(posed(), { ...defaults, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  test("a signal aborted while it runs rejects with its reason, too", async () => {
    const controller = new AbortController();
    const onProgress = () => controller.abort("stop");
    const run = solve(posed(), { ...defaults, tolerance: 1e-12, signal: controller.signal, onProgress });
    await expect(run).rejects.toBe("stop");
  });

  test("onAbort: keep ends with a certified model", async () => {
    const controller = new AbortController();
    const onProgress = ({ epoch }: Progress) => epoch === 2 && controller.abort();
    const options = {
      ...defaults,
      tolerance: 1e-12,
      onAbort: "keep",
      signal: controller.signal,
      onProgress,
    } as const;
    const solved = await solve(posed(), options);
    expect(solved).toMatchObject({ stoppedBecause: "signal", epochs: 2 });
    expect(solved.certificate.gap).toBeGreaterThan(0);
  });
});

describe("determinism", () => {
  test("the same seed gives the same bits, another seed others", async () => {
    const runs = [1, 1, 2].map(async (seed) => {
      const problem = posed();
      await solve(problem, { ...defaults, seed });
      return weightsOf(problem);
    });
    const [first, again, other] = await Promise.all(runs);
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });

  test("watching the run does not change the bits", async () => {
    const [plain, watched] = [posed(), posed()];
    await solve(plain, defaults);
    await solve(watched, { ...defaults, onProgress: () => {}, signal: new AbortController().signal });
    expect(weightsOf(watched)).toEqual(weightsOf(plain));
  });
});

test("batches so large that they overshoot are halved until the dual rises again", async () => {
  // Every row shares nearly all features with every other: batches of 256 diverge.
  const alike = randomRows({ rowCount: 512, featureCount: 12, classCount: 4, density: 40, seed: 3 });
  const input = { ...alike, classCount: 4, scaledL2: 0.01, hasBias: true, batchSize: 256 };
  const problem = new Problem(freshCore(), input);
  const solved = await solve(problem, { ...defaults, tolerance: 1e-2, maxEpochs: 3000 });
  expect(problem.batchSize).toBeLessThan(256);
  expect(solved.stoppedBecause).toBe("tolerance");
});

test("progress names the phase, counts up to the total and estimates what is left", async () => {
  const seen: Progress[] = [];
  await solve(posed(), { ...defaults, onProgress: (progress) => seen.push(progress) });
  expect(seen.length).toBeGreaterThan(3);
  for (const { phase, done, total, gap, loss } of seen) {
    expect(phase).toBe("solve");
    expect(done).toBeLessThanOrEqual(total);
    if (done < 1) continue; // Nothing has been seen yet.
    expect(gap).toBeGreaterThanOrEqual(0);
    expect(loss).toBeGreaterThanOrEqual(0);
  }
  expect(seen.at(-1)!.gap!).toBeLessThan(seen.find(({ gap }) => gap !== undefined)!.gap!);
});
