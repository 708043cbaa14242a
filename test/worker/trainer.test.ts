// Training in a worker, here one of Node. The worker runs the built script; browsers are in test/runtimes/.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { fromRows } from "../../src/data/from-rows.js";
import { trainTestSplit } from "../../src/data/split.js";
import { loadText } from "../../src/data/text-loader.js";
import { applyWordEmbedding, embedText } from "../../src/embedding-stages.js";
import { loadModel, saveModel } from "../../src/model/saved-model.js";
import { createTrainer } from "../../src/node/worker.js";
import { type Estimator, StageEstimator } from "../../src/pipeline.js";
import type { Progress } from "../../src/stage.js";
import * as stages from "../../src/stages.js";
import { trainClassifier } from "../../src/train-classifier.js";
import type { Thread } from "../../src/worker/thread.js";
import { trainerOf } from "../../src/worker/trainer.js";
import type { TrainerInput } from "../../src/worker/training-run.js";
import { letterEncoder } from "../helpers/letter-encoder.js";
import { labelledTexts, rowsOf } from "../helpers/texts.js";
import { trainingSet } from "../runtimes/program.js";

const {
  concatenate,
  featurizeText,
  mapKeyToValue,
  mapValueToKey,
  normalizeText,
  sdcaMaximumEntropy,
  tokenizeIntoWords,
} = stages;

const texts = labelledTexts(90);
const rows = rowsOf(texts);
const tsv = `Label\tText\n${texts.map(({ label, text }) => `${label}\t${text}\n`).join("")}`;
const load = { hasHeader: true };
const pipeline: Estimator = featurizeText("Features", "Text")
  .append(mapValueToKey("Label"))
  .append(sdcaMaximumEntropy({ tolerance: 1e-4 }))
  .append(mapKeyToValue("PredictedLabel"));
const bytesHere = async () => Buffer.from(saveModel(await pipeline.fit(fromRows(rows))));
/** Never gets to its tolerance, and so runs until it is stopped. */
const endless: Estimator = featurizeText("Features", "Text")
  .append(mapValueToKey("Label"))
  .append(sdcaMaximumEntropy({ tolerance: 1e-30, maxEpochs: 1e9 }));

