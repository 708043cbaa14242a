// Step 2: training in a worker, with curves and a stop button.
import {
  type Dataset,
  featurizeText,
  loadModel,
  type Model,
  mapKeyToValue,
  mapValueToKey,
  type Progress,
  sdcaMaximumEntropy,
} from "dualtext";
import { createTrainer, type TrainerResult } from "dualtext/worker";
import { addToCurves, startCurves } from "./curves.js";
import type { Loaded } from "./data-step.js";
import { byId, count, duration, messageOf, say } from "./dom.js";
import { LongestTask } from "./longest-task.js";

export const TOLERANCE = 1e-3;
const SEED = 1;

/** A model with what is known about how it came about. */
export interface Run {
  readonly loaded: Loaded;
  readonly model: Model;
  readonly result: TrainerResult;
  readonly test: Dataset;
  readonly testShare: number;
  readonly ms: number;
  /** The longest task of the page's own thread meanwhile, in milliseconds, where the browser tells. */
  readonly longestTaskMs: number | undefined;
}

export const pipeline = () =>
  featurizeText("Features", "Text")
    .append(mapValueToKey("Label"))
    .append(sdcaMaximumEntropy({ tolerance: TOLERANCE, onAbort: "keep" }))
    .append(mapKeyToValue("PredictedLabel"));

export interface TrainStep {
  /** What can be trained on now. */
  offer(loaded: Loaded | undefined): void;
}

export function trainStep(onTrained: (run: Run) => Promise<void>): TrainStep {
  const [trainButton, stopButton] = [byId<HTMLButtonElement>("train"), byId<HTMLButtonElement>("stop")];
  const status = byId("train-status");
  let loaded: Loaded | undefined;
  let stop: AbortController | undefined;

  async function train(): Promise<void> {
    if (!loaded || stop) return;
    const current = loaded;
    const testShare = Number(byId<HTMLSelectElement>("test-share").value);
    const test = { testFraction: testShare };
    stop = new AbortController();
    setRunning(true);
    say(status, "Starting a worker …");
    await startCurves(TOLERANCE);
    const start = performance.now();
    const longest = new LongestTask();
    try {
      const result = await createTrainer({ onFallback: ({ message }) => say(status, message) }).fit(
        pipeline(),
        current.data,
        { test, seed: SEED, signal: stop.signal, onProgress: showProgress },
      );
      const ms = performance.now() - start;
      const longestTaskMs = longest.end();
      say(status, `${outcome(result)} It took ${(ms / 1000).toFixed(1)} s${place(result)}.`);
      byId("eta").textContent = "";
      byId<HTMLProgressElement>("progress").value = 1;
      const model = await loadModel(result.bytes);
      const rows = current.data.take(result.testRows!);
      await onTrained({ loaded: current, model, result, test: rows, testShare, ms, longestTaskMs });
    } catch (error) {
      const wasStopped = error === stop.signal.reason;
      say(status, wasStopped ? "Stopped before there was a model." : messageOf(error), !wasStopped);
    } finally {
      longest.end();
      stop = undefined;
      setRunning(false);
    }
  }

  function setRunning(isRunning: boolean): void {
    byId("progress-area").hidden = false;
    const hadFocus = document.activeElement === (isRunning ? trainButton : stopButton);
    trainButton.disabled = isRunning;
    stopButton.disabled = !isRunning;
    if (hadFocus) (isRunning ? stopButton : trainButton).focus();
  }

  trainButton.addEventListener("click", () => void train());
  stopButton.addEventListener("click", () => stop?.abort());
  return {
    offer: (next) => {
      loaded = next;
      byId("train-section").inert = next === undefined;
    },
  };
}

const phases: Readonly<Record<string, string>> = {
  load: "Reading",
  featurize: "Finding words and trigrams",
  solve: "Solving",
  save: "Saving",
};

let toldAt = 0;
let toldPhase = "";

function showProgress({ phase, done, total, epoch, loss, gap, etaMs }: Progress): void {
  byId<HTMLProgressElement>("progress").value = total > 0 ? done / total : 0;
  byId("eta").textContent = etaMs === undefined ? "" : `${duration(etaMs)} left`;
  if (epoch && loss !== undefined && gap !== undefined) addToCurves(epoch, loss, gap);
  // A screen reader is told now and then, not with every report.
  if (phase === toldPhase && performance.now() - toldAt < 1000) return;
  toldAt = performance.now();
  toldPhase = phase;
  const detail =
    phase === "featurize" ? `: ${count(done)} of ${count(total)} rows` : epoch ? `: epoch ${epoch}` : "";
  say(byId("train-status"), `${phases[phase]}${detail} …`);
}

function outcome({ training }: TrainerResult): string {
  const { stoppedBecause, epochs, dualityGap } = training[0]!;
  const gap = dualityGap.toExponential(1);
  return stoppedBecause === "tolerance"
    ? `Done after ${epochs} epochs: no model of this kind fits these rows better by more than ${gap}.`
    : `Ended after ${epochs} epochs with a gap of ${gap}; the model is whole, only not at its optimum.`;
}

/** Said where it is not as it should be: progress has long taken the place of what `onFallback` said. */
function place({ thread }: TrainerResult): string {
  return thread === "worker" ? "" : " in this page's own thread, as no worker could be started";
}
