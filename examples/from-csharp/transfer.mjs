// Transfer: a model of one task is where another task begins, θ* = argmin L(θ) + (λ/2) |θ − θ₀|².
//
//   node examples/from-csharp/transfer.mjs [FOLDER]      writes transferred.zip there
import { join } from "node:path";
import {
  compareModels,
  featurizeText,
  fineTune,
  loadTextFile,
  mapKeyToValue,
  mapValueToKey,
  saveModelFile,
  sdcaMaximumEntropy,
} from "dualtext/node";
import { fileOf, messageOptions, outputFolder } from "./files.mjs";

const folder = outputFolder();

// var pretrained = pipeline.Fit(mlContext.Data.LoadFromTextFile<Message>("messages.tsv", hasHeader: true));
const messages = await loadTextFile(fileOf("messages.tsv"), messageOptions);
const pretrained = await featurizeText("Features", "Text")
  .append(mapValueToKey("Label"))
  .append(sdcaMaximumEntropy({ label: "Label", features: "Features" }))
  .append(mapKeyToValue("PredictedLabel"))
  .fit(messages);

// var task = mlContext.Data.LoadFromTextFile<Message>("new-messages.tsv", hasHeader: true);
const task = await loadTextFile(fileOf("new-messages.tsv"), messageOptions);

// var transferred = pipeline.Fit(task, pretrained);
//   ML.NET's SDCA takes no model to start from; ours does, and says how close to the optimum of the task it came. λ (l2)
//   says how far θ may move: the less, the less is forgotten. keepLabels: labels that only the pretrained model has stay.
const test = await loadTextFile(fileOf("test.tsv"), messageOptions);
const text = "I want to return the shirt";
console.log(`pretrained: ${pretrained.labels.join(", ")}; ${text} → ${pretrained.predict(text).label}`);
let transferred = pretrained;
for (const l2 of [0.1, 1]) {
  transferred = await fineTune(pretrained, task, { l2, keepLabels: true });
  const [training] = transferred.training;
  const { accuracy } = compareModels(pretrained, transferred, test);
  const change = `${accuracy.before.toFixed(2)} → ${accuracy.after.toFixed(2)}`;
  console.log(`l2 ${l2}: duality gap ${training?.dualityGap.toExponential(1)} nats, old task ${change}`);
}
console.log(`transferred: ${transferred.labels.join(", ")}; ${text} → ${transferred.predict(text).label}`);

// mlContext.Model.Save(transferred, task.Schema, "transferred.zip");
await saveModelFile(transferred, join(folder, "transferred.zip"));
