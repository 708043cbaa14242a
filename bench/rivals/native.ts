// The programs of bench/native, compiled when they are first needed.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./commands.js";
import { here } from "./rival.js";

const programs = new Map<string, Promise<string>>();
let folder: string | undefined;

/** The path of bench/native/NAME.c compiled with these flags. */
export function compiled(
  name: string,
  flags: readonly string[],
  libraries: readonly string[] = [],
): Promise<string> {
  const key = [name, ...flags].join(" ");
  const known = programs.get(key);
  if (known) return known;
  folder ??= folderUntilExit();
  const output = join(folder, key.replaceAll(/[^\w.=-]+/g, "_"));
  const source = here(`../native/${name}.c`);
  const program = run("gcc", [...flags, "-o", output, source, ...libraries, "-lm"]).then(() => output);
  programs.set(key, program);
  return program;
}

function folderUntilExit(): string {
  const made = mkdtempSync(join(tmpdir(), "dualtext-native-"));
  process.once("exit", () => rmSync(made, { recursive: true }));
  return made;
}
