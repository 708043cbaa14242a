// N-grams weighted by how rare they are. ML.NET's own records are in test/mlnet (cases "weighting …" and "… TfIdf").
import { describe, expect, test } from "vitest";
import type { VectorColumn } from "../../src/data/columns.js";
import type { CsrMatrix } from "../../src/data/csr.js";
import { fromRows } from "../../src/data/from-rows.js";
import type { Model } from "../../src/model/model.js";
import { loadModel, saveModel } from "../../src/model/saved-model.js";
import { loadModel as loadPredictor } from "../../src/predict/index.js";
import { Random } from "../../src/random.js";
import { atOnce } from "../../src/slices.js";
import type { LoadedStageParts, Transformer } from "../../src/stage.js";
import { featurizeText, mapKeyToValue, mapValueToKey, sdcaMaximumEntropy } from "../../src/stages.js";
import type { FeaturizeTextOptions } from "../../src/text/featurize-text.js";
import { pruningTables } from "../../src/text/prune-ngrams.js";
import { readFeaturizer, type TextFeaturizer } from "../../src/text/text-featurizer.js";
import { fineTune } from "../../src/transfer/pipeline-of.js";
import { updateModel } from "../../src/transfer/update-model.js";
import { plainFeatures } from "../reference/featurize-text.js";

const words = ["the", "a", "rare", "Word", "naïve", "学校", "of", "x", "long-winded", "on"];

function texts(seed: number, count: number, most: number): string[] {
  const random = new Random(seed);
  const word = () => words[Math.floor(random.nextFloat() ** 2 * words.length)]!;
  return Array.from(
    { length: count },
    () => `the ${Array.from({ length: random.nextBelow(most) }, word).join(" ")}`,
  );
}

const dataOf = (rows: readonly string[]) => fromRows(rows.map((Text) => ({ Text })));
const matrixOf = (column: unknown) => (column as VectorColumn).matrix as CsrMatrix;

async function fitted(rows: readonly string[], options: FeaturizeTextOptions, before?: TextFeaturizer) {
  const start = { features: "Features", label: "Label", featurizer: before, keyMap: undefined };
  const [stage] = featurizeText("Features", "Text", options).stages;
  const { transformer, output } = await stage!.fitStage(dataOf(rows), before ? { start } : {});
  return { featurizer: transformer as TextFeaturizer, matrix: matrixOf(output!.column("Features")) };
}

const both = (weighting: "tf" | "idf" | "tfIdf") => ({ chars: { weighting }, words: { weighting } });

/** Other orders of adding squares differ by up to 24 units in the last place. */
function expectClose(matrix: CsrMatrix, rows: { slots: number[]; values: number[] }[]): void {
  expect([...matrix.indices]).toEqual(rows.flatMap(({ slots }) => slots));
  const values = rows.flatMap((row) => row.values);
  const apart = values.map((value, k) => Math.abs(value - matrix.values[k]!) - 3e-6 * Math.abs(value));
  expect(Math.max(...apart)).toBeLessThanOrEqual(0);
}

describe.each(["idf", "tfIdf"] as const)("%s", (weighting) => {
  test.each([3, 12, 60, 400])("is as in the plain twin, with up to %s words a row", async (most) => {
    const rows = [...texts(most, 60, most), "", "the"];
    const unseen = texts(most + 1, 20, most);
    const { featurizer, matrix } = await fitted(rows, both(weighting));
    const lists = [...rows, ...unseen].map((text) => [text]);
    const plain = plainFeatures(lists.slice(0, rows.length), lists, { weighting });
    expectClose(matrix, plain.rows.slice(0, rows.length));
    const again = matrixOf(featurizer.transform(dataOf([...rows, ...unseen])).column("Features"));
    expectClose(again, plain.rows);
    expect(again.values.subarray(0, matrix.values.length)).toEqual(matrix.values);
    // One row at a time is the same.
    const single = rows.map((text) => matrixOf(featurizer.transform(dataOf([text])).column("Features")));
    expect(single.flatMap(({ values }) => [...values])).toEqual([...matrix.values]);
  });

  test("comes back from its parts; damaged ones are refused", async () => {
    const { featurizer } = await fitted(texts(1, 30, 12), { ...both(weighting), chars: true });
    const loaded = ({ stage, options, arrays }: ReturnType<Transformer["toParts"]>): LoadedStageParts => {
      const whole = Object.entries(arrays).map(([name, source]) => [name, [...source.pieces()][0]!]);
      return { stage, options, arrays: Object.fromEntries(whole) };
    };
    const parts = loaded(featurizer.toParts());
    const again = await readFeaturizer(parts);
    expect(loaded(again.toParts())).toEqual(parts);
    const probes = dataOf(texts(2, 30, 20));
    const [a, b] = [featurizer, again].map((stage) => matrixOf(stage.transform(probes).column("Features")));
    expect(b).toEqual(a);
    const { wordIdf } = parts.arrays as { wordIdf: Float64Array };
    const options = parts.options as { weighting: object };
    for (const damaged of [
      { ...parts, arrays: { ...parts.arrays, wordIdf: wordIdf.slice(1) } },
      { ...parts, arrays: { ...parts.arrays, wordIdf: wordIdf.map(() => Number.NaN) } },
      { ...parts, options: { ...options, weighting: { ...options.weighting, words: "tf" } } },
      { ...parts, options: { ...options, weighting: { ...options.weighting, rowCount: -1 } } },
    ]) {
      await expect(readFeaturizer(damaged as LoadedStageParts)).rejects.toMatchObject({
        code: "bad-model-file",
      });
    }
  });
});

