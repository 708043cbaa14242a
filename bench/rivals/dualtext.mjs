// dualtext from the file to the model, by the built package.
//   dualtext.mjs fit SETTINGS TRAIN MODEL            trains, saves, ends: the whole command
//   dualtext.mjs measure SETTINGS TRAIN TEST RUNS    several fits in one warm process, then the test rows; prints JSON
// SETTINGS: JSON, { blocks, separators, train }: [column, options of featurizeText] of each block of features, of the column
// Text or of Words, the text divided at the separators; options of the trainer.
import {
  concatenate,
  evaluate,
  featurizeText,
  loadTextFile,
  mapKeyToValue,
  mapValueToKey,
  saveModelFile,
  sdcaMaximumEntropy,
  tokenizeIntoWords,
} from "dualtext/node";

const [mode, settings, train, other, runs] = /** @type {[string, string, string, string, string?]} */ (
  process.argv.slice(2)
);
/** @type {{ blocks?: [string, import("dualtext").FeaturizeTextOptions][], separators?: string[], train?: import("dualtext").SdcaOptions }} */
const { blocks = [["Text", {}]], separators, train: trainer } = JSON.parse(settings);
/** @param {string} file */
const read = (file) => loadTextFile(file, { hasHeader: true, columns: { Label: 0, Text: 1 } });

/** The stages that make the features: each block is scaled to length 1 by itself. */
function features() {
  const outputOf = (/** @type {number} */ i) => (blocks.length === 1 ? "Features" : `Block${i}`);
  /** @type {any[]} */
  const stages = blocks.map(([column, options], i) => featurizeText(outputOf(i), column, options));
  if (separators) stages.unshift(tokenizeIntoWords("Words", "Text", { separators }));
  const [first, ...others] = blocks.map((_, i) => outputOf(i));
  if (first && others.length > 0) stages.push(concatenate("Features", first, ...others));
  return stages.reduce((pipeline, stage) => pipeline.append(stage));
}

async function trained() {
  const pipeline = features()
    .append(mapValueToKey("Label"))
    .append(sdcaMaximumEntropy("Label", "Features", trainer))
    .append(mapKeyToValue("PredictedLabel"));
  return pipeline.fit(await read(train), { threads: 1 });
}

if (mode === "fit") {
  await saveModelFile(await trained(), other);
} else {
  // The first fit warms the process up and does not count.
  let model = await trained();
  const seconds = [];
  for (let run = 0; run < Number(runs); run++) {
    const start = performance.now();
    model = await trained();
    // Weights of many features are laid out by the first prediction.
    model.predict("some text");
    seconds.push((performance.now() - start) / 1000);
  }
  const metrics = evaluate(model.transform(await read(other)));
  console.log(
    JSON.stringify({
      seconds,
      accuracy: metrics.microAccuracy,
      logLoss: metrics.logLoss,
      testRows: metrics.rowCount,
    }),
  );
}
