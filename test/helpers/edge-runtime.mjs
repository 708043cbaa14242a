// node --import wasm-modules.mjs edge-runtime.mjs ROWS: trains with dist/edge.js and prints what it exports and has learned.
import { createHash } from "node:crypto";

const library = await import(new URL("../../dist/edge.js", import.meta.url).href);
const classifier = await library.trainClassifier(JSON.parse(/** @type {string} */ (process.argv[2])));
console.log(
  JSON.stringify({
    names: Object.keys(library).sort(),
    label: classifier.predict("rain and snow").label,
    hash: createHash("sha256").update(classifier.save()).digest("hex"),
  }),
);
