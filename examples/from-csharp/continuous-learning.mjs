// Continuous learning: a model goes on learning as data arrives, and is saved with its schema as updatedModel.zip.
//
//   node examples/from-csharp/train.mjs FOLDER && node examples/from-csharp/continuous-learning.mjs FOLDER
import { join } from "node:path";
import { driftReport, loadModelFile, loadTextFile, saveModelFile, updateModel } from "dualtext/node";
import { fileOf, messageOptions } from "./files.mjs";

const folder = process.argv[2];
if (!folder) throw new Error("Name the folder that train.mjs has written model.zip to.");

// var model = mlContext.Model.Load("model.zip", out var schema);
const model = await loadModelFile(join(folder, "model.zip"));
const [before] = model.training;

// var newData = mlContext.Data.LoadFromTextFile<Message>("new-messages.tsv", hasHeader: true);
const newData = await loadTextFile(fileOf("new-messages.tsv"), messageOptions);

// Before there are labels: do the texts still look like the old ones?
const { unseen } = await driftReport(model, newData);
const percent = (/** @type {number} */ share) => `${(100 * share).toFixed(0)} %`;
if (unseen)
  console.log(`unseen n-grams: ${percent(unseen.found)}, expected ${percent(unseen.expected.high)}`);

// var updatedModel = pipeline.Fit(allData);
//   Trained with keepState, a model goes on to the optimum of all rows, old and new, without the old ones at hand.
const oldTest = await loadTextFile(fileOf("test.tsv"), messageOptions);
const {
  model: updatedModel,
  oldRowsFrom,
  addedRows,
  forgetting,
} = await updateModel(model, newData, { oldTest });
const [after] = updatedModel.training;
console.log(`${addedRows} rows added to ${before?.rowCount} (${oldRowsFrom}), ${after?.epochs} epochs`);
console.log(`labels: ${updatedModel.labels.join(", ")}`);
for (const { name, accuracy, worseLabels } of forgetting) {
  const change = `${accuracy.before.toFixed(2)} → ${accuracy.after.toFixed(2)}`;
  console.log(`${name}: accuracy ${change}, worse: ${worseLabels.join(", ") || "none"}`);
}

// mlContext.Model.Save(updatedModel, newData.Schema, "updatedModel.zip");
const file = join(folder, "updatedModel.zip");
await saveModelFile(updatedModel, file);

const loaded = await loadModelFile(file);
console.log(
  `schema: ${Object.entries(loaded.inputSchema)
    .map(([name, { kind }]) => `${name} (${kind})`)
    .join(", ")}`,
);
console.log(`I want to return the shirt → ${loaded.predict("I want to return the shirt").label}`);
