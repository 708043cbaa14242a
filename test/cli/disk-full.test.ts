// A disk that fills up while a model is written: the old model stays, nothing half-written is left. Once with a stand-in at
// the border of the file system, which runs everywhere, and once on a real small disk, where one can be mounted.
import { type SpawnOptions, spawn, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { loadModelFile } from "../../src/node/index.js";
import { command, commandFolder, tsv } from "../helpers/command.js";
import { labelledTexts } from "../helpers/texts.js";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
const { folder, file, run: runWith } = commandFolder("disk");

/** A module that a process loads first: its files take so many bytes of a model, then the disk is full until `room` exists. */
const fullDisk = `
  import { existsSync } from "node:fs";
  import { open } from "node:fs/promises";
  const handle = await open(process.execPath);
  const { prototype } = handle.constructor;
  await handle.close();
  const { write } = prototype;
  let left = Number(process.env.DISK_BYTES);
  prototype.write = async function (buffer, offset, length, ...rest) {
    if (existsSync(process.env.DISK_ROOM)) return write.call(this, buffer, offset, length, ...rest);
    if (left === 0) throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
    const taken = Math.min(left, length);
    left -= taken;
    return write.call(this, buffer, offset, taken, ...rest);
  };
`;

const env = (bytes: number) => ({ ...process.env, DISK_BYTES: String(bytes), DISK_ROOM: file("room") });
const preload = () => ["--import", file("full-disk.mjs"), command];

const run = (bytes: number, ...args: string[]) =>
  runWith(args, { flags: ["--import", file("full-disk.mjs")], env: env(bytes) });

beforeAll(() => {
  writeFileSync(file("full-disk.mjs"), fullDisk);
  writeFileSync(file("train.tsv"), tsv(labelledTexts(120)));
  writeFileSync(file("more.tsv"), tsv([{ label: "sport", text: "goal ball team win" }]));
  const { status, stderr } = runWith(["train", "train.tsv", "-o", "model.zip", "--keep-state", "--quiet"]);
  expect(status, stderr).toBe(0);
});

const leftovers = (where = folder) => readdirSync(where).filter((name) => name.endsWith(".tmp"));

describe("a disk that is full", () => {
  test.each([0, 1, 1000])("after %d bytes: train and update leave the old file, and say why", (bytes) => {
    copyFileSync(file("model.zip"), file("kept.zip"));
    const before = readFileSync(file("kept.zip"));
    for (const args of [
      ["train", "train.tsv", "-o", "kept.zip"],
      ["update", "kept.zip", "more.tsv", "-o", "kept.zip"],
      ["finetune", "kept.zip", "train.tsv", "-o", "kept.zip"],
    ]) {
      const { status, stderr } = run(bytes, ...args, "--json");
      expect(status).toBe(1);
      expect(JSON.parse(stderr.trim().split("\n").at(-1)!)).toEqual({
        error: { code: "file-write", message: "Cannot write kept.zip: the disk is full." },
      });
      expect(readFileSync(file("kept.zip")).equals(before)).toBe(true);
      expect(leftovers()).toEqual([]);
    }
  });

  test("watch keeps the model, says so once, and adds the rows when there is room", async () => {
    copyFileSync(file("model.zip"), file("watched.zip"));
    mkdirSync(file("inbox"));
    copyFileSync(file("more.tsv"), file("inbox/more.tsv"));
    const options: SpawnOptions = { cwd: folder, env: env(500), stdio: ["ignore", "pipe", "pipe"] };
    const args = ["watch", "watched.zip", "inbox", "--interval", "0.05"];
    const child = spawn(process.execPath, [...preload(), ...args], options);
    let [said, printed] = ["", ""];
    child.stderr!.setEncoding("utf8").on("data", (text) => {
      said += text;
    });
    child.stdout!.setEncoding("utf8").on("data", (text) => {
      printed += text;
    });
    try {
      const until = async (isDone: () => boolean) => {
        for (let i = 0; i < 400 && !isDone(); i++) await sleep(50);
        expect(isDone(), said).toBe(true);
      };
      await until(() => said.includes("the disk is full. The model stays as it was."));
      // Time for several more looks.
      await sleep(1500);
      expect(said.match(/the disk is full/g)).toHaveLength(1);
      expect((await loadModelFile(file("watched.zip"))).training[0]!.rowCount).toBe(120);
      writeFileSync(file("room"), "");
      await until(() => printed.includes("1 rows added"));
      expect((await loadModelFile(file("watched.zip"))).training[0]!.rowCount).toBe(121);
      expect(leftovers()).toEqual([]);
    } finally {
      child.kill("SIGKILL");
      rmSync(file("room"), { force: true });
    }
  }, 60_000);
});

/** A disk of 12 KB, or why there is none. */
const disk = file("disk");
mkdirSync(disk);
const mounted =
  process.platform === "linux"
    ? spawnSync("mount", ["-t", "tmpfs", "-o", "size=12k", "tmpfs", disk], { encoding: "utf8" })
    : undefined;
const hasDisk = mounted?.status === 0;
afterAll(() => {
  if (hasDisk) spawnSync("umount", [disk]);
});

test.skipIf(!hasDisk)("on a real disk of 12 KB (needs Linux and the right to mount one)", () => {
  const saved = join(disk, "model.zip");
  writeFileSync(
    file("tiny.tsv"),
    tsv([
      { label: "a", text: "one" },
      { label: "b", text: "two" },
    ]),
  );
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [command, ...args, "--quiet"], { encoding: "utf8", cwd: folder });
  expect(run("train", "tiny.tsv", "-o", saved).status).toBe(0);
  const before = readFileSync(saved);
  const { status, stderr } = run("update", file("model.zip"), "more.tsv", "-o", saved);
  expect(stderr).toMatch(/Cannot write .*model\.zip: the disk is full\./);
  expect(status).toBe(1);
  expect(readFileSync(saved).equals(before)).toBe(true);
  expect(leftovers(disk)).toEqual([]);
});
