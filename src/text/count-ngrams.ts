import type { CsrMatrix } from "../data/csr.js";
import type { Dataset } from "../data/dataset.js";
import { Slices } from "../slices.js";
import type { RunOptions } from "../stage.js";
import { loadTextCore } from "../wasm/core.js";
import { spareMemory, takeSpareMemory } from "../wasm/spare-memory.js";
import { NgramCounter } from "./ngram-counter.js";
import type { NgramTables } from "./ngram-tables.js";
import { textReader } from "./text-featurizer.js";

/** Rows between two looks at the clock. */
const ROWS_A_PIECE = 64;

/** All n-grams of the input columns, in order of first appearance, and the rows' features. Rejects with `bad-column`, `signal.reason`. */
export async function countNgrams(
  data: Dataset,
  inputs: readonly string[],
  { chars, words }: { readonly chars: boolean; readonly words: boolean },
  run: RunOptions,
): Promise<{ matrix: CsrMatrix; tables: NgramTables }> {
  const { rowCount } = data;
  const textsOf = textReader(data, inputs)(0, rowCount);
  const core = (await loadTextCore())(takeSpareMemory());
  const counter = new NgramCounter(core, chars, words, rowCount);
  const start = performance.now();
  let done = 0;
  const report = () => {
    const elapsed = performance.now() - start;
    const etaMs = done > 0 ? { etaMs: (elapsed / done) * (rowCount - done) } : {};
    run.onProgress?.({ phase: "featurize", done, total: rowCount, ...etaMs });
  };
  const slices = new Slices(run.signal, report);
  run.signal?.throwIfAborted();
  while (done < rowCount) {
    const end = Math.min(done + ROWS_A_PIECE, rowCount);
    for (; done < end; done++) counter.add(textsOf(done));
    await slices.run(counter.growing());
    if (slices.isDue) await slices.pause();
  }
  report();
  const counted = await slices.run(counter.finish());
  spareMemory(core.memory, core.usedBytes() >>> 0);
  return counted;
}
