// What runs in the worker. Built into one classic script of its own (assembly/embed.mjs), which this package holds as text.
import { applyWordEmbedding } from "../embedding-stages.js";
import { DualTextError } from "../errors.js";
import { Model } from "../model/model.js";
import type { ModelInput } from "../model/model-input.js";
import { readStages } from "../model/read-stages.js";
import type { Estimator, StageEstimator } from "../pipeline.js";
import type { Progress } from "../stage.js";
import * as stages from "../stages.js";
import { setCountTogether } from "../text/count-ngrams.js";
import { countTogether } from "../text/count-together.js";
import { setWorkerHost } from "../threads/worker-host.js";
import type {
  FromWorker,
  InputName,
  InputNames,
  RunSettings,
  SentError,
  SentModel,
  SentRecipe,
  ToWorker,
} from "./messages.js";
import { ReceivedData } from "./receive-data.js";
import { type ClassifierOptions, type Recipe, type Trained, train } from "./training-run.js";
import { type Updated, update } from "./update-run.js";
import { webWorkerHost } from "./web-worker-host.js";

/** What a worker's global object has. */
interface Port {
  onmessage: (event: { readonly data: ToWorker }) => void;
  postMessage(message: FromWorker, transfer?: Transferable[]): void;
}
const port = globalThis as unknown as Port;

const host = webWorkerHost((message, transfer) => port.postMessage(message, transfer));
setWorkerHost(host);
setCountTogether(countTogether);

const inputs: Partial<Record<InputName, ReceivedData>> = {};
const controller = new AbortController();

port.onmessage = ({ data: message }) => {
  if (message.type === "abort") controller.abort();
  else if (message.type === "threadFailed") host?.threadFailed(message.thread, message.reason);
  else if (message.type === "run") void run(message);
  else {
    inputs[message.to] ??= new ReceivedData();
    inputs[message.to]!.add(message);
  }
};
port.postMessage({ type: "ready" });

async function run({ recipe, options, names }: Extract<ToWorker, { type: "run" }>): Promise<void> {
  const { signal } = controller;
  try {
    const onProgress = (progress: Progress) => port.postMessage({ type: "progress", progress });
    const result = await resultOf(recipe, { ...options, signal, onProgress }, names);
    port.postMessage({ type: "done", result }, [result.bytes.buffer]);
  } catch (error) {
    if (error === signal.reason) port.postMessage({ type: "aborted" });
    else port.postMessage({ type: "failed", error: sent(error) });
  }
}

async function resultOf(
  recipe: SentRecipe,
  options: RunSettings,
  names: InputNames,
): Promise<Trained | Updated> {
  const { data, model, newRows, ...others } = Object.fromEntries(
    Object.entries(inputs).map(([name, received]) => [name, received.input]),
  );
  if (!("update" in recipe)) {
    const load = { ...(names.data !== undefined && { sourceName: names.data }), ...options.load };
    return train(await recipeOf(recipe), data!, { ...options, load });
  }
  const old = recipe.update ? await madeAgain(recipe.update) : (model as ModelInput);
  return update(old, newRows, { ...options, ...others }, names);
}

type MakeStage = (...args: unknown[]) => StageEstimator;

async function recipeOf(recipe: Exclude<SentRecipe, { update: unknown }>): Promise<Recipe> {
  if ("classifier" in recipe)
    return { classifier: (await withModel(recipe.classifier)) as ClassifierOptions };
  // Not embedText: an encoder is code, which cannot be sent.
  const makers = new Map<string, unknown>(Object.entries({ ...stages, applyWordEmbedding }));
  let pipeline: Estimator | undefined;
  for (const [name, ...args] of recipe.stages) {
    const stage = (makers.get(name) as MakeStage)(...(await Promise.all(args.map(withModel))));
    pipeline = pipeline?.append(stage) ?? stage;
  }
  return { pipeline: pipeline! };
}

/** Options with the model that they start from, made again. */
async function withModel(options: unknown): Promise<unknown> {
  const { startFrom } = Object(options) as { readonly startFrom?: SentModel };
  if (!startFrom) return options;
  return { ...(options as object), startFrom: await madeAgain(startFrom) };
}

async function madeAgain({ stages, inputSchema }: SentModel): Promise<Model> {
  return new Model(await readStages(stages), inputSchema);
}

function sent(error: unknown): SentError {
  if (!(error instanceof Error)) return { name: "Error", message: String(error) };
  const { name, message, stack } = error;
  return {
    ...(error instanceof DualTextError && { code: error.code }),
    name,
    message,
    ...(stack !== undefined && { stack }),
  };
}
