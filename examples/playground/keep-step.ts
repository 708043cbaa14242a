// Step 5: the model as a file, a file as a model, and the code that does the same.
import { loadModel, type Model } from "dualtext";
import { loadOptions } from "./data-step.js";
import { byId, bytes, el, messageOf, say } from "./dom.js";
import { type Run, TOLERANCE } from "./train-step.js";

let run: Run | undefined;

export function keepStep(onLoaded: (model: Model) => void): void {
  const status = byId("keep-status");
  byId("download").addEventListener("click", () => {
    if (!run) return;
    const url = URL.createObjectURL(new Blob([run.result.bytes], { type: "application/zip" }));
    el("a", { href: url, download: `${run.loaded.name.replace(/\..*$/, "")}-model.zip` }).click();
    // The browser has taken the file over by then.
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
    say(status, `A file of ${bytes(run.result.bytes.length)}; loadModel reads it, here or in Node.`);
  });
  byId("copy").addEventListener("click", async () => {
    if (!run) return;
    try {
      await navigator.clipboard.writeText(codeOf(run));
      say(status, "The code is in the clipboard.");
    } catch {
      say(status, "This browser does not let the page write to the clipboard; the code is shown below.");
    }
  });
  byId<HTMLInputElement>("model-file").addEventListener("change", async ({ target }) => {
    const input = target as HTMLInputElement;
    const file = input.files?.[0];
    input.value = "";
    if (!file) return;
    try {
      const model = await loadModel(new Uint8Array(await file.arrayBuffer()));
      say(status, `${file.name}: a model of ${model.labels.length} labels.`);
      onLoaded(model);
    } catch (error) {
      say(status, messageOf(error), true);
    }
  });
}

/** Offers this run's model and code. */
export function keep(next: Run): void {
  run = next;
  for (const id of ["download", "copy"]) byId<HTMLButtonElement>(id).disabled = false;
  byId("code").textContent = codeOf(next);
  byId("code-area").hidden = false;
}

/** A program for Node that trains the same model, byte for byte. */
export function codeOf({ loaded, testShare }: Run): string {
  const options = JSON.stringify(loadOptions(loaded.reading), undefined, 2);
  return `import {
  featurizeText, loadTextFile, mapKeyToValue, mapValueToKey, saveModelFile, sdcaMaximumEntropy, trainTestSplit,
} from "dualtext/node";

const data = await loadTextFile(${JSON.stringify(loaded.name)}, ${options});
const { train, test } = trainTestSplit(data, { testFraction: ${testShare} });
const pipeline = featurizeText("Features", "Text")
  .append(mapValueToKey("Label"))
  .append(sdcaMaximumEntropy({ tolerance: ${TOLERANCE}, onAbort: "keep" }))
  .append(mapKeyToValue("PredictedLabel"));
const model = await pipeline.fit(train, { seed: 1 });
console.log(model.evaluate(test).microAccuracy);
await saveModelFile(model, "model.zip");
`;
}
