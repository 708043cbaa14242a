import type { KeyType } from "../data/columns.js";
import type { CsrMatrix } from "../data/csr.js";
import type { Dataset } from "../data/dataset.js";
import { Model } from "../model/model.js";
import type { RunOptions } from "../stage.js";
import { extendStages, stagesBefore } from "./extend-stages.js";
import { placesOf, slotBlocks } from "./slot-blocks.js";
import { labelledRows } from "./training-rows.js";
import type { OldRows } from "./update-rows.js";

/**
 * The old rows from their data, with n-grams and labels that the model lacks after its own. What the model says of a row is
 * the best guess of its dual: at the optimum q = softmax(W x).
 */
export async function rowsOfData(
  model: Model,
  data: Dataset,
  run: RunOptions,
): Promise<{ model: Model; rows: OldRows }> {
  const { classifier } = model;
  const { label, features } = classifier.columns;
  const { stages, output } = await extendStages(model, data, run);
  const { matrix, labels } = labelledRows(output, features, label);
  const [then, now] = [stagesBefore(model), stages].map((own) => slotBlocks(own, output, features));
  const places = placesOf(then!, now!);
  const { classCount, scorer } = classifier;
  const probabilities = scorer.probabilities(places ? knownSlots(matrix, places) : matrix);
  const readDual: OldRows["readDual"] = (row, q) => {
    const own = labels[row]!;
    q.fill(0);
    if (own >= classCount) return;
    let others = 0;
    for (let c = 0; c < classCount; c++) {
      if (c === own) continue;
      q[c] = probabilities[row * classCount + c]!;
      others += q[c]!;
    }
    q[own] = Math.max(0, 1 - others);
  };
  const after = model.stages.slice(model.stages.indexOf(classifier));
  return {
    model: new Model([...stages, ...after], model.inputSchema),
    rows: {
      ...{ matrix, labels, readDual, areSolved: false },
      labelType: output.typeOf(label) as KeyType,
      hasBias: scorer.biases().some((bias) => bias !== 0),
    },
  };
}

/** The entries on slots that a model has, at the places that they have in it. @param places of the model's slots */
function knownSlots(matrix: CsrMatrix, places: Uint32Array): CsrMatrix {
  const slots = new Int32Array(matrix.columnCount).fill(-1);
  places.forEach((place, slot) => {
    slots[place] = slot;
  });
  const { rowCount } = matrix;
  const indptr = new Uint32Array(rowCount + 1);
  const indices = new Uint32Array(matrix.indices.length);
  const values = new Float32Array(indices.length);
  let count = 0;
  for (let row = 0; row < rowCount; row++) {
    for (let k = matrix.indptr[row]!; k < matrix.indptr[row + 1]!; k++) {
      const slot = slots[matrix.indices[k]!]!;
      if (slot < 0) continue;
      indices[count] = slot;
      values[count++] = matrix.values[k]!;
    }
    indptr[row + 1] = count;
  }
  const columnCount = places.length;
  return {
    ...{ layout: "sparse", rowCount, columnCount, indptr },
    indices: indices.subarray(0, count),
    values: values.subarray(0, count),
  };
}
