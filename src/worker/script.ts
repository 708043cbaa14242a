// What runs in the worker. Built into one classic script of its own (assembly/embed.mjs), which this package holds as text.
import * as embeddingStages from "../embedding-stages.js";
import { DualTextError } from "../errors.js";
import type { StageEstimator } from "../pipeline.js";
import * as stages from "../stages.js";
import { setWorkerHost } from "../threads/worker-host.js";
import type { FromWorker, SentError, SentRecipe, ToWorker } from "./messages.js";
import { ReceivedData } from "./receive-data.js";
import { type Recipe, train } from "./training-run.js";
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
    const trained = await train(recipeOf(recipe), data.input, {
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

function recipeOf(recipe: SentRecipe): Recipe {
  if ("classifier" in recipe) return recipe;
  const makers = new Map<string, unknown>(Object.entries({ ...stages, ...embeddingStages }));
  const made = recipe.stages.map(([name, ...args]) => (makers.get(name) as MakeStage)(...args));
  const [first, ...others] = made;
  return {
    pipeline: others.reduce((pipeline: typeof first & {}, stage) => pipeline.append(stage) as never, first!),
  };
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
