import { useNodeHost } from "./use-node-host.js";

export * from "../index.js";
export { loadTextFile } from "./load-text-file.js";
export { loadModelFile, saveModelFile } from "./model-files.js";
export { applyWordEmbedding, loadWordVectorsFile } from "./word-vector-files.js";

useNodeHost();
