// The stages of training on whole sets: the solver to several gaps, the whole pipeline in memory.
import { featurizeText, mapValueToKey, sdcaMaximumEntropy } from "../src/stages.js";
import { type Corpus, corpora } from "./corpus.js";
import { isSmoke, medianMs, printTable, rounded } from "./report.js";

const names = ["trec6", "sms_spam", "stackoverflow20", "banking77", "imdb"];
const times = 3;

export async function benchTraining(): Promise<void> {
  const sets = await corpora(names);
  const solver: Record<string, string | number>[] = [];
  for (const set of sets) solver.push(await solving(set));
  printTable(
    "Training: fit of the whole pipeline in memory, and the solver alone to a confirmed duality gap",
    solver,
  );
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
      epochs = (transformer as unknown as { training: { epochs: number } }).training.epochs;
    }, times);
    return `${rounded(ms)} ms, ${epochs} epochs`;
  };
  const fitMs = await medianMs(() => features.append(sdcaMaximumEntropy()).fit(data), times);
  return {
    set: name,
    rows: data.rowCount,
    "fit, ms": rounded(fitMs),
    "to 1e-2": await solve(1e-2),
    "to 1e-4": await solve(1e-4),
    "to 1e-6": await solve(1e-6),
  };
}
