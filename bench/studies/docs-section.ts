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

/** The rows of a table in Markdown, as text. */
function rowsOf(table: string): Row[] {
  const cells = table
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .map((line) => line.slice(2, -2).split(" | "))
    .map((line) => line.map((cell) => cell.trim()));
  const [columns = [], ...lines] = cells;
  return lines.map((line) => Object.fromEntries(columns.map((column, i) => [column, line[i]!])));
}

/** A table in Markdown with rows in the place of those with the same text in the first column; others stay, all in its order. */
export function tableWith(table: string, rows: readonly Row[]): string {
  const key = (row: Row) => String(Object.values(row)[0]);
  const measured = new Set(rows.map(key));
  const all = [...rowsOf(table).filter((row) => !measured.has(key(row))), ...rows];
  const order = new Intl.Collator("en");
  all.sort((a, b) => order.compare(key(a), key(b)));
  return markdownTable(all);
}

/** Puts rows into the table between the lines `<!-- NAME -->` and `<!-- /NAME -->` of a page: see `tableWith`. */
export function updateTable(page: string, name: string, rows: readonly Row[]): void {
  const text = readFileSync(pageUrl(page), "utf8");
  const [from, to] = bounds(text, page, name);
  writeSection(page, name, tableWith(text.slice(from, to), rows));
}

/** Puts text between the lines `<!-- NAME -->` and `<!-- /NAME -->` of a page. Throws where it has none. */
export function writeSection(page: string, name: string, text: string): void {
  const before = readFileSync(pageUrl(page), "utf8");
  const [from, to] = bounds(before, page, name);
  writeFileSync(pageUrl(page), `${before.slice(0, from)}\n${text}\n\n${before.slice(to)}`);
}

const pageUrl = (page: string) => new URL(`../../docs/${page}`, import.meta.url);

/** Where the text of a section begins and ends. */
function bounds(text: string, page: string, name: string): [from: number, to: number] {
  const [start, end] = [`<!-- ${name} -->\n`, `<!-- /${name} -->`];
  const from = text.indexOf(start);
  const to = text.indexOf(end, from);
  if (from < 0 || to < 0) throw new Error(`docs/${page} has no section ${name}.`);
  return [from + start.length, to];
}
