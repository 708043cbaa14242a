// The stages of training on whole sets: the solver to several gaps, the whole pipeline in memory, and end to end: from a
// file of lines to a saved model, in one process.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TrainingRecord } from "../src/model/training-record.js";
import { loadTextFile, saveModelFile } from "../src/node/index.js";
import { featurizeText, mapKeyToValue, mapValueToKey, sdcaMaximumEntropy } from "../src/stages.js";
import { type Corpus, corpora } from "./corpus.js";
import { isSmoke, medianMs, printTable, rounded } from "./report.js";

const names = ["trec6", "sms_spam", "stackoverflow20", "banking77", "imdb"];
const times = 3;

export async function benchTraining(): Promise<void> {
  const sets = await corpora(names);
  const solver: Record<string, string | number>[] = [];
  for (const set of sets) solver.push({ ...(await solving(set)), "file to file, ms": await endToEnd(set) });
  printTable(
    "Training: end to end, fit of the whole pipeline in memory, and the solver alone to a confirmed duality gap",
    solver,
  );
}

/** A trained stage. */
interface Shaped {
  readonly training: TrainingRecord;
}

async function solving({ name, data }: Corpus): Promise<Record<string, string | number>> {
  const features = featurizeText("Features", "Text").append(mapValueToKey("Label"));
  const prepared = (await features.fit(data)).transform(data);
  prepared.column("Features");
  const solve = async (tolerance: number) => {
    let epochs = 0;
    const [stage] = sdcaMaximumEntropy({ tolerance, maxEpochs: isSmoke ? 2 : 1000 }).stages;
    const ms = await medianMs(async () => {
      const { transformer } = await stage!.fitStage(prepared, {});
      epochs = (transformer as unknown as Shaped).training.epochs;
    }, times);
    return `${rounded(ms)} ms, ${epochs} epochs`;
  };
  const [stage] = sdcaMaximumEntropy({ maxEpochs: 1 }).stages;
  const shape = ((await stage!.fitStage(prepared, {})).transformer as unknown as Shaped).training;
  const fitMs = await medianMs(() => features.append(sdcaMaximumEntropy()).fit(data), times);
  return {
    set: name,
    rows: data.rowCount,
    features: shape.featureCount,
    classes: shape.classCount,
    "fit, ms": rounded(fitMs),
    "to 1e-2": await solve(1e-2),
    "to 1e-4": await solve(1e-4),
    "to 1e-6": await solve(1e-6),
  };
}

/** What `dualtext train` does, without starting a process: load, featurize, solve, save. */
async function endToEnd({ data }: Corpus): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "dualtext-bench-"));
  const [train, output] = ["train.tsv", "model.zip"].map((name) => join(folder, name)) as [string, string];
  const [labels, texts] = [data.column("Label").values, data.column("Text").values];
  const lines = texts.map((text, row) => `${labels[row]}\t${text.replace(/[\t\r\n]/g, " ")}\n`);
  writeFileSync(train, `Label\tText\n${lines.join("")}`);
  const pipeline = featurizeText("Features", "Text")
    .append(mapValueToKey("Label"))
    .append(sdcaMaximumEntropy(isSmoke ? { maxEpochs: 1 } : {}))
    .append(mapKeyToValue("PredictedLabel"));
  try {
    const ms = await medianMs(async () => {
      const columns = { Label: 0, Text: 1 } as const;
      const model = await pipeline.fit(
        await loadTextFile(train, { hasHeader: true, comments: false, columns }),
      );
      await saveModelFile(model, output);
    }, times);
    return rounded(ms);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
