// For runtimes that compile no bytes, in place of core-modules.ts: the modules are imported, compiled by the host. Which
// spelling of the import the host wants is said by "imports" in package.json.
import { core, textCore } from "./edge-modules.js";

export const coreModule = async (): Promise<WebAssembly.Module> => core;
export const textCoreModule = async (): Promise<WebAssembly.Module> => textCore;
