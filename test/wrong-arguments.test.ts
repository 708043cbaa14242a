import { beforeAll, describe, expect, test } from "vitest";
import * as library from "../src/index.js";
import { loadTextFile } from "../src/node/index.js";

// What JavaScript callers may hand over by mistake: each call says what it wants and what it got.

const wrong = library as any;
const rows = Array.from({ length: 8 }, (_, i) => ({ Label: i % 2 ? "a" : "b", Text: i % 2 ? "x y" : "z" }));
const data = library.fromRows(rows);
const pipeline = library
  .featurizeText("Features", "Text")
  .append(library.mapValueToKey("Label"))
  .append(library.sdcaMaximumEntropy())
  .append(library.mapKeyToValue("PredictedLabel")) as any;
let model: any;

beforeAll(async () => {
  model = await pipeline.fit(data);
});

type Call = readonly [call: string, run: () => unknown, code: string, message: RegExp];

describe("wrong arguments", () => {
  test.each<Call>([
    [
      "loadText(text, null)",
      () => wrong.loadText("a\tb\n", null),
      "bad-option",
      /options of loadText are null/,
    ],
    ["fit()", () => pipeline.fit(), "bad-argument", /fit wants a Dataset.*got undefined/],
    ["fit(5)", () => pipeline.fit(5), "bad-argument", /got a number/],
    ["fit(rows)", () => pipeline.fit(rows), "bad-argument", /fromRows give, but got an array/],
    ["fit(data, null)", () => pipeline.fit(data, null), "bad-option", /options of fit are null/],
    ["fit(data, 5)", () => pipeline.fit(data, 5), "bad-option", /options of fit are a number/],
    ["fit signal", () => pipeline.fit(data, { signal: 5 }), "bad-option", /signal is a number/],
    ["fit signal null", () => pipeline.fit(data, { signal: null }), "bad-option", /signal is null/],
    ["fit onProgress", () => pipeline.fit(data, { onProgress: {} }), "bad-option", /onProgress is an object/],
    ["append(5)", () => pipeline.append(5), "bad-argument", /append wants a stage .* got a number/],
    ["append()", () => pipeline.append(), "bad-argument", /got undefined/],
    ["sdca(null)", () => wrong.sdcaMaximumEntropy(null), "bad-option", /sdcaMaximumEntropy are null/],
    ["sdca(5)", () => wrong.sdcaMaximumEntropy(5), "bad-option", /sdcaMaximumEntropy are a number/],
    ["sdca([])", () => wrong.sdcaMaximumEntropy([]), "bad-option", /sdcaMaximumEntropy are an array/],
    ["logistic(null)", () => wrong.sdcaLogisticRegression(null), "bad-option", /Regression are null/],
    ["featurizeText", () => wrong.featurizeText("F", "T", null), "bad-option", /featurizeText are null/],
    ["mapValueToKey", () => wrong.mapValueToKey("K", "V", null), "bad-option", /mapValueToKey are null/],
    ["tokenizeIntoWords", () => wrong.tokenizeIntoWords("W", "T", null), "bad-option", /are null/],
    [
      "tokenizeIntoWords, misspelt",
      () => wrong.tokenizeIntoWords("W", "T", { seperators: ["-"] }),
      "bad-option",
      /Did you mean separators/,
    ],
    ["normalizeText", () => wrong.normalizeText("N", "T", null), "bad-option", /are null/],
    [
      "normalizeText, misspelt",
      () => wrong.normalizeText("N", "T", { case: "upper" }),
      "bad-option",
      /no option case/,
    ],
    ["trainClassifier", () => wrong.trainClassifier([], null), "bad-option", /trainClassifier are null/],
    ["trainTestSplit(5)", () => wrong.trainTestSplit(5), "bad-argument", /trainTestSplit wants a Dataset/],
    ["trainTestSplit null", () => wrong.trainTestSplit(data, null), "bad-option", /are null/],
    ["crossValidationSplit(5)", () => wrong.crossValidationSplit(5), "bad-argument", /wants a Dataset/],
    ["evaluate(5)", () => wrong.evaluate(5), "bad-argument", /evaluate wants a Dataset/],
    ["model.transform(5)", () => model.transform(5), "bad-argument", /transform wants a Dataset/],
    ["model.evaluate(rows)", () => model.evaluate(rows), "bad-argument", /evaluate wants a Dataset/],
    ["model.predict null", () => model.predict("x", null), "bad-option", /options of predict are null/],
    ["model.predictAll null", () => model.predictAll(["x"], null), "bad-option", /predictAll are null/],
    ["evaluateBinary(5)", () => wrong.evaluateBinary(5), "bad-argument", /evaluateBinary wants a Dataset/],
    ["evaluateBinary null", () => wrong.evaluateBinary(data, null), "bad-option", /are null/],
    [
      "evaluateBinaryNonCalibrated",
      () => wrong.evaluateBinaryNonCalibrated(data, null),
      "bad-option",
      /are null/,
    ],
    ["loadTextFile null", () => loadTextFile("x", null as never), "bad-option", /loadTextFile are null/],
    ["fineTune(5)", () => wrong.fineTune(5, data), "bad-argument", /fineTune wants a model/],
    ["updateModel(5)", () => wrong.updateModel(5, data), "bad-argument", /wants a model.*got a number/],
    ["updateModel rows", () => wrong.updateModel(model, rows), "bad-argument", /wants a Dataset.*an array/],
    ["updateModel null", () => wrong.updateModel(model, data, null), "bad-option", /updateModel are null/],
    ["driftReport(5)", () => wrong.driftReport(5, ["x"]), "bad-argument", /driftReport wants a model/],
    ["compareModels(5)", () => wrong.compareModels(model, 5, data), "bad-argument", /wants a model/],
    ["compareModels rows", () => wrong.compareModels(model, model, rows), "bad-argument", /Dataset/],
  ])("%s", async (_call, run, code, message) => {
    await expect((async () => run())()).rejects.toThrow(
      expect.objectContaining({ name: "DualTextError", code, message: expect.stringMatching(message) }),
    );
  });
});
