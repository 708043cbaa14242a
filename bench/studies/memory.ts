// What training was told to take, and what it took: `npx tsx --expose-gc bench/studies/memory.ts [rows features classes nnz]`.
// Peak is the largest resident set of the process beyond what was there before, made-up rows included.
import { Dataset } from "../../src/data/dataset.js";
import { useNodeHost } from "../../src/node/use-node-host.js";
import { Random } from "../../src/random.js";
import { sdcaMaximumEntropy } from "../../src/stages.js";
import { longTailedRows } from "../made-up-rows.js";

useNodeHost();
const [rowCount = 100_000, featureCount = 50_000, classCount = 1000, nnz = 30] = process.argv
  .slice(2)
  .map(Number);
const matrix = longTailedRows(new Random(1), { rowCount, nnz, featureCount });
const keys = Uint32Array.from({ length: rowCount }, (_, row) => 1 + (row % classCount));
const data = Dataset.of({
  Label: { kind: "key", count: classCount, keys },
  Features: { kind: "vector", size: featureCount, matrix },
});
const train = (maxMemoryBytes: number) =>
  sdcaMaximumEntropy({ maxEpochs: 2, l2: 1e-6, maxMemoryBytes }).fit(data);

const refusal = await train(1).then(
  () => {
    throw new Error("It was not refused.");
  },
  ({ message }: Error) => message,
);
console.log(refusal);
globalThis.gc?.();
const before = process.memoryUsage.rss();
await train(Number.POSITIVE_INFINITY);
const peak = process.resourceUsage().maxRSS * 1024;
const [, told] = /needs (\d+) MB/.exec(refusal)!;
const took = (peak - before) / 1e6;
console.log(
  `told ${told} MB, took ${Math.round(took)} MB: told / took = ${(Number(told) / took).toFixed(3)}; peak of the process ${Math.round(peak / 1e6)} MB`,
);
