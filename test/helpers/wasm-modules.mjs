// node --import wasm-modules.mjs: a runtime that compiles no bytes. `import … from "core.wasm"` gives a compiled module, and
// WebAssembly compiles or checks nothing else.
import { register } from "node:module";

const hooks = `
  import { readFileSync } from "node:fs";
  export async function load(url, context, next) {
    if (!/\\.wasm$/.test(url)) return next(url, context);
    const bytes = JSON.stringify([...readFileSync(new URL(url))]);
    const source = "export default new WebAssembly.Module(Uint8Array.from(" + bytes + "));";
    return { format: "module", shortCircuit: true, source };
  }
`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);

// Node's own fetch compiles a parser of HTTP when it is first touched.
new Response();

for (const name of ["compile", "compileStreaming", "instantiateStreaming", "validate"]) {
  Object.assign(WebAssembly, {
    [name]: () => {
      throw new Error("this runtime compiles no bytes");
    },
  });
}
