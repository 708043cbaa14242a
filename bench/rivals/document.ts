// docs/benchmarks.md, docs/benchmarks/results.json and the plots, from what was measured.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { growthTable } from "../growth.bench.js";
import { type FileValue, fileTable } from "./file.js";
import type { Curve } from "./optimum.js";
import { dualtext } from "./ours.js";
import { gapPlot } from "./plot.js";
import type { Cell } from "./results.js";
import {
  absences,
  bestRivalMeans,
  bestRivalRows,
  certificateRows,
  failures,
  fileRows,
  geometricMean,
  optimumRows,
  pathRows,
  pointRows,
  pointSummary,
  settingsOf,
  type TableRow,
  twinRows,
  versions,
} from "./tables.js";

const docs = new URL("../../docs/", import.meta.url);

export interface Section {
  readonly title: string;
  readonly text: string;
  readonly rows: readonly TableRow[];
  /** SVG files, by set. */
  readonly plots?: ReadonlyMap<string, string>;
}

/** What is shown, in the terminal and in the document alike. */
export function sectionsOf(cells: readonly Cell[]): Section[] {
  const sections: Section[] = [];
  for (const table of tablesOf(cells, "optimum")) {
    const mine = cells.filter((cell) => cell.table === table) as Cell<Curve>[];
    const plots = new Map<string, string>();
    for (const set of new Set(mine.map((cell) => cell.set))) {
      const plot = gapPlot(
        `${set}, ${table.split(", ")[1]}`,
        mine.filter((cell) => cell.set === set),
      );
      if (plot) plots.set(`${set}-${table.replaceAll(/[^\d.]+/g, "")}`, plot);
    }
    sections.push({
      title: `Same optimum, ${table.split(", ")[1]}`,
      text: optimumText,
      rows: optimumRows(cells, table),
      plots,
    });
    sections.push({
      title: `The best exact rival over ours, ${table.split(", ")[1]}`,
      text: `${bestText}\n\nGeometric means: ${bestRivalMeans(cells, table).join("; ")}.`,
      rows: bestRivalRows(cells, table),
    });
  }
  sections.push({
    title: "File → model",
    text: `${fileText}${apart(cells)}${mlnetSummary(cells)}`,
    rows: fileRows(cells),
  });
  const settings = settingsOf(cells);
  sections.push({
    title: "As accurate, sooner",
    text: `${pointText}${pointSummary(settings)}`,
    rows: pointRows(settings),
  });
  for (const table of tablesOf(cells, "twin"))
    sections.push({
      title: `The same algorithm in C, ${table.split(", ")[1]}`,
      text: twinText,
      rows: twinRows(cells, table),
    });
  sections.push({ title: "A path of twenty λ, beside glmnet", text: pathText, rows: pathRows(cells) });
  sections.push({
    title: "Certificates, checked from outside",
    text: certificateText,
    rows: certificateRows(cells),
  });
  const growth = cells.filter((cell) => cell.table === growthTable && cell.value) as Cell<TableRow[]>[];
  sections.push({ title: "Growth", text: growthText, rows: growth.flatMap(({ value }) => value!) });
  return sections.filter(({ rows }) => rows.length > 0);
}

const tablesOf = (cells: readonly Cell[], start: string) =>
  [...new Set(cells.map((cell) => cell.table))].filter((table) => table.startsWith(`${start},`)).sort();

