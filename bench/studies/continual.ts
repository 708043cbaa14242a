// DUALTEXT_DATA=FOLDER npx tsx bench/studies/continual.ts [SET …]: the tables of docs/continual.md. Rows come in tenths, in a
// seeded order; one label is withheld until half of them are there. After each tenth: seconds of updateModel from the
// training state against training all rows so far from scratch at the same λ, both from texts in memory, one after the
// other; the two objectives, with what the gaps allow; accuracy on the test set. Then 1 % of the rows is removed.
import { join } from "node:path";
import type { Model } from "../../src/model/model.js";
import { type Dataset, loadTextFile, updateModel } from "../../src/node/index.js";
import { Random } from "../../src/random.js";
import { featurizeText, mapKeyToValue, mapValueToKey, sdcaMaximumEntropy } from "../../src/stages.js";
import { printMachine, printTable, rounded } from "../report.js";

const folder = process.env.DUALTEXT_DATA;
if (!folder) throw new Error("Name the folder of the sets in DUALTEXT_DATA.");
const names = process.argv.slice(2);
const columns = { Label: { name: "Label", type: "text" }, Text: { name: "Text", type: "text" } } as const;
const load = (name: string, part: string): Promise<Dataset> =>
  loadTextFile(join(folder, name, `${part}.tsv.gz`), { hasHeader: true, columns });

const trained = (data: Dataset, l2: number | undefined): Promise<Model> =>
  featurizeText("Features", "Text")
    .append(mapValueToKey("Label"))
    .append(sdcaMaximumEntropy({ keepState: true, ...(l2 !== undefined && { l2 }) }))
    .append(mapKeyToValue("PredictedLabel"))
    .fit(data as Dataset<any>);

async function timed<T>(run: () => Promise<T>): Promise<{ result: T; seconds: number }> {
  const start = performance.now();
  const result = await run();
  return { result, seconds: (performance.now() - start) / 1000 };
}

printMachine();
for (const name of names.length > 0 ? names : ["stackoverflow20", "debian_section"]) {
  const train = await load(name, "train");
  const test = await load(name, "test");
  const order = new Uint32Array(train.rowCount).map((_, row) => row);
  new Random(1).shuffle(order);
  const labels = train.column("Label").values as string[];
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
  ) => {
    const [a, b] = [update.result.model, scratch.result].map((model) => model.training[0]!);
    const [accuracy, other] = [update.result.model, scratch.result].map(
      (model) => model.evaluate(test).microAccuracy,
    );
    rows.push({
      change: what,
      rows: a!.rowCount,
      "update, s": rounded(update.seconds),
      "scratch, s": rounded(scratch.seconds),
      ratio: rounded(update.seconds / scratch.seconds),
      "epochs, update": a!.epochs,
      "epochs, scratch": b!.epochs,
      "objective, update − scratch": rounded(a!.objective - b!.objective, 2),
      "gap, update": rounded(a!.dualityGap, 2),
      "accuracy, update": rounded(accuracy!, 4),
      "accuracy, scratch": rounded(other!, 4),
    });
  };
  let model = await trained(train.take(steps[0]!), undefined);
  const l2 = (count: number) => (model.training[0]!.l2 * model.training[0]!.rowCount) / count;
  let all = steps[0]!;
  for (const step of steps.slice(1)) {
    all = Uint32Array.of(...all, ...step);
    const update = await timed(() => updateModel(model, train.take(step)));
    const scratch = await timed(() => trained(train.take(all), l2(all.length)));
    model = update.result.model;
    row(`+${step.length}`, update, scratch);
  }
  const gone = all.filter((_, i) => i % 100 === 7);
  const left = all.filter((_, i) => i % 100 !== 7);
  const update = await timed(() => updateModel(model, undefined, { remove: train.take(gone) }));
  const scratch = await timed(() => trained(train.take(left), l2(update.result.model.training[0]!.rowCount)));
  row(`-${gone.length}`, update, scratch);
  const start = steps.slice(0, 5).reduce((sum, { length }) => sum + length, 0);
  printTable(`${name}, λn = ${rounded(l2(1))}, label "${withheld}" withheld until row ${start}`, rows);
}
