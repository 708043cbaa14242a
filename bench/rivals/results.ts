// What has been measured, a file a cell, so that a run that was broken off goes on where it was and sets can be measured
// one after another.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { cpus, loadavg, totalmem } from "node:os";
import { dirname, join } from "node:path";
import type { Rival } from "./rival.js";

/** One rival on one set. */
export interface Cell<T = unknown> {
  readonly table: string;
  readonly set: string;
  readonly rival: string;
  readonly program: string;
  readonly version?: string;
  readonly state: "measured" | "absent" | "unsuited" | "failed";
  /** Why there is no value. */
  readonly why?: string;
  readonly value?: T;
  /** Runnable processes of the machine when the measurement began; above 1 others were at work. */
  readonly load: number;
  readonly date: string;
  /** Node, processors and memory of the machine that it was measured on. */
  readonly machine: string;
  /** What measured it. */
  readonly command?: string;
}

function machine(): string {
  const processors = cpus();
  const model = processors[0]?.model ?? "unknown processor";
  const memory = `${Math.round(totalmem() / 1e9)} GB`;
  return `Node ${process.versions.node}, ${process.platform} ${process.arch}, ${processors.length} × ${model}, ${memory}`;
}

export class Results {
  readonly #folder: string;
  readonly #keeps: boolean;
  readonly #command: string;
  readonly failures: string[] = [];

  /**
   * @param keeps whether cells measured before are taken as they are, failed and absent ones excepted
   * @param command what is recorded as having measured the cells
   */
  constructor(folder: string, keeps: boolean, command: string) {
    this.#folder = folder;
    this.#keeps = keeps;
    this.#command = command;
  }

  /** The cell, measured now unless it is kept from before. A failure is recorded and does not end the run. */
  async measure<T>(
    table: string,
    set: string,
    rival: Rival,
    unsuited: string | undefined,
    run: () => Promise<T>,
  ): Promise<Cell<T>> {
    const file = join(this.#folder, table, set, `${rival.name.replaceAll(/[^\w.+-]+/g, "_")}.json`);
    if (this.#keeps && existsSync(file)) {
      const kept = JSON.parse(readFileSync(file, "utf8")) as Cell<T>;
      if (kept.state === "measured") return kept;
    }
    const presence = rival.presence();
    const head = {
      table,
      set,
      rival: rival.name,
      program: rival.program,
      load: loadavg()[0]!,
      date: new Date().toISOString(),
      machine: machine(),
      command: this.#command,
    };
    let cell: Cell<T>;
    if (presence.absent !== undefined) cell = { ...head, state: "absent", why: presence.absent };
    else if (unsuited) cell = { ...head, version: presence.version, state: "unsuited", why: unsuited };
    else {
      const start = performance.now();
      try {
        cell = { ...head, version: presence.version, state: "measured", value: await run() };
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        this.failures.push(`${table}, ${set}, ${rival.name}: ${why}`);
        cell = { ...head, version: presence.version, state: "failed", why };
      }
      const seconds = Math.round((performance.now() - start) / 1000);
      console.log(`  ${table} | ${set} | ${rival.name}: ${cell.state}, ${seconds} s`);
    }
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.tmp`, JSON.stringify(cell));
    renameSync(`${file}.tmp`, file);
    return cell;
  }

  /** All cells there are, in the order of their files. */
  all(): Cell[] {
    if (!existsSync(this.#folder)) return [];
    return (readdirSync(this.#folder, { recursive: true }) as string[])
      .filter((file) => file.endsWith(".json"))
      .sort()
      .map((file) => JSON.parse(readFileSync(join(this.#folder, file), "utf8")) as Cell);
  }
}
