// DUALTEXT_DATA=FOLDER npx tsx bench/studies/l2.ts [--write] [SET …]: the measurement behind docs/l2.md. For every set the
// held-out log-loss over a grid of λn, what the pilot epoch tells, and what rules that choose λn lose against the best of the
// grid, those with constants each time with constants fitted to the other sets; then the same for few rows of each set. --write
// puts the tables into docs/l2.md. Takes half an hour on all 17 sets.
import { readdirSync } from "node:fs";
import { parseArgs } from "node:util";
import type { KeyColumn, VectorColumn } from "../../src/data/columns.js";
import { nonZeros } from "../../src/data/csr.js";
import type { Dataset } from "../../src/data/dataset.js";
import { hashText } from "../../src/hash.js";
import { fromRows } from "../../src/node/index.js";
import { Random } from "../../src/random.js";
import { atOnce } from "../../src/slices.js";
import { featurizeText, mapValueToKey, sdcaMaximumEntropy } from "../../src/stages.js";
import { defaultScaledL2, labelEntropy, PILOT_SCALED_L2, PILOT_SHARE } from "../../src/train/default-l2.js";
import { Problem } from "../../src/train/problem.js";
import { rowTraits } from "../../src/train/row-traits.js";
import { pilotEpoch } from "../../src/train/solve.js";
import { loadCore } from "../../src/wasm/core.js";
import { corporaOf } from "../corpus.js";
import { printMachine, printTable } from "../report.js";
import { markdownTable, writeSection } from "./docs-section.js";

const grid = Array.from({ length: 12 }, (_, i) => 0.0015625 * 2 ** i);
const foldCount = 4;
/** Above this number of rows one fold is held out instead of each in turn. */
const manyRows = 9000;
/** Rows that small samples are trained on, how often, and rows they are judged on. */
const sampleSizes = [30, 100, 250, 1000];
const samples = 5;
const judges = 2000;

/** What is trained on and what judges it, as rows of a set. */
interface Split {
  readonly train: readonly number[];
  readonly test: readonly number[];
}

/** Of one split. */
interface Trial {
  readonly rows: number;
  readonly classes: number;
  /** o: what the pilot epoch was surer than right. */
  readonly overconfidence: number;
  /** r: the share of the entropy of the labels that the pilot epoch leaves. */
  readonly left: number;
  /** The default λn. */
  readonly chosen: number;
  /** Held-out log-loss at each λn of the grid. */
  readonly losses: readonly number[];
}

interface Study {
  readonly name: string;
  readonly trials: readonly Trial[];
  /** Mean of the trials. */
  readonly losses: readonly number[];
}

interface Texts {
  readonly texts: readonly string[];
  readonly labels: readonly string[];
}

/** Folds with texts that are equal in one. */
function folds({ texts }: Texts): Split[] {
  const foldOf = texts.map((text) => hashText(1, text) % foldCount);
  const heldOut = texts.length > manyRows ? [0] : [0, 1, 2, 3];
  return heldOut.map((fold) => {
    const rows = texts.map((_, row) => row);
    return {
      train: rows.filter((row) => foldOf[row] !== fold),
      test: rows.filter((row) => foldOf[row] === fold),
    };
  });
}

/** Few rows to train on, and others, with other texts, to judge. */
function smallSamples({ texts }: Texts, size: number): Split[] {
  const random = new Random(1);
  return Array.from({ length: samples }, () => {
    const order = Uint32Array.from(texts, (_, row) => row);
    random.shuffle(order);
    const train = [...order.subarray(0, size)];
    const known = new Set(train.map((row) => texts[row]));
    const test = [...order.subarray(size)].filter((row) => !known.has(texts[row])).slice(0, judges);
    return { train, test };
  });
}