describe("a run in a worker", () => {
  const stream = () => new Blob([tsv]).stream() as ReadableStream<Uint8Array>;
  const inputs: [string, () => TrainerInput | Promise<TrainerInput>][] = [
    ["rows", () => rows],
    ["a dataset", () => loadText(tsv, load)],
    ["a string", () => tsv],
    ["bytes", () => new TextEncoder().encode(tsv)],
    ["a file", () => new File([tsv], "data.tsv")],
    ["a stream", stream],
    ["a response", () => new Response(tsv)],
    ["compressed bytes", () => gzipSync(tsv)],
  ];
  test.each(inputs)("on %s gives the bytes of pipeline.fit", async (_, input) => {
    const result = await createTrainer().fit(pipeline, await input(), { load });
    expect(Buffer.from(result.bytes).equals(await bytesHere())).toBe(true);
    expect(result.thread).toBe("worker");
    expect(result.rowCount).toBe(rows.length);
    const model = await loadModel(result.bytes);
    expect(model.training).toEqual(result.training);
    expect(model.predict("rain and snow").label).toBe("weather");
  });

  test("on more rows than fit into one message keeps their order", async () => {
    const many = rowsOf(labelledTexts(2500)).map((row, i) => ({ ...row, Text: `${row.Text} ${i}` }));
    const short = featurizeText("Features", "Text", { chars: false })
      .append(mapValueToKey("Label"))
      .append(sdcaMaximumEntropy({ maxEpochs: 1 }));
    const expected = Buffer.from(saveModel(await short.fit(fromRows(many))));
    for (const input of [many, fromRows(many)])
      expect(Buffer.from((await createTrainer().fit(short, input)).bytes).equals(expected)).toBe(true);
  });

  test("every kind of column gets there", async () => {
    const mixed = rows.map((row, i) => ({ ...row, Tags: [row.Text, "x"], Flag: i % 2 === 0, N: i }));
    for (const label of ["Flag", "N", "Label"] as const) {
      const other = featurizeText("Features", ["Text", "Tags"])
        .append(mapValueToKey("Key", label))
        .append(sdcaMaximumEntropy({ label: "Key", maxEpochs: 2 }));
      const data = fromRows(mixed);
      const expected = Buffer.from(saveModel(await other.fit(data)));
      const { bytes } = await createTrainer().fit(other, data);
      expect(Buffer.from(bytes).equals(expected), label).toBe(true);
    }
  });

  test("with the standard pipeline gives the bytes of trainClassifier", async () => {
    const expected = Buffer.from((await trainClassifier(texts, { l2: 1e-4, seed: 3 })).save());
    for (const input of [texts, tsv]) {
      const { bytes } = await createTrainer().trainClassifier(input, { load, l2: 1e-4, seed: 3 });
      expect(Buffer.from(bytes).equals(expected)).toBe(true);
    }
  });

  test("with threads of its own gives the same bytes; how many it may have is checked", async () => {
    const short = featurizeText("Features", "Text")
      .append(mapValueToKey("Label"))
      .append(sdcaMaximumEntropy({ maxEpochs: 1, l2: 1e-4 }));
    const many = trainingSet(400, 2500);
    const fitted = (threads: number) => createTrainer().fit(short, many, { load, threads });
    const [alone, together] = [await fitted(1), await fitted(2)];
    expect(Buffer.from(together.bytes).equals(alone.bytes)).toBe(true);
    expect(together.thread).toBe("worker");
    await expect(fitted(0)).rejects.toMatchObject({ code: "bad-option" });
    const classifier = createTrainer().trainClassifier(many, { load, threads: 257 });
    await expect(classifier).rejects.toMatchObject({ code: "bad-option" });
  });

  test("goes on from a model, with the bytes of pipeline.fit", async () => {
    const first = await pipeline.fit(fromRows(rows.slice(0, 60)));
    const options = { startFrom: first, keepLabels: true, tolerance: 1e-4 };
    const tuned = featurizeText("Features", "Text")
      .append(mapValueToKey("Label"))
      .append(sdcaMaximumEntropy(options))
      .append(mapKeyToValue("PredictedLabel"));
    const expected = Buffer.from(saveModel(await tuned.fit(fromRows(rows))));
    const { bytes, training, thread } = await createTrainer().fit(tuned, rows);
    expect(thread).toBe("worker");
    expect(Buffer.from(bytes).equals(expected)).toBe(true);
    expect(training[0]!.lineage!.parent).toBeDefined();
    const short = await createTrainer().trainClassifier(texts, options);
    expect(Buffer.from(short.bytes).equals(expected)).toBe(true);
    // The model is still whole: what was sent is a copy.
    expect(Buffer.from(saveModel(await tuned.fit(fromRows(rows)))).equals(expected)).toBe(true);
  });

  test("tells how it goes on and what was loaded, and measures rows held back", async () => {
    const seen: Progress[] = [];
    let lines = 0;
    const test = { testFraction: 0.3, seed: 7 };
    const result = await createTrainer().fit(pipeline, tsv, {
      load: { ...load, onReport: ({ lineCount }) => (lines = lineCount) },
      test,
      onProgress: (progress) => seen.push(progress),
    });
    expect(new Set(seen.map(({ phase }) => phase))).toEqual(new Set(["load", "featurize", "solve"]));
    expect(seen.at(-1)!.gap).toBeGreaterThan(0);
    expect(lines).toBe(91);
    expect(result.loadReport!.rowCount).toBe(90);
    const parts = trainTestSplit(fromRows(rows), test);
    expect(result.rowCount).toBe(parts.train.rowCount);
    const model = await pipeline.fit(parts.train);
    expect(result.metrics).toEqual(model.evaluate(parts.test));
    const held = fromRows(rows).take(result.testRows!);
    expect(held.column("Text").values).toEqual(parts.test.column("Text").values);
  });
});

