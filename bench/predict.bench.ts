// Prediction of one text, short or of about 100 characters, of batches of 100 texts, and of all texts at once; and how fast
// a fitted featurizer makes features. Beside ML.NET where ORACLE names its program (test/mlnet/README.md).
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { VectorColumn } from "../src/data/columns.js";
import { nonZeros } from "../src/data/csr.js";
import type { Model } from "../src/index.js";
import { weightColumns } from "../src/wasm/weight-layout.js";
import { bundledLibrary } from "./bundled.js";
import { type Corpus, corpora } from "./corpus.js";
import { isSmoke, medianMs, printTable, rounded } from "./report.js";
import { jsonLines, run } from "./rivals/commands.js";
import { oracle } from "./rivals/rival.js";

const names = ["stackoverflow20", "banking77", "imdb", "langid_lingua"];
/** Sets that ML.NET trains on in seconds. */
const forOracle = ["stackoverflow20"];
const times = 5;
const calls = 20_000;
const batchTexts = 100;

type Cells = Record<string, string | number>;
type Quantiles = { readonly p50: number; readonly p99: number };
type Library = Awaited<ReturnType<typeof bundledLibrary>>;

export async function benchPrediction(): Promise<void> {
  const library = await bundledLibrary();
  const rows: Cells[] = [];
  for (const set of await corpora(names)) {
    rows.push(await predicting(library, set));
    if (oracle && forOracle.includes(set.name)) rows.push(await predictingInMlNet(set));
  }
  printTable("Prediction, one thread; MB are of UTF-8 text", rows);
}

async function predicting(library: Library, { name, data, bytes }: Corpus): Promise<Cells> {
  const { featurizeText, mapKeyToValue, mapValueToKey, sdcaMaximumEntropy } = library;
  const texts = data.column("Text").values as readonly string[];
  const labels = data.column("Label").values as readonly string[];
  const rows = library.fromRows(texts.map((Text, i) => ({ Text, Label: labels[i]! })));
  const model = await featurizeText("Features", "Text")
    .append(mapValueToKey("Label"))
    .append(sdcaMaximumEntropy(isSmoke ? { maxEpochs: 1 } : {}))
    .append(mapKeyToValue("PredictedLabel"))
    .fit(rows);
  const hundred = texts.filter(({ length }) => length > 90 && length < 110);
  const all = one(model, texts);
  const ofHundred = hundred.length > 0 ? one(model, hundred) : { p50: "", p99: "" };
  const batches = Array.from({ length: Math.max(1, Math.floor(texts.length / batchTexts)) }, (_, i) =>
    texts.slice(i * batchTexts, (i + 1) * batchTexts),
  );
  const batch = quantiles(calls / batchTexts, (i) => model.predictAll(batches[i % batches.length]!));
  const featuresMs = await medianMs(() => model.stages[0]!.transform(rows).column("Features"), times);
  const predictMs = await medianMs(() => model.predictAll(texts), times);
  const { matrix } = model.stages[0]!.transform(rows).column("Features") as VectorColumn;
  const scoresMs = await medianMs(() => model.classifier.scorer.probabilities(matrix), times);
  const { classCount } = model.classifier;
  const weightBytes = nonZeros(matrix).values.length * 4 * weightColumns(classCount).padded;
  return {
    set: name,
    program: "dualtext",
    classes: model.classifier.classCount,
    features: model.classifier.featureCount,
    "characters a text": Math.round(bytes / texts.length),
    "one, p50 µs": all.p50,
    "one, p99 µs": all.p99,
    "one of 100 characters, p50 µs": ofHundred.p50,
    "p99 µs": ofHundred.p99,
    "batch of 100, p50 µs": batch.p50,
    "batch, p99 µs": batch.p99,
    "features of all, MB/s": rounded(bytes / featuresMs / 1e3),
    "scores of all, MB/s": rounded(bytes / scoresMs / 1e3),
    "weights read, bytes a byte of text": rounded(weightBytes / bytes),
    "GB/s": rounded(weightBytes / scoresMs / 1e6),
    "all, MB/s": rounded(bytes / predictMs / 1e3),
  };
}

/** Microseconds that predicting one text takes, of texts in turn. */
function one(model: Model, texts: readonly string[]): Quantiles {
  return quantiles(calls, (i) => model.predict(texts[i % texts.length]!));
}

/** Microseconds that a call takes. */
function quantiles(count: number, call: (i: number) => unknown): Quantiles {
  const taken: number[] = [];
  for (let i = 0; i < (isSmoke ? 5 : count); i++) {
    const start = performance.now();
    call(i);
    taken.push(performance.now() - start);
  }
  // The first fifth warms up.
  const sorted = taken.slice(taken.length / 5).sort((a, b) => a - b);
  const at = (share: number) => rounded(sorted[Math.floor(share * (sorted.length - 1))]! * 1000);
  return { p50: at(0.5), p99: at(0.99) };
}

/** What the oracle measures of the same rows: of one text at a time, and of features of all, read from the file. */
async function predictingInMlNet({ name, bytes }: Corpus): Promise<Cells> {
  const folder = mkdtempSync(join(tmpdir(), "dualtext-predict-"));
  try {
    const [train, test] = ["train", "test"].map((part) => {
      const file = join(process.env.DUALTEXT_DATA!, name, `${part}.tsv`);
      if (existsSync(file)) return file;
      const unpacked = join(folder, `${part}.tsv`);
      writeFileSync(unpacked, gunzipSync(readFileSync(`${file}.gz`)));
      return unpacked;
    });
    const { stdout } = await run(oracle!, ["bench", train!, test!, "--quick", "--threads", "1"]);
    const [measured] = jsonLines<{
      predictP50Us: number;
      predictP99Us: number;
      featurizeTransformMs: number;
    }>(stdout);
    const { predictP50Us, predictP99Us, featurizeTransformMs } = measured!;
    return {
      set: name,
      program: "ML.NET",
      "one, p50 µs": rounded(predictP50Us),
      "one, p99 µs": rounded(predictP99Us),
      "features of all, MB/s": rounded(bytes / featurizeTransformMs / 1e3),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
