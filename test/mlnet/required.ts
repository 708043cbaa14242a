import type { Case, Step } from "./golden.js";

// Which cases must pass, and which are left out for good. All others pass or wait until their steps are built.

/** Options of featurizeText with the values ML.NET has when they are left out. */
export const featurizeDefaults: { readonly [option: string]: unknown } = {
  case: "Lower",
  keepDiacritics: false,
  keepPunctuations: true,
  keepNumbers: true,
  norm: "L2",
};

const required: { readonly [file: string]: (given: Case) => boolean } = {
  evaluate: () => true,
  split: ({ split }) => split !== undefined,
  featurize: (given) => everyStep(given, isDefaultFeaturizer),
  "featurize-data": (given) => everyStep(given, isDefaultFeaturizer),
  embeddings: () => true,
  text: (given) => everyStep(given, ({ op }) => op === "normalizeText" || op === "tokenizeIntoWords"),
  keys: (given) => everyStep(given, isDefaultKeyStep),
};

/** Whether a case that is not built fails the run. */
export function isRequired(file: string, given: Case): boolean {
  return Object.hasOwn(required, file) && required[file]!(given);
}

const leftOutSteps: { readonly [op: string]: string } = {
  lbfgsMaximumEntropy: "another trainer",
  naiveBayes: "another trainer",
  oneVersusAllAveragedPerceptron: "another trainer",
  shuffleRows: "pooled shuffling",
};

const leftOutCases: { readonly [name: string]: string } = {
  "multi-line, single slash line": "ML.NET crashes on the line; it is read like any other here",
};

/** Why a case is no aim of this library, or undefined when it is one. */
export function leftOutBecause({ name, steps = [] }: Case): string | undefined {
  return leftOutCases[name] ?? steps.map(({ op }) => leftOutSteps[op]).find((reason) => reason !== undefined);
}

function everyStep({ steps = [] }: Case, test: (step: Step) => boolean): boolean {
  return steps.length > 0 && steps.every(test);
}

function isDefaultFeaturizer({ op, options }: Step): boolean {
  return (
    op === "featurizeText" &&
    Object.entries(options ?? {}).every(([name, value]) => featurizeDefaults[name] === value)
  );
}

function isDefaultKeyStep({ op, output, input, keyOrdinality = "ByOccurrence", ...others }: Step): boolean {
  return (
    /^map(ValueToKey|KeyToValue)$/.test(op) &&
    keyOrdinality === "ByOccurrence" &&
    Object.keys(others).length === 0
  );
}
