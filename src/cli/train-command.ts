import type { Dataset } from "../data/dataset.js";
import { trainTestSplit } from "../data/split.js";
import { DualTextError } from "../errors.js";
import type { MulticlassMetrics } from "../evaluate/multiclass-metrics.js";
import { modelBytes } from "../model/model-file.js";
import { modelContents } from "../model/saved-model.js";
import { saveModelFile } from "../node/model-files.js";
import { checkWritable } from "../node/write-file.js";
import { featurizeText, mapKeyToValue, mapValueToKey, sdcaMaximumEntropy } from "../stages.js";
import type { Weighting } from "../text/weigh-ngrams.js";
import type { SdcaOptions } from "../train/sdca-options.js";
import { loadCore, loadTextCore } from "../wasm/core.js";
import { weightColumns } from "../wasm/weight-layout.js";
import { type DataOptions, loadColumns } from "./data-options.js";
import { metricsJson, metricsText, reportSkipped } from "./evaluation-report.js";
import { ProgressReport } from "./progress.js";
import type { Session } from "./session.js";

export interface TrainOptions extends DataOptions {
  readonly output: string;
  readonly test?: string;
  readonly testFraction?: number;
  readonly l2?: number | "auto";
  readonly l1?: number;
  readonly weighting?: Weighting;
  readonly tolerance?: number;
  readonly maxEpochs?: number;
  readonly seed?: number;
  readonly keepState?: boolean;
  readonly threads?: number;
}

/** Above this the command says how to get a smaller file. */
const LARGE_BYTES = 256e6;
const columns = { text: "Text", label: { name: "Label", type: "text" } } as const;

/** `dualtext train`: from a file to a saved model. */
export async function train(file: string, options: TrainOptions, session: Session): Promise<void> {
  if (options.test !== undefined && options.testFraction !== undefined) {
    throw new DualTextError("bad-option", "--test and --test-fraction exclude each other: give one of them.");
  }
  // Compiled on another thread while the file is read. What fails here fails again where it is needed.
  for (const load of [loadTextCore, loadCore]) load().catch(() => undefined);
  await checkWritable(options.output);
  const progress = new ProgressReport(session);
  try {
    await trainAndSave(file, options, session, progress);
  } finally {
    progress.end();
  }
}

async function trainAndSave(
  file: string,
  options: TrainOptions,
  session: Session,
  progress: ProgressReport,
): Promise<void> {
  const clock = new Clock();
  let data: Dataset | undefined = await loadColumns(file, options, columns, session, progress.update);
  const loadMs = clock.lap();
  let held: Dataset | undefined;
  if (options.testFraction !== undefined) {
    const seed = options.seed === undefined ? {} : { seed: options.seed };
    const parts = trainTestSplit(data, { testFraction: options.testFraction, ...seed });
    [data, held] = [parts.train, parts.test];
    checkParts(data, held, options.testFraction);
  }

  const trainer: SdcaOptions = {
    ...(options.l2 !== undefined && { l2: options.l2 }),
    ...(options.l1 !== undefined && { l1: options.l1 }),
    ...(options.tolerance !== undefined && { tolerance: options.tolerance }),
    ...(options.maxEpochs !== undefined && { maxEpochs: options.maxEpochs }),
    ...(options.seed !== undefined && { seed: options.seed }),
    ...(options.keepState && { keepState: true }),
  };
  const block = { ...(options.weighting && { weighting: options.weighting }) };
  const pipeline = featurizeText("Features", "Text", { words: block, chars: block })
    .append(mapValueToKey("Label"))
    .append(sdcaMaximumEntropy(trainer))
    .append(mapKeyToValue("PredictedLabel"));
  let featurizeMs = 0;
  const fitting = pipeline.fit(data, {
    signal: session.signal,
    onProgress: progress.update,
    ...(options.threads !== undefined && { threads: options.threads }),
    onStageFitted: ({ stage }, output) => {
      if (stage !== "mapValueToKey") return;
      featurizeMs = clock.lap();
      progress.end();
      reportSize(output, session);
    },
  });
  data = undefined;
  const model = await fitting;
  const solveMs = clock.lap();
  progress.end();
  await saveModelFile(model, options.output, { signal: session.signal });
  const saveMs = clock.lap();

  let metrics: MulticlassMetrics | undefined;
  if (options.test !== undefined)
    held = await loadColumns(options.test, options, columns, session, progress.update);
  progress.end();
  if (held) metrics = model.evaluate(held);
  const { rowCount, skippedRowCount, featureCount, classCount, epochs, dualityGap, stoppedBecause, l2 } =
    model.training[0]!;
  const { zeroWeightRowCount = 0 } = model.training[0]!;
  const timings = { loadMs, featurizeMs, solveMs, saveMs };
  const bytes = modelBytes(modelContents(model));
  if (metrics) reportSkipped(metrics, session);
  const unlabelled = skippedRowCount - zeroWeightRowCount;
  if (unlabelled > 0) session.report(`${unlabelled} training rows without a label were left out.`);
  if (zeroWeightRowCount > 0)
    session.report(`${zeroWeightRowCount} training rows of weight 0 were left out.`);
  if (session.json) {
    const evaluation = metrics && { ...metricsJson(metrics), testRowCount: metrics.rowCount };
    const training = { epochs, dualityGap, stoppedBecause, l2, featureCount, classCount, rowCount };
    await session.printJson({
      ...evaluation,
      ...training,
      timings,
      modelBytes: bytes,
      model: options.output,
    });
    return;
  }
  session.report(
    `Trained on ${rowCount} rows, ${featureCount} features, ${classCount} classes: ` +
      `${epochs} epochs, duality gap ${dualityGap.toPrecision(3)} nats (stopped by ${stoppedBecause}), l2 ${l2.toPrecision(4)}.`,
  );
  const seconds = Object.entries(timings).map(
    ([name, ms]) => `${name.slice(0, -2)} ${(ms / 1000).toFixed(2)} s`,
  );
  session.report(`Saved ${options.output}, ${megabytes(bytes)} (${seconds.join(", ")}).`);
  if (metrics) await session.print(metricsText(metrics));
}

/** Throws `bad-option` when a part of the rows has none of them. */
function checkParts(kept: Dataset, held: Dataset, testFraction: number): void {
  if (kept.rowCount > 0 && held.rowCount > 0) return;
  const share = `--test-fraction ${testFraction} of ${kept.rowCount + held.rowCount} rows`;
  const what = held.rowCount === 0 ? "holds back none to evaluate on" : "leaves none to train on";
  throw new DualTextError(
    "bad-option",
    `${share} ${what}. Choose another share, or give a file with --test.`,
  );
}

/** Tells how large the file will be, before the time for training is spent. */
function reportSize(features: Dataset, session: Session): void {
  const vector = features.typeOf("Features");
  const label = features.typeOf("Label");
  if (vector.kind !== "vector" || label.kind !== "key") return;
  const bytes = 4 * vector.size * weightColumns(label.count).stored;
  session.report(`${vector.size} features and ${label.count} classes: weights of ${megabytes(bytes)}.`);
  if (bytes > LARGE_BYTES) {
    session.report("That is large. Fewer rows, or labels put together, give a smaller model.");
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** Milliseconds from lap to lap. */
class Clock {
  #last = performance.now();

  lap(): number {
    const now = performance.now();
    const ms = now - this.#last;
    this.#last = now;
    return Math.round(ms * 10) / 10;
  }
}
