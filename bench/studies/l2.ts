// DUALTEXT_DATA=FOLDER npx tsx bench/studies/l2.ts [SET …]: the measurement behind docs/l2.md. For every set the held-out
// log-loss over a grid of λn, the share r of the label entropy that the pilot epoch leaves, and what rules that choose λn
// lose against the best of the grid, each with its constants fitted to the other sets. Takes an hour on all 17 sets.
import { readdirSync } from "node:fs";
import type { KeyColumn, VectorColumn } from "../../src/data/columns.js";
import { nonZeros } from "../../src/data/csr.js";
import type { Dataset } from "../../src/data/dataset.js";
import { hashText } from "../../src/hash.js";
import { fromRows } from "../../src/node/index.js";
import { atOnce } from "../../src/slices.js";
import { featurizeText, mapValueToKey, sdcaMaximumEntropy } from "../../src/stages.js";
import { batchSizeFor } from "../../src/train/batch-size.js";
import { defaultScaledL2, labelEntropy, PILOT_SCALED_L2, PILOT_SHARE } from "../../src/train/default-l2.js";
import { Problem } from "../../src/train/problem.js";
import { pilotLoss } from "../../src/train/solve.js";
import { loadCore } from "../../src/wasm/core.js";
import { type Corpus, corporaOf } from "../corpus.js";
import { printMachine, printTable } from "../report.js";

const grid = Array.from({ length: 12 }, (_, i) => 0.0015625 * 2 ** i);
const foldCount = 4;
/** Above this number of rows one fold is held out instead of each in turn. */
const manyRows = 9000;

interface Study {
  readonly name: string;
  readonly rows: number;
  readonly classes: number;
  /** r, see docs/l2.md. */
  readonly left: number;
  /** Held-out log-loss at each λn of the grid, mean over folds. */
  readonly losses: readonly number[];
}

async function study({ name, data }: Corpus): Promise<Study> {
  const texts = data.column("Text").values as string[];
  const labels = data.column("Label").values as string[];
  // Texts that are equal are in one fold.
  const folds = texts.map((text) => hashText(1, text) % foldCount);
  const losses = grid.map(() => 0);
  const pilots: { left: number; rows: number; classes: number }[] = [];
  const heldOut = texts.length > manyRows ? [0] : [0, 1, 2, 3];
  for (const fold of heldOut) {
    const part = (isHeld: boolean) => {
      const rows = texts.map((Text, i) => ({ Text, Label: labels[i]! }));
      return fromRows(rows.filter((_, i) => (folds[i] === fold) === isHeld));
    };
    const features = await featurizeText("Features", "Text").append(mapValueToKey("Label")).fit(part(false));
    const train = features.transform(part(false));
    const test = features.transform(part(true));
    train.column("Features");
    test.column("Features");
    pilots.push(await pilot(train));
    for (const [i, scaledL2] of grid.entries()) {
      const [stage] = sdcaMaximumEntropy({ l2: scaledL2 / train.rowCount }).stages;
      const { transformer } = await stage!.fitStage(train, {});
      losses[i]! += meanLoss(transformer.transform(test)) / heldOut.length;
    }
  }
  const mean = (of: (pilot: (typeof pilots)[number]) => number) =>
    pilots.reduce((sum, pilot) => sum + of(pilot), 0) / pilots.length;
  return { name, rows: mean((p) => p.rows), classes: pilots[0]!.classes, left: mean((p) => p.left), losses };
}

async function pilot(train: Dataset) {
  const { matrix } = train.column("Features") as VectorColumn;
  const { count, keys } = train.column("Label") as KeyColumn;
  const rows = nonZeros(matrix);
  const labels = keys.map((key) => key - 1);
  const problem = new Problem((await loadCore())(), {
    matrix: rows,
    labels,
    classCount: count,
    scaledL2: PILOT_SCALED_L2,
    hasBias: true,
    batchSize: atOnce(batchSizeFor(rows)),
  });
  const options = {
    tolerance: 1,
    maxEpochs: 1,
    maxMs: Number.POSITIVE_INFINITY,
    onAbort: "reject",
    seed: 1,
  } as const;
  const loss = (await pilotLoss(problem, PILOT_SHARE, options, () => undefined))!;
  return { left: loss / labelEntropy(labels, count), rows: rows.rowCount, classes: count };
}

