import type { CsrMatrix } from "../data/csr.js";
import type { Dataset } from "../data/dataset.js";
import { Slices } from "../slices.js";
import type { FitOptions, StageRun } from "../stage.js";
import { loadTextCore, type TextCoreExports } from "../wasm/core.js";
import { spareMemory, takeSpareMemory } from "../wasm/spare-memory.js";
import { NgramCounter } from "./ngram-counter.js";
import type { NgramTables } from "./ngram-tables.js";
import type { RowTexts } from "./row-texts.js";
import { textReader } from "./text-featurizer.js";
import { type BlockWeightings, isWeighted, weighing } from "./weigh-ngrams.js";

/** Rows between two looks at the clock. */
const ROWS_A_PIECE = 64;

export interface Counted {
  readonly matrix: CsrMatrix;
  readonly tables: NgramTables;
}

/** What is to be counted. */
export interface TextsToCount {
  readonly rowCount: number;
  readonly textsOf: (row: number) => RowTexts;
  readonly chars: boolean;
  readonly words: boolean;
  /** Whether values are counts; otherwise each block is scaled to length 1. */
  readonly leavesCounts: boolean;
}

/** Counts with workers; undefined where that is not possible, or one thread is best. */
export type CountTogether = (texts: TextsToCount, run: StageRun) => Promise<Counted | undefined>;

let countTogether: CountTogether | undefined;

/** From now on several threads count so. Entries for a runtime that has workers call it when they are loaded; others ship without. */
export function setCountTogether(count: CountTogether | undefined): void {
  countTogether = count;
}

/**
 * All n-grams of the input columns, in order of first appearance, and the rows' features. Those of `before`, which has the
 * same blocks and weightings, come first, block by block, whether a row has them or not.
 * Rejects with `bad-column`, `worker-failed`, `out-of-memory`, `signal.reason`.
 */
export async function countNgrams(
  data: Dataset,
  inputs: readonly string[],
  blocks: BlockWeightings,
  run: StageRun,
  before?: NgramTables,
): Promise<Counted> {
  const { rowCount } = data;
  const leavesCounts = isWeighted(blocks);
  const texts: TextsToCount = {
    ...{ rowCount, textsOf: textReader(data, inputs)(0, rowCount), leavesCounts },
    chars: blocks.chars !== undefined,
    words: blocks.words !== undefined,
  };
  run.signal?.throwIfAborted();
  // Several threads would each have to be given all n-grams there are.
  const together = before ? undefined : await countTogether?.(texts, run);
  const counted = together ?? (await countAlone(texts, run, before));
  if (!leavesCounts) return counted;
  const { matrix } = counted;
  const slices = new Slices(run.signal, () => {});
  return { matrix, tables: await slices.run(weighing(matrix, counted.tables, blocks, before)) };
}

/** Counts on this thread. @param core a fresh one; default: one of its own */
export async function countAlone(
  { rowCount, textsOf, chars, words, leavesCounts }: TextsToCount,
  run: FitOptions,
  before?: NgramTables,
  core?: TextCoreExports,
): Promise<Counted> {
  core ??= (await loadTextCore())(takeSpareMemory());
  if (leavesCounts) core.leaveCounts();
  const counter = new NgramCounter(core, chars, words, rowCount, before);
  let done = 0;
  const report = reporter(run, rowCount, () => done);
  const slices = new Slices(run.signal, report);
  await slices.run(counter.beginning());
  while (done < rowCount) {
    const end = Math.min(done + ROWS_A_PIECE, rowCount);
    let isFull = false;
    while (done < end && !isFull) isFull = counter.add(textsOf(done++));
    if (isFull) await slices.run(counter.counting());
    else if (slices.isDue) await slices.pause();
  }
  report();
  const counted = await slices.run(counter.finish());
  spareMemory(core.memory, core.usedBytes() >>> 0);
  return counted;
}

/** Reports the rows done. */
export function reporter({ onProgress }: FitOptions, total: number, rowsDone: () => number): () => void {
  const start = performance.now();
  return () => {
    const done = rowsDone();
    const elapsed = performance.now() - start;
    const etaMs = done > 0 ? { etaMs: (elapsed / done) * (total - done) } : {};
    onProgress?.({ phase: "featurize", done, total, ...etaMs });
  };
}
