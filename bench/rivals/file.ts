// File → model: from a delimited file on disk to a trained model, in one process that is warm and as a whole command that
// starts, reads, trains, saves and ends; what the model gets right on rows it has not seen, its size and peak memory.
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FeaturizeTextOptions, NgramOptions } from "../../src/text/featurize-text.js";
import type { SdcaOptions } from "../../src/train/sdca-options.js";
import { jsonLines, median, run } from "./commands.js";
import { dualtext } from "./ours.js";
import type { Results } from "./results.js";
import {
  type Effort,
  fastText,
  here,
  mlnet,
  npmPackage,
  oracle,
  python,
  type Rival,
  scikitLearn,
} from "./rival.js";
import type { RivalSet } from "./sets.js";

/** What is known of one rival on one set; what its kind of program cannot say is absent. */
export interface FileValue {
  /** Seconds in one process, warm; median. */
  readonly warm?: number;
  /** Seconds of the whole command; median. */
  readonly command?: number;
  /** Seconds of our command with its defaults, run in turn with that one; median. */
  readonly oursBeside?: number;
  /** A limit that was reached, in seconds: the command took longer, or would have. */
  readonly over?: number;
  readonly peakBytes?: number;
  readonly modelBytes?: number;
  readonly accuracy?: number;
  readonly logLoss?: number;
  /** Test rows that were predicted, where not all were. */
  readonly testRows?: number;
}

interface Measured {
  readonly seconds: readonly number[];
  readonly accuracy: number;
  readonly logLoss?: number;
  readonly testRows: number;
}

/** A whole command: its program, its arguments, the file it writes. */
interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly model: string;
}

export interface FileRival extends Rival {
  /** Writes what the command reads, where that is not the set's own file; not counted. */
  prepare?(set: RivalSet, folder: string): void;
  command(set: RivalSet, folder: string): Command;
  /** Fits in one process, `runs` times where it can, and evaluates. */
  measure(set: RivalSet, folder: string, runs: number, limit: number): Promise<Partial<FileValue>>;
}

/** How often something that takes `seconds` is run: `most` times, under a second, where runs differ most, thrice that, long ones less. */
const repeats = (seconds: number, most: number) =>
  seconds < 1 ? (most > 1 ? 3 * most : 1) : seconds < 4 ? most : seconds < 20 ? Math.min(3, most) : 1;
/** Seconds that a slow predictor may spend on test rows. */
const PREDICTING_SECONDS = 20;

function summary({ seconds, accuracy, logLoss, testRows }: Measured, set: RivalSet): Partial<FileValue> {
  return {
    warm: median(seconds),
    accuracy,
    ...(logLoss !== undefined && { logLoss }),
    ...(testRows < set.testRowCount && { testRows }),
  };
}

async function measured(program: string, args: readonly string[], set: RivalSet, limit: number) {
  const { stdout, timedOut } = await run(program, args, limit);
  return timedOut ? {} : summary(jsonLines<Measured>(stdout)[0]!, set);
}

/** A block of features: of the text, which is divided at spaces, or of its words between separators. */
type Block = readonly [column: "Text" | "Words", options: FeaturizeTextOptions];

interface Settings {
  /** Default: the default features of the text. */
  readonly blocks?: readonly Block[];
  readonly separators?: readonly string[];
  readonly train?: SdcaOptions;
}

const ours = (name: string, settings: Settings): FileRival => {
  const args = (mode: string, train: string) => [here("dualtext.mjs"), mode, JSON.stringify(settings), train];
  return {
    name: name ? `dualtext, ${name}` : "dualtext",
    program: dualtext.program,
    presence: dualtext.presence,
    command: ({ train }, folder) => {
      const model = join(folder, "model.zip");
      // The default settings as a user of the command gets them, threads included, as with ML.NET's.
      const own = ["dist/cli.cjs", "train", train, "-o", model, "--quiet"];
      return { program: process.execPath, args: name ? [...args("fit", train), model] : own, model };
    },
    measure: (set, _, runs, limit) =>
      measured(process.execPath, [...args("measure", set.train), set.test, String(runs)], set, 10 * limit),
  };
};

