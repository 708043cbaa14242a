import { describe, expect, test } from "vitest";
import type { VectorColumn } from "../../src/data/columns.js";
import type { Dataset } from "../../src/data/dataset.js";
import { fromRows } from "../../src/data/from-rows.js";
import { applyWordEmbedding } from "../../src/embedding-stages.js";
import { loadModel, saveModel } from "../../src/model/saved-model.js";
import {
  concatenate,
  featurizeText,
  mapValueToKey,
  normalizeText,
  sdcaMaximumEntropy,
  tokenizeIntoWords,
} from "../../src/stages.js";
import type { ApplyWordEmbeddingOptions, VectorFile } from "../../src/text/word-embedding.js";
import { loadWordVectors } from "../../src/text/word-vectors.js";

// ML.NET's own results are compared in test/mlnet/; here is what goes beyond.

const bytes = new TextEncoder().encode("sun 3 4\nrain 0 -5\nsoup 1 0\nrice 1 1\n");
const rows = [
  { Label: "weather", Text: "Sun and rain" },
  { Label: "weather", Text: "rain, rain rain" },
  { Label: "food", Text: "SOUP rice" },
  { Label: "food", Text: "something else" },
];
const words = normalizeText("Normal", "Text").append(tokenizeIntoWords("Words", "Normal"));
const zero = { unknownRow: "zero" } as const;

async function embedded(options: ApplyWordEmbeddingOptions): Promise<number[][]> {
  const model = await words.append(applyWordEmbedding("Out", bytes, "Words", options)).fit(fromRows(rows));
  const { matrix } = model.transform(fromRows(rows)).column("Out") as VectorColumn;
  const { values, columnCount } = matrix as { values: Float32Array; columnCount: number };
  return rows.map((_, row) => [...values.subarray(row * columnCount, (row + 1) * columnCount)]);
}

describe("applyWordEmbedding", () => {
  test("parts, in their order; rows without a known word", async () => {
    expect(await embedded({ pooling: ["max", "mean"], ...zero })).toEqual([
      [1.5, -0.5, 3, 4],
      [0, -5, 0, -5],
      [1, 0.5, 1, 1],
      [0, 0, 0, 0],
    ]);
    const largest = Math.fround(3.4028234663852886e38);
    expect((await embedded({ pooling: ["min"] })).at(-1)).toEqual([largest, largest]);
  });

  test("rows of length 1", async () => {
    expect(await embedded({ pooling: ["max"], ...zero, l2Normalize: true })).toEqual([
      [Math.fround(0.6), Math.fround(0.8)],
      [0, -1],
      [Math.fround(Math.SQRT1_2), Math.fround(Math.SQRT1_2)],
      [0, 0],
    ]);
    expect((await embedded({ pooling: ["max"], ...zero, l2Normalize: true, scale: 2 }))[1]).toEqual([0, -2]);
  });

  test("the model holds the words of the file, or those of the training rows", async () => {
    const model = async (keep: "all" | "training") => {
      const counts: number[] = [];
      const pipeline = words.append(
        applyWordEmbedding("Out", bytes, "Words", {
          keep,
          pooling: ["mean"],
          ...zero,
          onReport: ({ wordCount }) => counts.push(wordCount),
        }),
      );
      return { fitted: await pipeline.fit(fromRows(rows.slice(0, 2))), counts };
    };
    const unseen = fromRows([{ Text: "rice" }]);
    const valuesOf = ({ fitted }: Awaited<ReturnType<typeof model>>) =>
      ((fitted.transform(unseen).column("Out") as VectorColumn).matrix as { values: Float32Array }).values;
    const [all, training] = [await model("all"), await model("training")];
    expect([...valuesOf(all)]).toEqual([1, 1]);
    expect([...valuesOf(training)]).toEqual([0, 0]);
    expect([all.counts, training.counts]).toEqual([[4], [2]]);
  });

  test.each([
    ["bytes", () => bytes],
    ["a blob", () => new Blob([bytes])],
    ["a stream", () => new Blob([bytes]).stream()],
    [
      "a file",
      (): VectorFile => ({
        open: async () => (await import("../../src/data/byte-source.js")).byteSource(bytes, "v"),
      }),
    ],
    ["vectors", () => loadWordVectors(bytes)],
  ])("takes %s", async (_, source) => {
    const stage = applyWordEmbedding("Out", await source(), "Words", { pooling: ["mean"], ...zero });
    const model = await words.append(stage).fit(fromRows(rows));
    const { matrix } = model.transform(fromRows([{ Text: "sun" }])).column("Out") as VectorColumn;
    expect([...(matrix as { values: Float32Array }).values]).toEqual([3, 4]);
  });

  test("with n-grams in one model, saved and loaded to the bit", async () => {
    const pipeline = words
      .append(applyWordEmbedding("Embedding", bytes, "Words", { ...zero, l2Normalize: true }))
      .append(featurizeText("Ngrams", "Text"))
      .append(concatenate("Features", "Ngrams", "Embedding"))
      .append(mapValueToKey("Label"))
      .append(sdcaMaximumEntropy({ l2: 0.01 }));
    const model = await pipeline.fit(fromRows(rows));
    expect(model.training[0]!.dualityGap).toBeLessThanOrEqual(1e-3);
    const saved = saveModel(model);
    const loaded = await loadModel(saved);
    for (const text of ["Sun", "soup and rain", "", "nothing known"]) {
      expect(loaded.predict(text, { topK: 2 })).toEqual(model.predict(text, { topK: 2 }));
    }
    expect(model.predict("rice").label).toBe("food");
    expect(saveModel(loaded)).toEqual(saved);
  });

  test("a trainer says which option helps against rows without a known word", async () => {
    const pipeline = words
      .append(applyWordEmbedding("Features", bytes, "Words"))
      .append(mapValueToKey("Label"))
      .append(sdcaMaximumEntropy());
    const error = await pipeline.fit(fromRows(rows)).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: "not-finite" });
    expect(error.message).toMatch(/Row 3 .*unknownRow: "zero"/);
  });

  test("bad input", async () => {
    const fitted = (stage: ReturnType<typeof applyWordEmbedding>) => stage.fit(fromRows(rows) as Dataset);
    await expect(fitted(applyWordEmbedding("Out", bytes, "Text"))).rejects.toMatchObject({
      code: "bad-column",
      message: expect.stringContaining("tokenizeIntoWords"),
    });
    await expect(fitted(applyWordEmbedding("Out", bytes, "Wordz"))).rejects.toMatchObject({
      code: "bad-column",
    });
    for (const options of [
      { pooling: [] },
      { pooling: ["mean", "mean"] },
      { pooling: ["median"] },
      { unknownRow: "none" },
      { l2Normalize: true },
      { keep: "some" },
      { scale: -1 },
      { maxWords: 1.5 },
    ]) {
      const make = () => applyWordEmbedding("Out", bytes, "Words", options as ApplyWordEmbeddingOptions);
      expect(make, JSON.stringify(options)).toThrow(expect.objectContaining({ code: "bad-option" }));
    }
    for (const vectors of ["glove.txt", undefined, 5]) {
      expect(() => applyWordEmbedding("Out", vectors as never)).toThrow(
        expect.objectContaining({ code: "bad-argument" }),
      );
    }
  });
});