async function study(name: string, set: Texts, splits: readonly Split[]): Promise<Study> {
  const trials: Trial[] = [];
  for (const split of splits) trials.push(await trial(set, split));
  const losses = grid.map((_, i) => mean(trials, (trial) => trial.losses[i]!));
  return { name, trials, losses };
}

async function trial({ texts, labels }: Texts, split: Split): Promise<Trial> {
  const rowsOf = (rows: readonly number[]) =>
    fromRows(rows.map((row) => ({ Text: texts[row]!, Label: labels[row]! })));
  const given = rowsOf(split.train);
  const features = await featurizeText("Features", "Text").append(mapValueToKey("Label")).fit(given);
  const train = features.transform(given);
  const test = features.transform(rowsOf(split.test));
  const losses: number[] = [];
  for (const scaledL2 of grid) {
    const [stage] = sdcaMaximumEntropy({ l2: scaledL2 / train.rowCount }).stages;
    const { transformer } = await stage!.fitStage(train, {});
    losses.push(meanLoss(transformer.transform(test)));
  }
  return { ...(await pilot(train)), losses };
}

async function pilot(train: Dataset) {
  const { matrix } = train.column("Features") as VectorColumn;
  const { count, keys } = train.column("Label") as KeyColumn;
  const rows = nonZeros(matrix);
  const { rowCount } = rows;
  const labels = keys.map((key) => key - 1);
  const core = await loadCore();
  const problem = new Problem(core(), {
    matrix: rows,
    labels,
    classCount: count,
    scaledL2: PILOT_SCALED_L2,
    hasBias: true,
    ...atOnce(rowTraits(core(), rows)),
  });
  const options = {
    tolerance: 1,
    maxEpochs: 1,
    maxMs: Number.POSITIVE_INFINITY,
    onAbort: "reject",
    seed: 1,
  } as const;
  const { overconfidence, divergence } = (await pilotEpoch(problem, PILOT_SHARE, options, () => undefined))!;
  const entropy = labelEntropy(labels, count);
  return {
    overconfidence,
    left: divergence / entropy,
    chosen: defaultScaledL2({ overconfidence, divergence }, entropy),
    rows: rowCount,
    classes: count,
  };
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

function mean<Of>(items: readonly Of[], value: (item: Of) => number): number {
  return items.reduce((sum, item) => sum + value(item), 0) / items.length;
}

/** What λn costs against the best of the grid, as a share; between grid points the losses are interpolated. */
function excessAt({ losses }: Study, scaledL2: number): number {
  const position = Math.log2(scaledL2 / grid[0]!);
  const left = Math.min(grid.length - 2, Math.max(0, Math.floor(position)));
  const share = Math.min(1, Math.max(0, position - left));
  return (losses[left]! * (1 - share) + losses[left + 1]! * share) / Math.min(...losses) - 1;
}

type Rule = (trial: Trial) => number;

/** The same of a rule, mean over the trials. */
function excess(of: Study, rule: Rule): number {
  return mean(of.trials, (trial) => excessAt(of, rule(trial)));
}

/** a · f(b, trial) with the least mean excess over some sets. */
function fitted(sets: readonly Study[], { f, bs }: Family): Rule {
  let best = { a: 0, b: 0, mean: Number.POSITIVE_INFINITY };
  for (let a = 0.001; a < 1.5; a *= 1.2) {
    for (const b of bs) {
      const cost = mean(sets, (set) => excess(set, (trial) => a * f(b, trial)));
      if (cost < best.mean) best = { a, b, mean: cost };
    }
  }
  return (trial) => best.a * f(best.b, trial);
}

interface Family {
  readonly f: (b: number, trial: Trial) => number;
  readonly bs: readonly number[];
}
const powers = Array.from({ length: 41 }, (_, i) => (i - 20) / 10);
const rates = Array.from({ length: 21 }, (_, i) => 2 * i + 10);
const families: Record<string, Family> = {
  "a · n^b": { f: (b, { rows }) => rows ** b, bs: powers },
  "a · K^b": { f: (b, { classes }) => classes ** b, bs: powers },
  "a · r^b": { f: (b, { left }) => left ** b, bs: powers.map((power) => power + 2) },
  "a · e^(b o)": { f: (b, { overconfidence }) => Math.exp(b * overconfidence), bs: rates },
  "a · e^(b o / √r)": {
    f: (b, { overconfidence, left }) => Math.exp((b * overconfidence) / Math.sqrt(left)),
    bs: rates,
  },
};
const byDefault: Rule = ({ chosen }) => chosen;
const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

function lossesOf(rule: string, sets: readonly Study[], choose: (set: Study) => Rule) {
  const all = sets.map((set) => ({ name: set.name, excess: excess(set, choose(set)) }));
  all.sort((a, b) => a.excess - b.excess);
  const worst = all.at(-1)!;
  return {
    rule,
    median: percent(all[all.length >> 1]!.excess),
    mean: percent(mean(all, ({ excess }) => excess)),
    worst: `${percent(worst.excess)} (${worst.name})`,
  };
}

function rulesTable(sets: readonly Study[]) {
  return [
    lossesOf("the default", sets, () => byDefault),
    ...[0.03, 0.05, 0.1].map((constant) => lossesOf(`λn = ${constant}`, sets, () => () => constant)),
    ...Object.entries(families).map(([name, family]) =>
      lossesOf(`${name}, fitted to the other sets`, sets, (set) =>
        fitted(
          sets.filter((other) => other !== set),
          family,
        ),
      ),
    ),
  ];
}

function setsTable(sets: readonly Study[]) {
  return sets.map((set) => ({
    set: set.name,
    n: Math.round(mean(set.trials, ({ rows }) => rows)),
    classes: set.trials[0]!.classes,
    "best λn": Number(grid[set.losses.indexOf(Math.min(...set.losses))]!.toPrecision(2)),
    r: Number(mean(set.trials, ({ left }) => left).toFixed(2)),
    o: Number(mean(set.trials, ({ overconfidence }) => overconfidence).toFixed(3)),
    "at 0.03": percent(excess(set, () => 0.03)),
    "at 0.1": percent(excess(set, () => 0.1)),
    "at the default": percent(excess(set, byDefault)),
  }));
}

const folder = process.env.DUALTEXT_DATA;
if (!folder) throw new Error("Name the folder of the sets in DUALTEXT_DATA.");
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { write: { type: "boolean", default: false } },
});
printMachine();
const whole: Study[] = [];
const few = new Map<number, Study[]>(sampleSizes.map((size) => [size, []]));
for (const name of positionals.length > 0 ? positionals : readdirSync(folder).sort()) {
  const [corpus] = await corporaOf([name]);
  if (!corpus) continue;
  const columnOf = (column: "Label" | "Text") => corpus.data.column(column).values as string[];
  const set = { texts: columnOf("Text"), labels: columnOf("Label") };
  const result = await study(name, set, folds(set));
  whole.push(result);
  console.log(`${name}: ${result.losses.map((loss) => loss.toFixed(4)).join(" ")}`);
  for (const [size, studies] of few) {
    if (2 * size <= set.texts.length) studies.push(await study(name, set, smallSamples(set, size)));
  }
}
const tables: [string, Record<string, string | number>[]][] = [
  ["Held-out log-loss over λn: the best of the grid, and what others lose", setsTable(whole)],
  ["Rules: excess over the best of the grid", rulesTable(whole)],
  ...[...few].map(([size, sets]): (typeof tables)[number] => [
    `The same, of ${size} rows of each set`,
    rulesTable(sets),
  ]),
];
for (const [title, rows] of tables) printTable(title, rows);
if (options.write) {
  writeSection(
    "l2.md",
    "l2",
    tables.map(([title, rows]) => `${title}:\n\n${markdownTable(rows)}`).join("\n\n"),
  );
}
