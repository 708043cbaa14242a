// DUALTEXT_DATA=FOLDER npx tsx bench/studies/l2-auto.ts [--write] [SET …]: what l2 "auto" chooses, beside converged fits on a
// grid of λn with steps of √2: the excess of its held-out log-loss over the grid's best on the same rows held out, the excess on
// the set's test file over the grid's best there, all fitted to a gap of 1e-5, and its time over that of one fit at the λ chosen
// (processor time, medians of five in turn, one thread, after one of each). And what the test rows can tell: see test-excess.ts.
// --write puts the rows into the table of docs/l2.md.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { KeyColumn, VectorColumn } from "../../src/data/columns.js";
import { nonZeros } from "../../src/data/csr.js";
import type { Dataset } from "../../src/data/dataset.js";
import { loadTextFile } from "../../src/node/index.js";
import { Random } from "../../src/random.js";
import { atOnce } from "../../src/slices.js";
import { featurizeText, mapValueToKey, sdcaMaximumEntropy } from "../../src/stages.js";
import { heldOutRows } from "../../src/train/folds.js";
import { Problem } from "../../src/train/problem.js";
import { rowTraits } from "../../src/train/row-traits.js";
import { sdcaDefaults } from "../../src/train/sdca-options.js";
import { loadCore } from "../../src/wasm/core.js";
import { printMachine, printTable } from "../report.js";
import { median } from "../rivals/commands.js";
import { updateTable } from "./docs-section.js";
import { MOST_EXCESS, type TestExcess, testExcess } from "./test-excess.js";

const grid = Array.from({ length: 25 }, (_, i) => 4 / Math.SQRT2 ** i);
/** In nats. With the default's, losses on test rows differ from fit to fit by more than neighbours on the grid do. */
const CONVERGED = 1e-5;
const TIMED_ROUNDS = 5;
const columns = { Label: { name: "Label", type: "text" }, Text: { name: "Text", type: "text" } } as const;

const cpuMs = () => process.cpuUsage().user / 1e3;
const percent = (share: number) => `${(Math.round(1000 * share) / 10 + 0).toFixed(1)} %`;

async function load(folder: string, set: string, part: string): Promise<Dataset | undefined> {
  const file = [`${part}.tsv.gz`, `${part}.tsv`].map((base) => join(folder, set, base)).find(existsSync);
  return file === undefined ? undefined : loadTextFile(file, { hasHeader: true, columns });
}

/** Held-out loss at λn, mean over the lists; each fit goes on until the divergence seen is small beside the loss. */
function heldOutLoss(problem: Problem, lists: readonly Uint32Array[], scaledL2: number): number {
  let sum = 0;
  for (const rows of lists) {
    const held = new Set(rows);
    const others = Uint32Array.from({ length: problem.rowCount }, (_, row) => row).filter(
      (row) => !held.has(row),
    );
    atOnce(problem.restart(scaledL2, others));
    const random = new Random(1);
    for (let epoch = 0; epoch < 100; epoch++) {
      atOnce(problem.startFullEpoch(random));
      problem.visit(0, problem.activeRowCount);
      const { divergence, loss } = problem.seen();
      if (divergence < 2e-3 * Math.min(1, loss)) break;
    }
    sum += atOnce(problem.meanLossOf(rows));
  }
  return sum / lists.length;
}

async function trained(train: Dataset, l2: number | "auto", tolerance: number = sdcaDefaults.tolerance) {
  const [stage] = sdcaMaximumEntropy({ l2, tolerance }).stages;
  const start = cpuMs();
  const { transformer } = await stage!.fitStage(train, { threads: 1 });
  return { transformer, ms: cpuMs() - start };
}

