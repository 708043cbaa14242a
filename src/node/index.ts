import * as named from "./interface.js";
import { inNode } from "./use-node-host.js";

// Classes, types and constants. What they do in Node goes back to one of the functions below.
export * from "./interface.js";

// Bindings of this module, and so in a bundle that has any of them, without a side effect of importing it.
export const applyWordEmbedding = /* @__PURE__ */ inNode(named.applyWordEmbedding);
export const compareModels = /* @__PURE__ */ inNode(named.compareModels);
export const concatenate = /* @__PURE__ */ inNode(named.concatenate);
export const crossValidationSplit = /* @__PURE__ */ inNode(named.crossValidationSplit);
export const driftReport = /* @__PURE__ */ inNode(named.driftReport);
export const embedText = /* @__PURE__ */ inNode(named.embedText);
export const evaluate = /* @__PURE__ */ inNode(named.evaluate);
export const evaluateBinary = /* @__PURE__ */ inNode(named.evaluateBinary);
export const evaluateBinaryNonCalibrated = /* @__PURE__ */ inNode(named.evaluateBinaryNonCalibrated);
export const featurizeText = /* @__PURE__ */ inNode(named.featurizeText);
export const fineTune = /* @__PURE__ */ inNode(named.fineTune);
export const formatConfusionTable = /* @__PURE__ */ inNode(named.formatConfusionTable);
export const fromRows = /* @__PURE__ */ inNode(named.fromRows);
export const loadModel = /* @__PURE__ */ inNode(named.loadModel);
export const loadModelFile = /* @__PURE__ */ inNode(named.loadModelFile);
export const loadText = /* @__PURE__ */ inNode(named.loadText);
export const loadTextFile = /* @__PURE__ */ inNode(named.loadTextFile);
export const loadWordVectors = /* @__PURE__ */ inNode(named.loadWordVectors);
export const loadWordVectorsFile = /* @__PURE__ */ inNode(named.loadWordVectorsFile);
export const mapKeyToValue = /* @__PURE__ */ inNode(named.mapKeyToValue);
export const mapValueToKey = /* @__PURE__ */ inNode(named.mapValueToKey);
export const mostConfusedPairs = /* @__PURE__ */ inNode(named.mostConfusedPairs);
export const normalizeText = /* @__PURE__ */ inNode(named.normalizeText);
export const saveModel = /* @__PURE__ */ inNode(named.saveModel);
export const saveModelBlob = /* @__PURE__ */ inNode(named.saveModelBlob);
export const saveModelFile = /* @__PURE__ */ inNode(named.saveModelFile);
export const sdcaLogisticRegression = /* @__PURE__ */ inNode(named.sdcaLogisticRegression);
export const sdcaMaximumEntropy = /* @__PURE__ */ inNode(named.sdcaMaximumEntropy);
export const tokenizeIntoWords = /* @__PURE__ */ inNode(named.tokenizeIntoWords);
export const trainClassifier = /* @__PURE__ */ inNode(named.trainClassifier);
export const trainTestSplit = /* @__PURE__ */ inNode(named.trainTestSplit);
export const updateModel = /* @__PURE__ */ inNode(named.updateModel);
