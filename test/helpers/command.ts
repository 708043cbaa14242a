// The built command, in processes of its own and a folder of its own.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";

export const command = fileURLToPath(new URL("../../dist/cli.cjs", import.meta.url));

/** A delimited file as the command reads it by default. */
export const tsv = (rows: readonly { label: string; text: string }[]) =>
  `Label\tText\n${rows.map(({ label, text }) => `${label}\t${text}\n`).join("")}`;

interface RunOptions {
  readonly input?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** What stands before the command: flags of Node. */
  readonly flags?: readonly string[];
}

/** A new folder, removed after the tests of the file, in which the command runs. */
export function commandFolder(name: string) {
  const folder = mkdtempSync(join(tmpdir(), `dualtext-${name}-`));
  afterAll(() => rmSync(folder, { recursive: true }));
  const run = (args: readonly string[], { input = "", env = process.env, flags = [] }: RunOptions = {}) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, command, ...args], {
      encoding: "utf8",
      cwd: folder,
      input,
      env,
    });
    return { status, stdout, stderr };
  };
  return { folder, file: (name: string) => join(folder, name), run };
}
