import { Command, CommanderError } from "commander";
import { useNodeHost } from "../node/use-node-host.js";
import { version } from "../version.js";
import { addDataOptions, type DataOptions } from "./data-options.js";
import { type DriftCommandOptions, drift } from "./drift-command.js";
import { exitCodes, failureOf } from "./failure.js";
import { writeJson } from "./json-text.js";
import { evaluateFile, info } from "./model-commands.js";
import {
  interval,
  l1,
  l2,
  margin,
  maxDrop,
  maxEpochs,
  renamedLabel,
  seed,
  significance,
  testFraction,
  threads,
  tolerance,
  topK,
  weighting,
} from "./option-values.js";
import { type PredictOptions, predict } from "./predict-command.js";
import { Interrupted, isReaderGone, Session, type SessionOptions } from "./session.js";
import { type TrainOptions, train } from "./train-command.js";
import {
  type FineTuneCommandOptions,
  fineTuneFile,
  type UpdateCommandOptions,
  update,
} from "./update-command.js";
import { type WatchOptions, watch } from "./watch-command.js";

const controller = new AbortController();
const sessionOf = (options: SessionOptions) => new Session(options, controller.signal);

function command(name: string, summary: string): Command {
  return new Command(name)
    .description(summary)
    .option("--json", "print JSON on standard output and nothing else there")
    .option("--quiet", "print no progress and no reports")
    .exitOverride()
    .showHelpAfterError(`(dualtext ${name} --help lists the options)`);
}

const trainCommand = addDataOptions(
  command("train", "train a classifier on a delimited file and save it")
    .argument("<train>", "file with a label and a text in each line, also compressed with gzip")
    .requiredOption("-o, --output <file>", "where to save the model")
    .option("--test <file>", "file to evaluate the model on")
    .option("--test-fraction <share>", "share of the rows held back to evaluate on", testFraction)
    .option(
      "--l2 <number>",
      "strength of the regularisation, or auto: found on rows held out (default: estimated)",
      l2,
    )
    .option("--weighting <kind>", "what counts of n-grams become: tf, idf or tfIdf (default: tf)", weighting)
    .option("--l1 <size>", "weights that are pulled to less than this size are 0 (default: 0)", l1)
    .option("--tolerance <nats>", "duality gap at which training ends (default: 0.001)", tolerance)
    .option("--max-epochs <count>", "most epochs (default: 500)", maxEpochs)
    .option("--seed <integer>", "seed of the visiting order and of --test-fraction (default: 1 and 42)", seed)
    .option("--keep-state", "keep in the model what update needs to be exact")
    .option(
      "--threads <count>",
      "most threads; the model is the same with any (default: as many as help)",
      threads,
    ),
  true,
).action((file: string, options: TrainOptions & SessionOptions) => train(file, options, sessionOf(options)));

const evaluateCommand = addDataOptions(
  command("evaluate", "print the metrics of a model on a delimited file")
    .argument("<model>", "file that train has saved")
    .argument("<file>", "file with a label and a text in each line"),
  true,
).action((model: string, file: string, options: DataOptions & SessionOptions) =>
  evaluateFile(model, file, options, sessionOf(options)),
);

const predictCommand = addDataOptions(
  command("predict", "print the label of each text")
    .argument("<model>", "file that train has saved")
    .argument("[file]", "file with one text a line, - for standard input; with --text a delimited file", "-")
    .option("--lines", "each line is one text, also where the file looks delimited")
    .option("--top-k <count>", "list so many labels for each text", topK),
  false,
).action((model: string, file: string, options: PredictOptions & SessionOptions) =>
  predict(model, file, options, sessionOf(options)),
);

/** Adds the options of the solver that update and finetune have. */
function addSolverOptions(to: Command, ofL2: string): Command {
  return to
    .option("--l2 <number>", ofL2, l2)
    .option("--tolerance <nats>", "duality gap at which training ends (default: the old model's)", tolerance)
    .option("--max-epochs <count>", "most epochs (default: 500)", maxEpochs)
    .option("--seed <integer>", "seed of the visiting order (default: the old model's)", seed);
}

