// DUALTEXT_DATA=FOLDER npx tsx bench/studies/drift.ts [--write] [SET …]: the table of docs/drift.md, into which --write puts
// it, and one with more columns for each set. A model is trained on 70 % of
// a set, at most 12 000 rows; batches are drawn from the rest. Of each size, so many batches as they come and so many with
// planted shifts: how often driftReport raises a false alarm, how often it sees the shift, by which
// signal, how often with rows held out (15 % of the set) as reference, and the AUC of its p-value.
import { join } from "node:path";
import { type Dataset, driftReport, fromRows, loadTextFile, type Model } from "../../src/node/index.js";
import { Random } from "../../src/random.js";
import { standardPipeline } from "../../src/train-classifier.js";
import { printMachine, printTable, rounded } from "../report.js";
import { markdownTable, writeSection } from "./docs-section.js";

const folder = process.env.DUALTEXT_DATA;
if (!folder) throw new Error("Name the folder of the sets in DUALTEXT_DATA.");
const writes = process.argv.includes("--write");
const named = process.argv.slice(2).filter((argument) => argument !== "--write");
const names =
  named.length > 0 ? named : ["sms_spam", "trec6", "tweet_emotion", "banking77", "stackoverflow20"];
const MOST_ROWS = 12_000;
const BATCHES = 100;
const SIZES = [50, 500];
/** Share of a batch that is replaced by texts of another kind. */
const PLANTED = 0.2;

interface Rows {
  readonly texts: readonly string[];
  readonly labels: readonly string[];
}

async function load(name: string): Promise<Rows> {
  const columns = { Label: { name: "Label", type: "text" }, Text: { name: "Text", type: "text" } } as const;
  const data: Dataset = await loadTextFile(join(folder!, name, "train.tsv.gz"), { hasHeader: true, columns });
  const order = new Random(1).permutation(data.rowCount).subarray(0, MOST_ROWS);
  const [texts, labels] = ["Text", "Label"].map((column) => data.column(column).values as string[]);
  return {
    texts: Array.from(order, (row) => texts![row]!),
    labels: Array.from(order, (row) => labels![row]!),
  };
}

const random = new Random(2);
const anyOf = <T>(list: readonly T[]): T => list[random.nextBelow(list.length)]!;
const draw = <T>(list: readonly T[], count: number): T[] => Array.from({ length: count }, () => anyOf(list));

/** One character in so many is another letter, or gone. */
function withTypos(text: string, every: number): string {
  return Array.from(text, (character) => {
    if (random.nextBelow(every) !== 0) return character;
    return random.nextBelow(2) === 0 ? "" : String.fromCharCode(97 + random.nextBelow(26));
  }).join("");
}

type Batch = (size: number) => string[];

/** Batches by what is wrong with them, nothing first. */
function shiftsOf(held: Rows, withheld: readonly string[], others: readonly string[]): Record<string, Batch> {
  const { texts, labels } = held;
  // The rarest label.
  const counts = new Map<string, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  const [label] = [...counts].reduce((least, one) => (one[1] < least[1] ? one : least));
  const ofLabel = texts.filter((_, row) => labels[row] === label);
  const planted =
    (make: (count: number) => string[]): Batch =>
    (size) => [...draw(texts, size - Math.round(PLANTED * size)), ...make(Math.round(PLANTED * size))];
  return {
    none: (size) => draw(texts, size),
    "another set, a fifth": planted((count) => draw(others, count)),
    ...(withheld.length > 0 && {
      "a label not trained on, a fifth": planted((count) => draw(withheld, count)),
    }),
    "the rarest label, a fifth more": planted((count) => draw(ofLabel, count)),
    "typos, one in 20": (size) => draw(texts, size).map((text) => withTypos(text, 20)),
    "first half of each text": (size) => draw(texts, size).map((text) => text.slice(0, text.length >> 1)),
  };
}

