// npm run demo: learns to tell languages apart, saves the model, loads it again and uses it.
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  featurizeText,
  fromRows,
  loadModelFile,
  mapKeyToValue,
  mapValueToKey,
  mostConfusedPairs,
  saveModelFile,
  sdcaMaximumEntropy,
} from "dualtext/node";
import { isForTesting, readSentences } from "./udhr.mjs";

const wanted = [
  "The library opens at nine in the morning and everyone may come in.",
  "Alle Kinder lernen in der Schule lesen und schreiben.",
  "Toute personne a le droit de prendre des vacances au bord de la mer.",
  "Ogni persona ha il diritto di mangiare un gelato in estate.",
  "Kaikki lapset oppivat koulussa lukemaan ja kirjoittamaan.",
  "Všechny děti se ve škole učí číst a psát.",
  "Όλα τα παιδιά μαθαίνουν στο σχολείο να διαβάζουν και να γράφουν.",
  "सभी बच्चे स्कूल में पढ़ना और लिखना सीखते हैं।",
];

/** @type {[string, number][]} */
const phases = [];
let last = performance.now();
const lap = (/** @type {string} */ name) => {
  const now = performance.now();
  phases.push([name, now - last]);
  last = now;
};

const { names, sentences } = readSentences();
const train = fromRows(
  sentences.filter((row) => !isForTesting(row)).map(({ Label, Text }) => ({ Label, Text })),
);
const test = fromRows(sentences.filter(isForTesting).map(({ Label, Text }) => ({ Label, Text })));
lap("load");
console.log(
  `The Universal Declaration of Human Rights in ${names.size} languages: of those with a two-letter code the first by code.`,
);
console.log(
  `${names.size} languages, ${train.rowCount} sentences to train on, ${test.rowCount} to test, split by articles.\n`,
);

const pipeline = featurizeText("Features", "Text")
  .append(mapValueToKey("Label"))
  .append(sdcaMaximumEntropy())
  .append(mapKeyToValue("PredictedLabel"));

let shownEpoch = 0;
const model = await pipeline.fit(train, {
  onStageFitted: ({ stage }) => {
    if (stage === "mapValueToKey") lap("featurize");
  },
  onProgress: ({ phase, epoch = 0, loss, gap }) => {
    if (phase !== "solve" || gap === undefined || epoch === shownEpoch) return;
    shownEpoch = epoch;
    if (!process.stdout.isTTY && epoch > 5 && epoch % 5 !== 0) return;
    const line = `  epoch ${String(epoch).padStart(2)}   log-loss ${loss?.toFixed(4)}   duality gap ${gap.toExponential(1)}`;
    process.stdout.write(process.stdout.isTTY ? `\r${line}` : `${line}\n`);
  },
});
if (process.stdout.isTTY) process.stdout.write("\n");
lap("solve");

const metrics = model.evaluate(test);
lap("evaluate");
const folder = mkdtempSync(join(tmpdir(), "dualtext-demo-"));
try {
  const file = join(folder, "languages.zip");
  await saveModelFile(model, file);
  lap("save");
  const loaded = await loadModelFile(file);
  lap("load again");

  const [record] = model.training;
  const title = (/** @type {string} */ code) => `${names.get(code)} (${code})`;
  console.log(`
Accuracy            ${metrics.microAccuracy.toFixed(4)} on ${metrics.rowCount} sentences of articles never seen
Log-loss            ${metrics.logLoss.toFixed(4)}
Duality gap         ${record?.dualityGap.toExponential(2)} nats after ${record?.epochs} epochs: no model of this kind fits better by more
Model               ${record?.featureCount} features × ${record?.classCount} languages, ${(statSync(file).size / 1e6).toFixed(1)} MB
Time                ${phases.map(([name, ms]) => `${name} ${(ms / 1000).toFixed(2)} s`).join(", ")}

Most confused:`);
  for (const { actual, predicted, count } of mostConfusedPairs(metrics.confusion, 5)) {
    console.log(`  ${title(actual)} taken for ${title(predicted)}: ${count}`);
  }
  console.log("\nThe model, loaded again, on sentences of our own:");
  for (const text of wanted) {
    const { top = [] } = loaded.predict(text, { topK: 3 });
    if (JSON.stringify(top) !== JSON.stringify(model.predict(text, { topK: 3 }).top)) {
      throw new Error("The loaded model predicts otherwise than the one that was saved.");
    }
    const guesses = top.map(
      ({ label, probability }) => `${title(String(label))} ${(100 * probability).toFixed(1)} %`,
    );
    console.log(`  ${text}\n      ${guesses.join(", ")}`);
  }
} finally {
  rmSync(folder, { recursive: true });
}
