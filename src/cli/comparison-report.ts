import type { Change, LabelChange, ModelComparison } from "../transfer/compare-models.js";

/** Labels listed at most, those that lost most. */
const LISTED_LABELS = 10;

/** What an update has changed, for people: a line for each set, and one for each label whose accuracy is another. */
export function comparisonText(comparison: ModelComparison): string {
  const { name, rowCount, isTrainedOn, perLabel } = comparison;
  const changed = perLabel
    .filter(({ accuracy }) => accuracy.change.value !== 0)
    .sort((a, b) => a.accuracy.change.value - b.accuracy.change.value);
  const lines = [
    `${name}, ${rowsText(rowCount)}${isTrainedOn ? " (trained on)" : ""}: ${changesText(comparison)}`,
    ...changed.slice(0, LISTED_LABELS).map(labelText),
  ];
  if (changed.length > LISTED_LABELS)
    lines.push(`  and ${changed.length - LISTED_LABELS} labels more; --json has all`);
  return `${lines.join("\n")}\n`;
}

function labelText(change: LabelChange): string {
  const { label, rowCount, isWorse } = change;
  return `  ${isWorse ? "worse: " : ""}${label}, ${rowsText(rowCount)}: ${changesText(change)}`;
}

const rowsText = (count: number) => `${count} ${count === 1 ? "row" : "rows"}`;

function changesText({ accuracy, logLoss }: LabelChange | ModelComparison): string {
  const ofLoss = logLoss ? changeText(logLoss) : "not known to both models";
  return `accuracy ${changeText(accuracy)}; log-loss ${ofLoss}`;
}

function changeText({ before, after, change }: Change): string {
  const signed = (value: number) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(4)}`;
  return `${before.toFixed(4)} → ${after.toFixed(4)} (${signed(change.value)}, 95 %: ${signed(change.low)} … ${signed(change.high)})`;
}
