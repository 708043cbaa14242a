// Prediction of one text of about 100 characters, and of all texts at once.
import { featurizeText, mapKeyToValue, mapValueToKey, sdcaMaximumEntropy } from "../src/stages.js";
import { corpora } from "./corpus.js";
import { isSmoke, medianMs, printTable, rounded } from "./report.js";

export async function benchPrediction(): Promise<void> {
  const rows: Record<string, string | number>[] = [];
  for (const { name, data, bytes } of await corpora(["stackoverflow20", "banking77", "langid_lingua"])) {
    const model = await featurizeText("Features", "Text")
      .append(mapValueToKey("Label"))
      .append(sdcaMaximumEntropy(isSmoke ? { maxEpochs: 1 } : {}))
      .append(mapKeyToValue("PredictedLabel"))
      .fit(data);
    const texts = data.column("Text").values;
    const nearest = (length: number) =>
      texts.reduce((best, text) =>
        Math.abs(text.length - length) < Math.abs(best.length - length) ? text : best,
      );
    const text = nearest(100);
    const taken: number[] = [];
    for (let i = 0; i < (isSmoke ? 5 : 20_000); i++) {
      const start = performance.now();
      model.predict(text);
      taken.push(performance.now() - start);
    }
    // The first fifth warms up.
    const sorted = taken.slice(taken.length / 5).sort((a, b) => a - b);
    const at = (share: number) => rounded(sorted[Math.floor(share * (sorted.length - 1))]! * 1000);
    const allMs = await medianMs(() => model.predictAll(texts), 3);
    rows.push({
      set: name,
      classes: model.classifier.classCount,
      features: model.classifier.featureCount,
      characters: text.length,
      "one, p50 µs": at(0.5),
      "one, p99 µs": at(0.99),
      "all, MB/s": rounded(bytes / allMs / 1e3),
    });
  }
  printTable("Prediction, one thread", rows);
}
