// Featurizing with workers: the same bits for any number of them, and what ends badly.
import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { fromRows } from "../../src/data/from-rows.js";
import { saveModel } from "../../src/model/saved-model.js";
import { nodeWorkerHost } from "../../src/node/worker-host.js";
import { Random } from "../../src/random.js";
import type { StageRun } from "../../src/stage.js";
import { featurizeText, mapValueToKey, sdcaMaximumEntropy } from "../../src/stages.js";
import { countAlone, setCountTogether } from "../../src/text/count-ngrams.js";
import { countTogether, countWith, unitsOfRows } from "../../src/text/count-together.js";
import type { RowTexts } from "../../src/text/row-texts.js";
import { shareEnds } from "../../src/text/shared-counter.js";
import { setWorkerHost, type WorkerHandle } from "../../src/threads/worker-host.js";
import { Workforce } from "../../src/threads/workforce.js";
import { enlist } from "../../src/train/enlist.js";
import { loadCore } from "../../src/wasm/core.js";
import { unclearBytes } from "../../src/wasm/memory.js";
import { takeSpareMemory } from "../../src/wasm/spare-memory.js";

/** The workers of Node that are alive, and how many were started. */
let alive: Set<WorkerHandle>;
let started = 0;
let workforce: Workforce;

beforeEach(() => {
  alive = new Set();
  started = 0;
  workforce = new Workforce();
  setCountTogether(countTogether);
  setWorkerHost({
    parallelism: 2,
    start(source, events) {
      started++;
      const worker = nodeWorkerHost.start(source, events);
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
  });
});
afterEach(async () => {
  await workforce.close();
  expect(alive.size).toBe(0);
  setWorkerHost(undefined);
  setCountTogether(undefined);
});

const blocks = { chars: true, words: true };
const dataOf = (rows: readonly RowTexts[], { chars, words } = blocks) => ({
  rowCount: rows.length,
  textsOf: (row: number) => rows[row]!,
  chars,
  words,
  leavesCounts: false,
});

/** Counts with so many workers, however little there is to count. */
function counted(rows: readonly RowTexts[], threads: number, kinds = blocks, run: StageRun = {}) {
  const data = dataOf(rows, kinds);
  return threads === 1 ? countAlone(data, run) : countWith(threads, data, unitsOfRows(data), run);
}

/** A hash of all arrays: comparing them one number after the other takes longer than making them. */
function digest(found: Awaited<ReturnType<typeof countWith>>): string {
  const { matrix, tables } = found!;
  const { units, ends, ngrams } = tables.words ?? {};
  const hash = createHash("sha256").update(`${matrix.rowCount} ${matrix.columnCount}`);
  for (const array of [matrix.indptr, matrix.indices, matrix.values, tables.trigrams, units, ends, ngrams]) {
    hash.update(`${array?.length}`);
    if (array) hash.update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  }
  return hash.digest("hex");
}

/** Texts of words that recur as those of a language do, some of them long, some beyond ASCII. */
function texts(rowCount: number, seed: number, alphabet = "aAbcdeEfghiklmnoprstuvw.,'"): string[] {
  const random = new Random(seed);
  const letters = [...alphabet];
  const word = (rank: number) => {
    const own = new Random(rank * 7919 + alphabet.length);
    const length = rank % 50 === 7 ? 9 + own.nextBelow(30) : 1 + own.nextBelow(7);
    return Array.from({ length }, () => letters[own.nextBelow(letters.length)]).join("");
  };
  const words = Array.from({ length: 3000 }, (_, rank) => word(rank));
  return Array.from({ length: rowCount }, () =>
    Array.from(
      { length: random.nextBelow(40) },
      () => words[Math.floor(random.nextFloat() ** 4 * words.length)],
    ).join(" "),
  );
}

const corpora: Record<string, RowTexts[]> = {
  ASCII: texts(900, 1),
  "many scripts, long words": [
    ...texts(200, 2),
    ...texts(200, 3, "абвгдежзийклмн"),
    ...texts(200, 4, "学校図書館語"),
    ...texts(200, 5, "éüñ😀𝔸ß"),
    ...texts(100, 6),
  ],
  "halves of surrogate pairs": texts(300, 7, "ab\ud800\udc00é"),
  "rows of several texts, and of none": texts(400, 8).map((text, i) =>
    i % 5 === 0 ? [] : [text, ...texts(i % 3, i)],
  ),
  "empty rows among others": texts(300, 9).map((text, i) => (i % 2 === 0 ? "" : text)),
  "one long row": [texts(3000, 10).join(" "), ...texts(50, 11)],
  "a row for each of three workers": texts(3, 12).map((text) => `${text} end`),
  "all rows alike": Array.from({ length: 100 }, () => "the same row again"),
};

const kinds = [blocks, { chars: true, words: false }, { chars: false, words: true }];
const cases = Object.entries(corpora).flatMap(([name, rows]) =>
  kinds.map(({ chars, words }) => ({ name, rows, chars, words })),
);

describe("2, 3, 4 and 8 workers find what one thread finds", () => {
  // The workers of one number are some of those before them, and so is the memory.
  test.each(cases)(
    "in $name (chars $chars, words $words)",
    async ({ rows, ...some }) => {
      const alone = await counted(rows, 1, some);
      expect(alone!.matrix.rowCount).toBe(rows.length);
      for (const threads of some.chars && some.words ? [8, 4, 3, 2] : [3]) {
        const together = await counted(rows, threads, some, { workforce });
        expect(digest(together), `${threads} workers`).toBe(digest(alone));
      }
    },
    60_000,
  );
});

describe("shares of the rows", () => {
  test.each([2, 3, 8, 100])("of %s workers are in order and hold all", (threads) => {
    const units = Uint32Array.from({ length: 50 }, (_, row) => (row * 37) % 90);
    const { seedEnd, ends } = shareEnds(units, threads);
    expect(seedEnd).toBe(4);
    expect(ends).toHaveLength(threads);
    expect(ends.at(-1)).toBe(50);
    expect([seedEnd, ...ends].sort((a, b) => a - b)).toEqual([seedEnd, ...ends]);
  });
});

test("workers leave counts where they are to be weighted", async () => {
  const rows = corpora.ASCII!;
  const data = { ...dataOf(rows), leavesCounts: true };
  const alone = await countAlone(data, {});
  expect(alone.matrix.values.every(Number.isInteger)).toBe(true);
  expect(digest(await countWith(3, data, unitsOfRows(data), { workforce }))).toBe(digest(alone));
});

test("rows that have more entries than is expected of their text find room", async () => {
  const random = new Random(40);
  // Words of one letter of many: trigrams, words and pairs seldom occur twice in a row.
  const letter = () => String.fromCharCode(0x4e00 + random.nextBelow(5000));
  const rows = Array.from({ length: 300 }, () => Array.from({ length: 150 }, letter).join(" "));
  const alone = await counted(rows, 1);
  expect(alone!.matrix.indices.length).toBeGreaterThan(1.25 * 300 * 299 + 3 * 1024);
  expect(digest(await counted(rows, 3))).toBe(digest(alone));
});

describe("a fit with several threads", () => {
  const rows = texts(70_000, 20).map((Text, i) => ({ Text, Label: Text.length % 2 === i % 2 ? "a" : "b" }));
  const pipeline = featurizeText("Features", "Text")
    .append(mapValueToKey("Label"))
    .append(sdcaMaximumEntropy({ maxEpochs: 2 }));
  const hash = async (threads: number) =>
    createHash("sha256")
      .update(saveModel(await pipeline.fit(fromRows(rows), { threads })))
      .digest("hex");

  test("gives the file that one gives, and starts its workers once", async () => {
    const alone = await hash(1);
    expect(await hash(2)).toBe(alone);
    // Featurizing gains nothing by two.
    expect(started).toBe(0);
    expect(await hash(3)).toBe(alone);
    expect(started).toBe(3);
  }, 60_000);

  test("of too little text for them counts alone, in memory that the solver goes on in", async () => {
    const text = (row: number) => `${"lorem ipsum dolor sit amet ".repeat(40)}${row}`;
    const data = dataOf(Array.from({ length: 4000 }, (_, row) => text(row)));
    takeSpareMemory("shared");
    const found = await countTogether(data, { threads: 2 });
    expect(started).toBe(0);
    expect(digest(found)).toBe(digest(await countAlone(data, {})));
    takeSpareMemory();
    const { core, threads } = await enlist(1, (await loadCore())());
    expect(threads).toBe(1);
    expect(core.memory.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(unclearBytes(core.memory)).toBeGreaterThan(1000);
  });

  test("counts in memory of its own where the host encodes no text into shared memory", async () => {
    const data = dataOf(
      Array.from({ length: 4000 }, (_, row) => `${"lorem ipsum dolor sit amet ".repeat(40)}${row}`),
    );
    const { encodeInto } = TextEncoder.prototype;
    const refusing = vi.spyOn(TextEncoder.prototype, "encodeInto").mockImplementation(function (
      this: TextEncoder,
      text,
      bytes,
    ) {
      if (bytes.buffer instanceof SharedArrayBuffer) throw new TypeError("must not be shared");
      return encodeInto.call(this, text, bytes);
    });
    try {
      expect(await countTogether(data, { threads: 2 })).toBeUndefined();
    } finally {
      refusing.mockRestore();
    }
    expect(await countTogether(data, { threads: 2 })).toBeDefined();
  });

  test("of few rows starts none", async () => {
    await featurizeText("Features", "Text").fit(fromRows(rows.slice(0, 500)), { threads: 3 });
    expect(started).toBe(0);
  });
});

describe("what ends badly", () => {
  const rows = texts(3000, 30);
  const reason = new Error("enough");

  test("a worker that fails is an error that says so", async () => {
    const run = counted(rows, 2, blocks, {
      onProgress: () => [...alive][1]!.post({ calls: [["noSuchFunction"]] }),
    });
    await expect(run).rejects.toMatchObject({
      code: "worker-failed",
      message: expect.stringMatching(/^Worker 2 of 2 failed: /),
    });
  });

  test("workers that do not start leave the work to this thread", async () => {
    setWorkerHost({ ...nodeWorkerHost, start: (_, events) => nodeWorkerHost.start("throw 1", events) });
    expect(await counted(corpora.ASCII!, 2)).toBeUndefined();
  });

  test.each([0, 0.3, 0.7, 0.95])(
    "aborted after %s of the work, it rejects with the reason",
    async (share) => {
      const controller = new AbortController();
      const run = counted(rows, 2, blocks, {
        signal: controller.signal,
        onProgress: ({ done, total }) => {
          if (done >= share * total) controller.abort(reason);
        },
      });
      await expect(run).rejects.toBe(reason);
    },
  );

  test("an error of the listener is what it rejects with", async () => {
    const onProgress = () => {
      throw reason;
    };
    await expect(counted(rows, 2, blocks, { onProgress })).rejects.toBe(reason);
  });
});