/** Time of a search over that of a fit at the λ it chooses. */
async function timeRatio(train: Dataset, l2: number): Promise<number> {
  await trained(train, l2);
  const searches: number[] = [];
  const fits: number[] = [];
  for (let round = 0; round < TIMED_ROUNDS; round++) {
    searches.push((await trained(train, "auto")).ms);
    fits.push((await trained(train, l2)).ms);
  }
  return median(searches) / median(fits);
}

/** Log-loss of each row whose label the model knows. */
function lossesOf(scored: Dataset): Float64Array {
  const { keys } = scored.column("Label") as KeyColumn;
  const { values, columnCount } = (scored.column("Score") as VectorColumn).matrix;
  const rows = Float64Array.from(keys.keys()).filter((row) => keys[row] !== 0);
  return rows.map((row) => -Math.log(Math.max(values[row * columnCount + keys[row]! - 1]!, 1e-15)));
}

async function study(folder: string, set: string) {
  const data = await load(folder, set, "train");
  const testData = await load(folder, set, "test");
  if (!data) return undefined;
  const features = await featurizeText("Features", "Text").append(mapValueToKey("Label")).fit(data);
  const train = features.transform(data);
  const matrix = nonZeros((train.column("Features") as VectorColumn).matrix);
  const { keys, count } = train.column("Label") as KeyColumn;
  const labels = keys.map((key) => key - 1);
  const auto = await trained(train, "auto");
  const { l2 } = (auto.transformer as unknown as { training: { l2: number } }).training;
  const ratio = await timeRatio(train, l2);

  const input = { matrix, labels, classCount: count, scaledL2: 1, hasBias: true };
  const core = await loadCore();
  const problem = new Problem(core(), { ...input, ...atOnce(rowTraits(core(), matrix)) });
  const lists = atOnce(heldOutRows(matrix, labels));
  const chosen = l2 * matrix.rowCount;
  const best = Math.min(...grid.map((scaledL2) => heldOutLoss(problem, lists, scaledL2)));
  const heldExcess = heldOutLoss(problem, lists, chosen) / best - 1;
  let onTest: TestExcess | undefined;
  if (testData) {
    const test = features.transform(testData);
    const lossesAt = async (scaledL2: number) => {
      const fit = await trained(train, scaledL2 / matrix.rowCount, CONVERGED);
      return lossesOf(fit.transformer.transform(test));
    };
    const others: Float64Array[] = [];
    for (const scaledL2 of grid) others.push(await lossesAt(scaledL2));
    onTest = testExcess(await lossesAt(chosen), others);
  }
  return { set, rows: matrix.rowCount, lists: lists.length, chosen, heldExcess, onTest, ratio };
}

const folder = process.env.DUALTEXT_DATA;
if (!folder) {
  console.error("DUALTEXT_DATA must name a folder of sets.");
  process.exit(2);
}
printMachine();
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { write: { type: "boolean", default: false } },
});
const rows = [];
for (const set of positionals.length > 0 ? positionals : readdirSync(folder).sort()) {
  const result = await study(folder, set);
  if (!result) continue;
  const { onTest } = result;
  rows.push({
    set,
    rows: result.rows,
    "held out": result.lists === 1 ? "a fifth" : `${result.lists} folds`,
    "λn chosen": Number(result.chosen.toPrecision(2)),
    "excess held out": percent(result.heldExcess),
    "excess on test": onTest ? percent(onTest.whole) : "no test file",
    "of rows drawn anew": onTest ? `${percent(onTest.from)} … ${percent(onTest.to)}` : "",
    "chosen by half of the test": onTest ? percent(onTest.byHalf) : "",
    [`above ${100 * MOST_EXCESS} %`]: onTest ? `${Math.round(100 * onTest.aboveMost)} % of halves` : "",
    "time, cold fits": Number(result.ratio.toFixed(1)),
  });
  console.log(JSON.stringify(rows.at(-1)));
}
printTable('l2 "auto" beside a grid of λn from 4 to 0.001 by √2', rows);
if (options.write) updateTable("l2.md", "l2-auto", rows);
