import { describe, expect, expectTypeOf, test } from "vitest";
import type { VectorColumn } from "../../src/data/columns.js";
import type { Dataset } from "../../src/data/dataset.js";
import { fromRows } from "../../src/data/from-rows.js";
import { embedText } from "../../src/embedding-stages.js";
import type { DualTextError } from "../../src/errors.js";
import { AsyncModel } from "../../src/model/async-model.js";
import { Model } from "../../src/model/model.js";
import { loadModel, saveModel } from "../../src/model/saved-model.js";
import type { Progress } from "../../src/stage.js";
import {
  concatenate,
  featurizeText,
  mapKeyToValue,
  mapValueToKey,
  sdcaMaximumEntropy,
} from "../../src/stages.js";
import type { EmbedTextOptions } from "../../src/text/embed-text.js";
import { MemoryCache } from "../../src/text/embedding-cache.js";
import { type Encode, PROBE } from "../../src/text/encoder.js";
import { compareModels } from "../../src/transfer/compare-models.js";
import { ModelHandle } from "../../src/transfer/model-handle.js";
import { fineTune } from "../../src/transfer/pipeline-of.js";
import { updateModel } from "../../src/transfer/update-model.js";
import { letterEncoder } from "../helpers/letter-encoder.js";
import { labelledTexts } from "../helpers/texts.js";

const rows = labelledTexts(60, 0).map(({ label, text }) => ({ Label: label, Text: text }));
const data = fromRows(rows);

const classify = mapValueToKey("Label")
  .append(sdcaMaximumEntropy({ l2: 0.01 }))
  .append(mapKeyToValue("PredictedLabel"));

function pipelineWith(encoder = letterEncoder(), options: EmbedTextOptions = {}) {
  return embedText("Features", encoder, "Text", options).append(classify);
}

function matrixOf(column: unknown): { values: Float32Array; columnCount: number } {
  return (column as VectorColumn).matrix as { values: Float32Array; columnCount: number };
}

const failing = (encode: Encode) => ({ ...letterEncoder(), encode });
const fitError = (encode: Encode, texts = ["one", "two", "three"]): Promise<DualTextError> =>
  embedText("Out", failing(encode), "Text", { batchSize: 2 })
    .fit(fromRows(texts.map((Text) => ({ Text }))))
    .then(
      () => expect.fail("should have failed"),
      (error) => error,
    );
/** An encoder that answers the probe well, and other texts with what `answer` makes of the right answer. */
const behind = (answer: (right: number[][], texts: string[]) => unknown): Encode => {
  const { encode } = letterEncoder();
  return async (texts, options) => {
    const right = (await encode(texts, options)) as number[][];
    return (texts[0] === PROBE ? right : answer(right, texts)) as number[][];
  };
};

describe("a pipeline with an encoder", () => {
  test("gives an AsyncModel, whatever comes before and after", async () => {
    const model = await pipelineWith().fit(data);
    expect(model).toBeInstanceOf(AsyncModel);
    expectTypeOf(model.predict("x")).resolves.toHaveProperty("label");
    expectTypeOf(model.transform).returns.resolves.toHaveProperty("rowCount");
    const front = mapValueToKey("Label").append(pipelineWith());
    expect(await front.fit(data)).toBeInstanceOf(AsyncModel);
    const plain = await featurizeText("Features", "Text").append(classify).fit(data);
    expect(plain).toBeInstanceOf(Model);
    expectTypeOf(plain.predict("x")).toHaveProperty("label");
  });

  test("predicts, evaluates and transforms; what it says is the same each way", async () => {
    const model = await pipelineWith().fit(data);
    expect(model.training[0]!.dualityGap).toBeLessThanOrEqual(1e-3);
    expect(model.predictionInputs).toEqual(["Text"]);
    const texts = rows.map(({ Text }) => Text);
    const all = await model.predictAll(texts, { topK: 2 });
    expect(await model.predict(texts[3]!, { topK: 2 })).toEqual(all[3]);
    expect(await model.predict({ Text: texts[3]! }, { topK: 2 })).toEqual(all[3]);
    const result = await model.transform(data);
    expect(result.column("PredictedLabel")).toMatchObject({ values: all.map(({ label }) => label) });
    const right = all.filter(({ label }, row) => label === rows[row]!.Label).length;
    expect((await model.evaluate(data)).microAccuracy).toBe(right / rows.length);
    // Without the label, which only training needs.
    const unlabelled = await model.transform(fromRows(texts.map((Text) => ({ Text }))));
    expect(matrixOf(unlabelled.column("Score"))).toEqual(matrixOf(result.column("Score")));
    await expect(model.transform(fromRows([{ Txt: "x" }]))).rejects.toMatchObject({ code: "bad-column" });
  });

  test("with n-grams in one model", async () => {
    const pipeline = embedText("Embedding", letterEncoder(), "Text")
      .append(featurizeText("Ngrams", "Text"))
      .append(concatenate("Features", "Ngrams", "Embedding"))
      .append(classify);
    const model = await pipeline.fit(data);
    const loaded = await loadModel(saveModel(model), {
      encoders: { [letterEncoder().name]: letterEncoder().encode },
    });
    const texts = ["one of these", rows[0]!.Text];
    expect(await loaded.predictAll(texts, { topK: 2 })).toEqual(await model.predictAll(texts, { topK: 2 }));
  });

  test("the same data and options give the same bytes", async () => {
    const [first, second] = [
      await pipelineWith().fit(data),
      await pipelineWith(letterEncoder(), { batchSize: 7 }).fit(data),
    ];
    const parts = (model: AsyncModel) => model.classifier.toParts();
    expect(saveModel(await pipelineWith().fit(data))).toEqual(saveModel(first));
    expect(JSON.stringify(parts(second).options)).toBe(JSON.stringify(parts(first).options));
  });
});

