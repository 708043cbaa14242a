// @ts-nocheck: the packages have no types, and need not be there.
// JavaScript packages from the file to the model, each as its own documentation shows it.
//   packages.mjs fit PACKAGE TRAIN MODEL               trains, saves, ends: the whole command
//   packages.mjs measure PACKAGE TRAIN TEST SECONDS    trains, then predicts test rows for at most so long; prints JSON
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/** Each: trains on rows, gives a function that predicts a label, and one that gives what is saved. */
const packages = {
  natural: (rows) => {
    const { BayesClassifier } = require("natural");
    const classifier = new BayesClassifier();
    for (const { label, text } of rows) classifier.addDocument(text, label);
    classifier.train();
    return { predict: (text) => classifier.classify(text), saved: () => JSON.stringify(classifier) };
  },
  "wink-naive-bayes-text-classifier": (rows) => {
    const classifier = require("wink-naive-bayes-text-classifier")();
    classifier.definePrepTasks([require("wink-naive-bayes-text-classifier/src/prep-text.js")]);
    classifier.defineConfig({ considerOnlyPresence: true, smoothingFactor: 0.5 });
    for (const { label, text } of rows) classifier.learn(text, label);
    classifier.consolidate();
    return { predict: (text) => classifier.predict(text), saved: () => classifier.exportJSON() };
  },
  "@nlpjs/nlu": async (rows) => {
    const { containerBootstrap } = require("@nlpjs/core");
    const { NluNeural } = require("@nlpjs/nlu");
    const nlu = new NluNeural({ container: await containerBootstrap(), locale: "en", log: false });
    await nlu.train(rows.map(({ label, text }) => ({ utterance: text, intent: label })));
    return {
      predict: async (text) => (await nlu.process(text)).classifications[0]?.intent,
      saved: () => JSON.stringify(nlu.toJSON()),
    };
  },
  "ml-classify-text": (rows) => {
    const { Classifier } = require("ml-classify-text");
    const classifier = new Classifier({ nGramMin: 1, nGramMax: 2 });
    const texts = new Map();
    for (const { label, text } of rows) texts.set(label, [...(texts.get(label) ?? []), text]);
    for (const [label, group] of texts) classifier.train(group, label);
    return {
      predict: (text) => classifier.predict(text)[0]?.label,
      saved: () => JSON.stringify(classifier.model.serialize()),
    };
  },
};

function read(file) {
  const lines = readFileSync(file, "utf8").split("\n").slice(1);
  return lines.filter(Boolean).map((line) => {
    const tab = line.indexOf("\t");
    return { label: line.slice(0, tab), text: line.slice(tab + 1) };
  });
}

const [mode, name, train, other, most] = process.argv.slice(2);
const start = performance.now();
const model = await packages[name](read(train));
const seconds = (performance.now() - start) / 1000;
if (mode === "fit") {
  writeFileSync(other, model.saved());
} else {
  const test = read(other);
  let right = 0;
  let testRows = 0;
  const begun = performance.now();
  for (const { label, text } of test) {
    if (performance.now() - begun > Number(most) * 1000) break;
    if ((await model.predict(text)) === label) right++;
    testRows++;
  }
  console.log(JSON.stringify({ seconds: [seconds], accuracy: right / testRows, testRows }));
}