/** Mean log-loss in nats; rows whose label was not trained on are left out, as in evaluation. */
function meanLoss(scored: Dataset): number {
  const { keys } = scored.column("Label") as KeyColumn;
  const { matrix } = scored.column("Score") as VectorColumn;
  const { columnCount, values } = matrix;
  let sum = 0;
  let count = 0;
  keys.forEach((key, row) => {
    if (key === 0) return;
    sum -= Math.log(Math.max(values[row * columnCount + key - 1]!, 1e-15));
    count++;
  });
  return sum / count;
}

/** What λn costs against the best of the grid, as a share; between grid points the losses are interpolated. */
function excess({ losses }: Study, scaledL2: number): number {
  const position = Math.log2(scaledL2 / grid[0]!);
  const left = Math.min(grid.length - 2, Math.max(0, Math.floor(position)));
  const share = Math.min(1, Math.max(0, position - left));
  return (losses[left]! * (1 - share) + losses[left + 1]! * share) / Math.min(...losses) - 1;
}

/** a · x^b with the least mean excess over some sets, of 40 × 41 candidates. */
function fitted(sets: readonly Study[], x: (set: Study) => number): (set: Study) => number {
  let best = { a: 0, b: 0, mean: Number.POSITIVE_INFINITY };
  for (let i = 0; i < 40; i++) {
    for (let j = -20; j <= 20; j++) {
      const [a, b] = [0.001 * 1.2 ** i, j * 0.1];
      const mean = sets.reduce((sum, set) => sum + excess(set, a * x(set) ** b), 0) / sets.length;
      if (mean < best.mean) best = { a, b, mean };
    }
  }
  return (set) => best.a * x(set) ** best.b;
}

function lossesOf(rule: string, sets: readonly Study[], choose: (set: Study) => number) {
  const all = sets.map((set) => ({ name: set.name, excess: excess(set, choose(set)) }));
  all.sort((a, b) => a.excess - b.excess);
  const worst = all.at(-1)!;
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const mean = all.reduce((sum, { excess }) => sum + excess, 0) / all.length;
  return {
    rule,
    median: percent(all[all.length >> 1]!.excess),
    mean: percent(mean),
    worst: `${percent(worst.excess)} (${worst.name})`,
  };
}

const folder = process.env.DUALTEXT_DATA;
if (!folder) {
  console.error("DUALTEXT_DATA must name a folder of sets.");
  process.exit(2);
}
const asked = process.argv.slice(2);
printMachine();
const studies: Study[] = [];
for (const name of asked.length > 0 ? asked : readdirSync(folder).sort()) {
  const [corpus] = await corporaOf([name]);
  if (!corpus) continue;
  const result = await study(corpus);
  studies.push(result);
  console.log(`${name}: ${result.losses.map((loss) => loss.toFixed(4)).join(" ")}`);
}
const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
printTable(
  "Held-out log-loss over λn: the best of the grid, and what others lose",
  studies.map((set) => ({
    set: set.name,
    n: Math.round(set.rows),
    classes: set.classes,
    "best λn": Number(grid[set.losses.indexOf(Math.min(...set.losses))]!.toPrecision(2)),
    r: Number(set.left.toFixed(2)),
    "at 0.03": percent(excess(set, 0.03)),
    "at 0.1": percent(excess(set, 0.1)),
    "at the default": percent(excess(set, defaultScaledL2(set.left, 1))),
  })),
);
const families: Record<string, (set: Study) => number> = {
  n: ({ rows }) => rows,
  K: ({ classes }) => classes,
  r: ({ left }) => left,
};
printTable("Rules: excess over the best of the grid", [
  lossesOf("the default", studies, ({ left }) => defaultScaledL2(left, 1)),
  ...[0.03, 0.05, 0.1].map((constant) => lossesOf(`λn = ${constant}`, studies, () => constant)),
  ...Object.entries(families).map(([letter, x]) =>
    lossesOf(`a · ${letter}^b, fitted to the other sets`, studies, (set) =>
      fitted(
        studies.filter((other) => other !== set),
        x,
      )(set),
    ),
  ),
]);
