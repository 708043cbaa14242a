// What runs in the worker. Built into one classic script of its own (assembly/embed.mjs), which this package holds as text.
import { applyWordEmbedding } from "../embedding-stages.js";
import { DualTextError } from "../errors.js";
import { Model } from "../model/model.js";
import { readStages } from "../model/read-stages.js";
import type { Estimator, StageEstimator } from "../pipeline.js";
import * as stages from "../stages.js";
import { setWorkerHost } from "../threads/worker-host.js";
import type { FromWorker, SentError, SentModel, SentRecipe, ToWorker } from "./messages.js";
import { ReceivedData } from "./receive-data.js";
import { type ClassifierOptions, type Recipe, train } from "./training-run.js";
import { webWorkerHost } from "./web-worker-host.js";

/** What a worker's global object has. */
interface Port {
  onmessage: (event: { readonly data: ToWorker }) => void;
  postMessage(message: FromWorker, transfer?: Transferable[]): void;
}
const port = globalThis as unknown as Port;

setWorkerHost(webWorkerHost());

const data = new ReceivedData();
const controller = new AbortController();

port.onmessage = ({ data: message }) => {
  if (message.type === "abort") controller.abort();
  else if (message.type === "run") void run(message);
  else data.add(message);
};
port.postMessage({ type: "ready" });

async function run({ recipe, options }: Extract<ToWorker, { type: "run" }>): Promise<void> {
  const { signal } = controller;
  try {
    const trained = await train(await recipeOf(recipe), data.input, {
      ...options,
      signal,
      onProgress: (progress) => port.postMessage({ type: "progress", progress }),
    });
    port.postMessage({ type: "done", trained }, [trained.bytes.buffer]);
  } catch (error) {
    if (error === signal.reason) port.postMessage({ type: "aborted" });
    else port.postMessage({ type: "failed", error: sent(error) });
  }
}

type MakeStage = (...args: unknown[]) => StageEstimator;

async function recipeOf(recipe: SentRecipe): Promise<Recipe> {
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
  const model = new Model(await readStages(startFrom.stages), startFrom.inputSchema);
  return { ...(options as object), startFrom: model };
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
