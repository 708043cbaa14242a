import type { KeyType } from "../data/columns.js";
import { type CsrMatrix, ranges, rowRanges } from "../data/csr.js";
import type { Dataset } from "../data/dataset.js";
import { Model } from "../model/model.js";
import { Slices } from "../slices.js";
import type { RunOptions } from "../stage.js";
import { extendStages, stagesBefore } from "./extend-stages.js";
import { placesOf, setSlotsAt, slotBlocks } from "./slot-blocks.js";
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
  const slices = new Slices(run.signal, () => undefined);
  const { matrix, labels } = await slices.run(labelledRows(output, features, label));
  const [then, now] = [stagesBefore(model), stages].map((own) => slotBlocks(own, output, features));
  const places = await slices.run(placesOf(then!, now!));
  const { classCount, scorer } = classifier;
  const known = places ? await slices.run(knownSlots(matrix, places)) : matrix;
  const probabilities = await slices.run(scorer.computingProbabilities(known));
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

/**
 * The entries on slots that a model has, at the places that they have in it. Yields now and then.
 * @param places of the model's slots
 */
function* knownSlots(matrix: CsrMatrix, places: Uint32Array): Generator<void, CsrMatrix> {
  const slots = new Int32Array(matrix.columnCount).fill(-1);
  for (const [first, end] of ranges(places.length)) {
    setSlotsAt(slots, places, first, end);
    yield;
  }
  const { rowCount } = matrix;
  const indptr = new Uint32Array(rowCount + 1);
  const indices = new Uint32Array(matrix.indices.length);
  const values = new Float32Array(indices.length);
  for (const [first, end] of rowRanges(matrix)) {
    for (let row = first; row < end; row++)
      indptr[row + 1] = copyKnown(matrix, row, slots, indices, values, indptr[row]!);
    yield;
  }
  const count = indptr[rowCount]!;
  const columnCount = places.length;
  return {
    ...{ layout: "sparse", rowCount, columnCount, indptr },
    indices: indices.subarray(0, count),
    values: values.subarray(0, count),
  };
}

/** Appends the entries of a row on known slots at `to`; returns where they end. */
function copyKnown(
  matrix: CsrMatrix,
  row: number,
  slots: Int32Array,
  indices: Uint32Array,
  values: Float32Array,
  to: number,
): number {
  const end = matrix.indptr[row + 1]!;
  for (let k = matrix.indptr[row]!; k < end; k++) {
    const slot = slots[matrix.indices[k]!]!;
    if (slot < 0) continue;
    indices[to] = slot;
    values[to++] = matrix.values[k]!;
  }
  return to;
}
