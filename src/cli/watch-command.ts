import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DualTextError } from "../errors.js";
import { loadModelFile, saveModelFile } from "../node/model-files.js";
import { sha256 } from "../node/sha256.js";
import { removeStaleTemporaries } from "../node/write-file.js";
import { updateModel } from "../transfer/update-model.js";
import type { DataOptions } from "./data-options.js";
import { failureOf } from "./failure.js";
import { writeJson } from "./json-text.js";
import { Interrupted, type Session } from "./session.js";
import { checkDrop, checkMaxDrop, rowsLoader, updateLine } from "./update-command.js";

export interface WatchOptions extends DataOptions {
  readonly interval: number;
  readonly once?: boolean;
  readonly test?: string;
  readonly maxDrop?: number;
}

const DATA_FILE = /^[^.].*\.(tsv|csv|txt)(\.gz)?$/i;

/**
 * `dualtext watch`: adds the rows of each file that arrives in a folder to a model, and puts the new model in the place
 * of the old one, whole or not at all. Which files it has seen is written in the model itself, by their content: killed
 * at any moment, it goes on where it was, and adds nothing twice.
 */
export async function watch(
  modelFile: string,
  folder: string,
  options: WatchOptions,
  session: Session,
): Promise<void> {
  checkMaxDrop(options);
  await removeStaleTemporaries(modelFile);
  const model = await loadModelFile(modelFile);
  if (!model.classifier.state && !session.json) {
    session.report(
      "The model has no training state (train --keep-state): updates are pulled to the old weights.",
    );
  }
  /** Size and time of files as they were last seen; of a file that failed, as it failed. */
  const seen = new Map<string, string>();
  const refused = new Map<string, string>();
  /** What was said last of a file that is tried again. */
  const troubles = new Map<string, string>();
  for (;;) {
    for (const name of await dataFiles(folder)) {
      const path = join(folder, name);
      const found = await stat(path).catch(() => undefined);
      if (!found?.isFile()) continue;
      const mark = `${found.size} ${found.mtimeMs}`;
      const isSettled = options.once === true || seen.get(name) === mark;
      seen.set(name, mark);
      // A file that still grows is left for the next look.
      if (!isSettled || refused.get(name) === mark) continue;
      try {
        await addFile(modelFile, path, name, options, session);
      } catch (error) {
        if (error instanceof Interrupted || session.signal.aborted) throw error;
        const failure = failureOf(error);
        // A full disk is not the file's fault: the next look tries again, and says so once.
        const isLasting = failure?.code !== "file-write";
        if (isLasting) refused.set(name, mark);
        const said = `${mark} ${failure?.message}`;
        const isKnown = troubles.get(name) === said;
        troubles.set(name, said);
        if (isKnown && !options.once) continue;
        if (session.json) await session.print(`${writeJson({ file: name, error: failure })}\n`);
        else session.report(`${name}: ${failure?.message ?? String(error)} The model stays as it was.`);
        if (options.once) throw error;
      }
    }
    if (options.once) return;
    await sleep(1000 * options.interval, undefined, { signal: session.signal }).catch(() => undefined);
    session.signal.throwIfAborted();
  }
}

async function dataFiles(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => DATA_FILE.test(name)).sort();
  } catch (cause) {
    throw new DualTextError("file-read", `Cannot read the folder ${folder}: ${(cause as Error).message}`, {
      cause,
    });
  }
}

async function addFile(
  modelFile: string,
  path: string,
  name: string,
  options: WatchOptions,
  session: Session,
): Promise<void> {
  const start = performance.now();
  const digest = `sha256:${sha256(await readFile(path))}`;
  const model = await loadModelFile(modelFile);
  const known = model.classifier.training.lineage?.sources ?? [];
  if (known.some((source) => source.endsWith(digest))) return;
  const load = rowsLoader(model, options, session);
  const oldTest = await load(options.test);
  const updated = await updateModel(model, await load(path), {
    source: `${name} ${digest}`,
    signal: session.signal,
    ...(oldTest && { oldTest }),
  });
  checkDrop(updated.forgetting, options.maxDrop, modelFile);
  await saveModelFile(updated.model, modelFile, { signal: session.signal });
  const seconds = (performance.now() - start) / 1000;
  if (session.json) {
    const { addedRows, oldRowsFrom, forgetting } = updated;
    await session.printJson({
      file: name,
      addedRows,
      oldRowsFrom,
      forgetting,
      training: updated.model.training[0],
    });
  } else await session.print(`${name}: ${updateLine(updated)} ${seconds.toFixed(1)} s\n`);
}
