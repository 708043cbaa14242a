export type { TextInput } from "./data/byte-source.js";
export type {
  BooleanColumn,
  BooleanType,
  Column,
  ColumnKind,
  ColumnType,
  KeyColumn,
  KeysType,
  KeyType,
  NumberArray,
  NumberColumn,
  NumberType,
  Precision,
  SlotNames,
  TextColumn,
  TextsColumn,
  TextsType,
  TextType,
  ValueColumn,
  VectorColumn,
  VectorType,
} from "./data/columns.js";
export type { CsrMatrix, DenseMatrix, Matrix } from "./data/csr.js";
export { Dataset, type Schema } from "./data/dataset.js";
export { fromRows, type RowValue } from "./data/from-rows.js";
export type {
  ColumnOption,
  ColumnOptions,
  FieldPlace,
  FieldType,
  LoadOptions,
  LoadReport,
  RangeOption,
  ScalarOption,
} from "./data/load-options.js";
export type { MapValueToKeyOptions } from "./data/map-value-to-key.js";
export {
  type CrossValidationOptions,
  crossValidationSplit,
  type TrainTest,
  type TrainTestOptions,
  trainTestSplit,
} from "./data/split.js";
export { loadText } from "./data/text-loader.js";
export { applyWordEmbedding, embedText, type WordVectorSource } from "./embedding-stages.js";
export { DualTextError, type ErrorCode, errorCodes } from "./errors.js";
export type { BinaryMetrics, CalibratedBinaryMetrics } from "./evaluate/binary-metrics.js";
export {
  type BinaryConfusionMatrix,
  type ConfusedPair,
  type ConfusionMatrix,
  formatConfusionTable,
  mostConfusedPairs,
} from "./evaluate/confusion-matrix.js";
export { type EvaluateOptions, evaluate } from "./evaluate/evaluate.js";
export {
  type EvaluateBinaryOptions,
  type EvaluateCalibratedBinaryOptions,
  evaluateBinary,
  evaluateBinaryNonCalibrated,
} from "./evaluate/evaluate-binary.js";
export type { ClassMetrics, MulticlassMetrics, UnknownLabel } from "./evaluate/multiclass-metrics.js";
export { AsyncModel } from "./model/async-model.js";
export { Model, type Row } from "./model/model.js";
export type { ModelInput } from "./model/model-input.js";
export type { Prediction, PredictOptions, ScoredLabel } from "./model/prediction.js";
export { type LoadModelOptions, loadModel, saveModel, saveModelBlob } from "./model/saved-model.js";
export type { L2PathPoint, Lineage, StopReason, TrainingRecord } from "./model/training-record.js";
export { Estimator, type Mode, type ModelOf, StageEstimator } from "./pipeline.js";
export type { FitOptions, Progress, RunOptions, Transformer } from "./stage.js";
export {
  concatenate,
  featurizeText,
  type LogisticOptions,
  mapKeyToValue,
  mapValueToKey,
  normalizeText,
  sdcaLogisticRegression,
  sdcaMaximumEntropy,
  tokenizeIntoWords,
} from "./stages.js";
export type { EmbedTextOptions, Encoders } from "./text/embed-text.js";
export { type EmbeddingCache, MemoryCache } from "./text/embedding-cache.js";
export type { Encode, Encoder } from "./text/encoder.js";
export type { FeaturizeTextOptions, NgramOptions } from "./text/featurize-text.js";
export type { NormalizeTextOptions } from "./text/normalize-text.js";
export type { TokenizeIntoWordsOptions } from "./text/tokenize-into-words.js";
export type { Weighting } from "./text/weigh-ngrams.js";
export type { ApplyWordEmbeddingOptions, Pooling, VectorFile } from "./text/word-embedding.js";
export {
  loadWordVectors,
  type WordVectorOptions,
  type WordVectorReport,
  WordVectors,
} from "./text/word-vectors.js";
export type { ClassWeights } from "./train/row-weights.js";
export type { SdcaOptions } from "./train/sdca-options.js";
export {
  type Classifier,
  type LabelledText,
  type SoftLabel,
  type TrainClassifierOptions,
  trainClassifier,
} from "./train-classifier.js";
export {
  type Change,
  compareModels,
  type Estimate,
  type LabelChange,
  type ModelComparison,
} from "./transfer/compare-models.js";
export {
  type ClassDrift,
  type DriftOptions,
  type DriftReport,
  type DriftSignal,
  driftReport,
} from "./transfer/drift-report.js";
export { ModelHandle } from "./transfer/model-handle.js";
export { type FineTuneOptions, fineTune } from "./transfer/pipeline-of.js";
export { type ModelUpdate, type UpdateOptions, updateModel } from "./transfer/update-model.js";
export { version } from "./version.js";
