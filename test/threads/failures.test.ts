// What ends badly: workers that die or do not start, runs that are aborted, numbers of threads that make no sense.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { nodeWorkerHost } from "../../src/node/worker-host.js";
import { setWorkerHost, type WorkerHandle, type WorkerHost } from "../../src/threads/worker-host.js";
import { type Enlisted, enlist } from "../../src/train/enlist.js";
import type { Hands } from "../../src/train/hands.js";
import { Problem } from "../../src/train/problem.js";
import { pilotEpoch, type SolveOptions, solve } from "../../src/train/solve.js";
import { trainClassifier } from "../../src/train-classifier.js";
import { loadCore } from "../../src/wasm/core.js";
import { randomRows } from "../helpers/rows.js";
import { smallRows } from "../helpers/small-model.js";
import { weightsOf } from "../helpers/weights.js";

const { matrix, labels } = randomRows({ rowCount: 96, featureCount: 900, classCount: 40, density: 20 });
const endless: SolveOptions = {
  tolerance: 1e-30,
  maxEpochs: 1e6,
  maxMs: Number.POSITIVE_INFINITY,
  onAbort: "reject",
  seed: 1,
};

/** The workers of Node that are alive. */
let alive: Set<WorkerHandle>;
/** Node's workers, watched. @param most how many it starts before it refuses */
function watchedHost(most = Number.POSITIVE_INFINITY): WorkerHost {
  let count = 0;
  return {
    parallelism: 2,
    start(source, events) {
      if (count++ === most) throw new Error("no more workers");
      const worker = nodeWorkerHost.start(source, {
        ...events,
        onFailure: (reason) => {
          alive.delete(handle);
          events.onFailure(reason);
        },
      });
      const handle: WorkerHandle = {
        post: (message) => worker.post(message),
        end: async () => {
          await worker.end();
          alive.delete(handle);
        },
      };
      alive.add(handle);
      return handle;
    },
  };
}

beforeEach(() => {
  alive = new Set();
  setWorkerHost(watchedHost());
});
afterEach(() => setWorkerHost(undefined));

async function withHands(run: (problem: Problem, hands: Hands, enlisted: Enlisted) => Promise<unknown>) {
  const enlisted = await enlist(2, (await loadCore())());
  const shape = { classCount: 40, scaledL2: 0.1, hasBias: true, batchSize: 8, shards: 4, threads: 2 };
  const problem = new Problem(enlisted.core, { matrix, labels, ...shape });
  try {
    return await run(problem, await enlisted.handsOn(problem), enlisted);
  } finally {
    await enlisted.dismiss();
  }
}

describe("a number of threads", () => {
  test.each([0, -1, 1.5, Number.NaN, 257, 1e9, "2" as never])("of %s is an error", async (threads) => {
    const error = { code: "bad-option", message: expect.stringContaining("from 1 to 256") };
    await expect(trainClassifier(smallRows, { threads })).rejects.toMatchObject(error);
    expect(alive.size).toBe(0);
  });

  test("far above what helps is none", async () => {
    await expect(trainClassifier(smallRows, { threads: 256 })).resolves.toBeDefined();
    expect(alive.size).toBe(0);
  });
});

describe("a worker that fails", () => {
  test("in the middle of a run is an error that says so, and leaves no worker", async () => {
    let epochs = 0;
    const run = withHands((problem, hands) =>
      solve(
        problem,
        {
          ...endless,
          onProgress: ({ epoch }) => {
            epochs = epoch!;
            if (epochs === 2) void [...alive][1]!.post({ calls: [["noSuchFunction"]] });
          },
        },
        undefined,
        hands,
      ),
    );
    await expect(run).rejects.toMatchObject({
      code: "worker-failed",
      message: expect.stringMatching(/^Worker 2 of 2 failed: .*noSuchFunction|functions\[name\]/),
    });
    expect(epochs).toBeGreaterThanOrEqual(2);
    expect(alive.size).toBe(0);
  });

  test("when it is killed, as well", async () => {
    let killed = false;
    const host = watchedHost();
    // A worker whose end nobody has ordered, as far as the crew can tell.
    setWorkerHost({
      ...host,
      start: (source, events) =>
        host.start(
          `${source}\nconst listen = globalThis.onmessage;
          globalThis.onmessage = (event) => event.data.die ? process.exit(3) : listen(event);`,
          events,
        ),
    });
    const run = withHands((problem, hands) => {
      const onProgress = ({ epoch }: { epoch?: number }) => {
        if (epoch !== 1 || killed) return;
        killed = true;
        [...alive][0]!.post({ die: true });
      };
      return solve(problem, { ...endless, onProgress }, undefined, hands);
    });
    await expect(run).rejects.toMatchObject({
      code: "worker-failed",
      message: expect.stringContaining("exit code 3"),
    });
    expect(alive.size).toBe(0);
  });

  test("that cannot start leaves the work to this thread, with the same bits", async () => {
    const trained = () =>
      withHands(async (problem, hands) => {
        await solve(problem, { ...endless, maxEpochs: 3 }, undefined, hands);
        return weightsOf(problem);
      });
    const usual = await trained();
    setWorkerHost(watchedHost(1));
    const enlisted = await enlist(2, (await loadCore())());
    expect(enlisted.threads).toBe(1);
    setWorkerHost({
      ...watchedHost(),
      start: (_, events) => watchedHost().start("throw new Error('broken')", events),
    });
    expect(await trained()).toEqual(usual);
    expect(alive.size).toBe(0);
  });
});

