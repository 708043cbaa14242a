// npm run bench [-- --smoke] [kernels] [training] [prediction]
import { benchKernels } from "./kernels.bench.js";
import { benchPrediction } from "./predict.bench.js";
import { isSmoke, printMachine } from "./report.js";
import { benchTraining } from "./training.bench.js";

const all = { kernels: benchKernels, training: benchTraining, prediction: benchPrediction };
const asked = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const unknown = asked.filter((name) => !Object.hasOwn(all, name));
if (unknown.length > 0) {
  console.error(`There is no bench ${unknown.join(", ")}; there are ${Object.keys(all).join(", ")}.`);
  process.exit(2);
}
printMachine();
for (const [name, bench] of Object.entries(all)) {
  if (asked.length === 0 || asked.includes(name)) await bench();
}
if (isSmoke) console.log("\nEvery bench ran.");