describe("what goes wrong", () => {
  test("errors come back with code and message", async () => {
    const failing = createTrainer().fit(pipeline, "Label\tText\nham\n", {
      load: { ...load, sourceName: "x.tsv" },
    });
    await expect(failing).rejects.toMatchObject({
      name: "DualTextError",
      code: "bad-line",
      message: expect.stringContaining("x.tsv, line 2"),
    });
    await expect(createTrainer().trainClassifier(texts, { l2: -1 })).rejects.toMatchObject({
      code: "bad-option",
    });
  });

  test("text that cannot be read fails as in loadText", async () => {
    const fitted = (input: unknown) => createTrainer().fit(pipeline, input as TrainerInput, { load });
    await expect(fitted(new Response("", { status: 404 }))).rejects.toMatchObject({ code: "file-read" });
    for (const input of [null, 7, {}])
      await expect(fitted(input)).rejects.toMatchObject({ code: "bad-argument" });
    const named = new File(["Label\tText\nham\n"], "y.tsv");
    await expect(fitted(named)).rejects.toThrow("y.tsv, line 2");
  });

  test("what cannot be sent is refused by name", async () => {
    const custom = mapValueToKey("Label", "Label", { keyData: (() => {}) as never });
    await expect(createTrainer().fit(custom, rows)).rejects.toMatchObject({
      code: "bad-argument",
      message: expect.stringContaining("keyData is a function"),
    });
    const computed = (await featurizeText("Features", "Text").fit(fromRows(rows))).transform(fromRows(rows));
    await expect(createTrainer().fit(mapValueToKey("Label"), computed)).rejects.toMatchObject({
      code: "bad-argument",
      message: expect.stringContaining('"Features"'),
    });
  });

  test("an aborted run rejects with the signal's reason: before, while and after it starts", async () => {
    const reason = new Error("enough");
    await expect(createTrainer().fit(endless, rows, { signal: AbortSignal.abort(reason) })).rejects.toBe(
      reason,
    );
    for (const when of ["sent", "solve"] as const) {
      const controller = new AbortController();
      const run = createTrainer().fit(endless, rows, {
        signal: controller.signal,
        onProgress: ({ phase }) => phase === when && controller.abort(reason),
      });
      if (when === "sent") setTimeout(() => controller.abort(reason), 1);
      await expect(run).rejects.toBe(reason);
    }
  });

  test('with onAbort "keep" an aborted run ends with a whole model', async () => {
    const controller = new AbortController();
    const { bytes, training } = await createTrainer().trainClassifier(texts, {
      tolerance: 1e-30,
      maxEpochs: 1e9,
      onAbort: "keep",
      signal: controller.signal,
      onProgress: ({ epoch = 0 }) => epoch > 3 && controller.abort(),
    });
    expect(training[0]!.stoppedBecause).toBe("signal");
    expect((await loadModel(bytes)).predict("rain and snow").label).toBe("weather");
  });

  test("an error in onProgress ends the run with it", async () => {
    const oops = new Error("oops");
    const onProgress = () => {
      throw oops;
    };
    await expect(createTrainer().fit(endless, rows, { onProgress })).rejects.toBe(oops);
  });

  test("a worker that dies in mid-run gives an error, not a model", async () => {
    const thread: Thread = {
      post: ({ type }) => type === "run" && queueMicrotask(() => thread.onFailure(new Error("killed"))),
      onMessage: () => {},
      onFailure: () => {},
      end: () => {},
    } as Thread;
    const start = () => {
      queueMicrotask(() => thread.onMessage({ type: "ready" }));
      return thread;
    };
    await expect(trainerOf(start, {}).fit(pipeline, rows)).rejects.toMatchObject({
      code: "stopped",
      message: expect.stringContaining("killed"),
    });
  });
});

describe("where no worker can be started", () => {
  const refusing = () => {
    throw new Error("forbidden by policy");
  };
  const failing = () => {
    const thread = { post() {}, onMessage() {}, onFailure: (_: unknown) => {}, end() {} };
    setTimeout(() => thread.onFailure(new Error("forbidden by policy")));
    return thread;
  };
  test.each([
    ["at once", refusing],
    ["later", failing],
  ])("the run goes on in the calling thread and says so: refused %s", async (_, start) => {
    const reasons: string[] = [];
    const trainer = trainerOf(start, { onFallback: ({ code, message }) => reasons.push(code, message) });
    const result = await trainer.fit(pipeline, rows);
    expect(reasons).toEqual(["no-worker", expect.stringContaining("forbidden by policy")]);
    expect(result.thread).toBe("caller");
    expect(Buffer.from(result.bytes).equals(await bytesHere())).toBe(true);
  });

  test("an address without a script counts as such", async () => {
    const trainer = createTrainer({ workerUrl: new URL("file:///nowhere/worker-script.js") });
    expect((await trainer.trainClassifier(texts)).thread).toBe("caller");
  });
});

