// DUALTEXT_DATA=FOLDER npx tsx bench/studies/transfer.ts [--rows 8,32,128,0] [--seeds 3] [--test-rows 2000] [--write]: the
// table of docs/transfer.md, into which --write puts it. A task with few rows, from scratch and from a model of another
// set with the same task (the last one: with another) whose labels have other names: accuracy on the task by the model as it is, fine-tuned with the
// default λ, and with λ measured ("auto"); then what the fine-tuned model has lost on the other set. 0 rows stand for all.
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Dataset, fineTune, fromRows, loadTextFile, type Model } from "../../src/node/index.js";
import { Random } from "../../src/random.js";
import { featurizeText, mapKeyToValue, mapValueToKey, sdcaMaximumEntropy } from "../../src/stages.js";
import { printMachine, printTable, rounded } from "../report.js";
import { markdownTable, writeSection } from "./docs-section.js";

const folder = process.env.DUALTEXT_DATA;
if (!folder) throw new Error("Name the folder of the sets in DUALTEXT_DATA.");
const { values: options } = parseArgs({
  options: {
    rows: { type: "string", default: "8,32,128,0" },
    seeds: { type: "string", default: "3" },
    "test-rows": { type: "string", default: "2000" },
    write: { type: "boolean", default: false },
  },
});
const pairs = [
  { from: "imdb", to: "sst2", renameLabels: { neg: "0", pos: "1" } },
  { from: "sst2", to: "imdb", renameLabels: { "0": "neg", "1": "pos" } },
  // A model that is of no use.
  { from: "sms_spam", to: "sst2", renameLabels: { ham: "1", spam: "0" } },
] as const;
const columns = { Label: { name: "Label", type: "text" }, Text: { name: "Text", type: "text" } } as const;
const load = (set: string, part: string): Promise<Dataset> =>
  loadTextFile(join(folder, set, `${part}.tsv.gz`), { hasHeader: true, columns });

const fitted = (rows: Dataset): Promise<Model> =>
  featurizeText("Features", "Text")
    .append(mapValueToKey("Label"))
    .append(sdcaMaximumEntropy())
    .append(mapKeyToValue("PredictedLabel"))
    .fit(rows as Dataset<any>);

function shuffledRows(data: Dataset, seed: number): Uint32Array {
  const order = new Uint32Array(data.rowCount).map((_, row) => row);
  new Random(seed).shuffle(order);
  return order;
}

/** So many rows of each label, in an order of the seed's. 0: all rows. */
function sample(data: Dataset, count: number, seed: number): Dataset {
  const labels = data.column("Label").values as string[];
  const taken = new Map<string, number>();
  const isTaken = (row: number) => {
    const before = taken.get(labels[row]!) ?? 0;
    taken.set(labels[row]!, before + 1);
    return count === 0 || before < count;
  };
  return data.take(shuffledRows(data, seed).filter(isTaken));
}

/** The rows with what a model of the other set calls their labels. */
function renamed(data: Dataset, names: Readonly<Record<string, string>>): Dataset {
  const labels = data.column("Label").values as string[];
  const texts = data.column("Text").values as string[];
  return fromRows(labels.map((label, row) => ({ Label: names[label] ?? label, Text: texts[row]! })));
}

const accuracyOf = (model: Model, data: Dataset) => model.evaluate(data as Dataset<any>).microAccuracy;
const percent = (values: readonly number[]) =>
  (100 * (values.reduce((sum, value) => sum + value, 0) / values.length)).toFixed(1);

const testRows = (data: Dataset) =>
  data.take(shuffledRows(data, 1).subarray(0, Number(options["test-rows"])));
const pieces: string[] = [];
printMachine();
for (const { from, to, renameLabels } of pairs) {
  const pretrained = await fitted(await load(from, "train"));
  const back = Object.fromEntries(Object.entries(renameLabels).map(([old, name]) => [name, old]));
  const train = await load(to, "train");
  const test = testRows(await load(to, "test"));
  const oldTest = testRows(await load(from, "test"));
  const asItIs = accuracyOf(pretrained, renamed(test, back));
  const before = accuracyOf(pretrained, oldTest);
  const table: Record<string, string | number>[] = [];
  for (const count of options.rows.split(",").map(Number)) {
    const seeds = Array.from({ length: count === 0 ? 1 : Number(options.seeds) }, (_, i) => i + 1);
    const found = {
      scratch: [] as number[],
      tuned: [] as number[],
      auto: [] as number[],
      old: [] as number[],
    };
    const strengths: string[] = [];
    let rowCount = 0;
    for (const seed of seeds) {
      const rows = sample(train, count, seed);
      rowCount = rows.rowCount;
      const tuned = await fineTune(pretrained, rows, { renameLabels });
      const auto = await fineTune(pretrained, rows, { renameLabels, l2: "auto" });
      found.scratch.push(accuracyOf(await fitted(rows), test));
      found.tuned.push(accuracyOf(tuned, test));
      found.auto.push(accuracyOf(auto, test));
      found.old.push(accuracyOf(tuned, renamed(oldTest, renameLabels)));
      const { l2, pulledTo } = auto.training[0]!;
      strengths.push(pulledTo === "zero" ? "from scratch" : String(rounded(l2 * rowCount, 2)));
    }
    table.push({
      "rows a class": count === 0 ? `all (${rowCount})` : count,
      "from scratch": percent(found.scratch),
      [`${from} as it is`]: percent([asItIs]),
      "fine-tuned": percent(found.tuned),
      'fine-tuned, "auto"': percent(found.auto),
      'λn by "auto"': strengths.join(", "),
      [`on ${from}, before → fine-tuned`]: `${percent([before])} → ${percent(found.old)}`,
    });
  }
  const title = `${from} (${pretrained.training[0]!.rowCount} rows) to ${to}, ${test.rowCount} test rows`;
  printTable(title, table);
  pieces.push(`${title}:\n\n${markdownTable(table)}`);
}
if (options.write) writeSection("transfer.md", "transfer", pieces.join("\n\n"));
