// npx tsx test/model/golden/write.ts NAME: saves the small model as NAME.zip with what it predicts in NAME.json. A new
// format gets new files beside the old ones, and its name is added in model-file.test.ts; old files are never written again.
import { existsSync, writeFileSync } from "node:fs";
import { predictionBits, smallClassifier } from "../../helpers/small-model.js";

const [name] = process.argv.slice(2);
if (!name) throw new Error("Give the new files a name.");
const file = new URL(`${name}.zip`, import.meta.url);
if (existsSync(file)) throw new Error(`${name}.zip is there already and stays as it is.`);
const classifier = await smallClassifier();
writeFileSync(file, classifier.save());
const record = { predictions: predictionBits(classifier), dualityGap: classifier.training.dualityGap };
writeFileSync(new URL(`${name}.json`, import.meta.url), `${JSON.stringify(record, null, 2)}\n`);
