#!/usr/bin/env node
// dist/cli.cjs: runs dist/command.cjs, which is the whole command as one script. The build puts beside it what its engine has
// made of that script, so that nothing is compiled when the command starts (`.ci/command.mjs`). Other engines find none of
// theirs and compile it; Node 22.8 and newer keep what they have compiled. One with other flags refuses what it is given
// and compiles too.
import fs, { existsSync, readFileSync } from "node:fs";
import module, { createRequire } from "node:module";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { Script } from "node:vm";

/** What to tell the engine of the build; the build writes it here and says why (`.ci/command.mjs`). */
declare const ENGINE_FLAGS: string;

/** What the command exports. */
type Command = typeof import("./main.js");

const folder = import.meta.dirname;
const filename = join(folder, "command.cjs");
const compiled = join(folder, `command.${process.versions.v8}.${process.arch}.cache`);
const require = createRequire(filename);

function load(): Command {
  if (!existsSync(compiled)) {
    (module as { enableCompileCache?(): void }).enableCompileCache?.();
    return require(filename);
  }
  // Written in ASCII.
  const source = module.wrap(readFileSync(filename, "latin1"));
  const script = new Script(source, { filename, cachedData: readFileSync(compiled) });
  const command = { exports: {} as Command };
  script.runInThisContext()(command.exports, require, command, filename, folder);
  if (ENGINE_FLAGS !== "") {
    // Node's own modules are compiled anew once there are other flags: first those that it loads when they are first used.
    Reflect.get(globalThis, "performance");
    Reflect.get(fs, "ReadStream");
    setFlagsFromString(ENGINE_FLAGS);
  }
  return command.exports;
}

void load().main(process.argv);
