// dualtext from the file to the model, by the built package.
//   dualtext.mjs fit SETTINGS TRAIN MODEL            trains, saves, ends: the whole command
//   dualtext.mjs measure SETTINGS TRAIN TEST RUNS    several fits in one warm process, then the test rows; prints JSON
// SETTINGS: JSON, { featurize, separators, train }: options of the stages; separators: where words are divided, if not at
// spaces alone.
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
const { featurize, separators, train: trainer } = JSON.parse(settings);
/** @param {string} file */
const read = (file) => loadTextFile(file, { hasHeader: true, columns: { Label: 0, Text: 1 } });

/** The stages that make the features: words of one column and trigrams of another where words are divided otherwise. */
function features() {
  if (!separators) return featurizeText("Features", "Text", featurize);
  const { chars = true, words = true } = featurize;
  const tokens = tokenizeIntoWords("Words", "Text", { separators });
  if (chars === false) return tokens.append(featurizeText("Features", "Words", { chars, words }));
  return tokens
    .append(featurizeText("WordFeatures", "Words", { chars: false, words }))
    .append(featurizeText("CharFeatures", "Text", { chars, words: false }))
    .append(concatenate("Features", "CharFeatures", "WordFeatures"));
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
