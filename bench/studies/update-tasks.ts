// DUALTEXT_DATA=FOLDER npx tsx bench/studies/update-tasks.ts [SET …]: how long the event loop waits for its turn, at most, while
// a model is trained, updated, loaded and updated again, on this thread alone: what a page or a service without a worker feels.
import { join } from "node:path";
import {
  featurizeText,
  fromRows,
  loadModel,
  loadTextFile,
  mapKeyToValue,
  mapValueToKey,
  saveModel,
  sdcaMaximumEntropy,
  updateModel,
} from "../../src/node/index.js";
import { Random } from "../../src/random.js";
import { printMachine, printTable } from "../report.js";

const folder = process.env.DUALTEXT_DATA;
if (!folder) throw new Error("Name the folder of the sets in DUALTEXT_DATA.");
const columns = { Label: { name: "Label", type: "text" }, Text: { name: "Text", type: "text" } } as const;
const one = { threads: 1 };

let longest = 0;
let last = 0;
let watching = false;
function turn(): void {
  const now = performance.now();
  longest = Math.max(longest, now - last);
  last = now;
  if (watching) setImmediate(turn);
}

const rows: Record<string, string | number>[] = [];
async function watched<T>(set: string, what: string, run: () => Promise<T>): Promise<T> {
  const start = performance.now();
  [longest, last, watching] = [0, start, true];
  setImmediate(turn);
  const result = await run();
  watching = false;
  const end = performance.now();
  longest = Math.max(longest, end - last);
  rows.push({
    set,
    what,
    seconds: ((end - start) / 1000).toFixed(2),
    "longest wait, ms": Math.round(longest),
  });
  return result;
}

printMachine();
const sets = process.argv.length > 2 ? process.argv.slice(2) : ["imdb"];
for (const set of sets) {
  const data = await loadTextFile(join(folder, set, "train.tsv.gz"), { hasHeader: true, columns });
  const [labels, texts] = ["Label", "Text"].map((name) => data.column(name as "Label").values as string[]);
  const order = Uint32Array.from({ length: data.rowCount }, (_, i) => i);
  new Random(1).shuffle(order);
  const some = (wanted: (i: number) => boolean) =>
    fromRows(
      Array.from(
        order.filter((_, i) => wanted(i)),
        (row) => ({ Label: labels![row]!, Text: texts![row]! }),
      ),
    );
  const [old, more, gone] = [some((i) => i % 11 > 0), some((i) => i % 11 === 0), some((i) => i % 100 === 7)];
  const pipeline = featurizeText("Features", "Text")
    .append(mapValueToKey("Label"))
    .append(sdcaMaximumEntropy({ keepState: true }))
    .append(mapKeyToValue("PredictedLabel"));
  const model = await watched(set, "fit", () => pipeline.fit(old, one));
  const added = await watched(set, "a tenth added", () => updateModel(model, more, one));
  await watched(set, "1 % removed", () => updateModel(added.model, undefined, { remove: gone, ...one }));
  const file = saveModel(added.model);
  const loaded = await watched(set, "loaded", () => loadModel(file));
  await watched(set, "1 % removed after that", () =>
    updateModel(loaded, undefined, { remove: gone, ...one }),
  );
}
printTable("how long the event loop waits", rows);
