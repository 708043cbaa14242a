// How the command starts: from what the build's engine has compiled, or without it (src/cli/start.ts).
import { spawnSync } from "node:child_process";
import { cpSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { version } from "../../src/version.js";
import { command, commandFolder, tsv } from "../helpers/command.js";
import { labelledTexts } from "../helpers/texts.js";

const dist = dirname(command);
const { folder, file } = commandFolder("start");
const compiledName = `command.${process.versions.v8}.${process.arch}.cache`;

const node = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    encoding: "utf8",
    cwd: folder,
    env: { ...process.env, NODE_COMPILE_CACHE: join(folder, "kept"), NODE_OPTIONS: "" },
  });
  return { status, stdout, stderr };
};
const printed = { status: 0, stdout: `${version}\n`, stderr: "" };

/** The command in a folder of its own, whose file of compiled code is changed. */
function changed(name: string, change: (compiled: string) => void): string {
  const place = file(name);
  cpSync(dist, place, { recursive: true });
  writeFileSync(join(place, "package.json"), '{"type":"module"}');
  change(join(place, compiledName));
  return join(place, "cli.cjs");
}

describe("starting", () => {
  test("this engine takes what the build has compiled", () => {
    const watching = file("watching.cjs");
    writeFileSync(
      watching,
      `const vm = require("node:vm");
      vm.Script = class extends vm.Script {
        constructor(...options) {
          super(...options);
          process.stderr.write(String(this.cachedDataRejected));
        }
      };`,
    );
    expect(node("--require", watching, command, "--version")).toEqual({ ...printed, stderr: "false" });
  });

  test("the script is in ASCII, as it is read", () => {
    expect(readFileSync(join(dist, "command.cjs")).every((byte) => byte < 0x80)).toBe(true);
  });

  test.each([
    ["absent", (path: string) => rmSync(path)],
    ["cut off", (path: string) => truncateSync(path, statSync(path).size >> 1)],
    ["empty", (path: string) => truncateSync(path)],
    ["of other code", (path: string) => writeFileSync(path, readFileSync(join(dist, "core.wasm")))],
  ])("what was compiled is %s: the command compiles itself", (name, change) => {
    const start = changed(name.replaceAll(" ", "-"), change);
    expect(node(start, "--version")).toEqual(printed);
    expect(node(start, "--version")).toEqual(printed);
  });

  test("an engine with other flags compiles too", () => {
    expect(node("--no-opt", command, "--version")).toEqual(printed);
  });

  test("either way the model is the same", () => {
    writeFileSync(file("train.tsv"), tsv(labelledTexts(120)));
    const without = changed("without", (path) => rmSync(path));
    const models = [command, without].map((start, i) => {
      const args = ["train", "train.tsv", "-o", `model-${i}.zip`, "--quiet"];
      expect(node(start, ...args)).toEqual({ status: 0, stdout: "", stderr: "" });
      return readFileSync(file(`model-${i}.zip`));
    });
    expect(models[0]!.equals(models[1]!)).toBe(true);
    expect(readdirSync(folder).some((name) => name.endsWith(".tmp"))).toBe(false);
  });
});
