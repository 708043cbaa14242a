// DUALTEXT_DATA=FOLDER npx tsx bench/studies/continual.ts [--rows 1000000] [--repeats 3] [--write] [SET …]: tables of
// docs/continual.md, into which --write puts them. Rows come in tenths, in a seeded order, of the first so many; one label is withheld until half of
// them are there. After each tenth: seconds of updateModel against training all rows so far from scratch at the same λ, all
// from texts in memory, in turn, each the least of the repeats: from the training state that the model has in memory, and from the old rows, as
// the command reads them; the two objectives; accuracy on the test set. Then 1 % of the rows is removed. At last what the
// rows with the new label do to the old ones, with the old rows and without.
import { join } from "node:path";
import { parseArgs } from "node:util";
import { LinearClassifier } from "../../src/model/linear-classifier.js";
import { Model } from "../../src/model/model.js";
import { type Dataset, loadTextFile, updateModel } from "../../src/node/index.js";
import { Random } from "../../src/random.js";
import { featurizeText, mapKeyToValue, mapValueToKey, sdcaMaximumEntropy } from "../../src/stages.js";
import type { ModelComparison } from "../../src/transfer/compare-models.js";
import { printMachine, printTable, rounded } from "../report.js";
import { markdownTable, writeSection } from "./docs-section.js";

const folder = process.env.DUALTEXT_DATA;
if (!folder) throw new Error("Name the folder of the sets in DUALTEXT_DATA.");
const { values: options, positionals: names } = parseArgs({
  allowPositionals: true,
  options: {
    rows: { type: "string", default: "1000000" },
    repeats: { type: "string", default: "3" },
    write: { type: "boolean", default: false },
  },
});
const columns = { Label: { name: "Label", type: "text" }, Text: { name: "Text", type: "text" } } as const;
const load = (name: string, part: string): Promise<Dataset> =>
  loadTextFile(join(folder, name, `${part}.tsv.gz`), { hasHeader: true, columns });

const trained = (data: Dataset, l2: number | undefined): Promise<Model> =>
  featurizeText("Features", "Text")
    .append(mapValueToKey("Label"))
    .append(sdcaMaximumEntropy({ keepState: true, ...(l2 !== undefined && { l2 }) }))
    .append(mapKeyToValue("PredictedLabel"))
    .fit(data as Dataset<any>);

interface Timed<T> {
  readonly result: T;
  readonly seconds: number;
}

/** What each does and the least seconds it takes. The repeats are made in turn, so that what else the machine does strikes all. */
async function timed<Runs extends (() => Promise<unknown>)[]>(...runs: Runs) {
  const least: Timed<unknown>[] = [];
  for (let repeat = 0; repeat < Number(options.repeats); repeat++) {
    for (const [i, run] of runs.entries()) {
      const start = performance.now();
      const result = await run();
      const seconds = (performance.now() - start) / 1000;
      least[i] = { result, seconds: Math.min(seconds, least[i]?.seconds ?? seconds) };
    }
  }
  return least as { [I in keyof Runs]: Timed<Awaited<ReturnType<Runs[I]>>> };
}

/** The same model as one that was trained without `keepState`. */
function withoutState(model: Model): Model {
  const { classifier, stages, inputSchema } = model;
  const { columns, names, scorer, training, reference } = classifier;
  const bare = new LinearClassifier(columns, names, scorer, training, undefined, reference);
  return new Model(
    stages.map((stage) => (stage === classifier ? bare : stage)),
    inputSchema,
  );
}

function forgettingRow(oldRows: string, [old, fresh]: readonly ModelComparison[]) {
  const change = ({ accuracy }: ModelComparison) =>
    `${(100 * accuracy.before).toFixed(1)} → ${(100 * accuracy.after).toFixed(1)}`;
  const loss = ({ logLoss }: ModelComparison) =>
    logLoss ? `${logLoss.before.toFixed(3)} → ${logLoss.after.toFixed(3)}` : "";
  return {
    "old rows": oldRows,
    "accuracy on old labels, %": change(old!),
    "log-loss on old labels": loss(old!),
    "accuracy on the new label, %": change(fresh!),
    "labels worse beyond doubt": old!.worseLabels.length,
  };
}

const pieces: string[] = [];
function show(title: string, rows: Record<string, string | number>[]): void {
  printTable(title, rows);
  pieces.push(`${title}:\n\n${markdownTable(rows)}`);
}

