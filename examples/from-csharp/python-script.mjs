// Calls a Python script and uses what it prints: numbers that Python makes of each text stand beside its n-grams.
//
//   node examples/from-csharp/python-script.mjs      needs python3, its standard library alone
import { fileURLToPath } from "node:url";
import {
  concatenate,
  featurizeText,
  fromRows,
  loadTextFile,
  mapKeyToValue,
  mapValueToKey,
  sdcaMaximumEntropy,
} from "dualtext/node";
import { fileOf } from "./files.mjs";
import { runPython } from "./run-python.mjs";

const script = fileURLToPath(new URL("text_numbers.py", import.meta.url));
const names = ["Questions", "Digits", "WordLength"];

/** Rows of a file with the numbers that Python makes of their texts. @param {string} file */
async function withNumbers(file) {
  const data = await loadTextFile(file, { hasHeader: true, columns: { Label: 0, Text: 1 } });
  const texts = data.column("Text").values;
  const labels = data.column("Label").values;
  const printed = await runPython(script, { input: JSON.stringify(texts), timeoutMs: 30_000 });
  /** @type {number[][]} */
  const numbers = JSON.parse(printed);
  if (numbers.length !== texts.length)
    throw new Error(`${script} answered ${numbers.length} of ${texts.length} texts.`);
  return fromRows(
    texts.map((Text, row) => ({
      Text,
      Label: labels[row] ?? "",
      Numbers: Float32Array.from(names, (_, i) => numbers[row]?.[i] ?? Number.NaN),
    })),
  );
}

const model = await featurizeText("Ngrams", "Text")
  .append(concatenate("Features", "Ngrams", "Numbers"))
  .append(mapValueToKey("Label"))
  .append(sdcaMaximumEntropy({ label: "Label", features: "Features" }))
  .append(mapKeyToValue("PredictedLabel"))
  .fit(await withNumbers(fileOf("messages.tsv")));
const metrics = model.evaluate(await withNumbers(fileOf("test.tsv")));
console.log(`micro accuracy with numbers from Python: ${metrics.microAccuracy.toFixed(2)}`);
