// node --experimental-vm-modules bare-context.mjs ROWS TEXT: trains with dist/index.js in a context that has what browsers
// and Node share and nothing of Node's own, and prints the label of a text.
import { readFileSync } from "node:fs";
import vm from "node:vm";

const [rows, text] = process.argv.slice(2);
const shared = {
  WebAssembly,
  TextDecoder,
  TextEncoder,
  performance,
  setTimeout,
  setInterval,
  clearInterval,
  MessageChannel,
  atob,
  AbortController,
};
const context = vm.createContext({ ...shared, rows, text });
/** @type {Map<string, vm.SourceTextModule>} */
const modules = new Map();

/**
 * @param {string} specifier
 * @returns {vm.SourceTextModule}
 */
function load(specifier) {
  const name = specifier.replace("./", "");
  const source = readFileSync(new URL(`../../dist/${name}`, import.meta.url), "utf8");
  const module = modules.get(name) ?? make(name, source);
  modules.set(name, module);
  return module;
}

/**
 * @param {string} identifier
 * @param {string} source
 * @returns {vm.SourceTextModule}
 */
function make(identifier, source) {
  return new vm.SourceTextModule(source, {
    context,
    identifier,
    importModuleDynamically: async (specifier) => run(load(specifier)),
  });
}

/**
 * @param {vm.SourceTextModule} module
 * @returns {Promise<vm.SourceTextModule>}
 */
async function run(module) {
  if (module.status === "unlinked") await module.link(load);
  if (module.status === "linked") await module.evaluate();
  return module;
}

await run(
  make(
    "main.js",
    `import { trainClassifier } from "./index.js";
     const classifier = await trainClassifier(JSON.parse(rows));
     globalThis.result = classifier.predict(text).label;`,
  ),
);
process.stdout.write(context.result);
