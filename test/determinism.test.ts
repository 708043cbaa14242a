// The same data, options and seed give the same bytes: in other time zones and languages, from other folders, with V8's
// baseline and optimising WebAssembly compilers, and in other versions of Node (DUALTEXT_OTHER_NODES: their executables,
// separated by commas). Runs the built library in processes of its own.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { labelledTexts } from "./helpers/texts.js";

const library = fileURLToPath(new URL("../dist/node.js", import.meta.url));
const otherNodes = (process.env.DUALTEXT_OTHER_NODES ?? "").split(",").filter(Boolean);

const program = (classes: "many" | "two") => `
  import { featurizeText, loadTextFile, mapKeyToValue, mapValueToKey, saveModelFile, sdcaMaximumEntropy } from ${JSON.stringify(library)};
  const [file, output] = process.argv.slice(1);
  const columns = { Label: ${classes === "many" ? 0 : 1}, Text: 2 };
  const model = await featurizeText("Features", "Text").append(mapValueToKey("Label"))
    .append(sdcaMaximumEntropy({ tolerance: 1e-4 })).append(mapKeyToValue("PredictedLabel"))
    .fit(await loadTextFile(file, { hasHeader: true, columns }));
  await saveModelFile(model, output);
`;

let folder: string;
let train: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "dualtext-determinism-"));
  train = join(folder, "train.tsv");
  const rows = labelledTexts(300).map(
    ({ label, text }, i) => `${label}${i % 4}\t${i % 3 === 0}\tİstanbul ${text} Ǆ ${i % 17}`,
  );
  writeFileSync(train, `${["Label\tFlag\tText", ...rows].join("\n")}\n`);
});
afterAll(() => rmSync(folder, { recursive: true }));

function digest(
  classes: "many" | "two",
  node: string,
  flags: string[],
  env: Record<string, string>,
  cwd: string,
): string {
  const output = join(cwd, `model-${Math.random()}.zip`);
  const args = [...flags, "--input-type=module", "-e", program(classes), train, output];
  const { status, stderr } = spawnSync(node, args, {
    cwd,
    env: { ...process.env, ...env },
    encoding: "utf8",
  });
  expect(status, stderr).toBe(0);
  return createHash("sha256").update(readFileSync(output)).digest("hex");
}

const variants = [
  { name: "again", flags: [], env: {} },
  {
    name: "in Tokyo and Turkish",
    flags: [],
    env: { TZ: "Asia/Tokyo", LANG: "tr_TR.UTF-8", LC_ALL: "tr_TR.UTF-8" },
  },
  { name: "with the baseline compiler alone", flags: ["--liftoff", "--no-wasm-tier-up"], env: {} },
  { name: "with the optimising compiler alone", flags: ["--no-liftoff"], env: {} },
];

describe.each(["many", "two"] as const)("%s classes", (classes) => {
  let first: string;
  beforeAll(() => {
    first = digest(classes, process.execPath, [], {}, folder);
  });

  test.each(variants)("the same bytes $name", ({ flags, env }) => {
    expect(digest(classes, process.execPath, flags, env, tmpdir())).toBe(first);
  });

  test.skipIf(otherNodes.length === 0)("the same bytes in the Nodes that DUALTEXT_OTHER_NODES names", () => {
    for (const node of otherNodes) expect(digest(classes, node, [], {}, folder), node).toBe(first);
  });
});