const machineLearningNet = (cache: boolean): FileRival => ({
  name: cache ? "ML.NET, with its cache" : "ML.NET, without its cache",
  program: "ML.NET",
  presence: mlnet,
  command: ({ train }, folder) => {
    const model = join(folder, "model.zip");
    return { program: oracle!, args: ["fit", train, model, ...(cache ? ["--cache"] : [])], model };
  },
  // Without the cache it is the same trainer on the same rows, read again for every pass.
  measure: async ({ train, test }, _, __, limit) => {
    if (!cache) return {};
    const { stdout, timedOut } = await run(oracle!, ["bench", train, test, "--quick"], 10 * limit);
    if (timedOut) return {};
    const { endToEndCachedFitMs, MicroAccuracy, LogLoss } = jsonLines<Record<string, number>>(stdout)[0]!;
    return { warm: endToEndCachedFitMs! / 1000, accuracy: MicroAccuracy!, logLoss: LogLoss! };
  },
});

const scikit = (kind: string, name: string): FileRival => ({
  name: `scikit-learn, ${name}`,
  program: "scikit-learn",
  presence: scikitLearn,
  command: ({ train }, folder) => {
    const model = join(folder, "model.pickle");
    return { program: python, args: [here("python/files.py"), "fit", kind, train, model], model };
  },
  measure: (set, _, runs, limit) =>
    measured(
      python,
      [here("python/files.py"), "measure", kind, set.train, set.test, String(runs)],
      set,
      10 * limit,
    ),
});

const facebook = (name: string, options: readonly string[]): FileRival => ({
  name: `fastText, ${name}`,
  program: "fastText",
  presence: fastText,
  prepare: (set, folder) => {
    for (const part of ["train", "test"] as const)
      writeFileSync(join(folder, `${part}.txt`), labelled(readFileSync(set[part], "utf8")));
  },
  command: (_, folder) => {
    const model = join(folder, "model.bin");
    const files = ["-input", join(folder, "train.txt"), "-output", join(folder, "model")];
    return { program: "fasttext", args: ["supervised", ...files, "-thread", "1", ...options], model };
  },
  measure: async (set, folder, _, limit) => {
    // fastText has no process that trains twice; it predicts with the model that the command has written.
    const args = [
      "predict-prob",
      join(folder, "model.bin"),
      join(folder, "test.txt"),
      String(set.classCount),
    ];
    const { stdout, timedOut } = await run("fasttext", args, 10 * limit);
    return timedOut ? {} : scores(readFileSync(join(folder, "test.txt"), "utf8"), stdout);
  },
});