const updateCommand = addDataOptions(
  addSolverOptions(
    command("update", "add rows to a model, or remove some, and save the updated one")
      .argument("<model>", "file that train has saved; with --keep-state updates are exact")
      .argument("[new]", "file with the new rows")
      .requiredOption("-o, --output <file>", "where to save the updated model")
      .option("--old <file>", "the rows that the model was trained on, where it has no training state")
      .option("--remove <file>", "training rows to forget")
      .option("--relabel <file>", "training rows with the label they should have")
      .option("--test <file>", "rows of the old kind, not trained on, to measure on what was lost")
      .option("--new-test <file>", "rows of the new kind, not trained on")
      .option(
        "--max-drop <share>",
        "write nothing when accuracy on --test (or --old) falls by more",
        maxDrop,
      ),
    "strength of the regularisation (default: as strong as before)",
  ),
  true,
).action((model: string, file: string | undefined, options: UpdateCommandOptions & SessionOptions) =>
  update(model, file, options, sessionOf(options)),
);

const fineTuneCommand = addDataOptions(
  addSolverOptions(
    command("finetune", "train on a task, starting from a pretrained model")
      .argument("<pretrained>", "file that train has saved")
      .argument("<task>", "file with the rows of the task")
      .requiredOption("-o, --output <file>", "where to save the model")
      .option("--keep-labels", "keep labels that only the pretrained model has")
      .option(
        "--rename-label <old=new>",
        "what a label of the pretrained model is called in the task; may be repeated",
        renamedLabel,
      )
      .option("--test <file>", "file to evaluate the model on"),
    "strength of the pull to the pretrained weights, or auto to measure it (default: see docs)",
  ),
  true,
).action((model: string, file: string, options: FineTuneCommandOptions & SessionOptions) =>
  fineTuneFile(model, file, options, sessionOf(options)),
);

const watchCommand = addDataOptions(
  command("watch", "update a model in its place when files arrive in a folder")
    .argument("<model>", "file that train has saved")
    .argument("<folder>", "folder that files with new rows come to (.tsv, .csv, .txt, also .gz)")
    .option("--interval <seconds>", "time between two looks", interval, 2)
    .option("--once", "take the files that are there and end")
    .option("--test <file>", "rows of the old kind, not trained on")
    .option("--max-drop <share>", "keep the old model when accuracy on --test falls by more", maxDrop),
  true,
).action((model: string, folder: string, options: WatchOptions & SessionOptions) =>
  watch(model, folder, options, sessionOf(options)),
);

const driftCommand = addDataOptions(
  command("drift", "say whether texts still look like the training data of a model")
    .argument("<model>", "file that train has saved")
    .argument("[file]", "file with one text a line, - for standard input; with --text a delimited file", "-")
    .option("--lines", "each line is one text, also where the file looks delimited")
    .option("--held-out <file>", "rows like the training data, not trained on, to compare with")
    .option("--significance <share>", "probability of a false alarm (default: 0.01)", significance)
    .option("--margin <effect>", "differences up to this do not matter (default: 0.1)", margin)
    .option("--check", "end with exit code 1 when they have drifted"),
  false,
).action((model: string, file: string, options: DriftCommandOptions & SessionOptions) =>
  drift(model, file, options, sessionOf(options)),
);

const infoCommand = command("info", "print what a model file holds")
  .argument("<model>", "file that train has saved")
  .action((model: string, options: SessionOptions) => info(model, sessionOf(options)));

const program = new Command("dualtext")
  .description("Train and run text classifiers.")
  .version(version)
  .exitOverride()
  .addCommand(trainCommand)
  .addCommand(evaluateCommand)
  .addCommand(predictCommand)
  .addCommand(updateCommand)
  .addCommand(fineTuneCommand)
  .addCommand(watchCommand)
  .addCommand(driftCommand)
  .addCommand(infoCommand);

/** Runs the command. @param argv as `process.argv` */
export async function main(argv: readonly string[]): Promise<void> {
  useNodeHost();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => controller.abort(new Interrupted(signal)));
  }
  // A write to a pipe that its reader has closed is reported to the writer; the stream's own event must not end the process.
  process.stdout.on("error", (error) => {
    if (!isReaderGone(error)) throw error;
  });
  try {
    await program.parseAsync(argv);
  } catch (error) {
    process.exitCode = report(error);
  }
}

/** Says what went wrong on standard error, as JSON with `--json`, and returns the exit code. */
function report(error: unknown): number {
  // Commander has printed its message or the help already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.success : exitCodes.usage;
  if (process.env.DUALTEXT_DEBUG) console.error(error);
  const failure = failureOf(error);
  if (!failure) return exitCodes.success;
  const { code, message, exitCode } = failure;
  const asJson = process.argv.includes("--json");
  process.stderr.write(asJson ? `${writeJson({ error: { code, message } })}\n` : `dualtext: ${message}\n`);
  return exitCode;
}