const optimumText = `Seconds until the objective, mean log-loss + (λ/2)|W|², is within a gap of the least that anyone reached. All solvers get
the same matrix (the default features of \`featurizeText\`), the same λ, no bias, one thread; two classes are given to others
as one column, which is faster for them. Ours is the public trainer, epochs only, as the others prove nothing either; the
line "until proved" is the whole call with the passes that certify the gap. Ours includes taking the matrix over; liblinear's
clock runs around its train() alone. "> x" was not reached in a run of x seconds,
where the next run would have passed the limit.`;
const bestText = `How many times longer the fastest rival with the same objective takes; ">" where none arrived in its time.`;
const fileText = `From the delimited file to the trained model. "warm": fits in one process that has done one before; "command": a new
process that reads, trains, saves and ends; ours with its defaults ran in turn with each other's, and "× ours" is of those.
Ours, warm, includes one prediction. fastText gets a file already in its own form. Accuracy and log-loss on the test file. One thread each, but ML.NET and our command with its defaults take the threads that they take by default.`;
const pointText = `For each setting of scikit-learn and fastText, the fastest of ours whose accuracy is at least theirs less 0.002; commands
are compared by way of ours with its defaults, which ran in turn with each.
Theirs are common settings; ours were looked for on these same sets, so that they are as accurate on others is not said.`;
const twinText = `\`bench/native/twin.c\` takes the same steps in the same order, by the same schedule, compiled by gcc. The speed of an epoch
that visits every row, and the time of a whole run to a certified gap of 1e-4, bias included, both in memory that was written
to before: in turn, fifteen rounds. Ours runs without the folding of columns, which the twin does not have; what folding gains
stands beside it. "same steps": whether the twin of four lanes ends at the same objective, to 13 digits, after as many epochs.`;
const pathText = `Twenty values, λn from 10 to 0.01, ridge, no bias. Ours: the rows are placed once, each step goes on from the one before to the default gap of 1e-3, confirmed, and its weights are written out; glmnet: one call.`;
const certificateText = `A model trained with the defaults; its weights and duals are written to files. \`bench/rivals/python/certificate.py\` computes
P(W) and D(q) from them in f64: "gap recomputed" is their difference. P* lies between the best dual value and the best
objective of a second model, trained to 1e-7, and of L-BFGS, which starts from zero and knows nothing of ours.`;
const growthText = `Made-up rows of text-like n-grams; each line has one thing doubled. Time per non-zero is that of an epoch that visits all rows,
the mean of the first three, without the folding of columns; memory is what the solver then uses of a problem as users get it, with folding.
"C": \`bench/native/twin.c\` (-O3 -msse4.2) on the same rows, in turn with ours. Where rows double, weights stay of one size, and time
per non-zero grows by what memory takes for rows that no cache holds any more.`;

const runsText = `Each kept what the ones before had measured of other rivals, sets and tables; all in one is \`npm run bench -- --rivals --write\`,
which takes hours.`;

/** Names the sets whose commands were measured one after another, before they were run in turn. */
function apart(cells: readonly Cell[]): string {
  const files = cells.filter(({ table, rival }) => table === fileTable && rival !== dualtext.name);
  const unpaired = (files as Cell<FileValue>[]).filter(
    ({ value }) => value?.command !== undefined && value.oursBeside === undefined,
  );
  const sets = [...new Set(unpaired.map(({ set }) => set))].join(", ");
  return sets && ` Of ${sets} the commands were measured one program after the other, not in turn.`;
}

function mlnetSummary(cells: readonly Cell[]): string {
  const rows = fileRows(cells.filter((cell) => cell.table === fileTable)).filter(
    ({ program }) => program === "ML.NET, with its cache",
  );
  const means = (["× ours, warm", "× ours, command"] as const).map((column) => {
    const ratios = rows.map((row) => Number(row[column])).filter((ratio) => ratio > 0);
    return ratios.length > 0
      ? `${column.split(", ")[1]} ${Number(geometricMean(ratios).toPrecision(3))}`
      : "";
  });
  return means.every(Boolean)
    ? `\n\nML.NET with its cache over ours, geometric means: ${means.join(", ")}.`
    : "";
}

/** Writes the document, the plots and the JSON file. */
export function writeDocument(cells: readonly Cell[]): void {
  const folder = new URL("benchmarks/", docs);
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder).filter((name) => name.endsWith(".svg")))
    rmSync(new URL(name, folder));
  const sections = sectionsOf(cells);
  for (const { plots } of sections)
    for (const [name, svg] of plots ?? []) writeFileSync(new URL(`${name}.svg`, folder), svg);
  writeFileSync(new URL("results.json", folder), `${JSON.stringify({ cells }, null, 1)}\n`);
  writeFileSync(new URL("benchmarks.md", docs), markdown(cells, sections));
}

