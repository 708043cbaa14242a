// Step 3: what the held-back rows say about the model.
import { byId, bytes, count, el, nextFrame, percent } from "./dom.js";
import { heatMap } from "./heat-map.js";
import { informativeNgrams } from "./ngrams.js";
import { TestPredictions } from "./test-predictions.js";
import type { Run } from "./train-step.js";

/** Resolves when all is there; part by part, as the layout of each takes a while. */
export async function showResults(run: Run): Promise<void> {
  const section = byId("results-section");
  section.hidden = false;
  const results = byId("results");
  results.replaceChildren(tiles(run));
  byId("results-title").focus({ preventScroll: true });
  section.scrollIntoView({ block: "start" });
  await nextFrame();
  results.append(...heatMap(run.result.metrics!.confusion, new TestPredictions(run)));
  await nextFrame();
  results.append(el("h3", {}, "Each label"), perClass(run), ...informativeNgrams(run.model));
}

/** Results of a model that was loaded: there are no rows to measure it on, but what it knows can be shown. */
export function showKnowledge(model: Run["model"]): void {
  byId("results-section").hidden = false;
  const training = model.training[0]!;
  byId("results").replaceChildren(
    el(
      "p",
      { class: "quiet" },
      `A model of ${count(training.classCount)} labels and ${count(training.featureCount)} features, trained on ` +
        `${count(training.rowCount)} rows to a gap of ${training.dualityGap.toExponential(1)}. ` +
        "Train on data to see how well it does.",
    ),
    ...informativeNgrams(model),
  );
}

function tiles({ result, test, loaded, ms, longestTaskMs }: Run): HTMLElement {
  const metrics = result.metrics!;
  const training = result.training[0]!;
  // The label that is commonest in training, and so the best answer of someone who does not look at the text.
  const supports = metrics.perClass.map(({ support }) => support);
  const rows = supports.reduce((sum, support) => sum + support, 0);
  const commonest = loaded.labels.find(([label]) => label !== "")![0];
  const baseline = (metrics.perClass.find(({ label }) => label === commonest)?.support ?? 0) / rows;
  const facts: [string, string, string][] = [
    ["Accuracy", percent(metrics.microAccuracy), `of ${count(rows)} rows held back`],
    ["Baseline", percent(baseline), `always answering “${commonest}”`],
    ["Mean of the labels", percent(metrics.macroAccuracy), "each label counted alike"],
    [
      "Log-loss",
      metrics.logLoss.toFixed(3),
      `nats; ${percent(metrics.logLossReduction)} below guessing by frequency`,
    ],
    ["Gap", training.dualityGap.toExponential(1), "nats to the optimum, at most"],
    [
      "Training",
      `${(ms / 1000).toFixed(1)} s`,
      `${count(result.rowCount)} rows, ${count(training.featureCount)} features`,
    ],
    ["Model", bytes(result.bytes.length), `${training.epochs} epochs`],
  ];
  if (longestTaskMs !== undefined) {
    const longest = longestTaskMs === 0 ? "< 50 ms" : `${Math.round(longestTaskMs)} ms`;
    facts.push(["This page", longest, "its longest task meanwhile"]);
  }
  if (metrics.skippedRowCount > 0) {
    facts.push([
      "Left out",
      count(metrics.skippedRowCount),
      `of ${count(test.rowCount)}: labels unseen in training`,
    ]);
  }
  return el(
    "dl",
    { class: "tiles" },
    ...facts.map(([name, value, detail]) =>
      el("div", {}, el("dt", {}, name), el("dd", {}, value, el("small", {}, detail))),
    ),
  );
}

function perClass({ result }: Run): HTMLElement {
  const head = ["Label", "Rows", "Precision", "Recall", "F1", "Log-loss"].map((name, i) =>
    el("th", { scope: "col", class: i > 0 && "number" }, name),
  );
  const number = (text: string) => el("td", { class: "number" }, text);
  const rows = [...result.metrics!.perClass]
    .sort((a, b) => b.support - a.support)
    .map(({ label, support, precision, recall, f1, logLoss }) =>
      el(
        "tr",
        {},
        el("th", { scope: "row" }, label),
        number(count(support)),
        number(percent(precision)),
        number(percent(recall)),
        number(f1.toFixed(3)),
        number(logLoss.toFixed(3)),
      ),
    );
  return el(
    "div",
    { class: "scroll", tabindex: 0, role: "region", "aria-label": "Figures of each label" },
    el("table", {}, el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...rows)),
  );
}
