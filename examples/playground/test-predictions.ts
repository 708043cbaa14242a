import { nextTask } from "./dom.js";
import type { Run } from "./train-step.js";

const ROWS_A_TASK = 32;

export interface PredictedRow {
  readonly text: string;
  readonly actual: string;
  readonly predicted: string;
  /** Of the predicted label. */
  readonly probability: number;
}

/** What the model says of each row held back: asked for once, in portions that leave the page responsive. */
export class TestPredictions {
  readonly #run: Run;
  #rows: Promise<PredictedRow[]> | undefined;

  constructor(run: Run) {
    this.#run = run;
  }

  /** The rows of one label that were given another, or the same. */
  async of(actual: string, predicted: string): Promise<PredictedRow[]> {
    this.#rows ??= this.#predict();
    return (await this.#rows).filter((row) => row.actual === actual && row.predicted === predicted);
  }

  async #predict(): Promise<PredictedRow[]> {
    const { model, test } = this.#run;
    const rows: PredictedRow[] = [];
    for (let start = 0; start < test.rowCount; start += ROWS_A_TASK) {
      const end = Math.min(start + ROWS_A_TASK, test.rowCount);
      const texts: readonly string[] = test.block("Text", start, end).values;
      const labels: readonly string[] = test.block("Label", start, end).values;
      model.predictAll(texts).forEach(({ label, probability }, i) => {
        rows.push({ text: texts[i]!, actual: labels[i]!, predicted: String(label), probability });
      });
      await nextTask();
    }
    return rows;
  }
}
