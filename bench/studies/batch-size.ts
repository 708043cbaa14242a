// npx tsx bench/studies/batch-size.ts [SET …]: epochs to a confirmed gap over rows a batch, with the bias, no row resting
// and batches never halved; and the size that training would choose. Sets of the folder DUALTEXT_DATA.
import type { KeyColumn, VectorColumn } from "../../src/data/columns.js";
import { nonZeros } from "../../src/data/csr.js";
import { Random } from "../../src/random.js";
import { atOnce } from "../../src/slices.js";
import { featurizeText, mapValueToKey } from "../../src/stages.js";
import { Problem } from "../../src/train/problem.js";
import { rowTraits } from "../../src/train/row-traits.js";
import { loadCore } from "../../src/wasm/core.js";
import { corpora } from "../corpus.js";
import { printMachine, printTable } from "../report.js";

const sizes = [1, 16, 64, 256];
const gaps = [1e-2, 1e-3, 1e-4];
const mostEpochs = 40;
const scaledL2 = 0.03;

function confirmedGap(problem: Problem): number {
  const pass = problem.certify();
  for (;;) {
    const { done, value } = pass.next();
    if (done) return value.gap;
  }
}

printMachine();
const table: Record<string, string | number>[] = [];
const core = await loadCore();
const asked = process.argv.slice(2);
for (const { name, data } of await corpora(asked.length > 0 ? asked : ["sst2", "trec6", "banking77"])) {
  const features = featurizeText("Features", "Text").append(mapValueToKey("Label"));
  const prepared = (await features.fit(data)).transform(data);
  const matrix = nonZeros((prepared.column("Features") as VectorColumn).matrix);
  const { keys, count } = prepared.column("Label") as KeyColumn;
  const labels = keys.map((key) => key - 1);
  const row: Record<string, string | number> = {
    set: name,
    classes: count,
    chosen: atOnce(rowTraits(core(), matrix)).batchSize,
  };
  for (const batchSize of sizes) {
    const problem = new Problem(core(), {
      matrix,
      labels,
      classCount: count,
      scaledL2,
      hasBias: true,
      batchSize,
    });
    const random = new Random(1);
    const reached: (number | string)[] = [];
    for (let epoch = 1; epoch <= mostEpochs && reached.length < gaps.length; epoch++) {
      atOnce(problem.startFullEpoch(random));
      problem.visit(0, problem.rowCount);
      const gap = confirmedGap(problem);
      while (reached.length < gaps.length && gap <= gaps[reached.length]!) reached.push(epoch);
    }
    while (reached.length < gaps.length) reached.push(`> ${mostEpochs}`);
    row[`B = ${batchSize}`] = reached.join(", ");
  }
  table.push(row);
}
printTable(`Epochs to a gap of ${gaps.join(", ")} at λn = ${scaledL2}`, table);