test("blocks are weighted each for itself, one of them by counts exactly as without weights", async () => {
  const rows = texts(5, 40, 30);
  const [plain, weighted] = [await fitted(rows, {}), await fitted(rows, { words: { weighting: "tfIdf" } })];
  const chars = plain.featurizer.tables.trigrams!.length / 3;
  const ofChars = ({ indices, values }: CsrMatrix) => [...values].filter((_, k) => indices[k]! < chars);
  expect(ofChars(weighted.matrix)).toEqual(ofChars(plain.matrix));
  expect(weighted.matrix.values).not.toEqual(plain.matrix.values);
});

test("n-grams of a model that training starts from keep their weights; new ones are in none of its rows", async () => {
  const old = await fitted(["the cat", "the dog"], both("tfIdf"));
  const { featurizer } = await fitted(["the fish", "a fish", "the cat"], both("tfIdf"), old.featurizer);
  const { idf, words: table } = featurizer.tables;
  const before = old.featurizer.tables.idf!.words!.idf;
  expect(idf!.rowCount).toBe(5);
  expect(idf!.words!.idf.subarray(0, before.length)).toEqual(before);
  const fish =
    1 + [...table!.ngrams].findIndex((word, i, all) => i % 2 === 1 && word === 4 && all[i - 1] === -1);
  expect(idf!.words!.idf[fish / 2 - 1]).toBeCloseTo(Math.log(5 / 2), 15);
});

test("n-grams that are left keep their weights", async () => {
  const { featurizer } = await fitted(texts(7, 40, 12), both("idf"));
  const isKept = Uint8Array.from({ length: featurizer.slotCount }, (_, slot) => (slot % 3 === 0 ? 0 : 1));
  const { idf } = featurizer.tables;
  const all = [...idf!.chars!.idf, ...idf!.words!.idf];
  const pruned = atOnce(pruningTables(featurizer.tables, isKept)).idf!;
  expect([...pruned.chars!.idf, ...pruned.words!.idf]).toEqual(all.filter((_, slot) => isKept[slot] === 1));
});

test("a wrong weighting, and one that is not the model's, are refused", async () => {
  const refused = (options: unknown) => () =>
    featurizeText("Features", "Text", options as FeaturizeTextOptions);
  expect(refused({ words: { weighting: "TfIdf" } })).toThrow(
    'weighting of words is "TfIdf"; it must be "tf"',
  );
  expect(refused({ words: { weight: "idf" } })).toThrow("words of featurizeText has no option weight");
  expect(refused({ chars: "idf" })).toThrow('chars is "idf"; it must be true, false or an object');
  expect(refused({ chars: null })).toThrow("chars is null");
  const old = await fitted(["ab ca"], both("tfIdf"));
  await expect(fitted(["ab"], { chars: { weighting: "tfIdf" } }, old.featurizer)).rejects.toThrow(
    "made by featurizeText of chars by tfIdf and words by tfIdf, this pipeline by featurizeText of chars by tfIdf and words.",
  );
});

describe("a model", () => {
  const rows = texts(9, 300, 10).map((text, i) => ({
    Label: i % 2 === 0 ? "x" : "y",
    Text: `${text} ${i % 2 === 0 ? "sun" : "rain"}`,
  }));
  const trained = (some = rows): Promise<Model> =>
    featurizeText("Features", "Text", { words: { weighting: "tfIdf" }, chars: false })
      .append(mapValueToKey("Label"))
      .append(sdcaMaximumEntropy({ keepState: true }))
      .append(mapKeyToValue("PredictedLabel"))
      .fit(fromRows(some));

  test("is saved and loaded, updated and fine-tuned", async () => {
    const model = await loadModel(saveModel(await trained()));
    const probe = fromRows([{ Label: "x", Text: "the sun of a" }]);
    expect(model.evaluate(probe).microAccuracy).toBe(1);
    const more = fromRows([{ Label: "z", Text: "snow on the long-winded snow" }]);
    const updated = (await updateModel(model, more)).model;
    expect(updated.training[0]!.rowCount).toBe(301);
    expect(updated.evaluate(more).microAccuracy).toBe(1);
    const tuned = await fineTune(updated, fromRows(rows.slice(0, 50)));
    expect(tuned.evaluate(probe).microAccuracy).toBe(1);
  });

  test("is refused by dualtext/predict, which names the reason", async () => {
    await expect(loadPredictor(saveModel(await trained()))).rejects.toThrow(
      "This model needs the option weighting of featurizeText",
    );
  });
});
