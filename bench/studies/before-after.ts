// DUALTEXT_DATA=FOLDER npx tsx bench/studies/before-after.ts [--write] COMMIT SET …: epochs and seconds of the solver as it was
// at a commit and as it is now, both built, on the same default features, at five λn, to a gap of 1e-4, one thread; in turn, and
// medians of three. --write puts the rows into the table of docs/numerics.md.
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { printMachine, printTable } from "../report.js";
import { median, run } from "../rivals/commands.js";
import { updateTable } from "./docs-section.js";

type Library = Pick<
  typeof import("../../src/node/index.js"),
  "loadTextFile" | "featurizeText" | "mapValueToKey" | "sdcaMaximumEntropy"
>;
const scaledL2s = [1, 0.3, 0.1, 0.03, 0.01];
const TOLERANCE = 1e-4;
const REPEATS = 3;
const root = fileURLToPath(new URL("../../", import.meta.url));
/** Seconds that a step of a build may take. */
const BUILD_SECONDS = 600;

async function build(program: string, ...args: string[]): Promise<void> {
  const { timedOut } = await run(program, args, BUILD_SECONDS);
  if (timedOut) throw new Error(`${program} ${args.join(" ")} took more than ${BUILD_SECONDS} s.`);
}

/** A function that fits a set's features at a λn and says how many epochs and seconds that took. */
async function fitter(folder: string, file: string) {
  const entry = pathToFileURL(join(folder, "dist", "node.js")).href;
  const library = (await import(entry)) as Library;
  const { loadTextFile, featurizeText, mapValueToKey, sdcaMaximumEntropy } = library;
  const data = await loadTextFile(file, { hasHeader: true, columns: { Label: 0, Text: 1 } });
  const stages = featurizeText("Features", "Text").append(mapValueToKey("Label"));
  const features = (await stages.fit(data)).transform(data);
  return async (scaledL2: number) => {
    const options = { l2: scaledL2 / data.rowCount, tolerance: TOLERANCE, maxEpochs: 5000 };
    const trainer = sdcaMaximumEntropy("Label", "Features", options);
    const start = performance.now();
    const model = await trainer.fit(features, { threads: 1 });
    const seconds = (performance.now() - start) / 1000;
    const { epochs, dualityGap } = model.training[0]!;
    if (dualityGap > TOLERANCE) throw new Error(`The gap at λn = ${scaledL2} is ${dualityGap}.`);
    return { epochs, seconds };
  };
}

async function study(before: string, set: string, file: string) {
  const [fitThen, fitNow] = [await fitter(before, file), await fitter(root, file)];
  const rows = [];
  for (const scaledL2 of scaledL2s) {
    const [runsThen, runsNow]: Awaited<ReturnType<typeof fitNow>>[][] = [[], []];
    for (let repeat = 0; repeat < REPEATS; repeat++) {
      runsThen!.push(await fitThen(scaledL2));
      runsNow!.push(await fitNow(scaledL2));
    }
    const [old, fresh] = [runsThen!, runsNow!].map((runs) => median(runs.map(({ seconds }) => seconds)));
    rows.push({
      "set, λn": `${set}, ${scaledL2}`,
      "epochs before": runsThen![0]!.epochs,
      "epochs now": runsNow![0]!.epochs,
      "seconds before": Number(old!.toPrecision(3)),
      "seconds now": Number(fresh!.toPrecision(3)),
      ratio: Number((old! / fresh!).toPrecision(3)),
    });
    console.log(JSON.stringify(rows.at(-1)));
  }
  return rows;
}

/** Builds a commit in a folder of its own, for as long as `use` takes. */
async function built(commit: string, use: (folder: string) => Promise<void>): Promise<void> {
  const parent = mkdtempSync(join(tmpdir(), "dualtext-before-"));
  const folder = join(parent, "tree");
  await build("git", "-C", root, "worktree", "add", "--detach", folder, commit);
  try {
    await build("npm", "ci", "--prefix", folder);
    await build("npm", "run", "build", "--prefix", folder);
    await use(folder);
  } finally {
    await build("git", "-C", root, "worktree", "remove", "--force", folder);
    rmSync(parent, { recursive: true, force: true });
  }
}

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { write: { type: "boolean", default: false } },
});
const [commit, ...sets] = positionals;
const data = process.env.DUALTEXT_DATA;
if (!data || !commit || sets.length === 0) {
  console.error("Give a commit and sets, folders of DUALTEXT_DATA.");
  process.exit(2);
}
printMachine();
await built(commit, async (folder) => {
  const rows = [];
  for (const set of sets) {
    const file = ["train.tsv.gz", "train.tsv"].map((base) => join(data, set, base)).find(existsSync);
    if (file === undefined) throw new Error(`${set} has no train.tsv in ${data}.`);
    rows.push(...(await study(folder, set, file)));
  }
  printTable(`To a gap of ${TOLERANCE}, ${commit} and now`, rows);
  if (options.write) updateTable("numerics.md", "before-after", rows);
});