test("a model of vectors goes on learning; one with the encoder in it says how", async () => {
  const embedder = await embedText("Features", letterEncoder(), "Text").fit(data);
  const trained = (rows: Dataset<any>, l2: number): Promise<Model> =>
    mapValueToKey("Label")
      .append(sdcaMaximumEntropy({ l2, tolerance: 1e-6, keepState: true }))
      .append(mapKeyToValue("PredictedLabel"))
      .fit(rows);
  const newRows = fromRows([{ Label: "sport", Text: "seat at rest" }]);
  const vectors = await embedder.transform(data);
  const model = await trained(vectors, 0.01);
  const { model: updated } = await updateModel(model, await embedder.transform(newRows));
  const all = await embedder.transform(fromRows([...rows, { Label: "sport", Text: "seat at rest" }]));
  const { l2, objective, dualityGap } = updated.training[0]!;
  const scratch = (await trained(all, l2)).training[0]!;
  expect(Math.abs(objective - scratch.objective)).toBeLessThanOrEqual(dualityGap + scratch.dualityGap);
  expect(updated.labels).toEqual([...model.labels, "sport"]);

  const whole = (await pipelineWith().fit(data)) as unknown as Model;
  for (const run of [
    () => updateModel(whole, newRows),
    () => fineTune(whole, newRows),
    async () => compareModels(whole, whole, data),
    async () => new ModelHandle(whole),
  ]) {
    await expect(run()).rejects.toMatchObject({
      code: "bad-argument",
      message: expect.stringMatching(/takes no model with an encoder, .*a column that embedText has made/),
    });
  }
});

describe("vectors", () => {
  const texts = ["a tin", "rest", "a tin", "", "sea sea"];
  const fitted = async (options: EmbedTextOptions) => {
    const encoder = letterEncoder("aest");
    const model = await embedText("Out", encoder, "Text", options).fit(
      fromRows(texts.map((Text) => ({ Text }))),
    );
    const { values, columnCount } = matrixOf(
      (await model.transform(fromRows(texts.map((Text) => ({ Text }))))).column("Out"),
    );
    return texts.map((_, row) => [...values.subarray(row * columnCount, (row + 1) * columnCount)]);
  };

  test("as they come", async () => {
    expect(await fitted({ l2Normalize: false })).toEqual([
      [1, 0, 0, 1, 1],
      [0, 1, 1, 1, 1],
      [1, 0, 0, 1, 1],
      [0, 0, 0, 0, 1],
      [2, 2, 2, 0, 1],
    ]);
  });

  test("of length 1 by default", async () => {
    for (const row of await fitted({}))
      expect(row.reduce((sum, value) => sum + value * value, 0)).toBeCloseTo(1, 6);
  });

  test("of another length", async () => {
    const [first] = await fitted({ scale: 3 });
    expect(first!.reduce((sum, value) => sum + value * value, 0)).toBeCloseTo(9, 5);
  });

  test("standardised: means 0, squares 1/dimension, a constant component 0", async () => {
    const found = await fitted({ l2Normalize: false, standardize: true });
    for (let i = 0; i < 4; i++) {
      expect(found.reduce((sum, row) => sum + row[i]!, 0)).toBeCloseTo(0, 5);
      expect(found.reduce((sum, row) => sum + row[i]! ** 2, 0) / 5).toBeCloseTo(1 / 5, 5);
    }
    expect(found.map((row) => row[4])).toEqual([0, 0, 0, 0, 0]);
  });

  test("standardised as in training after loading", async () => {
    const encoder = letterEncoder();
    const model = await pipelineWith(encoder, { standardize: true }).fit(data);
    const loaded = await loadModel(saveModel(model), { encoders: { [encoder.name]: encoder.encode } });
    expect(saveModel(loaded)).toEqual(saveModel(model));
    expect(await loaded.predict("other text", { topK: 2 })).toEqual(
      await model.predict("other text", { topK: 2 }),
    );
  });
});