/** fastText's form of a set: the label as a word, lower case, punctuation apart, as its tutorial prepares text. */
function labelled(content: string): string {
  const lines = content.split("\n").slice(1).filter(Boolean);
  return lines
    .map((line) => {
      const tab = line.indexOf("\t");
      const text = line
        .slice(tab + 1)
        .toLowerCase()
        .replaceAll(/([.!?,'/()])/g, " $1 ");
      return `__label__${line.slice(0, tab).replaceAll(" ", "_")} ${text}\n`;
    })
    .join("");
}

/** Accuracy and log-loss of fastText's printed labels and probabilities, best first. */
function scores(test: string, printed: string): Partial<FileValue> {
  const answers = printed.trimEnd().split("\n");
  const labels = test
    .trimEnd()
    .split("\n")
    .map((line) => line.slice(0, line.indexOf(" ")));
  let right = 0;
  let loss = 0;
  labels.forEach((label, row) => {
    const words = answers[row]!.split(" ");
    if (words[0] === label) right++;
    const at = words.indexOf(label);
    loss -= Math.log(Math.max(at < 0 ? 0 : Math.min(1, Number(words[at + 1])), 1e-15));
  });
  return { accuracy: right / labels.length, logLoss: loss / labels.length };
}

const javaScript = (name: string): FileRival => ({
  name,
  program: name,
  presence: npmPackage(name),
  command: ({ train }, folder) => {
    const model = join(folder, "model.json");
    const args = [here("javascript/packages.mjs"), "fit", name, train, model];
    return { program: process.execPath, args, model };
  },
  measure: (set, _, __, limit) =>
    measured(
      process.execPath,
      [here("javascript/packages.mjs"), "measure", name, set.train, set.test, String(PREDICTING_SECONDS)],
      set,
      limit + 3 * PREDICTING_SECONDS,
    ),
});

const [tf, idf, tfIdf] = [{ weighting: "tf" }, { weighting: "idf" }, { weighting: "tfIdf" }] as const;
const words = (column: Block[0], weighting: NgramOptions): Block => [
  column,
  { chars: false, words: weighting },
];
const trigrams = (column: Block[0], weighting: NgramOptions): Block => [
  column,
  { chars: weighting, words: false },
];
/** Words end at spaces and at each mark of ASCII but $ + < = > ^ | ~. */
const separators = [..." !\"#%&'()*,-./:;?@[\\]_{}`"];
const allMarks = [...separators, ..."$+<=>^|~"];
const defaults = ours("", {});
export const fileRivals: readonly FileRival[] = [
  defaults,
  ours("gap 0.01", { train: { tolerance: 1e-2 } }),
  ours("words only", { blocks: [words("Text", tf)] }),
  ours("words only, gap 0.01", { blocks: [words("Text", tf)], train: { tolerance: 1e-2 } }),
  ours("words, tf-idf", { blocks: [words("Text", tfIdf)] }),
  ours("words and trigrams, tf-idf", { blocks: [["Text", { chars: tfIdf, words: tfIdf }]] }),
  ours("words between punctuation, idf", { separators, blocks: [words("Words", idf)] }),
  ours("words between punctuation, tf-idf", { separators, blocks: [words("Words", tfIdf)] }),
  ours("words between punctuation and trigrams, idf", {
    separators,
    blocks: [trigrams("Text", idf), words("Words", idf)],
  }),
  ours("words between punctuation and trigrams, tf-idf", {
    separators,
    blocks: [trigrams("Text", tfIdf), words("Words", tfIdf)],
  }),
  ours("words between punctuation, words and trigrams, tf-idf", {
    separators,
    blocks: [trigrams("Text", tfIdf), words("Words", tfIdf), words("Text", tfIdf)],
  }),
  ours("words between all marks, their trigrams and the text's, idf", {
    separators: allMarks,
    blocks: [trigrams("Text", idf), trigrams("Words", idf), words("Words", idf)],
  }),
  machineLearningNet(true),
  machineLearningNet(false),
  scikit("words-lbfgs", "words, lbfgs"),
  scikit("bigrams-lbfgs", "words 1-2, lbfgs"),
  scikit("bigrams-saga", "words 1-2, saga"),
  scikit("bigrams-svc", "words 1-2, LinearSVC"),
  scikit("trigrams-svc", "words 1-2 and trigrams, LinearSVC"),
  facebook("default", []),
  facebook("tuned", ["-wordNgrams", "2", "-epoch", "25", "-lr", "0.5", "-bucket", "200000", "-dim", "50"]),
  ...["natural", "wink-naive-bayes-text-classifier", "@nlpjs/nlu", "ml-classify-text"].map(javaScript),
];

export const fileTable = "file to model";

/** The folder, which is made. */
function folderIn(...parts: string[]): string {
  const folder = join(...parts);
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** Measures every rival asked for on one set. The limit is that of one command. */
export async function measureFiles(
  results: Results,
  set: RivalSet,
  parent: string,
  effort: Effort,
  isAsked: (rival: Rival) => boolean,
): Promise<void> {
  for (const rival of fileRivals.filter(isAsked)) {
    await results.measure<FileValue>(fileTable, set.name, rival, undefined, async () => {
      const folder = folderIn(parent, set.name, "model");
      try {
        return await measureOne(rival, set, folder, effort);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  }
}

async function measureOne(
  rival: FileRival,
  set: RivalSet,
  folder: string,
  { limit, repeats: most }: Effort,
): Promise<FileValue> {
  rival.prepare?.(set, folder);
  const { program, args, model } = rival.command(set, folder);
  const first = await run(program, args, limit);
  if (first.timedOut) return { over: limit };
  const runs = repeats(first.seconds, most);
  const seconds = [first.seconds];
  // A machine is seldom as fast as an hour ago.
  const own = rival === defaults ? undefined : defaults.command(set, folderIn(folder, "ours"));
  const ours: number[] = [];
  for (;;) {
    if (own) ours.push((await run(own.program, own.args, 2 * limit)).seconds);
    if (seconds.length >= runs) break;
    seconds.push((await run(program, args, 2 * limit)).seconds);
  }
  return {
    command: median(seconds),
    ...(own && { oursBeside: median(ours) }),
    ...(first.peakBytes !== undefined && { peakBytes: first.peakBytes }),
    modelBytes: statSync(model).size,
    ...(await rival.measure(set, folder, runs, limit)),
  };
}
