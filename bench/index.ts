// npm run bench [-- --smoke] [kernels] [featurizer] [training] [threads] [prediction] [growth]
// npm run bench -- --rivals [SET …] [options]: beside other programs, see rivals/index.ts
import { benchFeaturizer } from "./featurizer.bench.js";
import { benchGrowth } from "./growth.bench.js";
import { benchKernels } from "./kernels.bench.js";
import { benchPrediction } from "./predict.bench.js";
import { isSmoke, printMachine } from "./report.js";
import { benchRivals, smokeRivals } from "./rivals/index.js";
import { benchThreads } from "./threads.bench.js";
import { benchTraining } from "./training.bench.js";

const all = {
  kernels: benchKernels,
  featurizer: benchFeaturizer,
  training: benchTraining,
  threads: benchThreads,
  prediction: benchPrediction,
  growth: benchGrowth,
};
const usage = `npm run bench [-- [--smoke] [BENCH …]]
  BENCH    ${Object.keys(all).join(", ")}; default: all
  --smoke  each once, on little, and the rivals that are installed
npm run bench -- --rivals [SET …] [options]
  beside other programs; the options stand at the top of bench/rivals/index.ts`;
const args = process.argv.slice(2);
const options = args.filter((argument) => argument.startsWith("--"));
if (args.includes("--help")) console.log(usage);
else if (args.includes("--rivals") && !isSmoke) {
  printMachine();
  await benchRivals(args.filter((argument) => argument !== "--rivals"));
} else {
  const asked = args.filter((argument) => !argument.startsWith("--"));
  const unknown = [
    ...asked.filter((name) => !Object.hasOwn(all, name)).map((name) => `bench ${name}`),
    ...options.filter((name) => !["--smoke", "--rivals"].includes(name)).map((name) => `option ${name}`),
  ];
  if (unknown.length > 0) {
    console.error(`There is no ${unknown.join(", no ")}.\n${usage}`);
    process.exit(2);
  }
  printMachine();
  for (const [name, bench] of Object.entries(all)) {
    if (!args.includes("--rivals") && (asked.length === 0 || asked.includes(name))) await bench();
  }
  if (isSmoke && asked.length === 0) await smokeRivals();
  if (isSmoke) console.log("\nEvery bench ran.");
}
