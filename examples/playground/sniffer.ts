// Guesses how a delimited file is to be read, from its first lines. A guess: the page lets its user change it.

export const separators = { tab: "\t", comma: ",", semicolon: ";", bar: "|" } as const;
export type Separator = keyof typeof separators;

export interface Reading {
  readonly separator: Separator;
  readonly quoting: boolean;
  readonly hasHeader: boolean;
  /** Positions from 0. */
  readonly text: number;
  readonly label: number;
}

export interface Sniffed extends Reading {
  /** Names of the columns, of the header or made up. */
  readonly names: readonly string[];
}

const MOST_ROWS = 400;
const labelNames = /^(label|class|category|target|sentiment|intent|topic|tag|lang(uage)?|area|y)$/i;
const textNames =
  /^(text|message|sentence|body|title|comment|review|question|content|utterance|description)$/i;

/** @param sample the beginning of the file; its last line is taken for cut off unless `isWhole` */
export function sniff(sample: string, isWhole: boolean): Sniffed {
  let best: { rows: string[][]; separator: Separator; quoting: boolean; score: number } | undefined;
  for (const separator of Object.keys(separators) as Separator[]) {
    for (const quoting of [false, true]) {
      const rows = rowsOf(sample, separators[separator], quoting, isWhole);
      const isApt = quoting === encloses(sample, separators[separator]);
      const score = regularity(rows) + (isApt ? 0.05 : 0);
      if (!best || score > best.score) best = { rows, separator, quoting, score };
    }
  }
  const { rows, separator, quoting } = best!;
  const hasHeader = looksLikeHeader(rows);
  return { separator, quoting, hasHeader, ...describe(rows, hasHeader) };
}

/** The columns of a sample that is read in a given way. */
export function columnsOf(
  sample: string,
  isWhole: boolean,
  { separator, quoting, hasHeader }: Pick<Reading, "separator" | "quoting" | "hasHeader">,
): Pick<Sniffed, "names" | "text" | "label"> {
  return describe(rowsOf(sample, separators[separator], quoting, isWhole), hasHeader);
}

/** The first rows of a sample, header included. */
export function rowsOf(sample: string, separator: string, quoting: boolean, isWhole: boolean): string[][] {
  const rows: string[][] = [[]];
  let field = "";
  let inQuotes = false;
  for (let i = 0; i < sample.length && rows.length <= MOST_ROWS; i++) {
    const unit = sample[i]!;
    if (inQuotes) {
      if (unit !== '"') field += unit;
      else if (sample[i + 1] === '"') field += sample[++i];
      else inQuotes = false;
    } else if (quoting && unit === '"' && field === "") inQuotes = true;
    else if (unit === separator) {
      rows.at(-1)!.push(field);
      field = "";
    } else if (unit === "\n" || unit === "\r") {
      if (unit === "\r" && sample[i + 1] === "\n") i++;
      rows.at(-1)!.push(field);
      field = "";
      rows.push([]);
    } else field += unit;
  }
  if (isWhole && rows.length <= MOST_ROWS) rows.at(-1)!.push(field);
  else rows.pop();
  return rows.filter((row) => row.length > 1 || (row[0] ?? "") !== "");
}

/** Share of rows with the commonest number of fields, if that is at least two. */
function regularity(rows: readonly string[][]): number {
  const counts = new Map<number, number>();
  for (const { length } of rows) counts.set(length, (counts.get(length) ?? 0) + 1);
  const [width, count] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? [0, 0];
  return width < 2 ? 0 : count / rows.length;
}

/** Whether quotes enclose fields: of those that begin where a field begins, most also end where one ends. */
function encloses(sample: string, separator: string): boolean {
  const edge = separator === "|" ? "\\|" : separator;
  const opened = sample.match(new RegExp(`(?:^|[${edge}\\r\\n])"`, "g"))?.length ?? 0;
  const whole = new RegExp(`(?:^|[${edge}\\r\\n])"(?:[^"]|"")*"(?=[${edge}\\r\\n]|$)`, "g");
  return opened > 0 && (sample.match(whole)?.length ?? 0) >= 0.8 * opened;
}

function looksLikeHeader(rows: readonly string[][]): boolean {
  const [first, ...others] = rows;
  if (!first || others.length === 0 || new Set(first).size < first.length) return false;
  if (first.some((name) => labelNames.test(name.trim()) || textNames.test(name.trim()))) return true;
  if (first.some((name) => name === "" || name.length > 40 || /^[\d.,+-]+$/.test(name))) return false;
  // A first value that never comes again in the column with the fewest different ones is its name.
  const { label } = describe(others, false);
  return !others.some((row) => row[label] === first[label]);
}

function describe(rows: readonly string[][], hasHeader: boolean): Pick<Sniffed, "names" | "text" | "label"> {
  const body = hasHeader ? rows.slice(1) : rows;
  const width = Math.max(2, ...rows.map(({ length }) => length));
  const header = hasHeader ? (rows[0] ?? []) : [];
  const names = Array.from({ length: width }, (_, i) => header[i]?.trim() || `Column ${i + 1}`);
  const columns = names.map((name, i) => {
    const values = body.map((row) => row[i] ?? "");
    const characters = values.reduce((sum, value) => sum + value.length, 0);
    return { name, length: characters / Math.max(1, values.length), different: new Set(values).size };
  });
  const best = (score: (column: (typeof columns)[number]) => number, but = -1) =>
    columns.reduce((found, column, i) => {
      if (i === but) return found;
      return found < 0 || score(column) > score(columns[found]!) ? i : found;
    }, -1);
  const text = best(({ name, length }) => length * (textNames.test(name) ? 4 : 1));
  const label = best(
    ({ name, different }) => (labelNames.test(name) ? 2 : 0) + (different < 2 ? -1 : 1 / different),
    text,
  );
  return { names, text, label };
}
