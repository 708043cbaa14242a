// DUALTEXT_DATA=FOLDER npx tsx bench/studies/unlearning.ts [--tolerance 1e-5] [--write] [SET …]: the table of
// docs/continual.md on rows that are forgotten, into which --write puts it. A model is trained with its state on all rows,
// then 1 % and a tenth of them are removed, with those that are equal to them; beside it stands a model trained from scratch
// without these rows, at the same λ, and the weights are compared by n-gram and label, biases with them. The objective is
// λ-strongly convex, so with the gaps g₁ and g₂: |ΔW| ≤ √(2 g₁/λ) + √(2 g₂/λ).
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { VectorColumn } from "../../src/data/columns.js";
import type { CsrMatrix } from "../../src/data/csr.js";
import { type Dataset, loadTextFile, type Model, updateModel } from "../../src/node/index.js";
import { featurizeText, mapKeyToValue, mapValueToKey, sdcaMaximumEntropy } from "../../src/stages.js";
import { weightDifference } from "../../test/helpers/weight-difference.js";
import { printMachine, printTable, rounded } from "../report.js";
import { markdownTable, writeSection } from "./docs-section.js";

const folder = process.env.DUALTEXT_DATA;
if (!folder) throw new Error("Name the folder of the sets in DUALTEXT_DATA.");
const { values: options, positionals: names } = parseArgs({
  allowPositionals: true,
  options: { tolerance: { type: "string", default: "1e-5" }, write: { type: "boolean", default: false } },
});
const columns = { Label: { name: "Label", type: "text" }, Text: { name: "Text", type: "text" } } as const;
const tolerance = Number(options.tolerance);

const trained = (data: Dataset, l2?: number): Promise<Model> =>
  featurizeText("Features", "Text")
    .append(mapValueToKey("Label"))
    .append(sdcaMaximumEntropy({ keepState: true, tolerance, ...(l2 !== undefined && { l2 }) }))
    .append(mapKeyToValue("PredictedLabel"))
    .fit(data as Dataset<any>);

/** What rows are told apart by: features and label. */
function keysOf(model: Model, data: Dataset): string[] {
  const { matrix } = model.stages[0]!.transform(data).column("Features") as VectorColumn;
  const { indptr, indices, values } = matrix as CsrMatrix;
  const labels = data.column("Label").values as string[];
  return labels.map((label, row) => {
    const [first, end] = [indptr[row]!, indptr[row + 1]!];
    return `${label} ${indices.subarray(first, end).join()} ${values.subarray(first, end).join()}`;
  });
}

const table: Record<string, string | number>[] = [];
printMachine();
for (const name of names.length > 0 ? names : ["trec6", "sst2", "stackoverflow20"]) {
  const data: Dataset = await loadTextFile(join(folder, name, "train.tsv.gz"), { hasHeader: true, columns });
  const model = await trained(data);
  const keys = keysOf(model, data);
  const rows = Uint32Array.from(keys.keys());
  for (const oneIn of [100, 10]) {
    const remove = data.take(rows.filter((row) => row % oneIn === 7));
    const update = await updateModel(model, undefined, { remove });
    const gone = new Set(keys.filter((_, row) => row % oneIn === 7));
    const left = data.take(rows.filter((row) => !gone.has(keys[row]!)));
    const scratch = await trained(left, update.model.training[0]!.l2);
    const [a, b] = [update.model, scratch].map((one) => one.training[0]!);
    if (a!.rowCount !== b!.rowCount) throw new Error(`${a!.rowCount} rows are left, not ${b!.rowCount}.`);
    const { largest, squares, unmatched } = weightDifference(update.model, scratch);
    const bound = Math.sqrt((2 * a!.dualityGap) / a!.l2) + Math.sqrt((2 * b!.dualityGap) / b!.l2);
    table.push({
      set: name,
      rows: data.rowCount,
      removed: update.removedRows,
      "gap, update": rounded(a!.dualityGap, 2),
      "gap, scratch": rounded(b!.dualityGap, 2),
      "Δ objective": rounded(a!.objective - b!.objective, 2),
      "largest |Δw|": rounded(largest, 2),
      "|ΔW|²": rounded(squares, 2),
      "bound of |ΔW|²": rounded(bound * bound, 2),
      "|W|²": rounded((2 * (b!.objective - b!.loss)) / b!.l2, 2),
      "other n-grams": unmatched,
    });
  }
}
const title = `Rows removed against training without them, tolerance ${tolerance}`;
printTable(title, table);
if (options.write) writeSection("continual.md", "unlearning", markdownTable(table));
