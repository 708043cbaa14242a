import { InvalidArgumentError } from "commander";
import { resolveLoadOptions } from "../data/load-settings.js";
import { checkTestFraction } from "../data/split.js";
import { DualTextError } from "../errors.js";
import { weightings } from "../text/featurize-text.js";
import type { Weighting } from "../text/weigh-ngrams.js";
import { checkThreads } from "../threads/check-threads.js";
import { checkSdcaOptions } from "../train/sdca-options.js";
import { checkDriftOptions } from "../transfer/drift-report.js";

/** A column of a file: its position, from 0, or its name in the header. */
export type ColumnReference = number | string;

/** Digits are a position, anything else is a name. */
export function columnReference(text: string): ColumnReference {
  if (text === "") throw new InvalidArgumentError("It must be the name of a column or its position, from 0.");
  return /^[0-9]+$/.test(text) ? Number(text) : text;
}

export function separator(text: string): string {
  const unit = text === "\\t" ? "\t" : text;
  withRule(() => resolveLoadOptions({ separator: unit, hasHeader: true }));
  return unit;
}

/** A number, or "auto". */
export function l2(text: string): number | "auto" {
  if (text === "auto") return text;
  return numberWithRule(text, (l2) => checkSdcaOptions({ l2 }), ", or auto");
}

export function l1(text: string): number {
  return numberWithRule(text, (l1) => checkSdcaOptions({ l1 }));
}

/** How both blocks of n-grams are weighted. */
export function weighting(text: string): Weighting {
  const known = weightings.find((one) => one === text);
  if (known === undefined) throw new InvalidArgumentError(`It must be one of ${weightings.join(", ")}.`);
  return known;
}

export function tolerance(text: string): number {
  return numberWithRule(text, (tolerance) => checkSdcaOptions({ tolerance }));
}

export function maxEpochs(text: string): number {
  return numberWithRule(text, (maxEpochs) => checkSdcaOptions({ maxEpochs }));
}

export function testFraction(text: string): number {
  return numberWithRule(text, checkTestFraction);
}

/** A whole number that serves the visiting order of the trainer as well as the splitting of rows. */
export function seed(text: string): number {
  return numberWithRule(text, (seed) => {
    if (seed !== (seed | 0)) {
      throw new InvalidArgumentError("It must be a whole number from -2147483648 to 2147483647.");
    }
  });
}

/** One more label of a model under its name in a task, divided by the first =. */
export function renamedLabel(text: string, before: Record<string, string> = {}): Record<string, string> {
  const at = text.indexOf("=");
  if (at <= 0 || at === text.length - 1)
    throw new InvalidArgumentError("It must be two labels, such as pos=1.");
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

/** A share of accuracy, 0 … 1. */
export function maxDrop(text: string): number {
  return numberWithRule(text, (drop) => {
    if (!(drop >= 0 && drop <= 1))
      throw new InvalidArgumentError("It must be a number from 0 to 1, such as 0.01.");
  });
}

/** Probability of a false alarm. */
export function significance(text: string): number {
  return numberWithRule(text, (significance) => checkDriftOptions({ significance }));
}

/** An effect that does not matter. */
export function margin(text: string): number {
  return numberWithRule(text, (margin) => checkDriftOptions({ margin }));
}

/** Seconds between two looks at a folder. */
export function interval(text: string): number {
  return numberWithRule(text, (seconds) => {
    if (!(seconds > 0 && Number.isFinite(seconds)))
      throw new InvalidArgumentError("It must be seconds above 0.");
  });
}

export function threads(text: string): number {
  return numberWithRule(text, checkThreads);
}

export function topK(text: string): number {
  return numberWithRule(text, (topK) => {
    if (!(Number.isSafeInteger(topK) && topK >= 1)) {
      throw new InvalidArgumentError("It must be a whole number from 1 on.");
    }
  });
}

/**
 * The number a text spells, checked by the rule that the library has for it.
 * @param orElse what else it may be, as the message has it
 */
function numberWithRule(text: string, rule: (value: number) => void, orElse = ""): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (Number.isNaN(value))
    throw new InvalidArgumentError(`It must be a number, such as 0.01 or 1e-3${orElse}.`);
  withRule(() => rule(value));
  return value;
}

function withRule(rule: () => unknown): void {
  try {
    rule();
  } catch (error) {
    throw error instanceof DualTextError ? new InvalidArgumentError(error.message) : error;
  }
}
