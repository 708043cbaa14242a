import type { Dataset } from "../data/dataset.js";
import { DualTextError } from "../errors.js";
import { Slices } from "../slices.js";
import type { Fitted, RunOptions } from "../stage.js";
import { loadTextCore } from "../wasm/core.js";
import { NgramCounter } from "./ngram-counter.js";
import { charSlotCount, wordSlotCount } from "./ngram-tables.js";
import { TextFeaturizer, textReader } from "./text-featurizer.js";

/** Rows between two looks at the clock. */
const ROWS_A_PIECE = 64;

/** Options of `featurizeText`. The rest is as ML.NET's defaults have it. */
export interface FeaturizeTextOptions {
  /** Whether the vector has a block of words and pairs of words. Default true. */
  readonly words?: boolean;
  /** Whether the vector has a block of character trigrams. Default true. */
  readonly chars?: boolean;
}

/** Throws `bad-option`. */
export function checkFeaturizeTextOptions({ words = true, chars = true }: FeaturizeTextOptions): void {
  if (typeof words !== "boolean" || typeof chars !== "boolean") {
    throw new DualTextError("bad-option", "words and chars must be true or false.");
  }
  if (!words && !chars)
    throw new DualTextError("bad-option", "Words and chars are both off: there would be no feature.");
}

/** Options with the names of the columns. */
export interface FitFeaturizerOptions extends FeaturizeTextOptions {
  readonly output: string;
  readonly inputs: readonly string[];
}

/**
 * Learns the n-grams of the input columns. The matrix made on the way is handed to the first reader of the output column
 * and not kept: whoever reads it again has it computed again.
 * Rejects with `bad-column`, `no-features` (a block that no row has an n-gram for), `signal.reason`.
 */
export async function fitFeaturizer(
  data: Dataset,
  options: FitFeaturizerOptions,
  run: RunOptions,
): Promise<Fitted> {
  const { output, inputs, words = true, chars = true } = options;
  const { rowCount } = data;
  const textsOf = textReader(data, inputs)(0, rowCount);
  const core = await loadTextCore();
  const counter = new NgramCounter(core(), chars, words, rowCount);
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
    if (slices.isDue) await slices.pause();
  }
  report();
  const { matrix, tables } = counter.finish();
  for (const [isThere, slotCount, name] of [
    [chars, charSlotCount(tables), "character trigrams"],
    [words, wordSlotCount(tables), "words"],
  ] as const) {
    if (isThere && slotCount === 0) {
      const columns = inputs.map((input) => `"${input}"`).join(", ");
      throw new DualTextError(
        "no-features",
        `No text in column ${columns} has ${name}: there is nothing to learn from.`,
      );
    }
  }
  const transformer = new TextFeaturizer(output, inputs, tables);
  return { transformer, output: transformer.withMatrix(data, matrix) };
}
