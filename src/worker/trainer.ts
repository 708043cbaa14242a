import type { TextInput } from "../data/byte-source.js";
import { DualTextError, type ErrorCode } from "../errors.js";
import type { Model } from "../model/model.js";
import type { ModelInput } from "../model/model-input.js";
import type { Estimator } from "../pipeline.js";
import { Slices } from "../slices.js";
import type { LabelledText } from "../train-classifier.js";
import type { FromWorker, InputName, RunSettings, SentError, SentRecipe } from "./messages.js";
import { sendData } from "./send-data.js";
import { sentModel } from "./send-model.js";
import { checkSendable } from "./sendable.js";
import type { StartThread, Thread } from "./thread.js";
import type { ClassifierOptions, Recipe, Trained, TrainerInput, TrainerRunOptions } from "./training-run.js";
import type { Updated, UpdateRunOptions } from "./update-run.js";

export interface TrainerOptions {
  /**
   * Address of `dualtext/worker-script.js` on the page's own origin, for pages whose content security policy does not
   * allow `worker-src blob:`. Default: the script is built in.
   */
  readonly workerUrl?: string | URL;
  /**
   * Told why no worker can be started (a `DualTextError` with the code `no-worker`), before the run goes on in the
   * calling thread, with pauses. Default: only `TrainerResult.thread` says so.
   */
  readonly onFallback?: (reason: DualTextError) => void;
}

interface RanIn {
  /** Where the run took place. */
  readonly thread: "worker" | "caller";
}

export interface TrainerResult extends Trained, RanIn {}

/** What an update has changed, and the bytes of the updated model. */
export interface UpdateResult extends Updated, RanIn {}

/** Trains off the calling thread. Each run has a worker of its own, whose memory is given back when it ends. */
export interface Trainer {
  /**
   * Loads the data where it is text, fits the pipeline and saves the model, all in a worker.
   * Rejects with a `DualTextError` like the stages themselves, or with `signal.reason`.
   */
  fit(pipeline: Estimator, input: TrainerInput, options?: TrainerRunOptions): Promise<TrainerResult>;
  /** The standard pipeline on rows with a text and a label, or on delimited text with the columns Label and Text. */
  trainClassifier(
    input: readonly LabelledText<string | number | boolean>[] | TextInput,
    options?: TrainerRunOptions & ClassifierOptions,
  ): Promise<TrainerResult>;
  /**
   * `updateModel` of `dualtext`: a model trained further with new rows, or without some, to the same bytes.
   * @param model a model, or what `loadModel` takes
   * @param newRows rows to add; `undefined` for none
   */
  updateModel(
    model: Model | ModelInput,
    newRows: TrainerInput | undefined,
    options?: UpdateRunOptions,
  ): Promise<UpdateResult>;
}

/** A run: what is to be done, and with what. */
interface Job<Result extends Trained | Updated> {
  readonly recipe: Recipe | { readonly update: Model | undefined };
  readonly inputs: {
    readonly [name in InputName]?: TrainerInput | readonly object[] | ModelInput | undefined;
  };
  readonly options: RunSettings;
  /** Does it in this thread. */
  readonly here: () => Promise<Result>;
}

export function trainerOf(startThread: StartThread, options: TrainerOptions): Trainer {
  const run = async <Result extends Trained | Updated>(job: Job<Result>): Promise<Result & RanIn> => {
    job.options.signal?.throwIfAborted();
    const thread = await ready(startThread, options.workerUrl).catch((cause: unknown) => {
      const reason = new DualTextError(
        "no-worker",
        `No worker could be started, so training goes on in the calling thread: ${messageOf(cause)}`,
        { cause },
      );
      options.onFallback?.(reason);
    });
    if (thread) return { ...(await runIn(thread, job)), thread: "worker" };
    return { ...(await job.here()), thread: "caller" };
  };
  const training = (recipe: Recipe, data: TrainerInput | readonly object[], options: TrainerRunOptions) =>
    run<Trained>({
      recipe,
      inputs: { data },
      options,
      here: async () => (await import("./training-run.js")).train(recipe, data as TrainerInput, options),
    });
  return {
    fit: (pipeline, input, runOptions = {}) => training({ pipeline }, input, runOptions),
    trainClassifier: (input, runOptions = {}) => {
      const { load, test, signal, onProgress, seed, threads, ...classifier } = runOptions;
      return training({ classifier }, input, {
        ...(load && { load }),
        ...(test && { test }),
        ...(signal && { signal }),
        ...(onProgress && { onProgress }),
        ...(seed !== undefined && { seed }),
        ...(threads !== undefined && { threads }),
      });
    },
    updateModel: (model, newRows, runOptions = {}) => {
      const { oldRows, remove, relabel, oldTest, newTest, ...settings } = runOptions;
      const isModel = "predictionInputs" in Object(model);
      return run<Updated>({
        recipe: { update: isModel ? (model as Model) : undefined },
        inputs: {
          ...{ newRows, oldRows, remove, relabel, oldTest, newTest },
          ...(!isModel && { model: model as ModelInput }),
        },
        options: settings,
        here: async () => (await import("./update-run.js")).update(model, newRows, runOptions),
      });
    },
  };
}

