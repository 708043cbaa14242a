import type { Change, ModelComparison } from "../transfer/compare-models.js";

/** Labels listed that got worse. */
const LISTED_LABELS = 10;

/** What an update has changed, for people: a line for each set, and one for each label that got worse beyond doubt. */
export function comparisonText(comparison: ModelComparison): string {
  const { name, rowCount, isTrainedOn, accuracy, logLoss, perLabel, worseLabels } = comparison;
  const lines = [
    `${name}, ${rowCount} rows${isTrainedOn ? " (trained on)" : ""}: accuracy ${changeText(accuracy)}; log-loss ${changeText(logLoss)}`,
  ];
  const worse = perLabel
    .filter(({ isWorse }) => isWorse)
    .sort((a, b) => a.accuracy.change.value - b.accuracy.change.value);
  for (const label of worse.slice(0, LISTED_LABELS)) {
    lines.push(`  worse: ${label.label}, ${label.rowCount} rows: ${changeText(label.accuracy)}`);
  }
  if (worseLabels.length > LISTED_LABELS)
    lines.push(`  and ${worseLabels.length - LISTED_LABELS} labels more`);
  return `${lines.join("\n")}\n`;
}

function changeText({ before, after, change }: Change): string {
  const signed = (value: number) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(4)}`;
  return `${before.toFixed(4)} → ${after.toFixed(4)} (${signed(change.value)}, 95 %: ${signed(change.low)} … ${signed(change.high)})`;
}
