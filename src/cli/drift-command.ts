import { loadModelFile } from "../node/model-files.js";
import { type DriftReport, type DriftSignal, driftReport } from "../transfer/drift-report.js";
import { loadColumns, textColumnOf } from "./data-options.js";
import { exitCodes } from "./failure.js";
import { ProgressReport } from "./progress.js";
import type { Session } from "./session.js";
import { type TextOptions, textsOf } from "./text-lines.js";

export interface DriftCommandOptions extends TextOptions {
  readonly heldOut?: string;
  readonly significance?: number;
  readonly margin?: number;
  readonly check?: boolean;
}

/** Labels listed whose shares changed most. */
const LISTED_LABELS = 5;

/** `dualtext drift`: whether texts still look like the training data of a model. */
export async function drift(
  modelFile: string,
  file: string,
  options: DriftCommandOptions,
  session: Session,
): Promise<void> {
  const progress = new ProgressReport(session);
  try {
    const model = await loadModelFile(modelFile);
    const { heldOut, significance, margin } = options;
    const pieces: (readonly string[])[] = [];
    for await (const texts of textsOf(model, file, options, session)) pieces.push(texts);
    const report = await driftReport(model, pieces.flat(), {
      ...(significance !== undefined && { significance }),
      ...(margin !== undefined && { margin }),
      ...(heldOut !== undefined && {
        heldOut: await loadColumns(heldOut, options, { text: textColumnOf(model) }, session),
      }),
      signal: session.signal,
      onProgress: progress.update,
    });
    progress.end();
    if (session.json) await session.printJson(report);
    else await session.print(driftText(report));
    if (options.check && report.hasDrifted) process.exitCode = exitCodes.failure;
  } finally {
    progress.end();
  }
}

function driftText(report: DriftReport): string {
  const { rowCount, hasDrifted, pValue, significance, unseen, confidence, classes } = report;
  const verdict = hasDrifted
    ? "They no longer look like the training data"
    : "They look like the training data";
  const lines = [
    `${rowCount} texts. ${verdict} (p ${numberText(pValue)}, alarm below ${significance}).`,
    ...(unseen ? [signalText("unseen n-grams", unseen)] : []),
    signalText("confidence", confidence),
    `  predicted classes  ${verdictText(classes)}`,
  ];
  const changeOf = ({ expected, found }: (typeof classes.labels)[number]) =>
    Math.max(0, found - expected.high, expected.low - found);
  const changed = classes.labels.filter((label) => changeOf(label) > 0);
  changed.sort((a, b) => changeOf(b) - changeOf(a));
  if (classes.hasDrifted) {
    for (const { label, expected, found } of changed.slice(0, LISTED_LABELS))
      lines.push(`    ${label}: ${percentText(found)}, expected ${rangeText(expected)}`);
  }
  return `${lines.join("\n")}\n`;
}

function signalText(name: string, signal: DriftSignal): string {
  const { expected, found } = signal;
  return `  ${name.padEnd(17)}  ${verdictText(signal)}: mean ${percentText(found)}, expected ${rangeText(expected)}`;
}

function verdictText({
  hasDrifted,
  effect,
  pValue,
}: Pick<DriftSignal, "hasDrifted" | "effect" | "pValue">): string {
  return `${hasDrifted ? "drifted" : "as expected"} (effect ${effect.toFixed(2)}, p ${numberText(pValue)})`;
}

function rangeText({ low, high }: { low: number; high: number }): string {
  const [from, to] = [percentText(low), percentText(high)];
  return from === to ? from : `${from} … ${to}`;
}

function percentText(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function numberText(p: number): string {
  return p >= 0.001 ? p.toFixed(3) : p.toExponential(1);
}
