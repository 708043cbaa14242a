import { setWorkerHost } from "../threads/worker-host.js";
import { nodeWorkerHost } from "./worker-host.js";

export * from "../index.js";
export { loadTextFile } from "./load-text-file.js";
export { loadModelFile, saveModelFile } from "./model-files.js";
export { applyWordEmbedding, loadWordVectorsFile } from "./word-vector-files.js";

setWorkerHost(nodeWorkerHost);