/** A worker that has answered. A policy that forbids workers shows in an error of the worker, not of its making. */
async function ready(startThread: StartThread, url: string | URL | undefined): Promise<Thread> {
  const thread = startThread(url);
  try {
    await new Promise<void>((resolve, reject) => {
      thread.onMessage = () => resolve();
      thread.onFailure = reject;
    });
    return thread;
  } catch (cause) {
    thread.end();
    throw cause;
  }
}

async function runIn<Result extends Trained | Updated>(
  thread: Thread,
  { recipe, inputs, options: { signal, onProgress, load, ...plain } }: Job<Result>,
): Promise<Result> {
  const abort = () => thread.post({ type: "abort" });
  try {
    const { onReport, ...plainLoad } = load ?? {};
    const transfer: Transferable[] = [];
    const sent = await sentRecipe(recipe, new Slices(signal, () => {}), transfer);
    checkSendable(sent, "the pipeline");
    checkSendable({ ...plain, load: plainLoad }, "options");
    const done = answer<Result>(thread, signal, onProgress);
    // Sending may fail first, and then nobody waits for the answer.
    done.catch(() => {});
    const names: Record<string, string> = {};
    for (const [to, input] of Object.entries(inputs) as [InputName, TrainerInput | undefined][]) {
      if (input === undefined && to !== "data") continue;
      const name = await sendData(input!, (message) => thread.post({ ...message, to }), signal);
      if (name !== undefined) names[to] = name;
    }
    thread.post({ type: "run", recipe: sent, options: { ...plain, load: plainLoad }, names }, transfer);
    signal?.addEventListener("abort", abort);
    if (signal?.aborted) abort();
    const result = await done;
    if ("loadReport" in result && result.loadReport) onReport?.(result.loadReport);
    return result;
  } finally {
    signal?.removeEventListener("abort", abort);
    thread.end();
  }
}

/** @param transfer gets what is to be handed over */
async function sentRecipe(
  recipe: Job<Trained>["recipe"],
  slices: Slices,
  transfer: Transferable[],
): Promise<SentRecipe> {
  if ("update" in recipe)
    return { update: recipe.update && (await sentModel(recipe.update, slices, transfer)) };
  const withModel = async (options: unknown): Promise<unknown> => {
    const { startFrom } = Object(options) as { readonly startFrom?: Model };
    if (!startFrom) return options;
    return { ...(options as object), startFrom: await sentModel(startFrom, slices, transfer) };
  };
  if ("classifier" in recipe) return { classifier: (await withModel(recipe.classifier)) as object };
  const calls = recipe.pipeline.stages.map(
    async ({ call: [name, ...args] }) => [name, ...(await Promise.all(args.map(withModel)))] as const,
  );
  return { stages: await Promise.all(calls) };
}

function answer<Result extends Trained | Updated>(
  thread: Thread,
  signal: AbortSignal | undefined,
  onProgress: RunSettings["onProgress"],
): Promise<Result> {
  return new Promise((resolve, reject) => {
    thread.onFailure = (cause) =>
      reject(
        new DualTextError("stopped", `The worker ended before the run did: ${messageOf(cause)}`, { cause }),
      );
    thread.onMessage = (message: FromWorker) => {
      if (message.type === "progress") {
        try {
          onProgress?.(message.progress);
        } catch (error) {
          reject(error);
        }
      } else if (message.type === "done") resolve(message.result as Result);
      else if (message.type === "aborted") reject(signal?.reason);
      else if (message.type === "failed") reject(received(message.error));
    };
  });
}

function received({ code, name, message, stack }: SentError): Error {
  const cause = stack === undefined ? {} : { cause: stack };
  if (code !== undefined) return new DualTextError(code as ErrorCode, message, cause);
  return Object.assign(new Error(message, cause), { name });
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
