// In the command in place of `src/wasm/core-modules.ts`: the cores are files beside it.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { compileModule } from "../wasm/compile-module.js";

const read = (name: string) => readFileSync(join(import.meta.dirname, name));

export const coreModule = (shared: boolean) => compileModule(read("core.wasm"), shared);
export const textCoreModule = (shared: boolean) => compileModule(read("text-core.wasm"), shared);