test("workers that do not come up are done without, after some seconds", async () => {
  const trained = () =>
    withHands(async (problem, hands) => {
      await solve(problem, { ...endless, maxEpochs: 3 }, undefined, hands);
      return weightsOf(problem);
    });
  const usual = await trained();
  // As in a browser that runs as many workers as it runs at a time.
  let ended = 0;
  const end = async () => {
    ended++;
  };
  setWorkerHost({ parallelism: 2, start: () => ({ post: () => {}, end }) });
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    const run = trained();
    await vi.waitFor(() => expect(vi.getTimerCount()).toBe(1));
    vi.advanceTimersByTime(10_000);
    expect(await run).toEqual(usual);
  } finally {
    vi.useRealTimers();
  }
  expect(ended).toBe(2);
});

describe("a run that is aborted", () => {
  const reason = new Error("enough");

  test.each(["the pilot", "an epoch", "the confirming pass"])(
    "during %s rejects with the reason",
    async (phase) => {
      const controller = new AbortController();
      const confirms = phase === "the confirming pass";
      const options = { ...endless, signal: controller.signal, ...(confirms && { maxEpochs: 2 }) };
      const run = withHands(async (problem, hands) => {
        if (phase === "the pilot") {
          setTimeout(() => controller.abort(reason), 5);
          for (;;) await pilotEpoch(problem, 0.25, options, () => undefined, hands);
        }
        const slow: Hands = {
          epoch: (limit, watch) => hands.epoch(limit, watch),
          work: (work, watch) => {
            const done = hands.work(work, watch);
            if (confirms) controller.abort(reason);
            return done;
          },
        };
        if (phase === "an epoch") setTimeout(() => controller.abort(reason), 30);
        return solve(problem, options, undefined, slow);
      });
      await expect(run).rejects.toBe(reason);
      expect(alive.size).toBe(0);
    },
  );

  test("is kept when asked to, at the end of a batch and certified", async () => {
    const controller = new AbortController();
    const options = { ...endless, onAbort: "keep", signal: controller.signal } as const;
    setTimeout(() => controller.abort(reason), 60);
    const result = await withHands((problem, hands) => solve(problem, options, undefined, hands));
    expect(result).toMatchObject({ stoppedBecause: "signal" });
    expect(alive.size).toBe(0);
  });

  test("by an error of the listener rejects with that", async () => {
    const onProgress = () => {
      throw reason;
    };
    const run = withHands((problem, hands) => solve(problem, { ...endless, onProgress }, undefined, hands));
    await expect(run).rejects.toBe(reason);
    expect(alive.size).toBe(0);
  });

  test("a hundred times leaves no worker and no memory behind", async () => {
    const rssAfter: number[] = [];
    for (let i = 0; i < 100; i++) {
      const controller = new AbortController();
      const options = { ...endless, signal: controller.signal };
      setTimeout(() => controller.abort(reason), i % 10);
      await expect(withHands((problem, hands) => solve(problem, options, undefined, hands))).rejects.toBe(
        reason,
      );
      rssAfter.push(process.memoryUsage().rss);
    }
    expect(alive.size).toBe(0);
    // The heap settles during the first half; a worker or a memory left each time would be some megabytes each.
    expect(rssAfter[99]! - rssAfter[49]!).toBeLessThan(50 * 1e6);
  }, 240_000);
});