function markdown(cells: readonly Cell[], sections: readonly Section[]): string {
  const dates = cells.map((cell) => cell.date.slice(0, 10)).sort();
  const loads = cells.filter((cell) => cell.state === "measured").map((cell) => cell.load);
  const busiest = Math.max(...loads);
  const lines = [
    "# Benchmarks",
    "",
    `Made by \`npm run bench -- --rivals\`, by the runs named [at the end](#runs); nothing here is typed in by hand. ${dates[0]} to ${dates.at(-1)}.`,
    `${machinesOf(cells)}. Times are medians of several runs where a run is short, ratios are of medians.`,
    "",
    busiest > 1.5
      ? `**The machine was not quiet:** up to ${busiest.toFixed(1)} processes wanted its processors when a measurement began, so times and ratios are rough.`
      : `The machine was quiet: at most ${busiest.toFixed(1)} runnable processes when a measurement began.`,
    "",
    "All figures: [results.json](benchmarks/results.json).",
    "",
    `Versions: ${versions(cells).join("; ")}.`,
    "",
  ];
  const missing = absences(cells);
  if (missing.length > 0) lines.push("Absent:", "", ...missing.map((line) => `- ${line}`), "");
  const broken = failures(cells);
  if (broken.length > 0) lines.push("Failed:", "", ...broken.map((line) => `- ${line}`), "");
  for (const { title, text, rows, plots } of sections) {
    lines.push(`## ${title}`, "", inOneLine(text), "", ...table(rows), "");
    const images = [...(plots?.keys() ?? [])].map((name) => `![${name}](benchmarks/${name}.svg)`);
    if (images.length > 0) lines.push(images.join(" "), "");
  }
  lines.push("## Runs", "", inOneLine(runsText), "", `${runsOf(cells).join("; ")}.`);
  return `${lines.join("\n").trimEnd()}\n`;
}

/** Each paragraph in one line. */
const inOneLine = (text: string) => text.replaceAll(/(?<!\n)\n(?!\n)/g, " ");

/** The machine that measured most of the cells, and what was measured on others: whole tables, or sets of some. */
export function machinesOf(cells: readonly Pick<Cell, "table" | "set" | "machine">[]): string {
  const on = (machine: string) => cells.filter((cell) => cell.machine === machine);
  const machines = [...new Set(cells.map(({ machine }) => machine))];
  const [most, ...others] = machines.sort((a, b) => on(b).length - on(a).length);
  const measured = (machine: string) =>
    [...new Set(on(machine).map(({ table }) => table))].map((table) => {
      const [own, all] = [on(machine), cells].map((of) => of.filter((cell) => cell.table === table));
      const sets = [...new Set(own!.map(({ set }) => set))].join(", ");
      return own!.length === all!.length ? `"${table}"` : `"${table}" (${sets})`;
    });
  return [most, ...others.map((machine) => `${measured(machine).join(", ")}: ${machine}`)].join("; ");
}

/** The commands that measured the cells, in order of time, and how many each. */
function runsOf(cells: readonly Cell[]): string[] {
  const measured = cells.filter(({ state }) => state === "measured");
  const inOrder = measured.toSorted((a, b) => a.date.localeCompare(b.date));
  const commands = [...new Set(inOrder.map(({ command }) => command))];
  return commands.map((command) => {
    const count = measured.filter((cell) => cell.command === command).length;
    const name = command ? `\`${command}\`` : "runs whose commands were not recorded";
    return `${name}: ${count} ${count === 1 ? "cell" : "cells"}`;
  });
}

function table(rows: readonly TableRow[]): string[] {
  const columns = [...new Set(rows.flatMap(Object.keys))];
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  const isText = (column: string) => rows.every((row) => !/^[>\s\d.e+-]+$/.test(row[column] ?? "x"));
  return [
    line(columns),
    line(columns.map((column) => (isText(column) ? "---" : "--:"))),
    ...rows.map((row) => line(columns.map((column) => row[column] ?? ""))),
  ];
}
