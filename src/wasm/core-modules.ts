import { bytesOfText } from "./byte-text.js";
import { compileModule } from "./compile-module.js";
import { coreText, frequentBytes, textCoreText } from "./core-bytes.js";

// Where the compiled modules come from. Runtimes that compile no bytes import the modules instead: there
// `core-modules.edge.ts` stands in for this file (`.ci/edge.mjs`); in the command, which has files beside it,
// `src/node/core-modules.ts` (`.ci/command.mjs`).

/** @param shared whether threads are to share its memory */
export const coreModule = (shared: boolean) => compileModule(bytesOfText(coreText, frequentBytes), shared);
export const textCoreModule = (shared: boolean) =>
  compileModule(bytesOfText(textCoreText, frequentBytes), shared);
