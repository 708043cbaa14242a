// The one function of the loader that is used, so that bundlers leave out the rest. The loader assigns Object.hasOwn when
// it is imported, so this file is imported only where a core is made.
export { instantiateSync } from "@assemblyscript/loader";
