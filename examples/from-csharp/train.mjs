// Load, train, evaluate, save. Above each step stands the C# that it is ported from.
//
//   node examples/from-csharp/train.mjs [FOLDER]      writes model.zip there
import { join } from "node:path";
import {
  evaluate,
  featurizeText,
  formatConfusionTable,
  loadModelFile,
  loadTextFile,
  mapKeyToValue,
  mapValueToKey,
  saveModelFile,
  sdcaMaximumEntropy,
} from "dualtext/node";
import { fileOf, outputFolder } from "./files.mjs";

const folder = outputFolder();

// var mlContext = new MLContext(seed: 1);
//   There is no context: a seed is an option of what draws random numbers, 1 if none is given.

// var data = mlContext.Data.LoadFromTextFile<Message>("messages.tsv", separatorChar: '\t', hasHeader: true);
//   with class Message { [LoadColumn(0)] public string Label; [LoadColumn(1)] public string Text; }
const columns = { Label: 0, Text: 1 };
const options = /** @type {const} */ ({ separator: "\t", hasHeader: true, columns });
const data = await loadTextFile(fileOf("messages.tsv"), options);
const testData = await loadTextFile(fileOf("test.tsv"), options);

// var pipeline = mlContext.Transforms.Text.FeaturizeText("Features", "Text")
//     .Append(mlContext.Transforms.Conversion.MapValueToKey("Label"))
//     .Append(mlContext.MulticlassClassification.Trainers.SdcaMaximumEntropy("Label", "Features"))
//     .Append(mlContext.Transforms.Conversion.MapKeyToValue("PredictedLabel"));
const pipeline = featurizeText("Features", "Text")
  .append(mapValueToKey("Label"))
  .append(sdcaMaximumEntropy({ label: "Label", features: "Features", keepState: true }))
  .append(mapKeyToValue("PredictedLabel"));
//   keepState is new: what updating the model takes is kept in it; see continuous-learning.mjs.

// var model = pipeline.Fit(data);
const model = await pipeline.fit(data);
const [training] = model.training;
console.log(`${training?.rowCount} rows, duality gap ${training?.dualityGap.toExponential(1)} nats`);

// var metrics = mlContext.MulticlassClassification.Evaluate(model.Transform(testData));
const metrics = evaluate(model.transform(testData));

// Console.WriteLine($"Micro accuracy: {metrics.MicroAccuracy:F2}, log-loss: {metrics.LogLoss:F2}");
console.log(`micro accuracy: ${metrics.microAccuracy.toFixed(2)}, log-loss: ${metrics.logLoss.toFixed(2)}`);

// Console.WriteLine(metrics.ConfusionMatrix.GetFormattedConfusionTable());
console.log(formatConfusionTable(metrics.confusion));

// mlContext.Model.Save(model, data.Schema, "model.zip");
//   The schema of what the pipeline reads is part of the model.
const file = join(folder, "model.zip");
await saveModelFile(model, file);

// var loaded = mlContext.Model.Load("model.zip", out var schema);
const loaded = await loadModelFile(file);
console.log(`${file} reads ${Object.keys(loaded.inputSchema).join(", ")}`);

// var engine = mlContext.Model.CreatePredictionEngine<Message, MessagePrediction>(loaded);
// Console.WriteLine(engine.Predict(new Message { Text = "Where is the package?" }).PredictedLabel);
console.log(`Where is the package? → ${loaded.predict("Where is the package?").label}`);
