import { readFileSync } from "node:fs";
import { cpus } from "node:os";

import { version } from "../src/version.js";

const { version: assemblyScript } = JSON.parse(
  readFileSync(new URL("../node_modules/assemblyscript/package.json", import.meta.url), "utf8"),
) as { version: string };

/** Whether each thing is run once, to see that it runs, instead of until its time is known. */
export const isSmoke = process.argv.includes("--smoke");

export function printMachine(): void {
  const processors = cpus();
  console.log(
    `dualtext ${version}, Node ${process.versions.node}, V8 ${process.versions.v8}, AssemblyScript ${assemblyScript}`,
  );
  console.log(
    `${process.platform} ${process.arch}, ${processors.length} × ${processors[0]?.model ?? "unknown processor"}`,
  );
  if (isSmoke) console.log("Smoke run: everything once, times mean nothing.");
}

export function printTable(title: string, rows: readonly Record<string, string | number>[]): void {
  console.log(`\n${title}`);
  console.table(Object.fromEntries(rows.map((row, i) => [i + 1, row])));
}

/** Median of the milliseconds that `run` takes, over `times` runs after one that does not count. */
export async function medianMs(run: () => unknown, times: number): Promise<number> {
  if (!isSmoke) await run();
  const taken: number[] = [];
  for (let i = 0; i < (isSmoke ? 1 : times); i++) {
    const start = performance.now();
    await run();
    taken.push(performance.now() - start);
  }
  return taken.sort((a, b) => a - b)[taken.length >> 1]!;
}

export function rounded(value: number, digits = 3): number {
  return Number(value.toPrecision(digits));
}
