// For runtimes that compile no bytes, in place of core-modules.ts: the modules are imported, compiled by the host. Which
// spelling of the import the host wants is said by "imports" in package.json.
import { core, textCore } from "./edge-modules.js";

export const coreModule = (shared: boolean) => forOneThread(core, shared);
export const textCoreModule = (shared: boolean) => forOneThread(textCore, shared);

async function forOneThread(module: WebAssembly.Module, shared: boolean): Promise<WebAssembly.Module> {
  if (shared) throw new Error("An imported module has a memory for one thread.");
  return module;
}
