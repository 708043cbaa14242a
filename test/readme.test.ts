// Runs the examples of the README and of docs/ as they are printed, from a folder of their own.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sdcaDefaults } from "../src/train/sdca-options.js";
import { labelledTexts } from "./helpers/texts.js";

const root = fileURLToPath(new URL("../", import.meta.url));
const readme = readFileSync(join(root, "README.md"), "utf8");
const blocks = (language: string, page = readme) =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``, "g"))].map(([, code]) => code!);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "dualtext-readme-"));
  mkdirSync(join(folder, "node_modules", ".bin"), { recursive: true });
  symlinkSync(root, join(folder, "node_modules", "dualtext"), "junction");
  const tsv = (count: number, offset: number) =>
    `Label\tText\n${labelledTexts(count, offset)
      .map(({ label, text }) => `${label}\t${text}\n`)
      .join("")}`;
  for (const [name, offset] of [
    ["data.txt", 0],
    ["train.tsv", 0],
    ["test.tsv", 500],
  ] as const) {
    writeFileSync(join(folder, name), tsv(120, offset));
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

const pages = [
  "README.md",
  "docs/worker.md",
  "docs/browser.md",
  "docs/content-security-policy.md",
  "docs/bundlers.md",
];
const programs = pages.flatMap((page) =>
  blocks("js", readFileSync(join(root, page), "utf8")).map((code, i) => ({ page, i, code })),
);

describe("programs", () => {
  test.each(programs)("example $i of $page runs", ({ page, code, i }) => {
    const file = join(folder, `${page.replace(/\W/g, "-")}-${i}.mjs`);
    writeFileSync(file, code);
    const printed = execFileSync(process.execPath, [file], { cwd: folder, encoding: "utf8" });
    const said = /console\.log\(.*\); \/\/ (.*)/.exec(code)?.[1];
    if (said !== undefined) expect(printed.trim()).toBe(said);
    else expect(printed).not.toBe("");
  });

  test("there are examples", () => {
    for (const page of pages)
      expect(
        programs.some((program) => program.page === page),
        page,
      ).toBe(true);
  });
});

test("commands run", () => {
  const commands = blocks("sh").find((code) => code.includes("dualtext train"))!;
  const script = commands.replaceAll(
    /\bdualtext (train|evaluate|predict|info)/g,
    `"${process.execPath}" "${join(root, "dist/cli.cjs")}" $1`,
  );
  const printed = execFileSync("sh", ["-e", "-c", script], {
    cwd: folder,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  expect(printed).toContain("microAccuracy");
});

test("the table of options gives the defaults of the code", () => {
  const rows = new Map(
    [...readme.matchAll(/^\| `(\w+)` +\| (.*?) +\|/gm)].map(([, name, value]) => [name!, value!]),
  );
  for (const [name, value] of Object.entries(sdcaDefaults)) {
    expect(rows.get(name), name).toBe(`\`${typeof value === "string" ? JSON.stringify(value) : value}\``);
  }
  const withoutConstant = [
    "l2",
    "exampleWeight",
    "classWeights",
    "maxMemoryBytes",
    "renameLabels",
    "startFrom",
  ];
  expect([...rows.keys()].sort()).toEqual([...Object.keys(sdcaDefaults), ...withoutConstant].sort());
});
