// npx tsx test/model/golden/write.ts [NAME [L1]]: writes trained.json, what the small model predicts when it is trained today: do
// so when the bits are meant to change. With NAME also saves that model as NAME.zip, beside what it predicts in NAME.json:
// a new format gets new files, l1 where it is meant for that, and its name is added in model-file.test.ts; old files are never written again.
import { existsSync, writeFileSync } from "node:fs";
import { predictionBits, smallClassifier } from "../../helpers/small-model.js";

const [name, l1] = process.argv.slice(2);
const file = new URL(`${name}.zip`, import.meta.url);
if (name && existsSync(file)) throw new Error(`${name}.zip is there already and stays as it is.`);
const classifier = await smallClassifier(l1 === undefined ? {} : { l1: Number(l1) });
const record = { predictions: predictionBits(classifier), dualityGap: classifier.training.dualityGap };
const json = `${JSON.stringify(record, null, 2)}\n`;
if (l1 === undefined) writeFileSync(new URL("trained.json", import.meta.url), json);
if (name) {
  writeFileSync(file, classifier.save());
  writeFileSync(new URL(`${name}.json`, import.meta.url), json);
}