printMachine();
for (const name of names.length > 0 ? names : ["stackoverflow20", "debian_section"]) {
  const whole = await load(name, "train");
  const train = whole.take(
    Uint32Array.from({ length: Math.min(Number(options.rows), whole.rowCount) }, (_, i) => i),
  );
  const test = await load(name, "test");
  const order = new Uint32Array(train.rowCount).map((_, row) => row);
  new Random(1).shuffle(order);
  const labels = train.column("Label").values as string[];
  const testLabels = test.column("Label").values as string[];
  const withheld = labels[order[0]!];
  const steps = Array.from({ length: 10 }, (_, step) => {
    const [first, end] = [step, step + 1].map((tenth) => Math.floor((tenth * order.length) / 10));
    const held =
      step < 5 ? [] : order.slice(0, step === 5 ? first : 0).filter((row) => labels[row] === withheld);
    const come = order.slice(first, end).filter((row) => step >= 5 || labels[row] !== withheld);
    return Uint32Array.of(...held, ...come);
  });
  const rows: Record<string, string | number>[] = [];
  const row = (
    what: string,
    update: { result: { model: Model }; seconds: number },
    scratch: { result: Model; seconds: number },
    fromRows?: { seconds: number },
  ) => {
    const [a, b] = [update.result.model, scratch.result].map((model) => model.training[0]!);
    const [accuracy, other] = [update.result.model, scratch.result].map(
      (model) => model.evaluate(test).microAccuracy,
    );
    rows.push({
      change: what,
      rows: a!.rowCount,
      "scratch, s": rounded(scratch.seconds, 2),
      "update / scratch": rounded(update.seconds / scratch.seconds, 2),
      "with old rows / scratch": fromRows ? rounded(fromRows.seconds / scratch.seconds, 2) : "",
      epochs: `${a!.epochs} / ${b!.epochs}`,
      "Δ objective": rounded(a!.objective - b!.objective, 2),
      gap: rounded(a!.dualityGap, 2),
      "accuracy, %": `${(100 * accuracy!).toFixed(1)} / ${(100 * other!).toFixed(1)}`,
    });
  };
  let model = await trained(train.take(steps[0]!), undefined);
  const l2 = (count: number) => (model.training[0]!.l2 * model.training[0]!.rowCount) / count;
  let all = steps[0]!;
  const forgetting: Record<string, string | number>[] = [];
  for (const [i, step] of steps.slice(1).entries()) {
    const [old, more] = [train.take(all), train.take(step)];
    all = Uint32Array.of(...all, ...step);
    const stateless = withoutState(model);
    const [fromRows, update, scratch] = await timed(
      () => updateModel(stateless, more, { oldRows: old }),
      () => updateModel(model, more),
      () => trained(train.take(all), l2(all.length)),
    );
    if (i === 4) {
      const isNew = (row: number) => testLabels[row] === withheld;
      const [oldTest, newTest] = [false, true].map((wanted) =>
        test.take(Uint32Array.from(testLabels.keys()).filter((row) => isNew(row) === wanted)),
      );
      for (const [what, before] of [
        ["there", model],
        ["gone", stateless],
      ] as const) {
        const changed = await updateModel(before, more, { oldTest: oldTest!, newTest: newTest! });
        forgetting.push(forgettingRow(what, changed.forgetting));
      }
    }
    model = update.result.model;
    row(`+${step.length}`, update, scratch, fromRows);
  }
  const gone = all.filter((_, i) => i % 100 === 7);
  const left = all.filter((_, i) => i % 100 !== 7);
  const removal = () => updateModel(model, undefined, { remove: train.take(gone) });
  // Rows that are equal to one of these go with it.
  const leftL2 = l2((await removal()).model.training[0]!.rowCount);
  const [update, scratch] = await timed(removal, () => trained(train.take(left), leftL2));
  row(`-${gone.length}`, update, scratch);
  const start = steps.slice(0, 5).reduce((sum, { length }) => sum + length, 0);
  show(`${name}, λn = ${rounded(l2(1))}, label "${withheld}" withheld until row ${start}`, rows);
  show(`${name}, the ${steps[5]!.length} rows that come then, with all of label "${withheld}"`, forgetting);
}
if (options.write) writeSection("continual.md", "continual", pieces.join("\n\n"));