function auc(clean: readonly number[], shifted: readonly number[]): number {
  let sum = 0;
  for (const a of clean) for (const b of shifted) sum += b < a ? 1 : b === a ? 0.5 : 0;
  return sum / (clean.length * shifted.length);
}

/** Of each size and shift a row, with a cell a set. */
const summary = new Map<string, Record<string, string | number>>();

function summarize(name: string, table: readonly Record<string, string | number>[]): void {
  for (const { texts, shift, alarms, "with heldOut": heldOut, AUC } of table) {
    const key = `${texts} ${shift}`;
    const row = summary.get(key) ?? {
      ...{ texts: texts!, shift: shift! },
      ...Object.fromEntries(names.map((set) => [set, "-"])),
    };
    row[name] = `${alarms} / ${heldOut}${AUC === "" ? "" : `, ${AUC}`}`;
    summary.set(key, row);
  }
}

printMachine();
const sets = new Map<string, Rows>();
for (const name of names) sets.set(name, await load(name));
for (const [i, name] of names.entries()) {
  const rows = sets.get(name)!;
  const counts = new Map<string, number>();
  for (const label of rows.labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  // The last label by name is withheld, where enough are left.
  const withheldLabel = counts.size > 2 ? [...counts.keys()].sort().at(-1) : undefined;
  const cut = Math.floor(0.7 * rows.texts.length);
  const part = (from: number, end: number): Rows => {
    const kept = rows.labels.flatMap((label, row) =>
      row >= from && row < end && label !== withheldLabel ? [row] : [],
    );
    return { texts: kept.map((row) => rows.texts[row]!), labels: kept.map((row) => rows.labels[row]!) };
  };
  const train = part(0, cut);
  const asData = ({ texts, labels }: Rows) =>
    fromRows(texts.map((Text, row) => ({ Label: labels[row]!, Text })));
  const middle = Math.floor(0.85 * rows.texts.length);
  const reference = asData(part(cut, middle));
  const held = part(middle, rows.texts.length);

  const data = asData(train);
  const model: Model = await standardPipeline({}).fit(data as Dataset<any>);
  const others = sets.get(names[(i + 1) % names.length]!)!.texts;
  const withheld = rows.texts.filter((_, row) => rows.labels[row] === withheldLabel);
  const table: Record<string, string | number>[] = [];
  for (const size of SIZES) {
    let clean: number[] = [];
    for (const [shift, batch] of Object.entries(shiftsOf(held, withheld, others))) {
      const pValues: number[] = [];
      const alarms = { any: 0, unseen: 0, confidence: 0, classes: 0, heldOut: 0 };
      for (let b = 0; b < BATCHES; b++) {
        const texts = batch(size);
        const report = await driftReport(model, texts);
        pValues.push(report.pValue);
        if (report.hasDrifted) alarms.any++;
        if (report.unseen?.hasDrifted) alarms.unseen++;
        if (report.confidence.hasDrifted) alarms.confidence++;
        if (report.classes.hasDrifted) alarms.classes++;
        if ((await driftReport(model, texts, { heldOut: reference })).hasDrifted) alarms.heldOut++;
      }
      if (shift === "none") clean = pValues;
      table.push({
        texts: size,
        shift,
        alarms: alarms.any / BATCHES,
        "by unseen": alarms.unseen / BATCHES,
        "by confidence": alarms.confidence / BATCHES,
        "by classes": alarms.classes / BATCHES,
        "with heldOut": alarms.heldOut / BATCHES,
        AUC: shift === "none" ? "" : rounded(auc(clean, pValues), 3),
      });
    }
  }
  summarize(name, table);
  printTable(`${name}: trained on ${train.texts.length} rows, drawn from ${held.texts.length}`, table);
}
const bySize = [...summary.values()].sort((a, b) => Number(a.texts) - Number(b.texts));
if (writes) writeSection("drift.md", "drift", markdownTable(bySize));