describe("calls of the encoder", () => {
  const texts = ["a", "b", "a", "c", "d", "b", "e"];
  const input = fromRows(texts.map((Text) => ({ Text })));

  test("are in batches, each distinct text once; later calls are answered by the cache", async () => {
    const encoder = letterEncoder();
    const model = await embedText("Out", encoder, "Text", { batchSize: 2 }).fit(input);
    expect(encoder.calls).toEqual([[PROBE], ["a", "b"], ["c", "d"], ["e"]]);
    await model.transform(fromRows([{ Text: "c" }, { Text: "new" }]));
    expect(encoder.calls.slice(4)).toEqual([["new"]]);
  });

  test("one cache serves several fits; without one all is encoded again", async () => {
    const cached = letterEncoder();
    const stage = embedText("Out", cached, "Text");
    await stage.fit(input);
    await stage.fit(input);
    expect(cached.calls.flat().filter((text) => text !== PROBE)).toHaveLength(5);
    const bare = letterEncoder();
    const uncached = embedText("Out", bare, "Text", { cache: false });
    await (await uncached.fit(input)).transform(input);
    expect(bare.calls.flat().filter((text) => text !== PROBE)).toHaveLength(10);
  });

  test("an asynchronous cache is asked by name and SHA-256, and its vectors are checked", async () => {
    const kept = new Map<string, ArrayLike<number>>();
    const cache = {
      get: async (key: string) => kept.get(key),
      set: async (key: string, vector: Float32Array) => void kept.set(key, vector),
    };
    const encoder = letterEncoder();
    await embedText("Out", encoder, "Text", { cache }).fit(input);
    expect(kept.size).toBe(5);
    expect([...kept.keys()][0]).toMatch(/^letters aeinrst\/[0-9a-f]{64}$/);
    kept.set([...kept.keys()][1]!, [1, 2]);
    await expect(embedText("Out", encoder, "Text", { cache }).fit(input)).rejects.toMatchObject({
      code: "bad-encoder",
      message: expect.stringContaining('row 1 of column "Text", from the cache'),
    });
  });

  test("a memory cache forgets the oldest beyond its size", () => {
    const cache = new MemoryCache(24);
    for (const key of ["a", "b", "c"]) cache.set(key, Float32Array.of(1, 2, 3));
    expect(["a", "b", "c"].map((key) => cache.get(key)?.length)).toEqual([undefined, 3, 3]);
    cache.set("b", Float32Array.of(4, 5, 6));
    expect(cache.get("c")).toBeDefined();
  });

  test("are reported", async () => {
    const seen: Progress[] = [];
    await embedText("Out", letterEncoder(), "Text", { batchSize: 2 }).fit(input, {
      onProgress: (progress) => seen.push(progress),
    });
    // Besides, whenever other work of the program had its turn.
    expect([...new Set(seen.map(({ done }) => done))]).toEqual([0, 2, 4, 5]);
    expect(seen.at(-1)).toMatchObject({ phase: "embed", total: 5 });
  });

  test("end at once when the signal is aborted, even when the encoder never answers", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const encode = behind(() => {
      setTimeout(() => controller.abort(reason), 5);
      return new Promise(() => undefined);
    });
    const fitting = embedText("Out", failing(encode), "Text").fit(input, { signal: controller.signal });
    await expect(fitting).rejects.toBe(reason);
    const model = await pipelineWith().fit(data);
    await expect(model.predict("x", { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  test("the encoder is handed the signal", async () => {
    const controller = new AbortController();
    const signals: unknown[] = [];
    const { encode } = letterEncoder();
    const noting: Encode = (texts, options) => {
      signals.push(options.signal);
      return encode(texts, options);
    };
    await embedText("Out", failing(noting), "Text").fit(input, { signal: controller.signal });
    expect(new Set(signals)).toEqual(new Set([controller.signal]));
  });
});

describe("an encoder that fails", () => {
  test("throws in mid-run: the error names the encoder, the row and the text, and has the cause", async () => {
    const cause = new Error("out of VRAM");
    const error = await fitError(
      behind((right, texts) => {
        if (texts.includes("three")) throw cause;
        return right;
      }),
    );
    expect(error).toMatchObject({ code: "bad-encoder", cause });
    expect(error.message).toContain(
      'The encoder "letters aeinrst" failed on row 2 of column "Text" ("three"): out of VRAM',
    );
  });

  test.each<[string, (right: number[][]) => unknown, string]>([
    [
      "NaN",
      (right) => right.map((vector, i) => (i === 1 ? vector.with(2, Number.NaN) : vector)),
      'gave NaN as number 2 for row 1 of column "Text" ("two")',
    ],
    ["infinity", (right) => right.map((vector) => vector.with(0, 1e39)), "gave 1e+39 as number 0 for row 0"],
    [
      "another size",
      (right) => right.map((vector, i) => (i === 1 ? [1, 2] : vector)),
      "gave 2 numbers for row 1",
    ],
    ["too few vectors", (right) => right.slice(1), "gave 1 vectors for 2 texts, from row 0"],
    ["no list", () => 5, "gave a number for 2 texts"],
    ["nothing", () => undefined, "gave a undefined for 2 texts"],
    ["no vector", (right) => right.map(() => null), 'gave no vector for row 0 of column "Text" ("one")'],
    ["empty vectors", (right) => right.map(() => []), "gave no vector for row 0"],
    ["texts", (right) => right.map((vector) => vector.map(() => "x")), "gave x as number 0 for row 0"],
  ])("gives %s", async (_, answer, message) => {
    const error = await fitError(behind(answer));
    expect(error).toMatchObject({ code: "bad-encoder" });
    expect(error.message).toContain(message);
  });

  test("throws at once, or is none", async () => {
    const error = await fitError((() => {
      throw new TypeError("not ready");
    }) as Encode);
    expect(error).toMatchObject({ code: "bad-encoder", message: expect.stringContaining("not ready") });
    for (const encoder of [undefined, { name: "x" }, { name: "", encode: async () => [] }, async () => []]) {
      expect(() => embedText("Out", encoder as never)).toThrow(
        expect.objectContaining({ code: "bad-argument" }),
      );
    }
  });

  test("wrong options, columns and no rows", async () => {
    for (const options of [
      { batchSize: 0 },
      { l2Normalize: 1 },
      { standardize: "yes" },
      { scale: 0 },
      { scale: Number.NaN },
    ]) {
      expect(() => embedText("Out", letterEncoder(), "Text", options as never)).toThrow(
        expect.objectContaining({ code: "bad-option" }),
      );
    }
    await expect(embedText("Out", letterEncoder(), "Nope").fit(data as never)).rejects.toMatchObject({
      code: "bad-column",
    });
    const none = data.take(new Uint32Array(0));
    await expect(embedText("Out", letterEncoder(), "Text").fit(none)).rejects.toMatchObject({
      code: "empty-input",
    });
  });
});

describe("a saved model", () => {
  test("needs its encoder, by name, and says so", async () => {
    const encoder = letterEncoder();
    const bytes = saveModel(await pipelineWith(encoder).fit(data));
    await expect(loadModel(bytes)).rejects.toMatchObject({
      code: "missing-encoder",
      message: expect.stringContaining('{ encoders: { "letters aeinrst": encode } }'),
    });
    await expect(loadModel(bytes, { encoders: { other: encoder.encode } })).rejects.toMatchObject({
      code: "missing-encoder",
      message: expect.stringContaining('Given: "other".'),
    });
    const loaded = await loadModel(bytes, { encoders: { [encoder.name]: encoder.encode } });
    expect(loaded).toBeInstanceOf(AsyncModel);
    expect(saveModel(loaded)).toEqual(bytes);
  });

  test("refuses an encoder of another dimension, and another one of the same", async () => {
    const { name, encode } = letterEncoder();
    const bytes = saveModel(await pipelineWith({ ...letterEncoder(), encode }).fit(data));
    await expect(
      loadModel(bytes, { encoders: { [name]: letterEncoder("ab").encode } }),
    ).rejects.toMatchObject({
      code: "bad-encoder",
      message: expect.stringContaining("gives vectors of 3 numbers; the model was trained with 8"),
    });
    await expect(
      loadModel(bytes, { encoders: { [name]: letterEncoder("zyxwvuq").encode } }),
    ).rejects.toMatchObject({
      code: "bad-encoder",
      message: expect.stringContaining("is another than the one"),
    });
  });

  test("without an encoder loads as an AsyncModel where encoders are given", async () => {
    const plain = await featurizeText("Features", "Text").append(classify).fit(data);
    const loaded = await loadModel(saveModel(plain), { encoders: {} });
    expect(await loaded.predict("some text")).toEqual(plain.predict("some text"));
  });
});