describe("each stage says the call that makes it again", () => {
  const bytes = new TextEncoder().encode("a 1\nb 2\n");
  const vectors = normalizeText("Normal", "Text", { keepNumbers: false })
    .append(tokenizeIntoWords("Words", "Normal", { separators: [" ", ","] }))
    .append(applyWordEmbedding("Embedding", bytes, "Words", { pooling: ["mean"] }))
    .append(concatenate("Features", "Ngrams", "Embedding"));
  const make = (name: string, args: readonly unknown[]) =>
    (
      ({ ...stages, applyWordEmbedding }) as unknown as Record<
        string,
        (...args: readonly unknown[]) => StageEstimator
      >
    )[name]!(...args);

  test("with its options", () => {
    for (const { call } of [...pipeline.stages, ...endless.stages, ...vectors.stages]) {
      const [name, ...args] = call;
      expect(make(name, args)).toBeInstanceOf(StageEstimator);
      expect(make(name, args).call).toEqual(call);
    }
  });

  test.each(Object.keys(stages))("%s", (name) => {
    let made: StageEstimator;
    try {
      made = make(name, ["A", "B"]);
    } catch (error) {
      // A stage that needs more than names of columns says so.
      expect(error).toMatchObject({ name: "DualTextError" });
      return;
    }
    expect(made.call[0]).toBe(name);
    expect(make(name, made.call.slice(1)).call).toEqual(made.call);
  });
});

test("word vectors are trained on in the worker; an encoder, which is code, is refused", async () => {
  const vectors = new TextEncoder().encode("a 1 2\nb 2 1\n");
  const words = tokenizeIntoWords("Words", "Text");
  const front = words.append(applyWordEmbedding("Features", vectors, "Words", { unknownRow: "zero" }));
  const behind = mapValueToKey("Label").append(sdcaMaximumEntropy({ l2: 0.1 }));
  const rows = [
    { Label: "x", Text: "a a" },
    { Label: "y", Text: "b" },
  ];
  const { bytes, thread } = await createTrainer().fit(front.append(behind), rows);
  expect(thread).toBe("worker");
  expect(bytes).toEqual(saveModel(await front.append(behind).fit(fromRows(rows))));
  const encoder = embedText("Features", letterEncoder(), "Text").append(behind) as unknown as Estimator;
  await expect(createTrainer().fit(encoder, rows)).rejects.toMatchObject({
    code: "bad-argument",
    message: expect.stringContaining("encode is a function"),
  });
});

test("a finished, a failed and an aborted run leave nothing behind that keeps the process alive or prints", () => {
  const entry = fileURLToPath(new URL("../../dist/node-worker.js", import.meta.url));
  const programs = new URL("../runtimes/program.js", import.meta.url).href;
  const program = `
    import { createTrainer } from ${JSON.stringify(entry)};
    const trainer = createTrainer();
    const rows = ${JSON.stringify(texts)};
    await trainer.trainClassifier(rows);
    await trainer.trainClassifier(rows, { l2: -1 }).catch(() => {});
    await trainer.trainClassifier(rows, { tolerance: 1e-30, signal: AbortSignal.timeout(50) }).catch(() => {});
    const enough = new AbortController();
    const threads = { threads: 2, signal: enough.signal, onProgress: ({ epoch }) => epoch > 0 && enough.abort() };
    const { trainingSet } = await import(${JSON.stringify(programs)});
    const many = trainingSet(400, 2500);
    await trainer.trainClassifier(many, { tolerance: 1e-30, load: { hasHeader: true }, ...threads }).catch(() => {});
  `;
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
    encoding: "utf8",
    timeout: 20_000,
  });
  expect([status, stdout, stderr]).toEqual([0, "", ""]);
});
