// The program that every bundler builds, as text: it is a file of the project that the package is installed in.

const packageEntries = { library: "dualtext", predict: "dualtext/predict", worker: "dualtext/worker" };

/**
 * Trains in the page and in a worker, saves, loads and predicts, and reports.
 * @param from where the entries are imported from
 */
export function program(rows: unknown, from = packageEntries): string {
  return `import { loadModel, trainClassifier } from ${JSON.stringify(from.library)};
import { loadModel as loadPredictor } from ${JSON.stringify(from.predict)};
import { createTrainer } from ${JSON.stringify(from.worker)};

async function hashOf(bytes) {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function main() {
  const rows = ${JSON.stringify(rows)};
  const start = performance.now();
  const classifier = await trainClassifier(rows);
  const ms = Math.round(performance.now() - start);
  const worked = await createTrainer().trainClassifier(rows);
  const bytes = classifier.save();
  const model = await loadModel(new Blob([bytes]));
  const predictor = await loadPredictor(new Response(bytes));
  const text = "rain and snow";
  return {
    label: classifier.predict(text).label,
    predictions: [classifier, model, predictor].map((one) => JSON.stringify(one.predict(text, { topK: 3 }))),
    hash: await hashOf(bytes),
    thread: worked.thread,
    workerHash: await hashOf(worked.bytes),
    ms,
  };
}

main()
  .catch((error) => ({ failed: String(error), code: error.code }))
  .then((result) => fetch("/report", { method: "POST", body: JSON.stringify(result) }));
`;
}

/** Under a policy: whether a model can be loaded by dualtext/predict and used, and what training says. */
export function policyProgram(rows: unknown): string {
  return `import { trainClassifier } from "dualtext";
import { loadModel } from "dualtext/predict";

async function main() {
  const predictor = await loadModel(await fetch("model.zip"));
  const { label } = predictor.predict("rain and snow");
  const training = await trainClassifier(${JSON.stringify(rows)}).then(
    () => "done",
    ({ code, message }) => ({ code, message }),
  );
  return { label, training };
}

main()
  .catch((error) => ({ failed: String(error), code: error.code }))
  .then((result) => fetch("/report", { method: "POST", body: JSON.stringify(result) }));
`;
}

/** Keeps a model in each of the two ways of examples/kept-model.mjs and gets it back. */
export function keepingProgram(rows: unknown): string {
  return `import { trainClassifier } from "dualtext";
import { database, fileSystem } from "./kept-model.mjs";

async function main() {
  const { model } = await trainClassifier(${JSON.stringify(rows)});
  const results = {};
  for (const [name, storage] of Object.entries({ fileSystem, database })) {
    const before = (await storage.get("mine.zip")) !== undefined;
    await storage.keep("mine.zip", model);
    const kept = await storage.get("mine.zip");
    results[name] = { before, label: kept.predict("rain and snow").label };
  }
  return results;
}

main()
  .catch((error) => ({ failed: String(error), code: error.code }))
  .then((result) => fetch("/report", { method: "POST", body: JSON.stringify(result) }));
`;
}

/** A program of Node that imports nothing but trainClassifier, and says how many workers were started for it. */
export function threadsProgram(rows: unknown): string {
  return `import { trainClassifier } from "dualtext/node";

let workers = 0;
process.on("worker", () => workers++);
// So long, and so many threads, that workers are worth starting for the featurizer.
const rows = ${JSON.stringify(rows)}.map(({ label, text }) => ({ label, text: (text + " ").repeat(4000) }));
trainClassifier(rows, { threads: 3 }).then((classifier) =>
  console.log(JSON.stringify({ label: classifier.predict("rain and snow").label, workers })),
);
`;
}

/** A program of Node that loads rows from the file that it is given, and keeps a model in another. */
export function filesProgram(): string {
  return `import { loadModelFile, loadTextFile, saveModelFile, trainClassifier } from "dualtext/node";

async function main([rows, model]) {
  const data = await loadTextFile(rows, { columns: { Label: 0, Text: 1 } });
  const [labels, texts] = ["Label", "Text"].map((name) => data.column(name).values);
  const classifier = await trainClassifier(texts.map((text, row) => ({ text, label: labels[row] })));
  await saveModelFile(classifier.model, model);
  return (await loadModelFile(model)).predict("rain and snow").label;
}

main(process.argv.slice(2)).then(console.log);
`;
}

export function html(script: string): string {
  return `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8"><title>dualtext</title><link rel="icon" href="data:,"></head>
  <body>${script}</body>
</html>
`;
}

/** A program of a TypeScript user, with two mistakes that the types must find. */
export const typedProgram = `import { type Classifier, DualTextError, evaluate, featurizeText, fromRows, loadModel, loadText, mapKeyToValue, mapValueToKey, saveModel, sdcaMaximumEntropy, trainClassifier } from "dualtext";
import { loadTextFile } from "dualtext/node";
import { loadModel as loadPredictor, type Predictor } from "dualtext/predict";

const classifier: Classifier<"ham" | "spam"> = await trainClassifier([
  { text: "see you at five", label: "ham" as const },
  { text: "win a prize now", label: "spam" as const },
]);
const label: "ham" | "spam" = classifier.predict("a prize").label;
const pipeline = featurizeText("Features", "Text")
  .append(mapValueToKey("Label"))
  .append(sdcaMaximumEntropy({ l2: 0.01 }))
  .append(mapKeyToValue("PredictedLabel"));
const data = fromRows([{ Label: label, Text: "a" }, { Label: "other", Text: "b" }]);
const model = await pipeline.fit(data);
const metrics: number = evaluate(model.transform(data)).microAccuracy;
const predictor: Predictor = await loadPredictor(saveModel(await loadModel(saveModel(model))));
const loaded = await loadText(new Blob(["a\\tb"]), { columns: { Label: 0, Text: 1 } });
export const all = [metrics, predictor.predict("a").probability, loaded.rowCount, loadTextFile, DualTextError];

// @ts-expect-error there is no such option
sdcaMaximumEntropy({ lambda: 1 });
// @ts-expect-error the pipeline reads a column "Text"
await pipeline.fit(fromRows([{ Label: "a", Body: "b" }]));
`;
