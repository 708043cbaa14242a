// Tables in the pages of docs/, written by the study that has measured them.
import { readFileSync, writeFileSync } from "node:fs";

type Row = Readonly<Record<string, string | number>>;

/** A table in Markdown, with aligned columns: those of all rows, in the order in which they come. */
export function markdownTable(rows: readonly Row[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cells = [columns, ...rows.map((row) => columns.map((name) => String(row[name] ?? "")))];
  const widths = columns.map((_, i) => Math.max(...cells.map((line) => line[i]!.length)));
  const lines = cells.map((line) => `| ${line.map((cell, i) => cell.padEnd(widths[i]!)).join(" | ")} |`);
  lines.splice(1, 0, `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`);
  return lines.join("\n");
}

/** Puts text between the lines `<!-- NAME -->` and `<!-- /NAME -->` of a page. Throws where it has none. */
export function writeSection(page: string, name: string, text: string): void {
  const path = new URL(`../../docs/${page}`, import.meta.url);
  const before = readFileSync(path, "utf8");
  const [start, end] = [`<!-- ${name} -->\n`, `<!-- /${name} -->`];
  const from = before.indexOf(start);
  const to = before.indexOf(end, from);
  if (from < 0 || to < 0) throw new Error(`docs/${page} has no section ${name}.`);
  writeFileSync(path, `${before.slice(0, from + start.length)}\n${text}\n\n${before.slice(to)}`);
}
