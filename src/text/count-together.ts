import { Slices } from "../slices.js";
import type { StageRun } from "../stage.js";
import type { Crew } from "../threads/crew.js";
import { workerHost } from "../threads/worker-host.js";
import { Workforce } from "../threads/workforce.js";
import { loadSharedTextCore, type SharedCore, type TextCoreExports } from "../wasm/core.js";
import { spareMemory, takeSpareMemory } from "../wasm/spare-memory.js";
import { type Counted, type CountTogether, countAlone, reporter, type TextsToCount } from "./count-ngrams.js";
import { SharedCounter } from "./shared-counter.js";

/** Units of text that a worker has at least: with fewer, starting it takes longer than it saves. */
const UNITS_A_WORKER = 2_000_000;
/** With two workers the first rows, which one counts alone, and what both have to tell each other cost what they save. */
const LEAST_WORKERS = 3;

/** Counts with as many workers as help. */
export const countTogether: CountTogether = async (texts, run) => {
  const host = workerHost();
  const most = run.threads ?? host?.parallelism ?? 1;
  if (!host || most < 2) return undefined;
  const units = unitsOfRows(texts);
  const all = units.reduce((sum, count) => sum + count, 0);
  const threads = Math.min(most, Math.floor(all / UNITS_A_WORKER));
  if (threads >= LEAST_WORKERS) return countWith(threads, texts, units, run);
  // The solver, which then may want several threads, goes on in the memory that this leaves.
  const alone = threads === 2 ? await sharedCore() : undefined;
  if (!alone || !canEncodeInto(alone.exports.memory.buffer)) return undefined;
  return countAlone(texts, run, undefined, alone.exports);
};

/** Whether the host encodes texts into such memory: Chromium does not where threads share it. */
function canEncodeInto(buffer: ArrayBufferLike): boolean {
  try {
    new TextEncoder().encodeInto("", new Uint8Array(buffer as ArrayBuffer));
    return true;
  } catch {
    return false;
  }
}

/**
 * Counts with so many workers. Undefined where there can be none, and where n-grams might be too many for several.
 * @param units of each row's text
 */
export async function countWith(
  threads: number,
  texts: TextsToCount,
  units: Uint32Array,
  run: StageRun,
): Promise<Counted | undefined> {
  const workforce = run.workforce ?? new Workforce();
  let counted: Counted | undefined;
  try {
    const started = await startCrew(workforce, threads);
    if (!started) return undefined;
    const { crew, core } = started;
    let counter: SharedCounter | undefined;
    const report = reporter(run, texts.rowCount, () => counter?.rowsDone ?? 0);
    counter = new SharedCounter(crew, core, texts, new Slices(run.signal, report));
    const result = await counter.count(units);
    report();
    run.signal?.throwIfAborted();
    counted = result;
    if (counted) spareMemory(core.memory, core.usedBytes() >>> 0);
    return counted;
  } finally {
    // They wait for the next stage, unless they may still be at work.
    if (!counted || !run.workforce) await workforce.close();
  }
}

/** UTF-16 units of each row's text. */
export function unitsOfRows({ rowCount, textsOf }: TextsToCount): Uint32Array {
  const units = new Uint32Array(rowCount);
  for (let row = 0; row < rowCount; row++) {
    const texts = textsOf(row);
    if (typeof texts === "string") units[row] = texts.length;
    else for (const text of texts) units[row]! += text.length;
  }
  return units;
}

/** Workers on a memory that they share, and an instance there for this thread; undefined where there can be none. */
async function startCrew(
  workforce: Workforce,
  threads: number,
): Promise<{ crew: Crew; core: TextCoreExports } | undefined> {
  try {
    const crew = await workforce.crew(threads);
    const shared = await sharedCore();
    if (!shared) return undefined;
    const { exports, module } = shared;
    await crew.load(module, exports.memory as WebAssembly.Memory);
    return { crew, core: exports };
  } catch {
    return undefined;
  }
}

/** A core in memory that threads can share; undefined where there is no such memory. */
async function sharedCore(): Promise<SharedCore<TextCoreExports> | undefined> {
  try {
    return (await loadSharedTextCore())(takeSpareMemory("shared"));
  } catch {
    return undefined;
  }
}
