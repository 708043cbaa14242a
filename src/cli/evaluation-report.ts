import { formatConfusionTable, mostConfusedPairs } from "../evaluate/confusion-matrix.js";
import type { MulticlassMetrics } from "../evaluate/multiclass-metrics.js";
import type { Session } from "./session.js";

const TABLE_CLASSES = 12;
const LISTED_CLASSES = 40;

/** Metrics as the JSON of `evaluate` has them. */
export function metricsJson(metrics: MulticlassMetrics) {
  const {
    microAccuracy,
    macroAccuracy,
    logLoss,
    logLossReduction,
    rowCount,
    skippedRowCount,
    unknownLabels,
  } = metrics;
  return {
    microAccuracy,
    macroAccuracy,
    logLoss,
    logLossReduction,
    rowCount,
    skippedRowCount,
    unknownLabels,
    perClass: metrics.perClass.map(({ label, precision, recall, f1, support, logLoss }) => ({
      label,
      precision,
      recall,
      f1,
      support,
      logLoss,
    })),
    confusion: { labels: metrics.confusion.labels, counts: metrics.confusion.counts },
  };
}

/** Metrics for people. */
export function metricsText(metrics: MulticlassMetrics): string {
  const lines = [
    `Micro accuracy      ${metrics.microAccuracy.toFixed(4)}`,
    `Macro accuracy      ${metrics.macroAccuracy.toFixed(4)}`,
    `Log-loss            ${metrics.logLoss.toFixed(4)}`,
    `Log-loss reduction  ${metrics.logLossReduction.toFixed(4)}`,
    `Rows                ${metrics.rowCount}`,
  ];
  const { perClass, confusion } = metrics;
  if (perClass.length <= LISTED_CLASSES) {
    const width = Math.max(5, ...perClass.map(({ label }) => label.length));
    lines.push("", `${"Label".padEnd(width)}  precision  recall      F1    rows`);
    for (const { label, precision, recall, f1, support } of perClass) {
      const numbers = [
        precision.toFixed(4).padStart(9),
        recall.toFixed(4).padStart(6),
        f1.toFixed(4).padStart(6),
      ];
      lines.push(`${label.padEnd(width)}  ${numbers.join("  ")}  ${String(support).padStart(6)}`);
    }
  }
  if (perClass.length <= TABLE_CLASSES) {
    lines.push(formatConfusionTable(confusion).trimEnd());
  } else {
    lines.push("", "Most confused (true label → predicted: rows)");
    for (const { actual, predicted, count } of mostConfusedPairs(confusion, 10)) {
      lines.push(`  ${actual} → ${predicted}: ${count}`);
    }
  }
  return `${lines.join("\n")}\n`;
}

/** Says which rows were not counted. */
export function reportSkipped(metrics: MulticlassMetrics, session: Session): void {
  const { skippedRowCount, unknownLabels } = metrics;
  if (skippedRowCount === 0) return;
  const shown = unknownLabels
    .slice(0, 5)
    .map(({ label, rowCount }) => `${JSON.stringify(label)} (${rowCount})`);
  const names = shown.length > 0 ? `; labels unseen in training: ${shown.join(", ")}` : "";
  session.report(`${skippedRowCount} rows were skipped${names}${unknownLabels.length > 5 ? ", …" : ""}.`);
}
