// Prediction with saved models in plain TypeScript, without WebAssembly: small, and at home under any content security
// policy. Probabilities are those of the core, bit for bit.
export { DualTextError, type ErrorCode } from "../errors.js";
export type { Row } from "../model/model.js";
export type { ModelInput } from "../model/model-input.js";
export type { Prediction, PredictOptions, ScoredLabel } from "../model/prediction.js";
export type { StopReason, TrainingRecord } from "../model/training-record.js";
export { loadModel, type Predictor } from "./predictor.js";
