/** The compiled modules, imported as the runtime at hand wants it: "#core-modules" of "imports" in package.json. */
export const core: WebAssembly.Module;
export const textCore: WebAssembly.Module;
