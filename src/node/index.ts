export * from "../index.js";
export { loadTextFile } from "./load-text-file.js";
export { loadModelFile, saveModelFile } from "./model-files.js";
