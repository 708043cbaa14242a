/**
 * What `dualtext/node` offers, as its users see it: `dualtext` and files. `src/node/index.ts` has the same names.
 * @module node
 */
export * from "../index.js";
export { loadTextFile } from "./load-text-file.js";
export { loadModelFile, saveModelFile } from "./model-files.js";
export { applyWordEmbedding, loadWordVectorsFile } from "./word-vector-files.js";
