import type { VectorColumn } from "../data/columns.js";
import { nonZeros } from "../data/csr.js";
import type { Dataset } from "../data/dataset.js";
import type { RunOptions } from "../stage.js";
import { countNgrams } from "./count-ngrams.js";
import type { TextFeaturizer } from "./text-featurizer.js";

/** Of each row, how many different n-grams it has that a featurizer does not know. @param data with the featurizer's output */
export async function unseenNgrams(
  featurizer: TextFeaturizer,
  data: Dataset,
  run: RunOptions,
): Promise<Uint32Array> {
  const { tables, inputs, outputs } = featurizer;
  const blocks = { chars: tables.trigrams && ("tf" as const), words: tables.words && ("tf" as const) };
  const all = (await countNgrams(data, inputs, blocks, run)).matrix.indptr;
  const known = nonZeros((data.column(outputs[0]!) as VectorColumn).matrix).indptr;
  return Uint32Array.from(
    { length: data.rowCount },
    (_, row) => all[row + 1]! - all[row]! - (known[row + 1]! - known[row]!),
  );
}
